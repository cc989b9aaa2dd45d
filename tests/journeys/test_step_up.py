"""What an app asks for beyond a sign-in: a class, an age, or a sensitive action (M07, M08)."""

import json
from typing import Any

import pytest
from flask import Flask

from app import clock
from tests.factories import Factory, MadeClient, MadeUser
from tests.journeys.moves import claims, claims_of, redeemed, tokens
from tests.journeys.second import after_password, code_of, shown_secret
from tests.visitors import HtmlVisitor, Visit, Visitor

ONE, TWO, STRONG = (f"urn:authpage:acr:{each}" for each in ("1fa", "2fa", "phr"))
APPS_ONLY = {"second": ["totp"]}


def essential(*classes: str) -> str:
    """A claims parameter that insists on one of these classes."""
    return json.dumps({"id_token": {"acr": {"essential": True, "values": list(classes)}}})


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant(policy={"mfa": "off"}, methods=APPS_ONLY))


class Jane:
    """Somebody with an app, signed in on a browser by password alone."""

    def __init__(self, app: Flask, make: Factory, client: MadeClient) -> None:
        self.app, self.user = app, make.user(client.tenant)
        self.secret = make.authenticator(client.tenant, self.user)
        self.browser = HtmlVisitor(app, client)
        self.browser.open()
        self.browser.submit(email=self.user.email)
        self.password()

    def password(self) -> None:
        """Type it, and the address where that is asked for again."""
        if self.browser.screen == "identify":
            self.browser.submit(email=self.user.email)
        assert self.browser.screen == "password", self.browser.screen
        self.browser.submit(password=self.user.password or "")

    def code(self) -> None:
        """Type what the app shows."""
        assert self.browser.screen == "totp", self.browser.screen
        self.browser.submit(code=code_of(self.secret))

    def told(self) -> dict[str, Any]:
        """The ID token's claims."""
        return claims(self.app, self.browser)

    def asked_silently(self, **asked: str) -> str | None:
        """The error that `prompt=none` gets; None for a code."""
        self.browser.open(prompt="none", **asked)
        return (self.browser.answer or {}).get("error")


@pytest.fixture
def jane(app: Flask, make: Factory, client: MadeClient) -> Jane:
    return Jane(app, make, client)


@pytest.mark.parametrize("how", [{"acr_values": TWO}, {"claims": essential(TWO)}])
def test_a_stronger_class_asks_only_for_what_is_missing(jane: Jane, how: dict[str, str]) -> None:
    before = jane.told()
    assert before["acr"] == ONE
    clock.move(5)
    jane.browser.open(**how)
    jane.code()
    after = jane.told()
    assert (after["acr"], after["amr"]) == (TWO, ["mfa", "otp", "pwd"])
    assert after["auth_time"] == before["auth_time"]
    assert jane.asked_silently(**how) is None
    assert jane.told()["acr"] == TWO


def test_m07_a_fresh_and_stronger_class_asks_for_every_factor(jane: Jane) -> None:
    before = jane.told()
    clock.move(60)
    assert jane.asked_silently(acr_values=TWO, max_age="30") == "login_required"
    jane.browser.open(acr_values=TWO, max_age="30")
    jane.password()
    jane.code()
    after = jane.told()
    assert after["acr"] == TWO
    assert after["auth_time"] >= before["auth_time"] + 60


def test_m07_one_fresh_factor_makes_no_fresh_sign_in(jane: Jane) -> None:
    clock.move(60)
    jane.browser.open(acr_values=TWO)
    jane.code()
    assert jane.told()["acr"] == TWO
    assert jane.asked_silently(claims=essential(TWO), max_age="30") == "login_required"
    jane.browser.open(claims=essential(TWO), max_age="30")
    assert jane.browser.screen == "identify"


def test_m07_a_fresh_mailed_code_does_not_stand_for_two_factors(
    app: Flask, make: Factory, jane: Jane, client: MadeClient
) -> None:
    jane.browser.open(claims=essential(TWO))
    jane.code()
    assert jane.told()["acr"] == TWO
    clock.move(60)
    jane.browser.open(prompt="login")
    jane.browser.submit(email=jane.user.email)
    jane.browser.submit("use:email_code")
    jane.browser.submit(code=make.code(client.tenant, jane.user.email))
    assert jane.told()["acr"] == ONE
    assert jane.asked_silently(claims=essential(TWO), max_age="30") == "login_required"


@pytest.mark.parametrize("how", [{"prompt": "login"}, {"max_age": "0"}])
def test_m08_a_new_sign_in_is_a_new_sign_in(jane: Jane, how: dict[str, str]) -> None:
    before = jane.told()
    clock.move(2)
    jane.browser.open(**how)
    jane.password()
    after = jane.told()
    assert after["auth_time"] > before["auth_time"]
    assert after["sid"] != before["sid"]


def test_m08_another_person_at_the_prompt_gets_a_session_of_their_own(
    app: Flask, make: Factory, jane: Jane, client: MadeClient
) -> None:
    before, bob = jane.told(), make.user(client.tenant)
    jane.browser.open(claims=essential(TWO), prompt="login")
    jane.browser.submit(email=bob.email)
    jane.browser.submit(password=bob.password or "")
    assert jane.browser.screen == "enrol"
    jane.browser.submit("enrol:totp")
    jane.browser.submit(code=code_of(shown_secret(jane.browser)))
    jane.browser.submit()
    after = jane.told()
    assert (after["sub"], after["acr"]) == (bob.id, TWO)
    assert after["sid"] != before["sid"]
    assert jane.asked_silently(login_hint=jane.user.email, claims=essential(TWO))


