"""A user, client or tenant that is taken away while somebody signs in, and what is left behind."""

from collections.abc import Callable

import pytest
from flask import Flask

from app.actor import CLI
from app.database import EVERYWHERE, write
from app.directory import clients, memberships, organizations, people, people_status, tenants
from app.models import Session
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.journeys.moves import awaiting_code, rows, tokens
from tests.visitors import HtmlVisitor, JsonVisitor, Visit, Visitor

TakeAway = Callable[[MadeClient, MadeUser], None]


def _user(client: MadeClient, user: MadeUser) -> None:
    with write(client.tenant.id) as session:
        people_status.disable(session, CLI, user.id)


def _erased_user(client: MadeClient, user: MadeUser) -> None:
    with write(client.tenant.id) as session:
        people_status.erase(session, CLI, user.id)


def _client(client: MadeClient, user: MadeUser) -> None:
    with write(client.tenant.id) as session:
        clients.disable(session, CLI, client.id)


def _redirect_uri(client: MadeClient, user: MadeUser) -> None:
    with write(client.tenant.id) as session:
        changed = ["https://elsewhere.example/callback"]
        clients.update(session, CLI, client.id, redirect_uris=changed)


def _tenant(client: MadeClient, user: MadeUser) -> None:
    with write(EVERYWHERE) as session:
        tenants.update(session, CLI, client.tenant.id, status="disabled")


EVERYTHING = pytest.mark.parametrize(
    "take_away", [_user, _erased_user, _client, _redirect_uri, _tenant]
)


def _says_no(visitor: Visitor, client: MadeClient) -> None:
    assert visitor.answer is None
    assert visitor.last is not None
    assert visitor.last.status_code < 500
    assert rows(Session, client.tenant) == []


@EVERYTHING
def test_m12_no_password_opens_what_was_taken_away(
    make: Factory, visit: Visit, take_away: TakeAway
) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    visitor = visit(client)
    visitor.submit(email=user.email)
    take_away(client, user)
    visitor.submit(password=PASSWORD)
    _says_no(visitor, client)


@EVERYTHING
def test_m12_no_code_opens_what_was_taken_away(
    make: Factory, visit: Visit, take_away: TakeAway
) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    visitor = awaiting_code(visit, client, user.email)
    code = make.code(client.tenant, user.email)
    take_away(client, user)
    visitor.submit(code=code)
    _says_no(visitor, client)


@EVERYTHING
def test_m12_no_last_step_opens_what_was_taken_away(
    make: Factory, visit: Visit, take_away: TakeAway
) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    for name in ("Contoso", "Northwind Labs"):
        make.organization(client.tenant, name, user)
    visitor = visit(client)
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    take_away(client, user)
    visitor.choose("Contoso")
    _says_no(visitor, client)


@EVERYTHING
def test_m12_no_ticket_opens_what_was_taken_away(
    app: Flask, make: Factory, take_away: TakeAway
) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    visitor = JsonVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.take(visitor.post(password=PASSWORD))
    take_away(client, user)
    visitor.browser.follow(visitor.browser.get(visitor.body["go_to"]))
    _says_no(visitor.browser, client)


@pytest.mark.parametrize("take_away", [_user, _erased_user, _tenant])
def test_m12_no_session_lives_on(app: Flask, make: Factory, take_away: TakeAway) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None
    take_away(client, user)
    account = visitor.get(f"{visitor.base}/account")
    assert account.status_code in (303, 404)


def test_m12_an_organization_closed_in_between_is_not_acted_for(
    make: Factory, visit: Visit
) -> None:
    client = make.client(make.tenant())
    user = make.user(client.tenant)
    closing = make.organization(client.tenant, "Contoso", user)
    make.organization(client.tenant, "Northwind Labs", user)
    visitor = visit(client)
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    with write(client.tenant.id) as session:
        organizations.disable(session, CLI, closing)
    visitor.choose("Contoso")
    assert visitor.answer is None
    assert visitor.screen == "choose_organization"
    visitor.choose("Northwind Labs")
    assert visitor.answer is not None


def test_a24_who_comes_after_an_erased_account_finds_nothing_of_it(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = make.client(make.tenant(), grant_types=["authorization_code", "refresh_token"])
    former = make.user(client.tenant, "jane@example.com")
    make.organization(client.tenant, "Contoso", former)
    visitor = visit(client, scope="openid offline_access")
    visitor.submit(email=former.email)
    visitor.submit(password=PASSWORD)
    left_behind = tokens(app, visitor)["refresh_token"]
    with write(client.tenant.id) as session:
        people_status.erase(session, CLI, former.id)
    heir = visit(client, prompt="create")
    heir.submit(email=former.email)
    heir.submit(code=make.code(client.tenant, former.email))
    assert heir.answer is not None
    with write(client.tenant.id) as session:
        found = people.find_by_email(session, "jane@example.com")
        assert found is not None
        assert found.user_id != former.id
        assert found.password_hash is None
        assert memberships.of_user(session, found.user_id) == []
    form = {
        "grant_type": "refresh_token",
        "refresh_token": left_behind,
        "client_id": client.id,
        "client_secret": client.secret or "",
    }
    refused = app.test_client().post(f"{visitor.base}/oauth2/token", data=form)
    assert refused.get_json()["error"] == "invalid_grant"


def _whole_story(make: Factory, visitor: Visitor, user: MadeUser) -> list[str]:
    """Everything audited while somebody mistypes, asks for a code, and gets in."""
    tenant = visitor.client.tenant
    before = len(make.events(tenant))
    visitor.submit(email=user.email)
    visitor.submit(password="not the right one")
    visitor.submit("use:email_code")
    visitor.submit(code="000000")
    visitor.submit(code=make.code(tenant, user.email))
    assert visitor.answer is not None
    return make.events(tenant)[before:]


def test_pages_and_headless_leave_the_same_trail(app: Flask, make: Factory) -> None:
    told = []
    for kind in (HtmlVisitor, JsonVisitor):
        client = make.client(make.tenant())
        user = make.user(client.tenant)
        visitor: Visitor = kind(app, client)
        visitor.open()
        told.append(_whole_story(make, visitor, user))
    assert told[0] == told[1]
    assert told[0] == [
        "password.failed",
        "email_code.started",
        "email_code.failed",
        "email_code.succeeded",
        "user.signed_in",
    ]
