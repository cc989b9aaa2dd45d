"""Signing in by a link in a mail: where the flow began, in another browser, and by its code."""

from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask

from app import clock
from app.models import OneTime, Session
from tests.factories import Factory, MadeClient
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
from tests.journeys.moves import NOBODY, audited, claims, rows, wrong
from tests.visitors import HtmlVisitor, JsonVisitor, Visit, Visitor

EMAIL = "jane@example.com"


def _client(make: Factory, **limits: int) -> MadeClient:
    client = make.client(make.tenant(methods=LINKS_ONLY, limits=limits))
    make.user(client.tenant, EMAIL, password=None)
    return client


def _waiting(visit: Visit, client: MadeClient, email: str = EMAIL) -> Visitor:
    visitor = visit(client)
    visitor.submit(email=email)
    assert visitor.screen == "magic_link", (visitor.screen, visitor.message)
    return visitor


_OURS = ("email_code", "magic_link", "magic_link_release")


def _open_rows(client: MadeClient) -> list[str]:
    return [
        row.kind
        for row in rows(OneTime, client.tenant)
        if row.kind in _OURS and row.consumed_at is None
    ]


def test_a_link_signs_in_where_the_flow_began(app: Flask, make: Factory, visit: Visit) -> None:
    client = _client(make)
    visitor = _waiting(visit, client)
    assert [purpose for purpose, _ in make.mails(client.tenant)] == ["sign_in_link"]
    take(visitor, link_to(make, client.tenant, EMAIL))
    assert visitor.answer is not None
    assert claims(app, visitor)["amr"] == ["otp"]
    assert _open_rows(client) == []
    events = make.events(client.tenant)
    for event in ("magic_link.started", "magic_link.succeeded", "user.signed_in"):
        assert events.count(event) == 1


def test_the_code_of_the_same_mail_signs_in_and_spends_the_link(
    make: Factory, visit: Visit
) -> None:
    client = _client(make)
    visitor = _waiting(visit, client)
    mail = mail_to(make, client.tenant, EMAIL)
    visitor.submit(code=wrong(mail.values["code"]))
    assert (visitor.status, visitor.message) == (422, "error.code_wrong")
    visitor.submit(code=mail.values["code"])
    assert visitor.answer is not None
    assert _open_rows(client) == []


def test_the_link_works_when_the_code_is_locked(make: Factory, visit: Visit) -> None:
    client = _client(make)
    visitor = _waiting(visit, client)
    code = mail_to(make, client.tenant, EMAIL).values["code"]
    for _ in range(5):
        visitor.submit(code=wrong(code))
    assert visitor.message == "error.code_locked"
    take(visitor, link_to(make, client.tenant, EMAIL))
    assert visitor.answer is not None


def test_only_the_newest_link_is_good(make: Factory, visit: Visit) -> None:
    client = _client(make)
    visitor = _waiting(visit, client)
    first, number = link_to(make, client.tenant, EMAIL), number_shown(visitor)
    visitor.submit("resend")
    assert (visitor.status, visitor.message) == (429, "error.resend_wait")
    clock.move(31)
    visitor.submit("resend")
    assert visitor.message == "magic_link.resent"
    assert link_to(make, client.tenant, EMAIL) != first
    assert len(number_shown(visitor)) == len(number) == 2
    if isinstance(visitor, JsonVisitor):
        visitor.submit("link", token=token_of(first))
        assert (visitor.status, visitor.message) == (422, "error.link_spent")
    else:
        visitor.follow(visitor.get(first))
        assert (visitor.status, visitor.screen) == (410, None)
        look = visitor.get(f"{visitor.base}/flow/{first.split('/flow/')[1].split('/')[0]}")
        visitor.follow(look)
    take(visitor, link_to(make, client.tenant, EMAIL))
    assert visitor.answer is not None