def test_m08_whoever_has_nothing_stronger_may_go_on_where_it_is_a_wish(
    app: Flask, make: Factory, visit: Visit, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    visitor = after_password(visit, client, user, acr_values=TWO)
    assert visitor.screen == "enrol"
    visitor.submit("later")
    assert claims(app, visitor)["acr"] == ONE
    assert "user.enrolment_put_off" not in make.events(client.tenant)


def test_m08_and_may_not_where_it_is_essential(
    app: Flask, make: Factory, visit: Visit, client: MadeClient
) -> None:
    visitor = after_password(visit, client, make.user(client.tenant), claims=essential(TWO))
    assert visitor.screen == "enrol"
    assert "later" not in visitor.actions
    visitor.submit("later")
    assert visitor.answer is None
    visitor.submit("enrol:totp")
    visitor.submit(code=code_of(shown_secret(visitor)))
    visitor.submit()
    assert claims(app, visitor)["acr"] == TWO


def test_m08_what_the_tenant_cannot_do_is_an_error(app: Flask, make: Factory) -> None:
    tenant = make.tenant(methods={"sign_in": ["password"], "second": ["totp"]})
    client = make.client(tenant)
    browser = HtmlVisitor(app, client)
    browser.open(claims=essential(STRONG))
    assert browser.answer is not None
    assert browser.answer["error"] == "unmet_authentication_requirements"
    discovery = app.test_client().get(f"{browser.base}/.well-known/openid-configuration")
    assert discovery.get_json()["acr_values_supported"] == [ONE, TWO]


def test_m08_a_wish_that_the_tenant_cannot_fulfil_is_told_truthfully(
    app: Flask, make: Factory, visit: Visit
) -> None:
    tenant = make.tenant(methods={"sign_in": ["password"], "second": ["totp"]})
    client = make.client(tenant)
    visitor = after_password(visit, client, make.user(tenant), acr_values=STRONG)
    assert claims(app, visitor)["acr"] == ONE


def test_m08_a_silent_request_is_told_what_the_session_is(jane: Jane) -> None:
    assert jane.asked_silently(acr_values=TWO) is None
    assert jane.told()["acr"] == ONE
    assert jane.asked_silently(claims=essential(TWO)) == "login_required"


def test_a_weaker_class_that_is_essential_is_the_one_that_is_told(jane: Jane) -> None:
    jane.browser.open(claims=essential(TWO))
    jane.code()
    assert jane.told()["acr"] == TWO
    assert jane.asked_silently(claims=essential(ONE)) is None
    assert jane.told()["acr"] == ONE
    assert jane.asked_silently(acr_values=ONE) is None
    assert jane.told()["acr"] == TWO


def test_what_was_proven_is_told_the_same_after_refresh(app: Flask, jane: Jane) -> None:
    jane.browser.open(acr_values=TWO)
    jane.code()
    given = tokens(app, jane.browser)
    clock.move(100)
    again = jane.browser
    form = {
        "grant_type": "refresh_token",
        "refresh_token": given["refresh_token"],
        "client_id": again.client.id,
        "client_secret": again.client.secret or "",
    }
    answer = app.test_client().post(f"{again.base}/oauth2/token", data=form).get_json()
    for name in ("access_token", "id_token"):
        first, second = claims_of(given[name]), claims_of(answer[name])
        for claim in ("acr", "amr", "auth_time"):
            assert first[claim] == second[claim]


class TestSensitiveActions:
    """An app names what its user is about to do."""

    @pytest.fixture
    def client(self, make: Factory) -> MadeClient:
        policy = {"mfa": "off", "sensitive_actions": ["transfer"], "recent_sign_in": 120}
        return make.client(make.tenant(policy=policy, methods=APPS_ONLY))

    def test_a_recent_second_factor_is_asked_for(self, jane: Jane) -> None:
        assert jane.asked_silently(sensitive_action="transfer") == "login_required"
        jane.browser.open(sensitive_action="transfer")
        jane.code()
        assert jane.told()["acr"] == TWO
        assert jane.asked_silently(sensitive_action="transfer") is None

    def test_an_older_one_is_asked_for_again(self, jane: Jane) -> None:
        jane.browser.open(sensitive_action="transfer")
        jane.code()
        clock.move(121)
        assert jane.asked_silently() is None
        assert jane.asked_silently(sensitive_action="transfer") == "login_required"
        jane.browser.open(sensitive_action="transfer")
        jane.password()
        jane.code()
        assert jane.told()["acr"] == TWO

    def test_an_unknown_one_is_an_error(self, jane: Jane) -> None:
        jane.browser.open(sensitive_action="other")
        assert jane.browser.answer is not None
        assert jane.browser.answer["error"] == "invalid_request"

    def test_no_wish_makes_it_weaker(self, jane: Jane) -> None:
        jane.browser.open(sensitive_action="transfer", claims=essential(ONE), max_age="100000")
        jane.code()
        assert jane.told()["acr"] == TWO


def test_headless_step_up(app: Flask, make: Factory, visit: Visit, client: MadeClient) -> None:
    user: MadeUser = make.user(client.tenant)
    secret = make.authenticator(client.tenant, user)
    visitor: Visitor = after_password(visit, client, user, acr_values=TWO)
    assert visitor.screen == "totp"
    assert "trust" not in visitor.fields
    visitor.submit(code=code_of(secret))
    assert redeemed(app, visitor).status_code == 200
