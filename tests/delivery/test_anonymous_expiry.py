"""Anonymous users are erased when nobody comes back as them; everybody else stays."""

import pytest

from app import clock
from app.actor import Actor
from app.database import read, write
from app.directory import anonymous, anonymous_expiry, people, sessions
from app.directory.tenants import Tenant
from app.ids import new_id
from tests.factories import Factory

LIVES = 90 * 86_400


def _anonymous(tenant: Tenant) -> str:
    """A user who has not said who they are, just seen on a browser."""
    user_id = new_id("usr")
    with write(tenant.id) as session:
        people.create(session, Actor("user", user_id), user_id=user_id, is_anonymous=True)
    _seen(tenant, user_id)
    return user_id


def _seen(tenant: Tenant, user_id: str) -> None:
    with write(tenant.id) as session:
        sessions.open(
            session,
            Actor("user", user_id),
            tenant,
            cookie_value=None,
            user_id=user_id,
            amr=[],
            acr=None,
            auth_time=clock.now(),
        )


def _status(tenant: Tenant, user_id: str) -> str:
    with read(tenant.id) as session:
        found = people.get(session, user_id)
        assert found is not None
        return found.status


@pytest.fixture
def tenant(make: Factory) -> Tenant:
    return make.tenant()


def test_who_is_not_seen_for_so_long_is_erased(make: Factory, tenant: Tenant) -> None:
    user_id, person = _anonymous(tenant), make.user(tenant, password=None)
    clock.move(LIVES - 60)
    anonymous_expiry.erase_idle()
    assert _status(tenant, user_id) == "active"
    clock.move(120)
    anonymous_expiry.erase_idle()
    assert (_status(tenant, user_id), _status(tenant, person.id)) == ("erased", "active")
    assert make.events(tenant).count("user.erased") == 1
    anonymous_expiry.erase_idle()
    assert make.events(tenant).count("user.erased") == 1


def test_who_comes_back_stays(tenant: Tenant) -> None:
    user_id = _anonymous(tenant)
    clock.move(LIVES - 60)
    _seen(tenant, user_id)
    clock.move(120)
    anonymous_expiry.erase_idle()
    assert _status(tenant, user_id) == "active"


def test_who_signed_up_stays_and_who_was_merged_goes(make: Factory, tenant: Tenant) -> None:
    upgraded, merged, person = (
        _anonymous(tenant),
        _anonymous(tenant),
        make.user(tenant, password=None),
    )
    with write(tenant.id) as session:
        anonymous.upgrade(
            session,
            Actor("user", upgraded),
            upgraded,
            display_name="Jane",
            locale=None,
            public_metadata={},
            private_metadata={},
        )
        assert anonymous.merge(session, Actor("user", person.id), merged, person.id)
    clock.move(LIVES + 60)
    anonymous_expiry.erase_idle()
    found = [_status(tenant, user_id) for user_id in (upgraded, merged, person.id)]
    assert found == ["active", "erased", "active"]


def test_a_tenant_says_how_long_and_nought_is_for_ever(make: Factory) -> None:
    brief = make.tenant(lifetimes={"anonymous_user": 3_600})
    for_ever = make.tenant(lifetimes={"anonymous_user": 0})
    gone, kept = _anonymous(brief), _anonymous(for_ever)
    clock.move(3_700)
    anonymous_expiry.erase_idle()
    assert (_status(brief, gone), _status(for_ever, kept)) == ("erased", "active")
    clock.move(10 * LIVES)
    anonymous_expiry.erase_idle()
    assert _status(for_ever, kept) == "active"


def test_a_batch_is_as_large_as_it_may_be(tenant: Tenant) -> None:
    made = [_anonymous(tenant) for _ in range(3)]
    clock.move(LIVES + 60)
    anonymous_expiry.erase_idle(limit=2)
    assert sorted(_status(tenant, each) for each in made) == ["active", "erased", "erased"]
    anonymous_expiry.erase_idle(limit=2)
    assert {_status(tenant, each) for each in made} == {"erased"}
