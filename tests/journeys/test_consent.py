"""What a third party may know: asked once for each scope, and remembered."""

import pytest
from flask import Flask

from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.journeys.moves import audited, tokens
from tests.visitors import HtmlVisitor


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant(), name="Planner <b>", is_first_party=False)


@pytest.fixture
def user(make: Factory, client: MadeClient) -> MadeUser:
    return make.user(client.tenant, display_name="Jane Doe")


@pytest.fixture
def visitor(app: Flask, client: MadeClient) -> HtmlVisitor:
    """Third parties never draw the flow by themselves, so there is no headless twin."""
    return HtmlVisitor(app, client)


def _arrive(visitor: HtmlVisitor, user: MadeUser, **parameters: str) -> None:
    visitor.open(**parameters)
    if visitor.screen == "identify":
        visitor.submit(email=user.email)
        visitor.submit(password=PASSWORD)


def test_a_third_party_asks_first(app: Flask, visitor: HtmlVisitor, user: MadeUser) -> None:
    _arrive(visitor, user, scope="openid email")
    assert visitor.screen == "consent"
    assert "Planner &lt;b&gt;" in visitor.text
    assert visitor.actions == {"allow", "deny", "another_account"}
    assert visitor.answer is None
    visitor.submit("allow")
    assert tokens(app, visitor)["scope"].split() == ["openid", "email"]
    assert len(audited(visitor.client.tenant, "consent.granted")) == 1


def test_what_was_allowed_is_not_asked_again(visitor: HtmlVisitor, user: MadeUser) -> None:
    _arrive(visitor, user, scope="openid email")
    visitor.submit("allow")
    _arrive(visitor, user, scope="openid email")
    assert visitor.answer is not None
    _arrive(visitor, user, scope="openid")
    assert visitor.answer is not None


def test_more_than_was_allowed_is_asked_again(
    app: Flask, visitor: HtmlVisitor, user: MadeUser
) -> None:
    _arrive(visitor, user, scope="openid")
    visitor.submit("allow")
    _arrive(visitor, user, scope="openid profile")
    assert visitor.screen == "consent"
    visitor.submit("allow")
    assert tokens(app, visitor)["scope"].split() == ["openid", "profile"]


def test_r21_prompt_consent_asks_every_time(visitor: HtmlVisitor, user: MadeUser) -> None:
    for _ in range(2):
        _arrive(visitor, user, scope="openid", prompt="consent")
        assert visitor.screen == "consent"
        visitor.submit("allow")
        assert visitor.answer is not None


def test_a_refusal_is_told_to_the_app(visitor: HtmlVisitor, user: MadeUser) -> None:
    _arrive(visitor, user)
    visitor.submit("deny")
    assert visitor.answer is not None
    assert visitor.answer["error"] == "access_denied"
    assert (visitor.answer["state"], visitor.answer["iss"]) == ("a-state", visitor.base)
    assert "code" not in visitor.answer
    assert len(audited(visitor.client.tenant, "consent.denied")) == 1
    assert audited(visitor.client.tenant, "user.signed_in") == []
    _arrive(visitor, user)
    assert visitor.screen == "consent"


def test_consent_is_of_one_person(
    app: Flask, make: Factory, visitor: HtmlVisitor, user: MadeUser
) -> None:
    _arrive(visitor, user)
    visitor.submit("allow")
    other = make.user(visitor.client.tenant)
    second = HtmlVisitor(app, visitor.client)
    _arrive(second, other)
    assert second.screen == "consent"
    second.submit("another_account")
    assert (second.screen, second.value("email")) == ("identify", "")
    second.submit(email=user.email)
    second.submit(password=PASSWORD)
    assert second.answer is not None


def test_our_own_apps_do_not_ask(app: Flask, make: Factory) -> None:
    own = make.client(make.tenant())
    visitor = HtmlVisitor(app, own)
    _arrive(visitor, make.user(own.tenant))
    assert visitor.answer is not None


def test_consent_cannot_be_given_before_the_proof(visitor: HtmlVisitor, user: MadeUser) -> None:
    visitor.open()
    visitor.submit("allow")
    assert (visitor.status, visitor.screen) == (422, "identify")
    visitor.submit("continue", email=user.email)
    visitor.submit("allow")
    assert (visitor.status, visitor.screen) == (422, "password")
    assert visitor.answer is None
