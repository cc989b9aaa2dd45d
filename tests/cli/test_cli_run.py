"""`authpage run`: everything starts, answers, and ends together."""

import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import httpx2
import pytest

LAST_LINE = "Ctrl-C ends everything."


class Running:
    """`authpage run` in a process group of its own, as a terminal would start it."""

    def __init__(self, folder: Path) -> None:
        self.port, self.demo_port = _free_ports(2)
        environment = {
            **os.environ,
            "DATA_DIR": str(folder),
            "DATABASE_URL": "",
            "PORT": str(self.port),
            "DEMO_PORT": str(self.demo_port),
        }
        self.process = subprocess.Popen(
            [sys.executable, "-m", "app.cli", "run"],
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        self.said = self._until(LAST_LINE)

    def get(self, port: int, path: str) -> httpx2.Response:
        return httpx2.get(f"http://localhost:{port}{path}", trust_env=False)

    def end(self) -> None:
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()
        if self.process.stdout is not None:
            self.process.stdout.close()

    def _until(self, text: str) -> str:
        assert self.process.stdout is not None
        lines: list[str] = []
        for line in self.process.stdout:
            lines.append(line)
            if text in line:
                return "".join(lines)
        pytest.fail("".join(lines))


def _free_ports(count: int) -> list[int]:
    probes = [socket.create_server(("127.0.0.1", 0)) for _ in range(count)]
    ports: list[int] = [probe.getsockname()[1] for probe in probes]
    for probe in probes:
        probe.close()
    return ports


def _is_open(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    started = Running(tmp_path)
    yield started
    started.end()


def test_everything_answers_and_a_signal_ends_it(running: Running) -> None:
    for part in (f"localhost:{running.demo_port}", f"localhost:{running.port}", "jane@example.com"):
        assert part in running.said
    assert running.get(running.port, "/readyz").json() == {"status": "ok", "failing": None}
    assert running.get(running.demo_port, "/").status_code == 200
    login = running.get(running.demo_port, "/auth/login")
    assert login.headers["Location"].startswith(f"http://localhost:{running.port}/oauth2/authorize")
    authorize = httpx2.get(login.headers["Location"], trust_env=False)
    assert authorize.status_code == 303, authorize.text
    running.process.send_signal(signal.SIGTERM)
    rest, _ = running.process.communicate()
    assert running.process.returncode == 0
    assert rest == "\n", "the terminal belongs to the person: only warnings and mails"
    assert not _is_open(running.port)
    assert not _is_open(running.demo_port)


def test_a_terminal_s_interrupt_reaches_all_and_ends_quietly(running: Running) -> None:
    os.killpg(running.process.pid, signal.SIGINT)
    rest, _ = running.process.communicate()
    assert running.process.returncode == 0
    assert "Traceback" not in rest
    assert not _is_open(running.port)
    assert not _is_open(running.demo_port)


def test_when_one_part_dies_the_rest_ends_and_the_exit_code_says_so(running: Running) -> None:
    children = Path(f"/proc/{running.process.pid}/task/{running.process.pid}/children")
    demo_app = [
        int(pid)
        for pid in children.read_text().split()
        if b"flask_app" in Path(f"/proc/{pid}/cmdline").read_bytes()
    ]
    assert len(demo_app) == 1
    os.kill(demo_app[0], signal.SIGKILL)
    rest, _ = running.process.communicate()
    assert running.process.returncode == 1
    assert "The demo app ended by itself" in rest
    assert not _is_open(running.port)
