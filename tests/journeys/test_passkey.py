"""Sign-in by passkey: from the first page, by typed identifier, as second factor; and refused."""

from typing import Any

import pytest
from flask import Flask

from app import clock
from app.directory.tenants import Tenant
from tests.doubles.authenticator import BE, BS, UP, Lies
from tests.factories import PASSWORD, Factory
from tests.journeys.moves import NOBODY, claims
from tests.journeys.passkeys import asked, device, equip, present
from tests.visitors import HtmlVisitor, JsonVisitor, Visit

PASSKEYS_ONLY = {"sign_in": ["passkey"], "sign_up": ["passkey"]}


def test_the_first_page_takes_a_passkey_and_needs_nothing_else(
    app: Flask, make: Factory, visit: Visit
) -> None:
    tenant = make.tenant()
    user, authenticator = make.user(tenant), device(tenant)
    equip(tenant, user, authenticator)
    visitor = visit(make.client(tenant))
    assert "passkey" in visitor.actions
    present(visitor, authenticator, "passkey")
    told = claims(app, visitor)
    assert told["sub"] == user.id
    assert told["acr"] == "urn:authpage:acr:phr"
    assert set(told["amr"]) == {"pop", "user", "mfa"}


def test_a_typed_identifier_leads_to_the_passkey_too(
    app: Flask, make: Factory, visit: Visit
) -> None:
    tenant = make.tenant()
    user, authenticator = make.user(tenant), device(tenant)
    equip(tenant, user, authenticator)
    visitor = visit(make.client(tenant))
    visitor.submit(email=user.email)
    visitor.submit("use:passkey")
    assert visitor.screen == "passkey"
    present(visitor, authenticator)
    assert claims(app, visitor)["sub"] == user.id


def test_an_unknown_identifier_walks_the_same_screens(make: Factory, visit: Visit) -> None:
    tenant = make.tenant(methods=PASSKEYS_ONLY)
    client, somebody, authenticator = make.client(tenant), make.user(tenant), device(tenant)
    equip(tenant, make.user(tenant), authenticator)
    seen = []
    for email in (somebody.email, NOBODY):
        visitor = visit(client)
        visitor.submit(email=email)
        assert visitor.screen == "passkey"
        options = asked(visitor)
        assert options["allowCredentials"] == []
        present(visitor, authenticator)
        seen.append((visitor.status, visitor.screen, visitor.message, visitor.actions))
    assert seen[0] == seen[1]
    assert seen[0][2] == "error.passkey_refused"


@pytest.mark.parametrize(
    "lies",
    [
        Lies(flags=UP | BE | BS),
        Lies(no_user_handle=True),
        Lies(origin="https://evil.example"),
        Lies(client_data={"crossOrigin": True}),
    ],
    ids=["K04", "K03", "K06", "K05"],
)
def test_a_refused_passkey_leaves_every_way_open(
    app: Flask, make: Factory, visit: Visit, lies: Lies
) -> None:
    tenant = make.tenant()
    user, authenticator = make.user(tenant), device(tenant)
    equip(tenant, user, authenticator)
    visitor = visit(make.client(tenant))
    present(visitor, authenticator, "passkey", lies)
    assert (visitor.status, visitor.screen) == (422, "identify")
    assert visitor.message == "error.passkey_refused"
    assert "passkey.failed" in make.events(tenant)
    present(visitor, authenticator, "passkey")
    assert claims(app, visitor)["sub"] == user.id


