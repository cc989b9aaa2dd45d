"""Invitations: by whatever proves the address, once, and by nobody else."""

from collections.abc import Callable

import pytest
from flask import Flask

from app import clock
from app.actor import CLI, Actor
from app.addresses import parse_email
from app.database import read, write
from app.delivery import mail_message
from app.directory import invitation_answers, invitations, people
from app.directory.people import Person
from app.directory.tenants import Tenant
from tests.factories import PASSWORD, Factory, MadeClient
from tests.journeys.invitations import (
    INVITED,
    begun,
    invite,
    link_of,
    opened,
    roles_of,
    state_of,
)
from tests.journeys.links import is_signed_in, token_of
from tests.visitors import HtmlVisitor, JsonVisitor, Visitor

Begin = Callable[[MadeClient], Visitor]


@pytest.fixture(params=[HtmlVisitor, JsonVisitor], ids=["html", "json"])
def begin(request: pytest.FixtureRequest, app: Flask, make: Factory) -> Begin:
    """Goes in by the newest link."""
    return lambda client: begun(app, request.param, client, link_of(make, client.tenant))


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant())


@pytest.fixture
def labs(make: Factory, client: MadeClient) -> str:
    """The organization."""
    return make.organization(client.tenant, "Northwind Labs")


def person(tenant: Tenant, email: str = INVITED) -> Person:
    with read(tenant.id) as session:
        found = people.find_by_email(session, parse_email(email).key)
    assert found is not None
    return found


def is_in(visitor: Visitor) -> bool:
    """Whether the flow has ended with somebody signed in."""
    if isinstance(visitor, JsonVisitor):
        return visitor.answer is not None and "code" in visitor.answer
    return is_signed_in(visitor) and visitor.url.endswith("/account/organizations")


def test_the_page_says_who_invites_whom_to_where(
    app: Flask, make: Factory, client: MadeClient, labs: str
) -> None:
    invite(client.tenant, labs)
    visitor = opened(app, client, link_of(make, client.tenant))
    assert visitor.heading == "Join Northwind Labs"
    assert f"Acme invites {INVITED} to join Northwind Labs." in visitor.text
    assert "token" not in visitor.url  # L05


def test_l01_looking_changes_nothing(
    app: Flask, make: Factory, client: MadeClient, labs: str
) -> None:
    made = invite(client.tenant, labs)
    link = link_of(make, client.tenant)
    for method in ("HEAD", "GET", "GET"):
        app.test_client().open(link, method=method, follow_redirects=True)
    assert state_of(client.tenant, made) == "open"
    opened(app, client, link).submit()
    assert make.events(client.tenant).count("user.signed_up") == 0


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


@pytest.mark.parametrize(
    ("what", "heading"),
    [
        ("revoked", "This invitation was taken back"),
        ("expired", "This invitation is too old"),
        ("replaced", "This link does not work"),
        ("malformed", "This link does not work"),
        ("used", "This invitation was accepted"),
    ],
)
def test_a_link_that_is_over_says_so(
    app: Flask, make: Factory, client: MadeClient, labs: str, what: str, heading: str
) -> None:
    made = invite(client.tenant, labs)
    link = link_of(make, client.tenant)
    if what == "revoked":
        with write(client.tenant.id) as session:
            invitations.revoke(session, CLI, made.id)
    elif what == "expired":
        clock.move(invitations.LIVES)
    elif what == "replaced":
        invite(client.tenant, labs)
    elif what == "malformed":
        link = link[:-1]
    else:
        begun(app, HtmlVisitor, client, link).submit(password="a long enough sentence")
    visitor = opened(app, client, link)
    assert (visitor.status, visitor.heading) == (410, heading)
    assert begun(app, JsonVisitor, client, link).status == 422


def test_a20_what_is_edited_in_a_link_opens_nothing(
    app: Flask, make: Factory, client: MadeClient, labs: str
) -> None:
    other = make.organization(client.tenant, "Other")
    made = invite(client.tenant, labs)
    link = link_of(make, client.tenant)
    foreign = invite(client.tenant, other, "bob@example.com")
    visitor = opened(app, client, link.replace(made.id, foreign.id))
    assert (visitor.status, visitor.heading) == (410, "This link does not work")
    visitor = opened(app, client, f"{link}&organization_id={other}&email=eve@example.com")
    assert INVITED in visitor.text
    visitor.submit(organization_id=other, email="eve@example.com", roles="owner")
    visitor.submit(password="a long enough sentence", email="eve@example.com")
    assert roles_of(client.tenant, person(client.tenant).user_id) == {labs: ("member",)}


