"""What was right when it was asked for, and is not any more: codes, links and passkeys that outlive
what they were about (SECURITY O09, K01, K04)."""

from typing import Any

import pytest
from flask import Flask

from app import clock
from app.actor import CLI
from app.database import read, write
from app.directory import contacts, settings_store
from app.directory.tenants import Tenant
from app.identifiers import parse_as
from tests.account.resident import resident
from tests.doubles.authenticator import BE, BS, UP, Lies
from tests.factories import Factory, MadeUser
from tests.journeys.links import elsewhere, link_to, number_shown, take
from tests.journeys.passkeys import device, equip, present
from tests.visitors import Visit

NAMES: dict[str, Any] = {"email": "required", "phone": "optional", "username": "optional"}


def _tenant(make: Factory, method: str) -> Tenant:
    methods = {"sign_in": [method, "password"], "sign_up": []}
    return make.tenant(methods=methods, identifiers=NAMES)


def _moves_away(tenant: Tenant, user: MadeUser) -> str:
    """The user prefers another address from now on, and lets go of the one that there was."""
    with read(tenant.id) as session:
        (old,) = [c for c in contacts.list_of_user(session, user.id) if c.kind == "email"]
    with write(tenant.id) as session:
        contacts.add(session, CLI, user.id, parse_as("email", f"new.{user.email}", "US"))
        contacts.remove(session, CLI, user.id, old.id)
    return f"new.{user.email}"


def _gives_away(
    make: Factory, tenant: Tenant, giver: MadeUser, taker: MadeUser, name: str = "wanted"
) -> None:
    """The name that one user had is the other's from now on."""
    make.username(tenant, giver, f"{name}2")
    make.username(tenant, taker, name)


def test_o09_a_code_to_an_address_that_was_let_go_signs_nobody_in(
    make: Factory, visit: Visit
) -> None:
    tenant = _tenant(make, "email_code")
    user = make.user(tenant)
    make.username(tenant, user, "jane")
    visitor = visit(make.client(tenant))
    visitor.submit(identifier="jane")
    assert visitor.screen == "email_code"
    code = make.code(tenant, user.email)
    _moves_away(tenant, user)
    visitor.submit(code=code)
    assert (visitor.status, visitor.message) == (422, "error.code_expired")
    assert visitor.answer is None


@pytest.mark.parametrize("method", ["email_code", "magic_link"])
def test_o09_a_code_for_a_username_is_not_its_next_owners(
    make: Factory, visit: Visit, method: str
) -> None:
    tenant = _tenant(make, method)
    eve, jane = make.user(tenant), make.user(tenant)
    make.username(tenant, eve, "wanted")
    visitor = visit(make.client(tenant))
    visitor.submit(identifier="wanted")
    code = make.code(tenant, eve.email)
    _gives_away(make, tenant, eve, jane)
    visitor.submit(code=code)
    assert visitor.answer is None


def test_o09_a_link_for_a_username_is_not_its_next_owners(make: Factory, visit: Visit) -> None:
    tenant = _tenant(make, "magic_link")
    eve, jane = make.user(tenant), make.user(tenant)
    make.username(tenant, eve, "wanted")
    visitor = visit(make.client(tenant))
    visitor.submit(identifier="wanted")
    link = link_to(make, tenant, eve.email)
    _gives_away(make, tenant, eve, jane)
    take(visitor, link)
    assert visitor.answer is None
    assert visitor.message == "error.link_spent"


def test_o09_a_release_for_a_username_is_not_its_next_owners(
    app: Flask, make: Factory, visit: Visit
) -> None:
    tenant = _tenant(make, "magic_link")
    eve, jane = make.user(tenant), make.user(tenant)
    make.username(tenant, eve, "wanted")
    visitor = visit(make.client(tenant))
    visitor.submit(identifier="wanted")
    other = elsewhere(app, visitor, link_to(make, tenant, eve.email))
    other.submit(number=number_shown(visitor))
    _gives_away(make, tenant, eve, jane)
    visitor.submit()
    assert visitor.answer is None


def test_k04_a_step_up_by_passkey_alone_verifies_its_user(app: Flask, make: Factory) -> None:
    person = resident(app, make)
    tenant = person.client.tenant
    authenticator = device(tenant)
    equip(tenant, person.user, authenticator)
    clock.move(700)
    person.go("/passkeys/new")
    if person.screen != "passkey":
        person.submit("use:passkey")
    present(person, authenticator, lies=Lies(flags=UP | BE | BS))
    assert (person.status, person.message) == (422, "error.passkey_refused")
    present(person, authenticator)
    assert person.url == f"{person.base}/account/passkeys/new"


@pytest.mark.parametrize("late", ["magic_link", "email_code"])
def test_a_sign_up_goes_on_when_the_tenant_changes_how_addresses_are_proven(
    make: Factory, visit: Visit, late: str
) -> None:
    """A code that is out becomes nothing that a link's screen could not show, and the reverse."""
    early = "email_code" if late == "magic_link" else "magic_link"
    tenant = make.tenant(methods={"sign_in": [early], "sign_up": [early]})
    visitor = visit(make.client(tenant), prompt="create")
    visitor.submit(email="new@example.com", display_name="Jane Doe")
    assert visitor.screen == early
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "methods", {"sign_in": [late], "sign_up": [late]})
    clock.move(2)
    visitor.submit(code=make.code(tenant, "new@example.com"))
    assert visitor.status in (200, 422)
    if visitor.screen == "notice":
        visitor.submit()
    assert visitor.screen == late
    visitor.submit(code=make.code(tenant, "new@example.com"))
    assert visitor.answer is not None