def test_a_link_lives_for_ten_minutes(app: Flask, make: Factory, visit: Visit) -> None:
    client = _client(make)
    visitor = _waiting(visit, client)
    link = link_to(make, client.tenant, EMAIL)
    clock.move(601)
    other = elsewhere(app, visitor, link)
    assert (other.status, other.screen) == (410, None)
    if isinstance(visitor, JsonVisitor):
        visitor.submit("link", token=token_of(link))
        assert (visitor.status, visitor.body["code"]) == (422, "link_spent")
    clock.move(31)
    visitor.submit("resend")
    take(visitor, link_to(make, client.tenant, EMAIL))
    assert visitor.answer is not None


def test_l03_another_browser_releases_the_flow_and_is_never_signed_in(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = _client(make)
    visitor = _waiting(visit, client)
    other = elsewhere(app, visitor, link_to(make, client.tenant, EMAIL))
    assert (other.screen, other.fields) == ("match_number", {"number"})
    assert EMAIL in other.text
    other.submit(number=number_shown(visitor))
    assert (other.status, other.screen) == (200, None)
    assert rows(Session, client.tenant) == []
    assert not is_signed_in(other)
    assert "user.signed_in" not in make.events(client.tenant)
    assert make.events(client.tenant).count("magic_link.released") == 1
    look_again(visitor)
    assert (visitor.screen, visitor.fields) == ("magic_link", set())
    visitor.submit("continue")
    assert visitor.answer is not None
    assert _open_rows(client) == []
    assert not is_signed_in(other)


def test_l03_a_stale_screen_goes_on_once_the_link_was_confirmed(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = _client(make)
    visitor = _waiting(visit, client)
    other = elsewhere(app, visitor, link_to(make, client.tenant, EMAIL))
    other.submit(number=number_shown(visitor))
    visitor.submit("continue", code="")
    assert visitor.answer is not None


def test_l03_a_wrong_number_spends_the_link_at_once(
    app: Flask, make: Factory, visit: Visit
) -> None:
    client = _client(make)
    visitor = _waiting(visit, client)
    link, number = link_to(make, client.tenant, EMAIL), number_shown(visitor)
    other = elsewhere(app, visitor, link)
    other.submit(number="1")
    assert (other.status, other.errors) == (422, {"number": "error.number_form"})
    other.submit(number=wrong(number))
    assert (other.status, other.screen) == (422, None)
    failed = audited(client.tenant, "magic_link.failed")
    assert failed == [{"purpose": "sign_in", "reason": "wrong_number"}]
    again = elsewhere(app, visitor, link)
    assert (again.status, again.screen) == (410, None)
    look_again(visitor)
    assert (visitor.screen, visitor.answer) == ("magic_link", None)
    visitor.submit(code=mail_to(make, client.tenant, EMAIL).values["code"])
    assert visitor.answer is not None


def test_l03_a_guessed_release_opens_nothing(make: Factory, visit: Visit) -> None:
    client = _client(make)
    visitor = _waiting(visit, client)
    visitor.submit("continue", code="")
    assert visitor.answer is None
    for token in ("", "x" * 43, "a" * 42):
        visitor.submit("link", token=token)
        assert (visitor.status, visitor.answer) == (422, None)
    assert visitor.message == "error.link_spent"
    take(visitor, link_to(make, client.tenant, EMAIL))
    assert visitor.answer is not None


@pytest.mark.parametrize("cookies", ["none", "own"])
def test_l01_looking_at_a_link_does_nothing(
    app: Flask, make: Factory, visit: Visit, cookies: str
) -> None:
    client = _client(make)
    visitor = _waiting(visit, client)
    link = link_to(make, client.tenant, EMAIL)
    http = visitor.http if cookies == "own" else app.test_client()
    before = [(row.id, row.attempts, row.consumed_at) for row in rows(OneTime, client.tenant)]
    told = make.events(client.tenant)
    clean = link.partition("?")[0]
    for _ in range(3):
        for url in (link, clean):
            for response in (http.head(url), http.get(url, follow_redirects=True)):
                assert response.status_code in (200, 303, 410)
    after = [(row.id, row.attempts, row.consumed_at) for row in rows(OneTime, client.tenant)]
    assert after == before
    assert make.events(client.tenant) == told
    assert rows(Session, client.tenant) == []
    take(visitor, link)
    assert visitor.answer is not None


def test_l02_a_scanner_that_runs_scripts_finds_nothing_that_sends_itself(
    app: Flask, make: Factory
) -> None:
    client = _client(make)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=EMAIL)
    link = link_to(make, client.tenant, EMAIL)
    for browser in (visitor, HtmlVisitor(app, client)):
        browser.follow(browser.get(link))
        assert browser.page.refresh_url is None
        (form,) = [each for each in browser.page.all("form") if each.get("id") == "answer"]
        assert form.get("method") == "post"
        assert not [each for each in browser.page.all("script") if not each.get("src")]
        # The shared script sends a complete code by itself; these pages have no such field.
        assert not [each for each in browser.page.all("div") if each.get("class") == "code"]


def test_l04_the_same_browser_hears_that_a_link_was_used(app: Flask, make: Factory) -> None:
    client = _client(make)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=EMAIL)
    link = link_to(make, client.tenant, EMAIL)
    take(visitor, link)
    assert visitor.answer is not None
    visitor.follow(visitor.get(link))
    assert (visitor.status, visitor.screen) == (410, None)
    assert "This link no longer works" in visitor.text


