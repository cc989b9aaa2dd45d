"""The link of a notice: looking does nothing, one click undoes, and it signs nobody in."""

import threading

import pytest
from flask import Flask

from app import clock
from app.account import not_me as use_case
from app.actor import CLI, Actor
from app.database import read, write
from app.delivery import not_me, notices
from app.delivery.outbox import Purpose
from app.directory import authenticators, contacts, deletion, people, sessions
from app.directory.tenants import Tenant
from app.identifiers import parse_as
from tests.factories import PASSWORD, Factory, MadeClient, MadeUser
from tests.visitors import HtmlVisitor

SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant())


def _signed_in(app: Flask, client: MadeClient, user: MadeUser) -> HtmlVisitor:
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None
    return visitor


def _noticed(
    make: Factory, tenant: Tenant, user: MadeUser, purpose: Purpose, about: str | None = None
) -> str:
    """The link of a notice that the user has got."""
    values = {"device": "?", "label": "?", "address": "?", "due": "?"}
    with write(tenant.id) as session:
        notices.tell(session, tenant, user.id, purpose, values, "en", about=about)
    _, mail = make.mails(tenant)[-1]
    return f"{tenant.base_url}/not-me?token={mail.values['not_me']}"


def _live(tenant: Tenant, user: MadeUser) -> int:
    with read(tenant.id) as session:
        return len(sessions.list_of_user(session, user.id))


def _undo(app: Flask, client: MadeClient, link: str) -> HtmlVisitor:
    """Open the link in a fresh browser and press the button."""
    visitor = HtmlVisitor(app, client)
    visitor.follow(visitor.get(link))
    visitor.submit()
    return visitor


def test_l03_looking_at_the_link_does_nothing(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    _signed_in(app, client, user)
    link = _noticed(make, client.tenant, user, "new_device")
    scanner = app.test_client()
    for method in ("HEAD", "GET", "GET"):
        scanner.open(link, method=method, follow_redirects=True)
    assert _live(client.tenant, user) == 1


def test_one_click_ends_every_session_and_signs_nobody_in(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    _signed_in(app, client, user)
    _signed_in(app, client, user)
    link = _noticed(make, client.tenant, user, "new_device")
    visitor = _undo(app, client, link)
    assert "signed out everywhere" in visitor.text
    assert visitor.http.get_cookie("authpage_session", path=client.tenant.base_url) is None
    assert _live(client.tenant, user) == 0
    assert make.events(client.tenant).count("user.not_me") == 1
    visitor.follow(visitor.get(link))
    assert visitor.last is not None
    assert visitor.last.status_code == 410


def test_what_was_added_is_taken_away_again(app: Flask, make: Factory, client: MadeClient) -> None:
    tenant, user = client.tenant, make.user(client.tenant)
    actor = Actor("user", user.id)
    with write(tenant.id) as session:
        factor = authenticators.add(session, actor, user.id, secret=SEED, label="X", step=1)
        added = contacts.add(session, actor, user.id, parse_as("email", "eve@example.com", "ZZ"))
        deletion.ask(session, actor, user.id, due=clock.now() + clock.DAY)
    for purpose, about in (("factor_added", factor), ("email_added", added)):
        _undo(app, client, _noticed(make, tenant, user, purpose, about))  # type: ignore[arg-type]
    _undo(app, client, _noticed(make, tenant, user, "deletion_asked"))
    _undo(app, client, _noticed(make, tenant, user, "password_changed"))
    with read(tenant.id) as session:
        assert authenticators.list_of_user(session, user.id) == ()
        assert [each.value for each in contacts.list_of_user(session, user.id)] == [user.email]
        assert deletion.due_of(session, user.id) is None
        assert people.password_id(session, user.id) is None


def test_the_last_way_in_is_never_taken_away(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant(methods={"sign_in": ["password"]}))
    user = make.user(client.tenant)
    _signed_in(app, client, user)
    visitor = _undo(app, client, _noticed(make, client.tenant, user, "password_changed"))
    assert "is still there" in visitor.text
    assert _live(client.tenant, user) == 0
    with read(client.tenant.id) as session:
        assert people.password_id(session, user.id) is not None


def test_the_link_dies_after_seven_days(app: Flask, make: Factory, client: MadeClient) -> None:
    user = make.user(client.tenant)
    link = _noticed(make, client.tenant, user, "new_device")
    clock.move(7 * 86_400 + 1)
    visitor = HtmlVisitor(app, client)
    visitor.follow(visitor.get(link))
    assert visitor.last is not None
    assert visitor.last.status_code == 410


def test_of_many_clicks_at_once_one_undoes(app: Flask, make: Factory, client: MadeClient) -> None:
    user = make.user(client.tenant)
    with write(client.tenant.id) as session:
        token = not_me.issue(session, client.tenant, user.id, "new_device")
    undone: list[object] = []

    def click() -> None:
        with app.app_context():
            undone.append(use_case.undo(client.tenant, CLI, token))

    crowd = [threading.Thread(target=click) for _ in range(20)]
    for each in crowd:
        each.start()
    for each in crowd:
        each.join()
    assert len([each for each in undone if each is not None]) == 1
