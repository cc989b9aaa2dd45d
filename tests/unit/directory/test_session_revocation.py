"""Ending all sessions of somebody: what was seen is what ends, or nothing does."""

import pytest

from app.actor import CLI, Actor
from app.database import read, write
from app.directory import session_revocation, sessions, trusted_devices
from app.directory.errors import NotFound
from app.directory.session_revocation import Changed
from app.directory.tenants import Tenant
from tests.unit.directory.conftest import make_user

SUPPORT = Actor("admin", "usr_s", roles=frozenset({"support"}))


def opened(tenant: Tenant, user_id: str) -> sessions.Opened:
    with write(tenant.id) as session:
        return sessions.open(
            session,
            Actor("user", user_id),
            tenant,
            cookie_value=None,
            user_id=user_id,
            amr=["pwd"],
            acr=None,
            auth_time=1,
        )


def preview(tenant: Tenant, user_id: str) -> session_revocation.Preview:
    with read(tenant.id) as session:
        return session_revocation.preview(session, tenant, user_id)


def test_what_was_confirmed_ends_and_nothing_of_others(tenant: Tenant) -> None:
    jane, bob = make_user(tenant, "jane"), make_user(tenant, "bob")
    here = opened(tenant, jane.id)
    opened(tenant, jane.id)
    opened(tenant, bob.id)
    with write(tenant.id) as session:
        trusted_devices.trust(session, CLI, tenant, here.browser_id, jane.id)
    seen = preview(tenant, jane.id)
    assert (seen.sessions, seen.apps, seen.devices) == (2, 0, 1)
    with write(tenant.id) as session:
        ended = session_revocation.end_all(session, SUPPORT, tenant, jane.id, expected=seen.mark)
    assert ended == seen
    assert preview(tenant, jane.id).mark == "0.0.0"
    assert preview(tenant, bob.id).sessions == 1


def test_a_count_that_changed_meanwhile_ends_nothing(tenant: Tenant) -> None:
    jane = make_user(tenant)
    opened(tenant, jane.id)
    seen = preview(tenant, jane.id)
    opened(tenant, jane.id)
    for stale in (seen.mark, "", "x", "0.0.0"):
        with pytest.raises(Changed), write(tenant.id) as session:
            session_revocation.end_all(session, SUPPORT, tenant, jane.id, expected=stale)
    assert preview(tenant, jane.id).sessions == 2


def test_x08_nobody_of_another_tenant_is_there(tenant: Tenant, other_tenant: Tenant) -> None:
    jane = make_user(tenant)
    opened(tenant, jane.id)
    with pytest.raises(NotFound), write(other_tenant.id) as session:
        session_revocation.end_all(session, SUPPORT, other_tenant, jane.id, expected="0.0.0")
    assert preview(tenant, jane.id).sessions == 1
