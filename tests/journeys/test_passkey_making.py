"""Passkeys made on the way: offered after a sign-in, and as the factor that is demanded."""

from typing import Any

import pytest
from flask import Flask

from app import clock
from app.actor import CLI
from app.database import read, write
from app.directory import passkeys, people, required_factors
from app.directory.passkeys import ListedPasskey
from app.directory.tenants import Tenant
from tests.doubles.authenticator import AT, BE, BS, Lies
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.journeys.moves import claims
from tests.journeys.passkeys import asked, device, equip, make_one, present
from tests.journeys.second import shown_codes
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
    assert visitor.screen == "recovery_codes"
    visitor.submit()
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


def _address_of(tenant: Tenant, user_id: str) -> str | None:
    """The verified address of a user."""
    with read(tenant.id) as session:
        person = people.snapshot_of(session, user_id)
    return person.email if person and person.email_verified else None


def _choosing(visit: Visit, client: MadeClient, email: str, action: str = "passkey") -> Visitor:
    visitor = visit(client, prompt="create")
    visitor.submit(action, display_name="Kim Poe", email=email)
    return visitor


def test_sign_up_proves_the_address_then_makes_passkey_and_account_at_once(
    app: Flask, make: Factory, visit: Visit
) -> None:
    tenant = make.tenant()
    client, authenticator = make.client(tenant), device(tenant)
    visitor = _choosing(visit, client, "kim@example.com")
    assert visitor.screen == "email_code"
    visitor.submit(code=make.code(tenant, "kim@example.com"))
    assert visitor.screen == "create_passkey"
    assert "user.created" not in make.events(tenant)
    options = asked(visitor)
    assert options["user"]["name"] == "kim@example.com"
    assert options["user"]["displayName"] == "Kim Poe"
    make_one(visitor, authenticator, label="Phone")
    told = claims(app, visitor)
    assert told["acr"] == "urn:authpage:acr:phr"
    again = visit(client)
    present(again, authenticator, "passkey")
    assert claims(app, again)["sub"] == told["sub"]


def test_sign_up_goes_on_without_the_passkey_where_there_is_another_way(
    app: Flask, make: Factory, visit: Visit
) -> None:
    tenant = make.tenant()
    visitor = _choosing(visit, make.client(tenant), "kim@example.com")
    visitor.submit(code=make.code(tenant, "kim@example.com"))
    visitor.submit(credential="{}")
    assert (visitor.status, visitor.message) == (422, "error.passkey_not_made")
    visitor.submit("skip")
    assert _address_of(tenant, claims(app, visitor)["sub"]) == "kim@example.com"


def test_where_passkeys_are_the_only_way_sign_up_makes_one(
    app: Flask, make: Factory, visit: Visit
) -> None:
    tenant = make.tenant(methods={"sign_in": ["passkey"], "sign_up": ["passkey"]})
    visitor = _choosing(visit, make.client(tenant), "kim@example.com", "continue")
    visitor.submit(code=make.code(tenant, "kim@example.com"))
    assert visitor.screen == "create_passkey"
    assert "skip" not in visitor.actions
    make_one(visitor, device(tenant))
    assert _address_of(tenant, claims(app, visitor)["sub"]) == "kim@example.com"


def test_an_address_that_is_taken_meanwhile_gets_no_second_account(
    make: Factory, visit: Visit
) -> None:
    tenant = make.tenant()
    visitor = _choosing(visit, make.client(tenant), "kim@example.com")
    visitor.submit(code=make.code(tenant, "kim@example.com"))
    user = make.user(tenant, "kim@example.com")
    make_one(visitor, device(tenant))
    assert (visitor.screen, visitor.message) == ("identify", "sign_up.account_exists")
    assert _kept(tenant, user) == []


def test_a_tenant_that_makes_no_passkeys_at_sign_up_does_not_offer_it(
    make: Factory, visit: Visit
) -> None:
    tenant = make.tenant(methods={"sign_in": ["passkey", "password"], "sign_up": ["password"]})
    visitor = visit(make.client(tenant), prompt="create")
    assert "passkey" not in visitor.actions


def test_k01_what_a_browser_made_by_itself_is_no_second_factor(make: Factory, visit: Visit) -> None:
    tenant = make.tenant(methods={"sign_in": ["password", "passkey"], "second": ["passkey"]})
    user, strict, authenticator = make.user(tenant), make.user(tenant), device(tenant)
    with write(tenant.id) as session:
        required_factors.of_user(session, CLI, strict.id, required=True)
    visitor = _signed_in(visit, make.client(tenant), user)
    silent = authenticator.create(asked(visitor, "automatic"), Lies(flags=AT | BE | BS))
    visitor.submit("restart") if "restart" in visitor.actions else visitor.submit("change")
    visitor.submit(email=strict.email)
    visitor.submit(password=PASSWORD)
    if visitor.screen == "enrol":
        visitor.submit("enrol:passkey")
    assert visitor.screen == "create_passkey"
    visitor.submit(credential=silent)
    assert (visitor.status, visitor.message) == (422, "error.passkey_not_made")
    assert _kept(tenant, strict) == []


def test_a_passkey_offered_where_two_factors_are_required_brings_recovery_codes(
    make: Factory, visit: Visit
) -> None:
    tenant = make.tenant(
        methods={"sign_in": ["password", "passkey"], "second": ["passkey"]},
        policy={"mfa": "required", "enrolments_put_off": 1},
    )
    user = make.user(tenant)
    visitor = _signed_in(visit, make.client(tenant), user)
    visitor.submit("later")
    assert visitor.screen == "offer_passkey"
    make_one(visitor, device(tenant))
    assert visitor.screen == "recovery_codes"
    assert len(shown_codes(visitor)) == 10
    visitor.submit()
    assert visitor.answer is not None


@pytest.mark.parametrize(("mfa", "screen"), [("required", "recovery_codes"), ("optional", None)])
def test_a_sign_up_with_a_passkey_brings_recovery_codes_where_two_factors_are_required(
    make: Factory, visit: Visit, mfa: str, screen: str | None
) -> None:
    methods = {"sign_in": ["passkey", "email_code"], "sign_up": ["passkey"], "second": ["passkey"]}
    tenant = make.tenant(methods=methods, policy={"mfa": mfa})
    visitor = visit(make.client(tenant), prompt="create")
    visitor.submit("passkey", email="new@example.com", display_name="Jane Doe")
    visitor.submit(code=make.code(tenant, "new@example.com"))
    assert visitor.screen == "create_passkey"
    make_one(visitor, device(tenant))
    assert visitor.screen == screen