def test_k01_an_answer_opens_one_flow_once(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    user, authenticator, client = make.user(tenant), device(tenant), make.client(tenant)
    equip(tenant, user, authenticator)
    first, second = visit(client), visit(client)
    credential = authenticator.get(asked(first))
    second.submit("passkey", credential=credential)
    assert second.message == "error.passkey_expired"
    first.submit("passkey", credential=credential)
    assert first.answer is not None


def test_k01_a_challenge_that_is_too_old_says_to_try_again(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    user, authenticator = make.user(tenant), device(tenant)
    equip(tenant, user, authenticator)
    visitor = visit(make.client(tenant))
    credential = authenticator.get(asked(visitor))
    clock.move(301)
    visitor.submit("passkey", credential=credential)
    assert visitor.message == "error.passkey_expired"
    present(visitor, authenticator, "passkey")
    assert visitor.answer is not None


def test_k07_a_passkey_of_the_neighbour_is_known_to_nobody(make: Factory, visit: Visit) -> None:
    tenant, neighbour = make.tenant(), make.tenant()
    authenticator = device(tenant)
    equip(neighbour, make.user(neighbour), authenticator)
    visitor = visit(make.client(tenant))
    present(visitor, authenticator, "passkey")
    assert visitor.message == "error.passkey_unknown"
    if isinstance(visitor, JsonVisitor):
        assert visitor.body["code"] == "passkey_unknown"


def test_m12_a_disabled_persons_passkey_opens_nothing(make: Factory, visit: Visit) -> None:
    from app.actor import CLI
    from app.database import write
    from app.directory import people_status

    tenant = make.tenant()
    user, authenticator = make.user(tenant), device(tenant)
    equip(tenant, user, authenticator)
    with write(tenant.id) as session:
        people_status.disable(session, CLI, user.id)
    visitor = visit(make.client(tenant))
    present(visitor, authenticator, "passkey")
    assert visitor.message == "error.account_disabled"
    assert "user.refused" in make.events(tenant)


def test_a_button_without_an_answer_says_so(make: Factory, visit: Visit) -> None:
    visitor = visit(make.client(make.tenant()))
    visitor.submit("passkey")
    assert (visitor.status, visitor.message) == (422, "error.passkey_missing")


def test_no_passkey_is_asked_for_where_the_tenant_takes_none(make: Factory, visit: Visit) -> None:
    tenant = make.tenant(methods={"sign_in": ["password"], "sign_up": ["password"]})
    visitor = visit(make.client(tenant))
    assert "passkey" not in visitor.actions
    visitor.submit("passkey", credential="{}")
    assert visitor.message == "error.choice_unknown"


def _demanding(make: Factory) -> Tenant:
    return make.tenant(
        methods={"sign_in": ["password"], "sign_up": ["password"], "second": ["passkey"]},
        policy={"mfa": "required"},
    )


@pytest.mark.parametrize(
    ("lies", "acr"),
    [(Lies(), "urn:authpage:acr:phr"), (Lies(flags=UP | BE | BS), "urn:authpage:acr:2fa")],
    ids=["verified", "present"],
)
def test_a_passkey_is_a_second_factor(
    app: Flask, make: Factory, visit: Visit, lies: Lies, acr: str
) -> None:
    tenant = _demanding(make)
    user, authenticator = make.user(tenant), device(tenant)
    made = equip(tenant, user, authenticator)
    visitor = visit(make.client(tenant))
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    assert visitor.screen == "passkey"
    assert [each["id"] for each in asked(visitor)["allowCredentials"]] == [made.external_id]
    present(visitor, authenticator, lies=lies)
    told = claims(app, visitor)
    assert (told["sub"], told["acr"]) == (user.id, acr)


def test_k02_somebody_elses_passkey_is_no_second_factor(make: Factory, visit: Visit) -> None:
    tenant = _demanding(make)
    victim, attacker = make.user(tenant), make.user(tenant)
    theirs, others = device(tenant), device(tenant)
    equip(tenant, victim, theirs)
    foreign = equip(tenant, attacker, others)
    visitor = visit(make.client(tenant))
    visitor.submit(email=victim.email)
    visitor.submit(password=PASSWORD)
    credential = others.get(asked(visitor), passkey=foreign)
    visitor.submit(credential=credential)
    assert (visitor.status, visitor.message) == (422, "error.passkey_refused")
    assert visitor.answer is None


def test_a_page_gets_a_fresh_challenge_without_a_reload(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    user, authenticator = make.user(tenant), device(tenant)
    equip(tenant, user, authenticator)
    visitor = HtmlVisitor(app, make.client(tenant))
    visitor.open()
    stale = asked(visitor)
    clock.move(290)
    fields = [each for each in visitor.page.all("input") if each.get("name") == "credential"]
    origin = "/".join(visitor.base.split("/")[:3])
    answer = visitor.get(f"{origin}{fields[0].get('data-renewed-at')}")
    fresh: dict[str, Any] = answer.get_json()["options"]
    assert fresh["challenge"] != stale["challenge"]
    clock.move(20)
    visitor.submit("passkey", credential=authenticator.get(fresh))
    assert visitor.answer is not None


def test_a_screen_without_passkeys_has_no_challenge_to_renew(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    visitor = HtmlVisitor(app, make.client(tenant))
    visitor.open()
    visitor.submit(email=make.user(tenant).email)
    assert visitor.screen == "password"
    assert visitor.get(f"{visitor.url.partition('?')[0]}/passkey").status_code == 404


def test_k10_an_answer_of_one_megabyte_is_not_read(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    page, headless = HtmlVisitor(app, make.client(tenant)), JsonVisitor(app, make.client(tenant))
    page.open()
    headless.open()
    assert page.post("passkey", credential="x" * 1_000_000).status_code == 413
    assert headless.post("passkey", credential="x" * 1_000_000).status_code == 413
    assert headless.post("passkey", credential="x" * 20_000).status_code == 400
    assert page.post("passkey", credential="x" * 20_000).status_code == 422
