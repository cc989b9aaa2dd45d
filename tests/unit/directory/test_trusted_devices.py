"""Browsers on which no second factor is asked: whose, for how long, and how it ends."""

import pytest

from app import clock
from app.actor import CLI, Actor
from app.database import EVERYWHERE, read, write
from app.directory import people, people_status, sessions, settings_store, tenants, trusted_devices
from app.directory.errors import NotFound
from app.directory.permissions import Forbidden
from app.directory.tenants import Tenant
from tests.unit.directory.conftest import Somebody, make_user

DAY = 86_400
"""Seconds."""
CHROME = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/156.0.0.0 Safari/537.36"


def me(user: Somebody) -> Actor:
    return Actor("user", user.id, user_agent=CHROME)


def browser_of(tenant: Tenant, user: Somebody, cookie: str | None = None) -> sessions.Opened:
    with write(tenant.id) as session:
        return sessions.open(
            session,
            me(user),
            tenant,
            cookie_value=cookie,
            user_id=user.id,
            amr=["pwd"],
            acr=None,
            auth_time=clock.now(),
        )


def trust(tenant: Tenant, user: Somebody, browser_id: str) -> str:
    with write(tenant.id) as session:
        return trusted_devices.trust(session, me(user), tenant, browser_id, user.id)


def is_trusted(tenant: Tenant, user: Somebody, browser_id: str) -> bool:
    with read(tenant.id) as session:
        return trusted_devices.is_trusted(session, tenant, browser_id, user.id)


def with_policy(tenant: Tenant, **section: object) -> Tenant:
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "policy", section)
    found = tenants.by_id(tenant.id)
    assert found is not None
    return found


def test_trust_is_for_one_person_on_one_browser(tenant: Tenant) -> None:
    jane, bob = make_user(tenant, "jane"), make_user(tenant, "bob")
    here, there = browser_of(tenant, jane).browser_id, browser_of(tenant, jane).browser_id
    trust(tenant, jane, here)
    assert is_trusted(tenant, jane, here)
    assert not is_trusted(tenant, jane, there)
    assert not is_trusted(tenant, bob, here)


def test_trusted_browsers_are_listed_by_name(tenant: Tenant) -> None:
    jane = make_user(tenant)
    here = browser_of(tenant, jane).browser_id
    made = trust(tenant, jane, here)
    with read(tenant.id) as session:
        (found,) = trusted_devices.list_of_user(session, tenant, jane.id)
    assert (found.id, found.browser_id) == (made, here)
    assert "Chrome 156" in found.label
    assert found.expires_at == found.created_at + 30 * clock.DAY


def test_trust_expires_and_is_given_anew(tenant: Tenant) -> None:
    jane = make_user(tenant)
    here = browser_of(tenant, jane).browser_id
    first = trust(tenant, jane, here)
    clock.move(29 * DAY)
    assert is_trusted(tenant, jane, here)
    clock.move(DAY)
    assert not is_trusted(tenant, jane, here)
    with read(tenant.id) as session:
        assert trusted_devices.list_of_user(session, tenant, jane.id) == ()
    assert trust(tenant, jane, here) == first
    assert is_trusted(tenant, jane, here)


def test_fewer_days_count_at_once(tenant: Tenant) -> None:
    jane = make_user(tenant)
    here = browser_of(tenant, jane).browser_id
    trust(tenant, jane, here)
    clock.move(2 * DAY)
    assert not is_trusted(with_policy(tenant, trusted_device_days=1), jane, here)
    assert is_trusted(with_policy(tenant, trusted_device_days=3), jane, here)
    assert not is_trusted(with_policy(tenant, trusted_device_days=0), jane, here)


def test_the_browser_keeps_only_so_many_people(tenant: Tenant) -> None:
    tenant = with_policy(tenant, trusted_people_per_browser=2)
    users = [make_user(tenant, name) for name in ("ann", "bob", "cleo")]
    opened = browser_of(tenant, users[0])
    for user in users:
        clock.move(60)
        trust(tenant, user, opened.browser_id)
    assert [is_trusted(tenant, user, opened.browser_id) for user in users] == [False, True, True]


def test_whoever_used_it_longest_ago_is_forgotten(tenant: Tenant) -> None:
    tenant = with_policy(tenant, trusted_people_per_browser=2)
    ann, bob, cleo = (make_user(tenant, name) for name in ("ann", "bob", "cleo"))
    here = browser_of(tenant, ann).browser_id
    for user in (ann, bob):
        clock.move(60)
        trust(tenant, user, here)
    clock.move(60)
    with write(tenant.id) as session:
        trusted_devices.note_use(session, me(ann), here, ann.id)
    trust(tenant, cleo, here)
    assert [is_trusted(tenant, user, here) for user in (ann, bob, cleo)] == [True, False, True]


def test_one_is_ended_by_its_owner_alone(tenant: Tenant) -> None:
    jane, bob = make_user(tenant, "jane"), make_user(tenant, "bob")
    here = browser_of(tenant, jane).browser_id
    made = trust(tenant, jane, here)
    with pytest.raises(Forbidden), write(tenant.id) as session:
        trusted_devices.end(session, me(bob), jane.id, made)
    with pytest.raises(NotFound), write(tenant.id) as session:
        trusted_devices.end(session, me(bob), bob.id, made)
    with write(tenant.id) as session:
        trusted_devices.end(session, me(jane), jane.id, made)
    assert not is_trusted(tenant, jane, here)


@pytest.mark.parametrize("how", ["sign-out everywhere", "password", "disabled", "erased"])
def test_trust_ends_with_whatever_ends_every_session(tenant: Tenant, how: str) -> None:
    jane = make_user(tenant)
    opened = browser_of(tenant, jane)
    trust(tenant, jane, opened.browser_id)
    with write(tenant.id) as session:
        match how:
            case "sign-out everywhere":
                sessions.end_all_of_user(session, me(jane), jane.id, sessions.SIGNED_OUT)
            case "password":
                keep = opened.session_id
                people.set_password(session, CLI, jane.id, "hash", keep_session_id=keep)
            case "disabled":
                people_status.disable(session, CLI, jane.id)
            case "erased":
                people_status.erase(session, CLI, jane.id)
    assert not is_trusted(tenant, jane, opened.browser_id)


def test_signing_out_alone_keeps_trust(tenant: Tenant) -> None:
    jane = make_user(tenant)
    opened = browser_of(tenant, jane)
    trust(tenant, jane, opened.browser_id)
    with write(tenant.id) as session:
        sessions.end(session, me(jane), opened.session_id, sessions.SIGNED_OUT)
    assert is_trusted(tenant, jane, opened.browser_id)


def test_a_raised_epoch_ends_trust(tenant: Tenant) -> None:
    jane = make_user(tenant)
    here = browser_of(tenant, jane).browser_id
    trust(tenant, jane, here)
    with write(EVERYWHERE) as session:
        tenants.end_everything(session, CLI, tenant.id)
    raised = tenants.by_id(tenant.id)
    assert raised is not None
    assert not is_trusted(raised, jane, here)
