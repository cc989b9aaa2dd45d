"""SECURITY Z23: sessions, browsers, trust and audit events go when they are of no more use."""

from dataclasses import dataclass

import pytest
from flask import Flask, current_app
from sqlalchemy import text

from app import clock, purge
from app.actor import CLI, Actor
from app.audit import events, sealing
from app.audit.log import record
from app.config import settings
from app.database import named, read, write
from app.directory import sessions, trusted_devices
from app.directory.sessions import Opened
from app.directory.tenants import Tenant
from app.extensions import db
from tests.factories import Factory, MadeUser

DAY = 86_400
_OPEN_FAMILY = named(
    """INSERT INTO token_family (tenant_id, id, created_at, user_id, client_id, session_id, scopes,
         claims, audience, auth_time, amr, generation, rotated_at, idle_until, expires_at, epoch)
       VALUES (:tenant_id, 'fam_1', 0, :user_id, :client_id, :session_id, '[]', '{}', '[]', 0,
         '[]', 1, 0, :until, :until, 1)"""
)


@dataclass
class Home:
    """A tenant with one person, whose browsers come and go."""

    tenant: Tenant
    user: MadeUser

    @property
    def actor(self) -> Actor:
        return Actor("user", self.user.id)

    def sign_in(self, cookie: str | None = None) -> Opened:
        with write(self.tenant.id) as session:
            return sessions.open(
                session,
                self.actor,
                self.tenant,
                cookie_value=cookie,
                user_id=self.user.id,
                amr=["pwd"],
                acr=None,
                auth_time=clock.now(),
            )

    def count(self, table: str) -> int:
        statement = named(f"SELECT count(*) FROM {table} WHERE tenant_id = :tenant_id")
        with read(self.tenant.id) as session:
            found: int = session.execute(statement, {"tenant_id": self.tenant.id}).scalar_one()
            return found


@pytest.fixture
def home(app: Flask, make: Factory) -> Home:
    tenant = make.tenant()
    return Home(tenant, make.user(tenant, password=None))


def _purge() -> None:
    while sealing.run_once():
        pass
    while purge.run_once():
        pass


def test_z23_a_session_that_lay_idle_goes_after_its_days_and_its_browser_with_it(
    home: Home,
) -> None:
    home.sign_in()
    clock.move((1 + 89) * DAY)
    _purge()
    assert (home.count("session"), home.count("browser")) == (1, 1)

    clock.move(2 * DAY)
    _purge()

    assert (home.count("session"), home.count("browser")) == (0, 0)


def test_z23_a_session_that_was_ended_goes_and_a_browser_in_use_stays(home: Home) -> None:
    first = home.sign_in()
    with write(home.tenant.id) as session:
        sessions.end(session, home.actor, first.session_id, sessions.SIGNED_OUT)
    clock.move(90 * DAY + 60)
    second = home.sign_in(first.cookie_value)

    _purge()

    assert second.browser_id == first.browser_id
    assert (home.count("session"), home.count("browser")) == (1, 1)


def test_z23_a_session_stays_for_the_refresh_tokens_that_end_with_it(
    home: Home, make: Factory
) -> None:
    opened = home.sign_in()
    client = make.client(home.tenant)
    values = {
        "tenant_id": home.tenant.id,
        "user_id": home.user.id,
        "client_id": client.id,
        "session_id": opened.session_id,
        "until": clock.now() + 200 * DAY * 1_000,
    }
    with write(home.tenant.id) as session:
        session.execute(_OPEN_FAMILY, values)
    clock.move(199 * DAY)
    _purge()
    assert (home.count("session"), home.count("browser")) == (1, 1)

    clock.move(3 * DAY)
    _purge()

    assert (home.count("session"), home.count("browser")) == (0, 0)


def test_z23_trust_goes_when_it_is_over_and_holds_the_browser_until_then(make: Factory) -> None:
    tenant = make.tenant(policy={"trusted_device_days": 200})
    home = Home(tenant, make.user(tenant, password=None))
    opened = home.sign_in()
    with write(tenant.id) as session:
        trusted_devices.trust(session, home.actor, tenant, opened.browser_id, home.user.id)
    clock.move(199 * DAY)
    _purge()
    counts = [home.count(table) for table in ("session", "browser", "trusted_device")]
    assert counts == [0, 1, 1]

    clock.move(2 * DAY)
    _purge()

    assert (home.count("browser"), home.count("trusted_device")) == (0, 0)


def test_z23_audit_events_go_after_their_days(home: Home) -> None:
    clock.move(3_600)
    _purge()
    before = home.count("audit_event")
    clock.move(399 * DAY)
    with write(home.tenant.id) as session:
        record(session, events.USER_UPDATED, CLI, subject_id=home.user.id)
    _purge()
    assert home.count("audit_event") == before + 1

    clock.move(2 * DAY)
    _purge()

    assert home.count("audit_event") == 1


def test_z23_audit_events_may_be_kept_for_ever(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = settings().model_copy(update={"audit_kept": 0})
    monkeypatch.setitem(current_app.config, "AUTHPAGE", kept)
    before = home.count("audit_event")
    clock.move(4_000 * DAY)

    _purge()

    assert before > 0
    assert home.count("audit_event") == before


def test_z23_old_browsers_go_a_batch_at_a_time(home: Home) -> None:
    insert = named(
        """INSERT INTO browser (tenant_id, id, created_at, digest, last_seen_at)
           VALUES (:tenant_id, :id, 0, :id, :seen)"""
    )
    old = clock.now() - 91 * DAY * 1_000
    rows = [
        {"tenant_id": home.tenant.id, "id": f"brw_{number}", "seen": old}
        for number in range(purge.BATCH + 5)
    ]
    with write(home.tenant.id) as session:
        session.execute(insert, rows)

    assert [purge.run_once() for _ in range(3)] == [purge.BATCH, 5, 0]


@pytest.mark.parametrize(
    ("table", "index"),
    [
        ("session", "ix_session_idle"),
        ("browser", "ix_browser_last_seen"),
        ("trusted_device", "ix_trusted_device_expiry"),
        ("audit_event", "ix_audit_event_age"),
    ],
)
def test_z23_what_is_old_is_found_by_an_index(app: Flask, table: str, index: str) -> None:
    with app.app_context(), db.engine.connect() as connection:
        asked = connection.execution_options(authpage_migration=True)
        if db.engine.dialect.name == "sqlite":
            found = asked.execute(text(f"SELECT name FROM pragma_index_list('{table}')"))
        else:
            found = asked.execute(
                text("SELECT indexname FROM pg_indexes WHERE tablename = :table"), {"table": table}
            )
        assert index in {row[0] for row in found}