def test_l05_the_token_leaves_the_address_at_once(app: Flask, make: Factory) -> None:
    client = _client(make)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=EMAIL)
    link = link_to(make, client.tenant, EMAIL)
    response = visitor.get(link)
    assert response.status_code == 303
    assert "token" not in response.headers["Location"]
    assert token_of(link) not in response.text
    page = visitor.get(f"{link.partition('?')[0]}")
    assert page.headers["Referrer-Policy"] == "same-origin"  # A form without one is refused.
    assert token_of(link) not in page.text


def test_l11_a_token_is_good_to_the_character(make: Factory, visit: Visit) -> None:
    client = _client(make)
    visitor = _waiting(visit, client)
    link = link_to(make, client.tenant, EMAIL)
    token = token_of(link)
    for bad in (token[:-1], f"{token}=", f"{token}A", token.swapcase(), f" {token}", token * 2):
        if isinstance(visitor, JsonVisitor):
            visitor.submit("link", token=bad)
            assert (visitor.status, visitor.body["code"]) == (422, "link_spent")
            continue
        response = visitor.get(link.replace(token, bad))
        if response.status_code == 303:
            response = visitor.get(link.partition("?")[0])
        assert response.status_code in (400, 410)
    take(visitor, link)
    assert visitor.answer is not None


def test_l13_the_database_holds_no_token(app: Flask, make: Factory, visit: Visit) -> None:
    client = _client(make)
    visitor = _waiting(visit, client)
    token = token_of(link_to(make, client.tenant, EMAIL))
    from tests.security.belongings import rows_of

    assert token not in str(rows_of(client.tenant))
    take(visitor, link_to(make, client.tenant, EMAIL))
    assert token not in str(rows_of(client.tenant))


def test_o09_a_link_belongs_to_its_flow(make: Factory, visit: Visit) -> None:
    client = _client(make)
    one = _waiting(visit, client)
    link_of_one = link_to(make, client.tenant, EMAIL)
    other = _waiting(visit, client)
    if isinstance(other, JsonVisitor):
        other.submit("link", token=token_of(link_of_one))
        assert (other.status, other.body["code"]) == (422, "link_spent")
    else:
        own = link_to(make, client.tenant, EMAIL)
        crossed = own.replace(token_of(own), token_of(link_of_one))
        other.follow(other.get(crossed))
        assert (other.status, other.screen) == (410, None)
    take(one, link_of_one)
    assert one.answer is not None


