"""A10, I03, S09: what providers say counts once, however many browsers bring it at once."""

import base64
import zlib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from flask import Flask
from lxml import etree
from sqlalchemy import func, select

from app.actor import Actor
from app.database import read, write
from app.directory import linked_identities
from app.directory.errors import Taken
from app.models import LinkedIdentity, Session, User
from tests.account.resident import Resident
from tests.doubles import oidc_browser, saml_forge
from tests.doubles.oidc_browser import Returned
from tests.doubles.oidc_script import Grant
from tests.doubles.saml_forge import Letter
from tests.doubles.saml_keys import KeyFiles, make_keys
from tests.doubles.saml_stage import ENTITY
from tests.factories import Factory, MadeClient
from tests.journeys.federation import Upstream, met, off
from tests.races.crowd import SOME, at_once
from tests.visitors import HtmlVisitor

FEW = 8


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant())


@pytest.fixture
def google(app: Flask, make: Factory, client: MadeClient) -> Iterator[Upstream]:
    with met(app, make, client.tenant) as upstream:
        yield upstream


@pytest.fixture
def lenient(monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider gives tokens for a code as often as it is asked: only we are in the way."""
    never = property(lambda _self: False, lambda _self, _value: None)
    monkeypatch.setattr(Grant, "is_used", never)


def _count(tenant_id: str, model: Any) -> int:
    with read(tenant_id) as session:
        query = select(func.count()).select_from(model).where(model.tenant_id == tenant_id)
        return session.scalar(query) or 0


def _twin(browser: HtmlVisitor) -> HtmlVisitor:
    """The same browser once more, so that each thread has a client of its own."""
    twin = HtmlVisitor(browser.http.application, browser.client)
    twin.http._cookies = dict(browser.http._cookies or {})
    return twin


def _way(person: Resident, upstream: Upstream) -> str:
    """Where the flow that the person is at sends them."""
    flow_id = person.url.rpartition("/")[2]
    start = f"{person.base}/connections/{upstream.connection.id}/start?flow={flow_id}"
    return person.get(start).headers["Location"]


def _response(base: str, keys: KeyFiles, sent: dict[str, str]) -> dict[str, str]:
    """The provider's signed answer to the request that was sent."""
    request = zlib.decompress(base64.b64decode(sent["SAMLRequest"]), -15)
    letter = Letter(
        issuer=ENTITY,
        audience=f"{base}/metadata",
        recipient=f"{base}/acs",
        destination=f"{base}/acs",
        in_response_to=etree.fromstring(request).attrib["ID"],
    )
    return saml_forge.form(saml_forge.response(letter, keys))


def _bring(app: Flask, browsers: list[HtmlVisitor], answers: list[Returned]) -> Counter[int]:
    """All bring their answers at once; how often each status came."""

    def bring(number: int) -> int:
        answer = answers[number]
        return browsers[number].get(answer.target, query_string=answer.parameters).status_code

    return Counter(at_once(app, bring, len(browsers)))


def test_a10_of_many_who_link_one_subject_one_gets_it(
    app: Flask, make: Factory, client: MadeClient, google: Upstream
) -> None:
    tenant = client.tenant
    users = [make.user(tenant, password=None) for _ in range(4)]

    def link(number: int) -> str | None:
        user_id = users[number % 4].id
        try:
            with write(tenant.id) as session:
                made = linked_identities.link(
                    session,
                    Actor("user", user_id),
                    user_id,
                    connection_id=google.connection.id,
                    generation=1,
                    subject="one",
                    label=None,
                )
        except Taken:
            return "taken"
        return "linked" if made else "there already"

    came = Counter(at_once(app, link, SOME))
    assert came["linked"] == 1
    assert came["taken"] >= SOME * 3 // 4 - 1
    assert _count(tenant.id, LinkedIdentity) == 1
    assert make.events(tenant).count("identity.linked") == 1


def test_a10_browsers_that_link_one_subject_at_once(
    app: Flask, make: Factory, client: MadeClient, google: Upstream
) -> None:
    people = [Resident(app, client, make.user(client.tenant)) for _ in range(4)]
    for person in people:
        person.go("/security")
        person.press(f"/identities/link/{google.connection.id}")
    answers = [oidc_browser.visit(_way(person, google)) for person in people]
    assert max(_bring(app, [*people], answers)) < 500
    assert _count(client.tenant.id, LinkedIdentity) == 1
    assert make.events(client.tenant).count("identity.linked") == 1


@pytest.mark.usefixtures("lenient")
def test_i03_one_answer_many_times_at_once(
    app: Flask, client: MadeClient, google: Upstream
) -> None:
    browser = HtmlVisitor(app, client)
    browser.open()
    _, url = google.leave(browser)
    answer = oidc_browser.visit(url)
    came = _bring(app, [_twin(browser) for _ in range(FEW)], [answer] * FEW)
    assert max(came) < 500
    for model in (Session, User, LinkedIdentity):
        assert _count(client.tenant.id, model) == 1, model


def test_one_subject_that_signs_up_in_many_browsers_at_once_is_one_user(
    app: Flask, make: Factory, client: MadeClient, google: Upstream
) -> None:
    browsers = [HtmlVisitor(app, client) for _ in range(FEW)]
    answers = []
    for browser in browsers:
        browser.open()
        answers.append(oidc_browser.visit(google.leave(browser)[1]))
    assert max(_bring(app, browsers, answers)) < 500
    assert _count(client.tenant.id, User) == _count(client.tenant.id, LinkedIdentity) == 1
    assert make.events(client.tenant).count("user.signed_up") == 1
    for browser in browsers:
        browser.follow(browser.get(browser.url))
    # Where the machine let each come after the other, nobody was late, and all are signed in.
    for late in [each for each in browsers if each.screen == "upstream"][:1]:
        _, url = off(late, late.post("continue"))
        google.come_back(late, oidc_browser.visit(late.get(url).headers["Location"]))
        assert late.answer is not None
    assert _count(client.tenant.id, User) == 1


def test_s09_one_assertion_many_times_at_once(
    app: Flask, make: Factory, client: MadeClient, tmp_path: Path
) -> None:
    tenant, keys = client.tenant, make_keys(tmp_path, "provider")
    corp = make.organization(tenant, "Corp")
    make.domain(tenant, corp, "example.com")
    settings = {
        "protocol": "saml",
        "issuer": ENTITY,
        "sso_url": "https://idp.example/sso",
        "certificates": [keys.pem],
        "email_is_proof": "domain",
    }
    connection = make.connection(tenant, settings, corp, secret=None, provider="generic_saml")
    browser = HtmlVisitor(app, client)
    browser.open()
    browser.submit(email="ada@example.com")
    _, url = off(browser, browser.post(f"connect:{connection.id}"))
    sent = dict(parse_qsl(urlsplit(browser.get(url).headers["Location"]).query))
    base = f"{tenant.base_url}/connections/{connection.id}"
    form = {**_response(base, keys, sent), "RelayState": sent["RelayState"]}
    twins = [_twin(browser) for _ in range(FEW)]

    def post(number: int) -> int:
        put_down = twins[number].http.post(f"{base}/acs", data=form)
        return twins[number].get(urljoin(base, put_down.headers["Location"])).status_code

    assert max(at_once(app, post, FEW)) < 500
    for model in (Session, User, LinkedIdentity):
        assert _count(tenant.id, model) == 1, model
