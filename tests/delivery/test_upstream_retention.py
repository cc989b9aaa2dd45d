"""SECURITY Z23: how long is kept what came from identity providers."""

import pytest
from flask import Flask

from app import clock, purge
from app.config import settings
from app.database import named, read, write
from app.directory import upstream_messages, upstream_reports, upstream_sessions
from app.directory.tenants import Tenant
from app.directory.upstream_sessions import Login
from tests.doubles.oidc_party import VALUES
from tests.factories import Factory

DAY = 86_400


@pytest.fixture
def tenant(app: Flask, make: Factory) -> Tenant:
    return make.tenant()


@pytest.fixture
def connection_id(make: Factory, tenant: Tenant) -> str:
    document = {"protocol": "oidc", "issuer": VALUES["issuer"], "client_id": "c"}
    return make.connection(tenant, document).id


def _left(tenant: Tenant, table: str) -> int:
    while purge.run_once():
        pass
    statement = named(f"SELECT count(*) FROM {table} WHERE tenant_id = :tenant_id")
    with read(tenant.id) as session:
        found: int = session.execute(statement, {"tenant_id": tenant.id}).scalar_one()
        return found


def test_z23_what_a_provider_had_posted_goes_after_two_minutes(
    tenant: Tenant, connection_id: str
) -> None:
    with write(tenant.id) as session:
        upstream_messages.put_down(session, connection_id, {"code": "c"})
    clock.move(110)
    assert _left(tenant, "upstream_message") == 1
    clock.move(20)
    assert _left(tenant, "upstream_message") == 0


@pytest.mark.parametrize("kept", [30, 2])
def test_z23_reports_go_after_the_days_that_the_operator_keeps_them(
    app: Flask, tenant: Tenant, connection_id: str, kept: int
) -> None:
    app.config["AUTHPAGE"] = settings().model_copy(update={"reports_kept": kept})
    with write(tenant.id) as session:
        upstream_reports.add(session, connection_id, "nonce_mismatch", {"alg": "RS256"})
    clock.move(kept * DAY - 60)
    assert _left(tenant, "upstream_report") == 1
    clock.move(120)
    assert _left(tenant, "upstream_report") == 0


def test_s15_strangers_who_fail_without_end_fill_no_disk(
    tenant: Tenant, connection_id: str
) -> None:
    def fail(times: int) -> int:
        with write(tenant.id) as session:
            for _ in range(times):
                upstream_reports.add(session, connection_id, "state_unknown", {})
        return _left(tenant, "upstream_report")

    assert fail(upstream_reports.MOST + 5) == upstream_reports.MOST
    with write(tenant.id) as session:
        upstream_reports.add(session, connection_id, "ok", {}, is_test=True)
    assert fail(1) == upstream_reports.MOST + 1, "A test is always told of."
    clock.move(3_601)
    assert fail(1) == upstream_reports.MOST + 2


def test_z23_a_login_elsewhere_goes_with_the_longest_life_of_its_session(
    make: Factory, tenant: Tenant, connection_id: str
) -> None:
    user, login = make.user(tenant, password=None), Login(connection_id=connection_id, subject="s")
    with write(tenant.id) as session:
        upstream_sessions.keep(session, tenant, "ses_1", user.id, login)
    clock.move(tenant.settings.lifetimes.session_absolute - 60)
    assert _left(tenant, "upstream_session") == 1
    clock.move(120)
    assert _left(tenant, "upstream_session") == 0