def test_a_foreign_browser_goes_on_with_no_flow_of_an_invitation(
    app: Flask, make: Factory, client: MadeClient, labs: str
) -> None:
    invite(client.tenant, labs)
    visitor = begun(app, HtmlVisitor, client, link_of(make, client.tenant))
    assert isinstance(visitor, HtmlVisitor)
    stranger = HtmlVisitor(app, client)
    stranger.follow(stranger.get(visitor.url))
    assert stranger.status == 403
    assert INVITED not in stranger.text


def test_a_flow_that_took_too_long_leads_back_to_the_link(
    app: Flask, make: Factory, client: MadeClient, labs: str
) -> None:
    invite(client.tenant, labs)
    visitor = begun(app, HtmlVisitor, client, link_of(make, client.tenant))
    assert isinstance(visitor, HtmlVisitor)
    clock.move(client.tenant.settings.lifetimes.flow + 1)
    visitor.follow(visitor.get(visitor.url))
    assert visitor.heading == "Join Northwind Labs"


def test_it_leads_on_to_the_application_that_it_names(
    app: Flask, make: Factory, client: MadeClient, labs: str
) -> None:
    home = make.client(client.tenant, home_url="https://app.example/start?from=mail")
    made = invite(client.tenant, labs, client_id=home.id)
    visitor = begun(app, HtmlVisitor, client, link_of(make, client.tenant))
    assert isinstance(visitor, HtmlVisitor)
    response = visitor.post(password="a long enough sentence")
    assert response.headers["Location"].endswith(f"/invitations/{made.id}/done")
    end = visitor.get(response.headers["Location"])
    assert end.status_code == 303
    expected = f"https://app.example/start?from=mail&organization={labs}"
    assert end.headers["Location"] == expected


def test_the_end_leads_nobody_away_before_it_is_accepted(
    app: Flask, make: Factory, client: MadeClient, labs: str
) -> None:
    home = make.client(client.tenant, home_url="https://app.example/")
    made = invite(client.tenant, labs, client_id=home.id)
    for invitation_id in (made.id, "inv_nobody", "x"):
        url = f"{client.tenant.base_url}/invitations/{invitation_id}/done"
        response = app.test_client().get(url)
        assert response.headers["Location"].endswith("/account/organizations")


def test_headless_shows_what_the_link_is_for(
    app: Flask, make: Factory, client: MadeClient, labs: str
) -> None:
    made = invite(client.tenant, labs)
    url = f"{client.tenant.base_url}/headless/v1/invitations/{made.id}"
    headers = {"Authorization": f"Bearer {token_of(link_of(make, client.tenant))}"}
    shown = app.test_client().get(url, headers=headers).get_json()
    assert shown["organization"] == {"id": labs, "name": "Northwind Labs"}
    assert (shown["email"], shown["roles"], shown["kind"]) == (INVITED, ["member"], "sign_up")
    make.user(client.tenant, INVITED)
    assert app.test_client().get(url, headers=headers).get_json()["kind"] == "sign_in"
    refused = app.test_client().get(url, headers={"Authorization": f"Bearer {'x' * 43}"})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "invitation_gone")
    assert "state" not in refused.get_json()
    with write(client.tenant.id) as session:
        invitations.revoke(session, CLI, made.id)
    gone = app.test_client().get(url, headers=headers)
    assert (gone.status_code, gone.get_json()["state"]) == (422, "revoked")


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


@pytest.mark.parametrize(
    ("headers", "with_token"),
    [
        ({"Origin": "https://evil.example"}, True),
        ({"Sec-Fetch-Site": "cross-site"}, True),
        ({}, False),
    ],
)
def test_l12_no_other_page_presses_the_button(
    app: Flask,
    make: Factory,
    client: MadeClient,
    labs: str,
    headers: dict[str, str],
    with_token: bool,
) -> None:
    invite(client.tenant, labs)
    visitor = opened(app, client, link_of(make, client.tenant))
    data = {"csrf_token": visitor.page.csrf_token if with_token else "guessed"}
    refused = visitor.http.post(visitor.url, data=data, headers=headers)
    assert refused.status_code in (400, 403)


def test_b06_the_name_of_an_organization_is_no_link_in_the_mail(
    make: Factory, client: MadeClient
) -> None:
    named = make.organization(client.tenant, 'Win at evil.example <a href="//evil.example">')
    invite(client.tenant, named)
    ((purpose, payload),) = make.mails(client.tenant)
    mail = mail_message.build(
        client.tenant, purpose, payload, message_id="msg_1", queued_at=clock.now()
    )
    for kind in ("plain", "html"):
        part = mail.get_body((kind,))
        assert part is not None
        assert "evil.example" not in part.get_content()


def test_l09_the_link_knows_no_host_of_a_request(make: Factory, client: MadeClient) -> None:
    labs = make.organization(client.tenant, "Northwind Labs")
    invite(client.tenant, labs)
    assert link_of(make, client.tenant).startswith(f"{client.tenant.base_url}/invitations/")
