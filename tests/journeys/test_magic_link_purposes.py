"""Links beyond sign-in: they prove a new address, verify an old one, and begin a recovery."""

import pytest
from flask import Flask

from app import clock
from app.database import read
from app.directory import people
from app.models import Identifier
from tests.factories import PASSWORD, Factory, MadeClient
from tests.journeys.links import (
    LINKS_ONLY,
    elsewhere,
    is_signed_in,
    link_to,
    look_again,
    mail_to,
    number_shown,
    take,
    token_of,
)
from tests.journeys.moves import claims, rows
from tests.visitors import HtmlVisitor, JsonVisitor, Visit, Visitor

EMAIL, OTHER = "jane@example.com", "mallory@example.com"
WITH_PASSWORDS = {"sign_in": ["password", "magic_link"], "sign_up": ["password", "magic_link"]}


def _client(make: Factory, **methods: object) -> MadeClient:
    return make.client(make.tenant(methods=methods or LINKS_ONLY))


def _signing_up(visit: Visit, client: MadeClient) -> Visitor:
    visitor = visit(client, prompt="create")
    visitor.submit(email=EMAIL, display_name="Jane")
    assert visitor.screen == "magic_link", (visitor.screen, visitor.errors)
    return visitor


def _purposes(make: Factory, client: MadeClient) -> list[str]:
    return [purpose for purpose, _ in make.mails(client.tenant)]


def test_a_link_makes_the_new_account(app: Flask, make: Factory, visit: Visit) -> None:
    client = _client(make)
    visitor = _signing_up(visit, client)
    assert _purposes(make, client) == ["sign_up_link"]
    assert "user.created" not in make.events(client.tenant)
    take(visitor, link_to(make, client.tenant, EMAIL))
    assert claims(app, visitor)["amr"] == ["otp"]
    (user,) = rows(Identifier, client.tenant)
    assert (user.value, user.verified_at is not None) == (EMAIL, True)
    assert make.events(client.tenant).count("user.signed_up") == 1


