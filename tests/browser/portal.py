"""The product as people start it: `authpage run`, with its worker and the demo app."""

import re
import signal
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from sqlalchemy import update

from app import clock, create_app
from app.config import Settings
from app.database import write
from app.delivery import mailbox
from app.delivery.mailbox import StoredMail
from app.directory.tenants import Tenant
from app.extensions import db
from app.models import Flow as FlowRow
from app.models import Session as SessionRow
from tests.factories import Factory, MadeUser
from tests.services.process import STARTING_SECONDS, Server, find_tool, free_port

_UP = "Ctrl-C ends everything."


class Portal:
    """A running AuthPage and its demo app, and a way to their database beside them."""

    def __init__(self, settings: Settings, server: Server) -> None:
        self.settings = settings
        self.url = settings.base_url
        self.demo_url = f"http://localhost:{settings.demo_port}"
        self.make = Factory()
        self._app = create_app(settings.model_copy(update={"log_level": "error"}), pages=False)
        self._server = server
        self._codes: list[str] = []

    @contextmanager
    def database(self) -> Iterator[None]:
        """Within it, whatever is made or read here is that of this portal."""
        with self._app.app_context():
            yield

    def forget_database(self) -> None:
        """Close the connections to the database."""
        with self.database():
            db.engine.dispose()

    @property
    def tenant(self) -> Tenant:
        """The tenant that the demo app belongs to."""
        return self.make.default_tenant()

    @property
    def log(self) -> str:
        """All that the product has written to its terminal."""
        return self._server.log.read_text()

    def member(self, *organizations: str) -> MadeUser:
        """A new user with a password, who is a member of new organizations of these names."""
        user = self.make.user(self.tenant, display_name="Robin Roe")
        for name in organizations:
            self.make.organization(self.tenant, name, user)
        return user

    def code(self, to: str, count: int = 1) -> str:
        """The newest code mailed to that address, once there are `count`; fails without them."""
        codes = self._await(lambda: [mail.code for mail in self._mails(to) if mail.code], count)
        self._codes.append(codes[0])
        return codes[0]

    def link(self, to: str) -> str:
        """The newest link mailed to that address, once there is one; fails without it."""
        return self._await(lambda: [mail.link for mail in self._mails(to) if mail.link], 1)[0]

    def expire_flow(self, url: str) -> None:
        """Let the flow at this address have taken too long."""
        tenant_id, flow_id = self.tenant.id, urlsplit(url).path.rpartition("/")[2]
        theirs = (FlowRow.tenant_id == tenant_id, FlowRow.id == flow_id)
        with write(tenant_id) as session:
            session.execute(update(FlowRow).where(*theirs).values(expires_at=clock.now() - 1))

    def let_age(self, user: MadeUser) -> None:
        """Let the user's sign-ins be a day old."""
        tenant_id = self.tenant.id
        theirs = (SessionRow.tenant_id == tenant_id, SessionRow.user_id == user.id)
        ago = clock.now() - 86_400 * clock.SECOND
        with write(tenant_id) as session:
            session.execute(update(SessionRow).where(*theirs).values(auth_time=ago))

    def _mails(self, to: str) -> list[StoredMail]:
        return mailbox.messages(self.settings, to)

    def _await(self, found: Callable[[], list[str]], count: int) -> list[str]:
        """What was found, the newest first, once there is enough."""
        give_up = time.monotonic() + STARTING_SECONDS
        while len(came := found()) < count:
            assert time.monotonic() < give_up, f"{len(came)} of {count} came"
            time.sleep(0.05)
        return came

    def leaked_codes(self) -> list[str]:
        """The codes that were read from mails and also stand in the log."""
        log = self.log
        return [code for code in self._codes if re.search(rf"\b{code}\b", log)]


@contextmanager
def running(database_url: str, folder: Path, **more: str) -> Iterator[Portal]:
    """The product on free ports, over an empty database, with more settings where they are given;
    at the end its log must be clean."""
    environment = {
        "ENVIRONMENT": "development",
        "PORT": str(free_port()),
        "DEMO_PORT": str(free_port()),
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url,
        "BASE_URL": "",
        "SMTP_URL": "",
        "ARGON2_MEMORY_KIB": "64",
        "ARGON2_ITERATIONS": "1",
        "COARSE_LIMIT": "1000000 per minute",
        **more,
    }
    pairs = [f"{name}={value}" for name, value in environment.items()]
    env = find_tool("env", package="coreutils")
    command: list[str | Path] = [env, *pairs, sys.executable, "-m", "app.cli", "run"]
    server = Server(command, folder / "terminal.log", signal.SIGTERM)
    try:
        server.wait_until(lambda: _UP in server.log.read_text())
        portal = Portal(Settings.from_environment(environment), server)
        yield portal
        portal.forget_database()
        assert "[error" not in portal.log
        assert portal.leaked_codes() == []
    finally:
        server.stop()