def test_an_unknown_address_gets_no_link_and_sees_the_same(make: Factory, visit: Visit) -> None:
    client = _client(make)
    known, unknown = _waiting(visit, client), _waiting(visit, client, NOBODY)
    assert (known.fields, known.actions) == (unknown.fields, unknown.actions)
    assert len(number_shown(unknown)) == 2
    mail = mail_to(make, client.tenant, NOBODY)
    assert {"link", "code"} & {*mail.values} == set()
    unknown.submit(code="000000")
    assert unknown.message == "error.code_wrong"


def test_links_and_codes_by_mail_share_one_budget(make: Factory, visit: Visit) -> None:
    methods = {"sign_in": ["magic_link", "email_code"], "sign_up": []}
    client = make.client(make.tenant(methods=methods))
    make.user(client.tenant, EMAIL, password=None)
    for _ in range(2):
        visitor = _waiting(visit, client)
        visitor.submit("use:email_code")
        assert visitor.screen == "email_code"
    visitor = _waiting(visit, client)
    visitor.submit("use:email_code")
    assert (visitor.status, visitor.message) == (429, "error.too_many_tries")
    assert len(make.mails(client.tenant)) == 5


def test_a_link_leads_to_the_clients_own_place(app: Flask, make: Factory) -> None:
    tenant = make.tenant(methods=LINKS_ONLY)
    client = make.client(tenant, link_url="https://app.example/link?from=mail")
    make.user(tenant, EMAIL, password=None)
    visitor = JsonVisitor(app, client)
    visitor.open()
    visitor.submit(email=EMAIL)
    link = link_to(make, tenant, EMAIL)
    asked = parse_qs(urlsplit(link).query)
    assert link.startswith("https://app.example/link?from=mail&")
    assert asked["flow"] == [visitor.flow_id]
    visitor.submit("link", token=asked["token"][0])
    assert visitor.answer is not None


def test_an_app_elsewhere_only_releases_the_flow(app: Flask, make: Factory, visit: Visit) -> None:
    client = _client(make)
    visitor = _waiting(visit, client)
    link = link_to(make, client.tenant, EMAIL)
    url = f"{visitor.base}/headless/v1/links"
    flow_id = link.split("/flow/")[1].split("/")[0]
    body = {"flow_id": flow_id, "token": token_of(link), "number": number_shown(visitor)}
    outside = app.test_client()
    for change, status, code in (
        ({"token": "x" * 43}, 422, "link_spent"),
        ({"flow_id": "flw_none"}, 422, "link_spent"),
        ({"number": "123"}, 422, "malformed_number"),
    ):
        response = outside.post(url, json={**body, **change})
        assert (response.status_code, response.get_json()["code"]) == (status, code)
    response = outside.post(url, json=body)
    assert (response.status_code, response.get_json()) == (200, {"outcome": "released"})
    assert "Set-Cookie" not in response.headers
    assert outside.post(url, json=body).get_json()["code"] == "link_spent"
    look_again(visitor)
    visitor.submit("continue")
    assert visitor.answer is not None


def test_a_wrong_number_of_an_app_spends_the_link(app: Flask, make: Factory, visit: Visit) -> None:
    client = _client(make)
    visitor = _waiting(visit, client)
    link = link_to(make, client.tenant, EMAIL)
    flow_id = link.split("/flow/")[1].split("/")[0]
    body = {"flow_id": flow_id, "token": token_of(link), "number": wrong(number_shown(visitor))}
    url = f"{visitor.base}/headless/v1/links"
    codes = [app.test_client().post(url, json=body).get_json()["code"] for _ in range(2)]
    assert codes == ["wrong_number", "link_spent"]
    look_again(visitor)
    visitor.submit("continue", code="")
    assert visitor.answer is None
