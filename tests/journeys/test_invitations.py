"""Invitations: by whatever proves the address, once, and by nobody else."""

import pytest
from flask import Flask

from app import clock
from app.actor import CLI, Actor
from app.database import read, write
from app.directory import invitation_answers, invitations, people
from tests.factories import PASSWORD, Factory, MadeClient
from tests.journeys.invitations import (
    INVITED,
    Begin,
    begun,
    invite,
    link_of,
    person,
    roles_of,
    state_of,
)
from tests.journeys.links import is_signed_in
from tests.visitors import HtmlVisitor, JsonVisitor, Visitor


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant())


@pytest.fixture
def labs(make: Factory, client: MadeClient) -> str:
    """The organization."""
    return make.organization(client.tenant, "Northwind Labs")


def is_in(visitor: Visitor) -> bool:
    """Whether the flow has ended with somebody signed in."""
    if isinstance(visitor, JsonVisitor):
        return visitor.answer is not None and "code" in visitor.answer
    return is_signed_in(visitor) and visitor.url.endswith("/account/organizations")


def test_a_newcomer_signs_up_without_a_second_code(
    make: Factory, client: MadeClient, labs: str, begin: Begin
) -> None:
    invite(client.tenant, labs, roles=["admin"])
    mails = len(make.mails(client.tenant))
    visitor = begin(client)
    assert visitor.screen == "sign_up"
    assert "email" not in visitor.fields
    visitor.submit(display_name="Jane", password="a long enough sentence")
    assert is_in(visitor)
    assert len(make.mails(client.tenant)) == mails
    jane = person(client.tenant)
    assert jane.email_verified
    assert roles_of(client.tenant, jane.user_id) == {labs: ("admin",)}
    assert make.events(client.tenant).count("invitation.accepted") == 1


def test_a_newcomer_is_asked_for_no_organization_of_their_own(make: Factory, begin: Begin) -> None:
    client = make.client(make.tenant(organizations={"creation_open": True, "choice": "required"}))
    labs = make.organization(client.tenant, "Northwind Labs")
    invite(client.tenant, labs)
    visitor = begin(client)
    assert "organization_name" not in visitor.fields
    visitor.submit(organization_name="Mine", password="a long enough sentence")
    assert is_in(visitor)
    assert [*roles_of(client.tenant, person(client.tenant).user_id)] == [labs]


def test_a_newcomer_comes_where_nobody_else_may_sign_up(
    make: Factory, client: MadeClient, begin: Begin
) -> None:
    closed = make.client(
        make.tenant(methods={"sign_up_open": False, "sign_in": ["email_code"], "sign_up": []})
    )
    labs = make.organization(closed.tenant, "Northwind Labs")
    invite(closed.tenant, labs)
    visitor = begin(closed)
    assert visitor.screen == "sign_up"
    visitor.submit(email="eve@example.com")
    assert is_in(visitor)
    assert roles_of(closed.tenant, person(closed.tenant).user_id) == {labs: ("member",)}
    with read(closed.tenant.id) as session:
        assert people.find_by_email(session, "eve@example.com") is None


def test_whoever_has_an_account_signs_in_to_it(
    make: Factory, client: MadeClient, labs: str, begin: Begin
) -> None:
    jane = make.user(client.tenant, INVITED)
    invite(client.tenant, labs)
    visitor = begin(client)
    assert visitor.screen == "identify"
    assert visitor.value("email") == INVITED
    visitor.submit(email=INVITED)
    visitor.submit(password=PASSWORD)
    assert is_in(visitor)
    assert roles_of(client.tenant, jane.id) == {labs: ("member",)}


def test_one_address_is_one_however_it_is_written(
    make: Factory, client: MadeClient, labs: str, begin: Begin
) -> None:
    jane = make.user(client.tenant, "jane@xn--bcher-kva.example")
    first = invite(client.tenant, labs, "Jane@BÜCHER.example", roles=["admin"])
    again = invite(client.tenant, labs, "jane@bücher.example", roles=["admin"])
    assert again.id == first.id
    visitor = begin(client)
    assert (visitor.screen, visitor.value("email")) == ("identify", "jane@bücher.example")
    visitor.submit(email="JANE@bücher.EXAMPLE")
    visitor.submit(password=PASSWORD)
    assert is_in(visitor)
    assert roles_of(client.tenant, jane.id) == {labs: ("admin",)}


def test_an_account_whose_address_was_unproven_proves_it_first(
    make: Factory, client: MadeClient, labs: str, begin: Begin
) -> None:
    jane = make.user(client.tenant, INVITED, verified=False)
    invite(client.tenant, labs)
    visitor = begin(client)
    visitor.submit(email=INVITED)
    visitor.submit(password=PASSWORD)
    assert visitor.screen == "email_code"
    assert roles_of(client.tenant, jane.id) == {}
    visitor.submit(code=make.code(client.tenant, INVITED))
    assert is_in(visitor)
    assert roles_of(client.tenant, jane.id) == {labs: ("member",)}


def test_whoever_is_signed_in_with_that_address_accepts_at_once(
    app: Flask, make: Factory, client: MadeClient, labs: str
) -> None:
    jane = make.user(client.tenant, INVITED)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=INVITED)
    visitor.submit(password=PASSWORD)
    invite(client.tenant, labs)
    visitor.follow(visitor.get(link_of(make, client.tenant)))
    visitor.submit()
    assert is_in(visitor)
    assert "Northwind Labs" in visitor.text
    assert roles_of(client.tenant, jane.id) == {labs: ("member",)}


