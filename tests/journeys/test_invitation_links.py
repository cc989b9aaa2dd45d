"""The links of invitations: seen by anybody, spent by a button, good for what their row says."""

import pytest
from flask import Flask

from app import clock
from app.actor import CLI, Actor
from app.database import write
from app.delivery import mail_message
from app.directory import invitation_answers, invitations, organizations
from tests.factories import Factory, MadeClient
from tests.journeys.invitations import (
    INVITED,
    begun,
    invite,
    link_of,
    opened,
    person,
    roles_of,
    state_of,
)
from tests.journeys.links import token_of
from tests.visitors import HtmlVisitor, JsonVisitor


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant())


@pytest.fixture
def labs(make: Factory, client: MadeClient) -> str:
    """The organization."""
    return make.organization(client.tenant, "Northwind Labs")


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


@pytest.mark.parametrize(
    ("what", "heading"),
    [
        ("revoked", "This invitation was taken back"),
        ("expired", "This invitation is too old"),
        ("replaced", "This link does not work"),
        ("malformed", "This link does not work"),
        ("declined", "This invitation was declined"),
        ("closed", "This organization takes nobody now"),
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
    elif what == "declined":
        jane = make.user(client.tenant, INVITED)
        with write(client.tenant.id) as session:
            invitation_answers.decline(
                session, Actor("user", jane.id), client.tenant, jane.id, made.id
            )
    elif what == "closed":
        with write(client.tenant.id) as session:
            organizations.disable(session, CLI, labs)
    elif what == "replaced":
        invite(client.tenant, labs)
    elif what == "malformed":
        link = link[:-1]
    else:
        begun(app, HtmlVisitor, client, link).submit(password="a long enough sentence")
    visitor = opened(app, client, link)
    assert (visitor.status, visitor.heading) == (410, heading)
    (way_on,) = (each for each in visitor.page.all("a") if "button" in (each.get("class") or ""))
    visitor.follow(visitor.get(f"http://localhost:8000{way_on.get('href')}"))
    assert visitor.status == 200
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
