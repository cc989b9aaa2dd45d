"""A browser that is trusted not to need the second factor, and where it is needed all the same."""

from typing import Any

import pytest
from flask import Flask

from app import clock
from app.actor import CLI
from app.database import read, write
from app.directory import authenticators, sessions, trusted_devices
from app.methods.totp import STEP
from tests.factories import Factory, MadeClient
from tests.journeys.moves import claims
from tests.journeys.second import code_of
from tests.visitors import HtmlVisitor, JsonVisitor

TWO = "urn:authpage:acr:2fa"
DAY = 86_400
TWO_IS_ESSENTIAL = '{"id_token":{"acr":{"essential":true,"value":"urn:authpage:acr:2fa"}}}'


class Person:
    """Somebody with an app, at a browser."""

    def __init__(self, app: Flask, make: Factory, client: MadeClient) -> None:
        self.client, self.user = client, make.user(client.tenant)
        self.secret = make.authenticator(client.tenant, self.user)
        self.browser = HtmlVisitor(app, client)

    def sign_in(self, browser: HtmlVisitor | None = None, **asked: str) -> HtmlVisitor:
        """Address and password, from the beginning."""
        at = browser or self.browser
        at.open(**{"prompt": "login", **asked})
        at.submit(email=self.user.email)
        at.submit(password=self.user.password or "")
        return at

    def sign_in_again(self, **asked: str) -> HtmlVisitor:
        """The same after signing out."""
        with write(self.client.tenant.id) as session:
            for each in sessions.list_of_user(session, self.user.id):
                sessions.end(session, CLI, each.id, sessions.SIGNED_OUT)
        return self.sign_in(None, **{"prompt": "", **asked})

    def trust(self) -> None:
        """Sign in and trust the browser."""
        self.sign_in(prompt="")
        assert self.browser.screen == "totp"
        assert "trust" in self.browser.fields
        self.browser.submit(code=code_of(self.secret), trust="1")
        assert self.browser.answer is not None
        clock.move(STEP)

    def trusted(self) -> int:
        """How many browsers the person trusts."""
        with read(self.client.tenant.id) as session:
            return len(trusted_devices.list_of_user(session, self.client.tenant, self.user.id))


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant())


@pytest.fixture
def person(app: Flask, make: Factory, client: MadeClient) -> Person:
    return Person(app, make, client)


def test_no_second_factor_on_a_trusted_browser(app: Flask, person: Person) -> None:
    person.trust()
    again = person.sign_in_again()
    assert claims(app, again)["acr"] == "urn:authpage:acr:1fa"
    again.open(prompt="none")
    assert claims(app, again)["acr"] == "urn:authpage:acr:1fa"


def test_trust_is_asked_for_by_a_tick(person: Person) -> None:
    person.sign_in(prompt="")
    person.browser.submit(code=code_of(person.secret))
    assert person.browser.answer is not None
    assert person.trusted() == 0
    assert person.sign_in_again().screen == "totp"


def test_another_browser_and_another_person_are_asked(
    app: Flask, make: Factory, person: Person
) -> None:
    person.trust()
    assert person.sign_in(HtmlVisitor(app, person.client), prompt="").screen == "totp"
    other = Person(app, make, person.client)
    assert other.sign_in(person.browser).screen == "totp"


@pytest.mark.parametrize(
    "asked",
    [
        {"acr_values": TWO},
        {"max_age": "0"},
        {"max_age": "100000"},
        {"prompt": "login"},
        {"claims": TWO_IS_ESSENTIAL},
    ],
)
def test_whoever_asks_for_a_fresh_or_stronger_proof_gets_it(
    person: Person, asked: dict[str, Any]
) -> None:
    person.trust()
    again = person.sign_in_again(**asked)
    assert again.screen == "totp"
    assert "trust" not in again.fields


def test_trust_expires(app: Flask, person: Person) -> None:
    person.trust()
    clock.move(30 * DAY)
    assert person.sign_in_again().screen == "totp"


def test_a_session_outlives_trust_only_until_it_is_asked(app: Flask, person: Person) -> None:
    person.trust()
    again = person.sign_in_again()
    assert again.answer is not None
    with write(person.client.tenant.id) as session:
        trusted_devices.end_all_of_user(session, CLI, person.user.id, "test")
    again.open(prompt="none")
    assert (again.answer or {})["error"] == "login_required"
    again.open()
    assert again.screen == "totp"


@pytest.mark.parametrize("how", ["password", "factor", "everywhere"])
def test_what_changes_the_proofs_ends_trust(
    app: Flask, make: Factory, person: Person, how: str
) -> None:
    make.authenticator(person.client.tenant, person.user, "Tablet")
    person.trust()
    assert person.trusted() == 1
    with write(person.client.tenant.id) as session:
        if how == "everywhere":
            sessions.end_all_of_user(session, CLI, person.user.id, sessions.SIGNED_OUT)
        if how == "factor":
            first, _ = authenticators.list_of_user(session, person.user.id)
            authenticators.remove(session, CLI, person.user.id, first.id)
    if how == "password":
        browser = HtmlVisitor(app, person.client)
        browser.open()
        browser.submit(email=person.user.email)
        browser.submit("recover")
        browser.submit(email=person.user.email)
        browser.submit(code=make.code(person.client.tenant, person.user.email))
        browser.submit(code=code_of(person.secret))
        browser.submit(password="a wholly different sentence")
        assert browser.answer is not None
    assert person.trusted() == 0


def test_an_app_without_a_browser_trusts_nothing(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    secret = make.authenticator(client.tenant, user)
    visitor = JsonVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.submit(password=user.password)
    assert "trust" not in visitor.fields
    visitor.submit(code=code_of(secret), trust="1")
    assert visitor.answer is not None
    with read(client.tenant.id) as session:
        assert trusted_devices.list_of_user(session, client.tenant, user.id) == ()


def test_a_tenant_may_allow_none(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant(policy={"trusted_device_days": 0}))
    person = Person(app, make, client)
    person.sign_in(prompt="")
    assert person.browser.screen == "totp"
    assert "trust" not in person.browser.fields
    person.browser.submit(code=code_of(person.secret), trust="1")
    assert person.trusted() == 0


def test_o10_whoever_guesses_at_the_second_factor_locks_the_owner_out_nowhere(
    app: Flask, make: Factory
) -> None:
    client = make.client(make.tenant(limits={"wrong_codes_per_account": 3}))
    person, stranger = Person(app, make, client), HtmlVisitor(app, client)
    person.sign_in(prompt="")
    person.browser.submit(code=code_of(person.secret))
    assert person.browser.answer is not None
    clock.move(STEP)
    person.sign_in(stranger, prompt="")
    for _ in range(4):
        stranger.submit(code="000000" if code_of(person.secret) != "000000" else "111111")
    assert stranger.message == "error.too_many_tries"
    stranger.submit(code=code_of(person.secret))
    assert stranger.answer is None
    owner = person.sign_in_again()
    owner.submit(code=code_of(person.secret))
    assert owner.answer is not None
