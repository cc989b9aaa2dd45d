"""Passkeys made on the way: offered after a sign-in, and as the factor that is demanded."""

from typing import Any

import pytest
from flask import Flask

from app import clock
from app.database import read
from app.directory import passkeys
from app.directory.passkeys import ListedPasskey
from app.directory.tenants import Tenant
from tests.doubles.authenticator import Lies
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.journeys.moves import claims
from tests.journeys.passkeys import asked, device, equip, make_one, present
from tests.visitors import Visit, Visitor


def _kept(tenant: Tenant, user: MadeUser) -> list[ListedPasskey]:
    with read(tenant.id) as session:
        return passkeys.list_of_user(session, user.id)


def _signed_in(visit: Visit, client: MadeClient, user: MadeUser, can: str = "yes") -> Visitor:
    visitor = visit(client)
    visitor.submit(email=user.email, can_passkey=can)
    visitor.submit(password=PASSWORD)
    return visitor


def test_an_offered_passkey_is_the_way_in_next_time(
    app: Flask, make: Factory, visit: Visit
) -> None:
    tenant = make.tenant()
    user, client, authenticator = make.user(tenant), make.client(tenant), device(tenant)
    visitor = _signed_in(visit, client, user)
    assert visitor.screen == "offer_passkey"
    make_one(visitor, authenticator, label="My laptop")
    assert claims(app, visitor)["acr"] == "urn:authpage:acr:1fa"
    assert [each.label for each in _kept(tenant, user)] == ["My laptop"]
    assert "passkey_added" in [purpose for purpose, _ in make.mails(tenant)]
    again = visit(client)
    present(again, authenticator, "passkey")
    assert claims(app, again)["sub"] == user.id
    assert _signed_in(visit, client, user).answer is not None


def test_a_declined_offer_is_not_repeated_for_a_while(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    user, client = make.user(tenant), make.client(tenant)
    visitor = _signed_in(visit, client, user)
    visitor.submit("skip")
    assert visitor.answer is not None
    assert _signed_in(visit, client, user).answer is not None
    clock.move(31 * 86_400)
    assert _signed_in(visit, client, user).screen == "offer_passkey"


@pytest.mark.parametrize(
    "sections",
    [
        {"passkeys": {"offer": False}},
        {"methods": {"sign_in": ["password", "email_code"], "sign_up": ["password"]}},
    ],
)
def test_nothing_is_offered_where_the_tenant_does_not_want_it(
    make: Factory, visit: Visit, sections: dict[str, Any]
) -> None:
    tenant = make.tenant(**sections)
    assert _signed_in(visit, make.client(tenant), make.user(tenant)).answer is not None


def test_nothing_is_offered_to_a_browser_that_cannot_keep_it(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    visitor = _signed_in(visit, make.client(tenant), make.user(tenant), can="")
    assert visitor.answer is not None


def test_a_browser_may_make_one_by_itself_after_a_password_only(
    make: Factory, visit: Visit
) -> None:
    tenant = make.tenant()
    user, client, authenticator = make.user(tenant), make.client(tenant), device(tenant)
    visitor = _signed_in(visit, client, user)
    made = authenticator.create(asked(visitor, "automatic"), Lies(flags=0x41))
    visitor.submit(credential=made)
    assert visitor.answer is not None
    assert len(_kept(tenant, user)) == 1
    other = make.user(tenant)
    by_code = visit(client)
    by_code.submit(email=other.email, can_passkey="yes")
    by_code.submit("use:email_code")
    by_code.submit(code=make.code(tenant, other.email))
    assert by_code.screen == "offer_passkey"
    unverified = authenticator.create(asked(by_code), Lies(flags=0x41))
    by_code.submit(credential=unverified)
    assert (by_code.status, by_code.message) == (422, "error.passkey_not_made")
    assert _kept(tenant, other) == []


def test_a_refused_ceremony_can_be_repeated_or_passed_by(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    visitor = _signed_in(visit, make.client(tenant), user)
    visitor.submit()
    assert visitor.message == "error.passkey_missing"
    visitor.submit(credential="{}")
    assert visitor.message == "error.passkey_not_made"
    visitor.submit("skip")
    assert visitor.answer is not None


def test_a_demanded_factor_may_be_a_passkey(app: Flask, make: Factory, visit: Visit) -> None:
    tenant = make.tenant(
        methods={"sign_in": ["password"], "sign_up": ["password"], "second": ["passkey", "totp"]},
        policy={"mfa": "required"},
    )
    user, client, authenticator = make.user(tenant), make.client(tenant), device(tenant)
    visitor = _signed_in(visit, client, user)
    assert visitor.screen == "enrol"
    visitor.submit("enrol:passkey")
    assert visitor.screen == "create_passkey", visitor.message
    make_one(visitor, authenticator)
    assert claims(app, visitor)["acr"] == "urn:authpage:acr:phr"
    again = _signed_in(visit, client, user)
    assert again.screen == "passkey"
    present(again, authenticator)
    assert again.answer is not None


def test_a_person_with_a_passkey_is_offered_no_other(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    equip(tenant, user, device(tenant))
    assert _signed_in(visit, make.client(tenant), user).answer is not None
