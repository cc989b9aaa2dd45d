"""Proving oneself again by a provider: the only way of people who have nothing else (A12, M07)."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app import clock
from app.actor import CLI, Actor
from app.database import read, write
from app.directory import connections, linked_identities, people
from app.models import User
from tests.doubles import oidc_browser
from tests.doubles.oidc_provider import REMOVED
from tests.factories import Factory, MadeClient
from tests.journeys.federation import Upstream, met, off
from tests.journeys.moves import rows
from tests.visitors import HtmlVisitor

SENSITIVE = "/delete"
LATER = 3_600


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant())


@pytest.fixture
def google(app: Flask, make: Factory, client: MadeClient) -> Iterator[Upstream]:
    with met(app, make, client.tenant) as upstream:
        yield upstream


def tied(client: MadeClient, upstream: Upstream, subject: str) -> str:
    """Somebody without address and password, known to the provider as `subject`."""
    with write(client.tenant.id) as session:
        user_id = people.create(session, CLI, display_name="Jane Doe")
        tie(session, upstream, user_id, subject)
    return user_id


def tie(session: object, upstream: Upstream, user_id: str, subject: str) -> None:
    linked_identities.link(
        session,  # type: ignore[arg-type]
        Actor("user", user_id),
        user_id,
        connection_id=upstream.connection.id,
        generation=1,
        subject=subject,
        label=None,
    )


class Jane(HtmlVisitor):
    """At the portal by way of the provider, a while ago."""

    def __init__(self, app: Flask, client: MadeClient, upstream: Upstream) -> None:
        super().__init__(app, client)
        self.user_id = tied(client, upstream, "jane-1")
        self.follow(self.get(f"{self.base}/account"))
        upstream.pass_through(self, sub="jane-1")
        assert self.url == f"{self.base}/account", (self.screen, self.message)
        clock.move(LATER)
        self.go(SENSITIVE)

    def go(self, path: str) -> None:
        self.follow(self.get(f"{self.base}/account{path}"))

    def leave(self, action: str = "continue") -> str:
        """Off to the provider; its URL."""
        _, url = off(self, self.post(action))
        response = self.get(url)
        assert response.status_code == 303, response.get_data(as_text=True)
        return response.headers["Location"]


@pytest.fixture
def jane(app: Flask, client: MadeClient, google: Upstream) -> Jane:
    return Jane(app, client, google)


def test_who_has_only_a_provider_proves_it_there_again(jane: Jane, google: Upstream) -> None:
    assert (jane.screen, jane.actions) == ("upstream", {"continue"})
    url = jane.leave()
    assert "prompt=select_account" in url, "Google knows no prompt=login."
    google.come_back(jane, oidc_browser.visit(url))
    assert jane.url == f"{jane.base}/account{SENSITIVE}", (jane.screen, jane.message)


def test_i10_an_old_sign_in_at_the_provider_is_no_new_proof(jane: Jane, google: Upstream) -> None:
    google.provider.script.changed["auth_time"] = clock.now_seconds() - LATER
    google.come_back(jane, oidc_browser.visit(jane.leave()))
    assert (jane.screen, jane.message) == ("upstream", "error.upstream_failed")
    jane.go(SENSITIVE)
    assert jane.screen == "upstream"


@pytest.mark.parametrize("whose", ["nobodys", "of_another"])
def test_a12_no_other_account_at_the_provider_will_do(
    client: MadeClient, jane: Jane, google: Upstream, whose: str
) -> None:
    if whose == "of_another":
        tied(client, google, "other-2")
    before = len(rows(User, client.tenant))
    google.provider.script.person.update(sub="other-2", email="other@acme.example")
    google.come_back(jane, oidc_browser.visit(jane.leave()))
    assert (jane.screen, jane.message) == ("upstream", "error.upstream_somebody_else")
    assert len(rows(User, client.tenant)) == before
    with read(client.tenant.id) as session:
        tied_to = [each.subject for each in linked_identities.of_user(session, jane.user_id)]
    assert tied_to == ["jane-1"]


def test_of_several_providers_any_will_do(
    app: Flask, make: Factory, client: MadeClient, jane: Jane
) -> None:
    with met(app, make, client.tenant, "custom_oidc") as other:
        with write(client.tenant.id) as session:
            tie(session, other, jane.user_id, "jane-2")
        jane.go(SENSITIVE)
        assert jane.actions == {"continue", other.action}
        other.provider.script.person.update(sub="jane-2")
        other.come_back(jane, oidc_browser.visit(jane.leave(other.action)))
        assert jane.url == f"{jane.base}/account{SENSITIVE}", (jane.screen, jane.message)


def test_i10_beside_an_own_way_the_provider_must_say_when_it_was(
    app: Flask, make: Factory, client: MadeClient, google: Upstream
) -> None:
    user = make.user(client.tenant)
    with write(client.tenant.id) as session:
        tie(session, google, user.id, "jane-3")
    browser = HtmlVisitor(app, client)
    browser.follow(browser.get(f"{browser.base}/account"))
    browser.submit(email=user.email)
    browser.submit(password=user.password or "")
    clock.move(LATER)
    browser.follow(browser.get(f"{browser.base}/account{SENSITIVE}"))
    assert browser.screen == "password"
    assert google.action in browser.actions
    google.provider.script.changed["auth_time"] = REMOVED
    google.pass_through(browser, sub="jane-3")
    assert (browser.screen, browser.message) == ("password", "error.upstream_age_unknown")
    del google.provider.script.changed["auth_time"]
    google.pass_through(browser, sub="jane-3")
    assert browser.url == f"{browser.base}/account{SENSITIVE}", (browser.screen, browser.message)


def test_i06_without_the_provider_a_sentence_says_so(
    client: MadeClient, jane: Jane, google: Upstream
) -> None:
    with write(client.tenant.id) as session:
        connections.set_status(session, CLI, google.connection.id, "disabled")
    jane.go(SENSITIVE)
    assert (jane.screen, jane.actions) == ("notice", {"restart"})
    jane.submit("restart")
    assert jane.screen == "identify"