def test_a_link_from_elsewhere_makes_the_new_account_where_it_began(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = _client(make)
    visitor = _signing_up(visit, client)
    other = elsewhere(app, visitor, link_to(make, client.tenant, EMAIL))
    other.submit(number=number_shown(visitor))
    assert "user.created" not in make.events(client.tenant)
    assert not is_signed_in(other)
    look_again(visitor)
    visitor.submit("continue")
    assert visitor.answer is not None
    assert make.events(client.tenant).count("user.signed_up") == 1


def test_who_has_an_account_already_is_told_by_mail_alone(make: Factory, visit: Visit) -> None:
    client = _client(make)
    make.user(client.tenant, EMAIL, password=None)
    visitor = _signing_up(visit, client)
    mail = mail_to(make, client.tenant, EMAIL)
    assert mail.values["exists"] == "yes"
    take(visitor, mail.values["link"])
    assert visitor.answer is not None
    assert "user.signed_up" not in make.events(client.tenant)


def test_a_link_verifies_an_address_that_was_never_proven(make: Factory, visit: Visit) -> None:
    client = _client(make, **WITH_PASSWORDS)
    user = make.user(client.tenant, EMAIL, verified=False)
    visitor = visit(client)
    visitor.submit(email=EMAIL)
    visitor.submit(password=PASSWORD)
    assert (visitor.screen, visitor.answer) == ("magic_link", None)
    assert _purposes(make, client) == ["verify_email_link"]
    take(visitor, link_to(make, client.tenant, EMAIL))
    assert visitor.answer is not None
    with read(client.tenant.id) as session:
        person = people.snapshot_of(session, user.id)
    assert person is not None
    assert person.email_verified


def test_a01_a_link_evicts_who_used_the_address_unproven(make: Factory, visit: Visit) -> None:
    client = _client(make)
    make.user(client.tenant, EMAIL, verified=False)
    visitor = visit(client)
    visitor.submit(email=EMAIL)
    take(visitor, link_to(make, client.tenant, EMAIL))
    assert visitor.answer is not None
    assert make.events(client.tenant).count("user.evicted") == 1


def _recovering(visit: Visit, client: MadeClient) -> Visitor:
    visitor = visit(client)
    visitor.submit(email=EMAIL)
    visitor.submit("recover")
    visitor.submit(email=EMAIL)
    assert visitor.screen == "magic_link"
    return visitor


def test_a_link_recovers_an_account(make: Factory, visit: Visit) -> None:
    client = _client(make, **WITH_PASSWORDS)
    make.user(client.tenant, EMAIL)
    visitor = _recovering(visit, client)
    assert _purposes(make, client) == ["recovery_link"]
    take(visitor, link_to(make, client.tenant, EMAIL))
    assert (visitor.screen, visitor.answer) == ("new_password", None)
    visitor.submit(password="another good sentence")
    assert visitor.answer is not None


def test_l06_no_link_of_another_purpose_recovers_an_account(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = _client(make, **WITH_PASSWORDS)
    make.user(client.tenant, EMAIL)
    visitor = visit(client)
    visitor.submit(email=EMAIL)
    visitor.submit("use:magic_link")
    link = link_to(make, client.tenant, EMAIL)
    visitor.submit("use:password")
    visitor.submit("recover")
    visitor.submit(email=EMAIL)
    assert visitor.screen == "magic_link"
    if isinstance(visitor, JsonVisitor):
        visitor.submit("link", token=link.partition("token=")[2])
        assert (visitor.status, visitor.message) == (422, "error.link_spent")
    else:
        visitor.follow(visitor.get(link))
        assert visitor.status == 410
    other = elsewhere(app, visitor, link)
    assert other.status == 410


def test_l03_a_recovery_that_was_released_goes_on_only_where_it_began(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = _client(make, **WITH_PASSWORDS)
    make.user(client.tenant, EMAIL)
    visitor = _recovering(visit, client)
    other = elsewhere(app, visitor, link_to(make, client.tenant, EMAIL))
    other.submit(number=number_shown(visitor))
    other.follow(other.get(f"{client.tenant.base_url}/account"))
    assert other.screen == "identify"
    look_again(visitor)
    visitor.submit("continue")
    assert visitor.screen == "new_password"


def test_l09_hostile_headers_change_no_link(app: Flask, make: Factory) -> None:
    client = _client(make)
    make.user(client.tenant, EMAIL, password=None)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    hostile = {
        "Host": "localhost:8000",
        "X-Forwarded-Host": "evil.example",
        "Forwarded": "host=evil.example;proto=javascript",
        "X-Forwarded-Proto": "javascript",
        "Origin": "http://localhost:8000",
    }
    data = {"csrf_token": visitor.page.csrf_token, "email": EMAIL}
    response = visitor.http.post(visitor.form_url, data=data, headers=hostile)
    assert response.status_code == 303
    link = link_to(make, client.tenant, EMAIL)
    assert link.startswith(f"{client.tenant.base_url}/flow/")


def test_l12_another_site_sends_nobody_a_link(app: Flask, make: Factory) -> None:
    client = _client(make)
    make.user(client.tenant, EMAIL, password=None)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    data = {"csrf_token": visitor.page.csrf_token, "email": EMAIL}
    for headers in ({"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}):
        response = visitor.http.post(visitor.form_url, data=data, headers=headers)
        assert response.status_code == 403
    assert make.mails(client.tenant) == []


def test_x01_a_link_means_nothing_at_another_tenant(app: Flask, make: Factory) -> None:
    client, other = _client(make), make.tenant(methods=LINKS_ONLY)
    make.user(client.tenant, EMAIL, password=None)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=EMAIL)
    link, number = link_to(make, client.tenant, EMAIL), number_shown(visitor)
    moved = link.replace(client.tenant.base_url, other.base_url)
    stranger = elsewhere(app, visitor, moved)
    assert (stranger.status, stranger.screen) == (410, None)
    body = {"flow_id": moved.split("/flow/")[1].split("/")[0], "token": token_of(link)}
    url = f"{other.base_url}/headless/v1/links"
    refused = app.test_client().post(url, json={**body, "number": number})
    assert (refused.status_code, refused.get_json()["code"]) == (422, "link_spent")
    take(visitor, link)
    assert visitor.answer is not None


def test_o16_nobody_chooses_where_a_message_goes(make: Factory, visit: Visit) -> None:
    client = _client(make)
    make.user(client.tenant, EMAIL, password=None)
    visitor = visit(client)
    visitor.submit(email=EMAIL, to=OTHER, custom_email=OTHER, destination=OTHER)
    clock.move(31)
    visitor.submit("resend", email=OTHER, to=OTHER, custom_email=OTHER)
    assert {mail.to for _, mail in make.mails(client.tenant)} == {EMAIL}


@pytest.mark.parametrize(("seconds", "is_good"), [(599, True), (601, False)])
def test_o17_the_clock_of_the_server_alone_decides(
    make: Factory, visit: Visit, seconds: int, is_good: bool
) -> None:
    client = _client(make)
    make.user(client.tenant, EMAIL, password=None)
    visitor = visit(client)
    visitor.submit(email=EMAIL)
    clock.move(seconds)
    visitor.submit(code=make.code(client.tenant, EMAIL), now="0", expires_at="9999999999999")
    assert (visitor.answer is not None) is is_good


def test_m09_a_link_that_steps_up_says_so_and_leads_back(app: Flask, make: Factory) -> None:
    tenant = make.tenant(methods=LINKS_ONLY)
    client, user = make.client(tenant), make.user(tenant, password=None)
    visitor = HtmlVisitor(app, client)
    visitor.follow(visitor.get(f"{visitor.base}/account"))
    visitor.submit(email=user.email)
    take(visitor, link_to(make, tenant, user.email))
    clock.move(700)
    visitor.follow(visitor.get(f"{visitor.base}/account/emails/add"))
    if visitor.screen == "notice":
        visitor.submit()
    assert visitor.screen == "magic_link"
    assert make.mails(tenant)[-1][0] == "second_link"
    take(visitor, link_to(make, tenant, user.email))
    assert visitor.url == f"{visitor.base}/account/emails/add"
