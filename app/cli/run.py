"""`authpage run`: everything that development needs, in one command."""

import socket
import sys

import click
from flask.cli import with_appcontext

from app import migration
from app.actor import CLI
from app.cli import demo, demo_providers
from app.cli.children import Children, Probe
from app.cli.demo_providers import DemoProvider
from app.cli.failures import CommandFailed
from app.config import PROJECT, Settings, environment_of_child, settings
from app.database import write
from app.directory import console, first_admin
from app.extensions import db

HOST = "127.0.0.1"
THREADS = 8
READY_WITHIN = 60
"""Seconds."""


@click.command()
@click.option("--third-party", is_flag=True, help="Let the demo app be one that needs consent.")
@with_appcontext
def run(third_party: bool) -> None:
    """Start AuthPage, its worker and the demo app, for development.

    Migrates the database and makes the demo data first. Ctrl-C ends everything.
    """
    chosen = settings()
    if chosen.is_production:
        raise CommandFailed(
            "production",
            "This command is for development. In production: granian --interface wsgi wsgi:app",
        )
    for name, port in (("PORT", chosen.port), ("DEMO_PORT", chosen.demo_port)):
        _demand_free(name, port)
    migration.upgrade()
    told = demo.seed(chosen)
    way_in = _way_into_console()
    db.engine.dispose()
    children = Children()
    try:
        _start(children, chosen, told, third_party=third_party)
        probes = (Probe(chosen.port, "/readyz"), Probe(chosen.demo_port, "/"))
        if children.wait_until_ready(probes, READY_WITHIN):
            click.echo(_welcome(chosen, way_in))
            children.watch()
    finally:
        children.end()


def _demand_free(name: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except OSError:
            raise CommandFailed(
                "port_in_use", f"Port {port} is in use. Choose another with {name}=..."
            ) from None


def _start(
    children: Children, chosen: Settings, told: dict[str, str], *, third_party: bool
) -> None:
    children.listen()
    own = environment_of_child(**_quiet(), **_to_itself(chosen))
    children.start("AuthPage", _server(chosen.port), own)
    if chosen.worker == "separate":
        worker = [sys.executable, "-m", "app.cli", "worker"]
        children.start("The worker", worker, own)
    if third_party:
        told = {**told, **_third_party(told)}
    app = [sys.executable, str(PROJECT / "sdk" / "examples" / "flask_app" / "app.py")]
    children.start("The demo app", app, environment_of_child(**told))


def _server(port: int) -> list[str]:
    return [
        *(sys.executable, "-m", "granian", "--interface", "wsgi", "--no-ws"),
        *("--host", HOST, "--port", str(port), "--log-level", "error"),
        *("--workers", "1", "--blocking-threads", str(THREADS)),
        # A busy worker may miss granian's one request to end.
        *("--workers-kill-timeout", "10"),
        f"{PROJECT / 'wsgi'}:app",
    ]


def _quiet() -> dict[str, str]:
    """Log lines for a person at a terminal, unless the environment says otherwise."""
    given = Settings.from_environment().model_fields_set
    wanted = {"log_format": "console", "log_level": "warning"}
    return {name.upper(): value for name, value in wanted.items() if name not in given}


def _to_itself(chosen: Settings) -> dict[str, str]:
    """Let the server reach itself, where two of its tenants play providers, beside whatever else
    the environment allows. Production refuses that setting."""
    own = demo_providers.own_address(chosen)
    allowed = [*chosen.outbound_allow, *([own] if own else [])]
    return {"OUTBOUND_ALLOW": ",".join(allowed)}


def _third_party(told: dict[str, str]) -> dict[str, str]:
    prefix = "THIRD_PARTY_"
    return {k.removeprefix(prefix): value for k, value in told.items() if k.startswith(prefix)}


def _way_into_console() -> str:
    """The console's address; while it has no admin, the one-time link that makes the first one."""
    here = console.prepare()
    address = f"{here.base_url}{console.HOME}"
    if not first_admin.is_wanted(here):
        return address
    with write(here.id) as session:
        return f"{address}/first?token={first_admin.link(session, CLI, here)}"


def _welcome(chosen: Settings, way_in: str) -> str:
    base = chosen.base_url
    jane, sam = demo.PEOPLE
    mailbox = [] if chosen.smtp_url else [f"    Mailbox        {base}/mailbox"]
    lines = [
        "",
        "  AuthPage is running. Open the demo app and sign in:",
        "",
        f"    Demo app       http://localhost:{chosen.demo_port}",
        f"    AuthPage       {base}",
        *mailbox,
        "",
        "  Console, where you brand the pages and run the tenants:",
        "",
        f"    {way_in}",
        "",
        "  People of the demo:",
        "",
        f"    {jane:<22} {demo.PASSWORD}   three organizations",
        f"    {sam:<22} {demo.PASSWORD}   one organization",
        *(
            f"    {each.email:<22} {demo.PASSWORD}   {_way_of(each)}"
            for each in demo_providers.PROVIDERS
        ),
        "",
        f"    Without passwords   {base}/t/passwordless",
        f"    Two factors         {base}/t/strict",
        f"    By phone            {base}/t/mobile",
        f"    Test tenant         {base}/t/sandbox",
        "",
        "  Ctrl-C ends everything.",
        "",
    ]
    return "\n".join(lines)


def _way_of(provider: DemoProvider) -> str:
    return "at the company's own sign-in" if provider.company else f"by {provider.name}"
