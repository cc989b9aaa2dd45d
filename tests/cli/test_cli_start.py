"""How commands start, what they import, and how `authpage run` keeps its children."""

import json
import os
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.cli import main
from app.cli.children import Children, Probe
from app.cli.commands import COMMANDS
from app.cli.failures import CommandFailed
from app.cli.output import Listing, show
from tests.cli.conftest import CommandLine

HEAVY = {
    "authlib",
    "granian",
    "joserfc",
    "lxml",
    "onelogin",
    "PIL",
    "playwright",
    "qrcode",
    "redis",
    "scim2_models",
    "webauthn",
    "xmlsec",
}
_PROGRAM = (
    "import json, sys; from app.cli import main; code = main(sys.argv[1:]);"
    " print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})), file=sys.stderr);"
    " sys.exit(code)"
)
_SERVER = (
    "import http.server, sys;"
    " http.server.HTTPServer(('127.0.0.1', int(sys.argv[1])),"
    " http.server.SimpleHTTPRequestHandler).serve_forever()"
)


def _imported(*arguments: str, folder: Path) -> set[str]:
    environment = {**os.environ, "DATA_DIR": str(folder), "DATABASE_URL": ""}
    ran = subprocess.run(
        [sys.executable, "-c", _PROGRAM, *arguments],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    return {*json.loads(ran.stderr.splitlines()[-1])}


def test_help_imports_no_command(tmp_path: Path) -> None:
    found = _imported("--help", folder=tmp_path)
    assert found & HEAVY == set()
    assert "alembic" not in found
    assert [*tmp_path.iterdir()] == []


def test_making_a_user_imports_only_what_it_needs(tmp_path: Path) -> None:
    _imported("migrate", folder=tmp_path)
    _imported("tenant", "create", "--slug", "default", "--name", "Acme", folder=tmp_path)
    arguments = ("user", "create", "--email", "a@example.com", "--password", "sunny-harbor-42")
    found = _imported(*arguments, folder=tmp_path)
    assert found & HEAVY == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_explains_itself(authpage: CommandLine, name: str) -> None:
    ran = authpage(name, "--help")
    assert ran.code == 0
    assert f"authpage {name}" in ran.out


@pytest.mark.parametrize(
    "arguments",
    [("nothing",), ("user", "nothing"), ("user", "create"), ("user", "list", "--limit", "0")],
)
def test_a_wrong_call_is_one_line_and_exit_code_2(
    authpage: CommandLine, arguments: tuple[str, ...]
) -> None:
    ran = authpage(*arguments)
    assert (ran.code, ran.out) == (2, "")
    assert ran.err.startswith("Error: ")
    assert ran.err.rstrip().endswith("--help")
    assert json.loads(authpage(*arguments, "--json").err)["error"] == "usage"


def test_no_database_is_one_friendly_line(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        port = closed.getsockname()[1]
        monkeypatch.setenv("DATA_DIR", str(tmp_path))
        monkeypatch.setenv("DATABASE_URL", f"postgresql+psycopg://x@127.0.0.1:{port}/x")
        assert main(["user", "list", "--json"]) == 1
    assert json.loads(capsys.readouterr().err)["error"] == "database_unavailable"


def test_names_cannot_steer_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    show(Listing([{"name": "Eve\x1b[2J\u202e"}], ("name",)), as_json=False)
    assert "\x1b" not in (printed := capsys.readouterr().out)
    assert "\u202e" not in printed


@pytest.fixture
def children() -> Iterator[Children]:
    """Nothing started yet; afterwards all is ended and the signals are as they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    started = Children()
    yield started
    started.end()
    for number, handler in before.items():
        signal.signal(number, handler)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def test_a_child_that_answers_is_ready_and_a_signal_ends_it(children: Children) -> None:
    port = _free_port()
    children.listen()
    children.start("server", [sys.executable, "-c", _SERVER, str(port)], os.environ)
    assert children.wait_until_ready([Probe(port, "/")], 60)
    threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGTERM)).start()
    children.watch()
    children.end()
    assert not Probe(port, "/").answers()


def test_one_child_that_ends_is_a_failure(children: Children) -> None:
    children.listen()
    children.start("server", [sys.executable, "-c", _SERVER, str(_free_port())], os.environ)
    children.start("quitter", [sys.executable, "-c", "raise SystemExit(3)"], os.environ)
    with pytest.raises(CommandFailed, match=r"quitter ended by itself \(3\)"):
        children.watch()


def test_a_port_in_use_is_said_before_anything_starts(authpage: CommandLine) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        changed = {"port": port, "demo_port": _free_port()}
        authpage.app.config["AUTHPAGE"] = authpage.app.config["AUTHPAGE"].model_copy(update=changed)
        ran = authpage("run")
    assert ran.code == 1
    assert ran.err == f"Error: Port {port} is in use. Choose another with PORT=...\n"


def test_production_does_not_run_the_demo(authpage: CommandLine) -> None:
    changed = {"environment": "production"}
    authpage.app.config["AUTHPAGE"] = authpage.app.config["AUTHPAGE"].model_copy(update=changed)
    ran = authpage("run")
    assert ran.code == 1
    assert "granian" in ran.err