def test_whoever_is_signed_in_with_another_address_is_asked_for_the_right_account(
    app: Flask, make: Factory, client: MadeClient, labs: str
) -> None:
    bob = make.user(client.tenant, "bob@example.com")
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=bob.email)
    visitor.submit(password=PASSWORD)
    invite(client.tenant, labs)
    visitor.follow(visitor.get(link_of(make, client.tenant)))
    visitor.submit()
    assert visitor.screen == "sign_up"
    assert roles_of(client.tenant, bob.id) == {}


def test_a21_another_person_is_refused_and_can_go_on_as_the_right_one(
    make: Factory, client: MadeClient, labs: str, begin: Begin
) -> None:
    bob, jane = make.user(client.tenant, "bob@example.com"), make.user(client.tenant, INVITED)
    made = invite(client.tenant, labs)
    visitor = begin(client)
    visitor.submit(email=bob.email)
    visitor.submit(password=PASSWORD)
    assert visitor.screen == "invitation_refused"
    assert visitor.actions == {"another_account"}
    assert state_of(client.tenant, made) == "open"
    visitor.submit("another_account")
    assert visitor.value("email") == INVITED
    visitor.submit(email=INVITED)
    visitor.submit(password=PASSWORD)
    assert is_in(visitor)
    assert roles_of(client.tenant, bob.id) == {}
    assert roles_of(client.tenant, jane.id) == {labs: ("member",)}


def test_a21_it_is_not_accepted_after_its_time_by_a_password_reset(
    make: Factory, client: MadeClient, labs: str, begin: Begin
) -> None:
    jane = make.user(client.tenant, INVITED)
    made = invite(client.tenant, labs, lives=600)
    visitor = begin(client)
    visitor.submit(email=INVITED)
    visitor.submit("recover")
    visitor.submit(email=INVITED)
    assert visitor.screen == "email_code"
    code = make.code(client.tenant, INVITED)
    clock.move(500)
    visitor.submit(code=code)
    assert visitor.screen == "new_password"
    clock.move(101)
    visitor.submit(password="a wholly new passphrase")
    assert visitor.screen == "invitation_gone"
    visitor.submit("leave")
    assert not is_in(visitor)
    assert state_of(client.tenant, made) == "expired"
    assert roles_of(client.tenant, jane.id) == {}


def test_a_password_reset_on_the_way_proves_the_address_too(
    make: Factory, client: MadeClient, labs: str, begin: Begin
) -> None:
    jane = make.user(client.tenant, INVITED)
    invite(client.tenant, labs)
    visitor = begin(client)
    visitor.submit(email=INVITED)
    visitor.submit("recover")
    visitor.submit(email=INVITED)
    visitor.submit(code=make.code(client.tenant, INVITED))
    visitor.submit(password="a wholly new passphrase")
    assert is_in(visitor)
    assert roles_of(client.tenant, jane.id) == {labs: ("member",)}


def test_nobody_is_made_by_an_invitation_that_was_taken_back_meanwhile(
    make: Factory, client: MadeClient, labs: str, begin: Begin
) -> None:
    made = invite(client.tenant, labs)
    visitor = begin(client)
    with write(client.tenant.id) as session:
        invitations.revoke(session, CLI, made.id)
    visitor.submit(display_name="Jane", password="a long enough sentence")
    assert visitor.screen == "invitation_gone"
    with read(client.tenant.id) as session:
        assert people.find_by_email(session, INVITED) is None


def test_a_newer_mail_ends_what_the_older_link_began(
    make: Factory, client: MadeClient, labs: str, begin: Begin
) -> None:
    invite(client.tenant, labs)
    older = begin(client)
    invite(client.tenant, labs, roles=["admin"])
    older.submit(display_name="Jane", password="a long enough sentence")
    assert older.screen == "invitation_gone"
    newer = begin(client)
    newer.submit(display_name="Jane", password="a long enough sentence")
    assert is_in(newer)
    assert roles_of(client.tenant, person(client.tenant).user_id) == {labs: ("admin",)}


def test_whoever_took_the_place_meanwhile_goes_on(
    make: Factory, client: MadeClient, labs: str, begin: Begin
) -> None:
    jane = make.user(client.tenant, INVITED, verified=False)
    made = invite(client.tenant, labs)
    visitor = begin(client)
    visitor.submit(email=INVITED)
    visitor.submit(password=PASSWORD)
    with write(client.tenant.id) as session:
        invitation_answers.accept_for(
            session, Actor("user", jane.id), client.tenant, jane.id, [INVITED], labs
        )
    visitor.submit(code=make.code(client.tenant, INVITED))
    assert is_in(visitor)
    assert state_of(client.tenant, made) == "accepted"
    assert make.events(client.tenant).count("invitation.accepted") == 1


def test_headless_acts_for_the_organization_from_the_beginning(
    app: Flask, make: Factory, client: MadeClient, labs: str
) -> None:
    jane = make.user(client.tenant, INVITED)
    make.organization(client.tenant, "Other", jane)
    make.organization(client.tenant, "Third", jane)
    invite(client.tenant, labs)
    visitor = begun(app, JsonVisitor, client, link_of(make, client.tenant))
    visitor.submit(email=INVITED)
    visitor.submit(password=PASSWORD)
    assert is_in(visitor)
    assert labs in roles_of(client.tenant, jane.id)
