"""M09: removals at one moment never take the last way in, nor the last second factor."""

from collections import Counter

from flask import Flask

from app import clock
from app.account import contacts as account_contacts
from app.account import password, totp
from app.account.owner import Owner
from app.account.refused import Refused
from app.actor import Actor
from app.database import read
from app.directory import authenticators, contacts, ways_in
from app.directory.tenants import Tenant
from app.flow.assurance import TWO_FACTORS
from tests.factories import Factory, MadeUser
from tests.races.crowd import at_once


def _owner(tenant: Tenant, user: MadeUser) -> Owner:
    return Owner(
        tenant=tenant,
        actor=Actor("user", user.id),
        user_id=user.id,
        session_id=None,
        auth_time=clock.now(),
        acr=TWO_FACTORS,
        locale="en",
    )


def test_m09_of_two_removals_that_take_every_way_in_one_is_refused(
    app: Flask, make: Factory
) -> None:
    both = ["password", "sms_code"]
    tenant = make.tenant(
        methods={"sign_in": both, "sign_up": both, "second": ["totp"]},
        identifiers={"phone": "optional"},
    )
    for _ in range(10):
        user = make.user(tenant)
        make.phone(tenant, user, f"+1202555{int(user.id[-4:], 36) % 10_000:04d}")
        owner = _owner(tenant, user)
        with read(tenant.id) as session:
            listed = contacts.list_of_user(session, user.id)
        (number,) = [each.id for each in listed if each.kind == "phone"]

        def remove(which: int, owner: Owner = owner, number: str = number) -> str:
            try:
                if which:
                    account_contacts.remove(owner, number)
                else:
                    password.remove(owner)
            except Refused as refused:
                return refused.code
            return "removed"

        assert sorted(at_once(app, remove, 2)) == ["last_way_in", "removed"]
        with read(tenant.id) as session:
            assert len(ways_in.remaining(session, tenant, user.id).first) == 1


def test_m09_of_all_authenticators_removed_at_once_one_stays(app: Flask, make: Factory) -> None:
    tenant = make.tenant(policy={"mfa": "required"}, methods={"second": ["totp"]})
    user = make.user(tenant)
    for _ in range(authenticators.MOST):
        make.authenticator(tenant, user)
    with read(tenant.id) as session:
        ids = [each.id for each in authenticators.list_of_user(session, user.id)]

    def remove(number: int) -> str:
        try:
            totp.remove(_owner(tenant, user), ids[number])
        except Refused as refused:
            return refused.code
        return "removed"

    done = at_once(app, remove, len(ids))
    assert Counter(done) == {"removed": len(ids) - 1, "last_factor": 1}
    with read(tenant.id) as session:
        assert len(authenticators.list_of_user(session, user.id)) == 1
