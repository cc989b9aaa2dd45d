"""SECURITY I01, I03, I09 and D: what a browser, or the provider behind it, brings to the callback.

Nothing of it is a 500, and nobody is signed in by it.
"""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from app import clock
from app.config import settings
from app.database import read
from app.directory import upstream_reports
from app.directory.tenants import Tenant
from app.models import Session
from tests.doubles import oidc_browser
from tests.doubles.dns_server import DnsServer
from tests.doubles.oidc_browser import Returned
from tests.doubles.oidc_provider import REMOVED
from tests.factories import PASSWORD, Factory, MadeClient
from tests.journeys.federation import Meet, Upstream, met
from tests.journeys.moves import rows
from tests.visitors import HtmlVisitor

JANE = "jane@acme.example"
Changes = Callable[[dict[str, str]], MultiDict[str, str]]


@pytest.fixture
def meet(app: Flask, make: Factory) -> Iterator[Meet]:
    with ExitStack() as stack:

        def meeting(tenant: Tenant, *which: str, **changed: Any) -> Upstream:
            return stack.enter_context(met(app, make, tenant, *which, **changed))

        yield meeting


class Case:
    """One tenant with a provider, and browsers that are on their way back from it."""

    def __init__(self, app: Flask, make: Factory, meet: Meet, preset: str = "google") -> None:
        self.app, self.tenant = app, make.tenant()
        self.client: MadeClient = make.client(self.tenant)
        self.upstream = meet(self.tenant, preset)

    def on_the_way(self) -> tuple[HtmlVisitor, Returned]:
        """A browser, and what the provider told it to bring."""
        visitor = HtmlVisitor(self.app, self.client)
        visitor.open()
        browser, url = self.upstream.leave(visitor)
        return browser, oidc_browser.visit(url)

    def bring(self, browser: HtmlVisitor, target: str, given: Any, how: str) -> None:
        """Bring something to the callback, and follow where that leads: to nobody's session, and
        to a page."""
        if how == "GET":
            browser.follow(browser.get(target, query_string=given))
        else:
            browser.follow(browser.http.post(target, data=given))
        self.demand_nobody(browser)

    def demand_nobody(self, browser: HtmlVisitor) -> None:
        """Nobody came in, and nothing broke."""
        assert browser.status in (200, 400, 403, 404), browser.status
        assert browser.answer is None
        assert rows(Session, self.tenant) == []

    def diagnoses(self) -> list[str]:
        """What was reported, newest first."""
        with read(self.tenant.id) as session:
            found = upstream_reports.latest(session, self.upstream.connection.id)
        return [each.diagnosis for each in found]


def _twice(name: str) -> Changes:
    def changed(given: dict[str, str]) -> MultiDict[str, str]:
        return MultiDict([*given.items(), (name, given.get(name, "x"))])

    return changed


def _with(**changes: str) -> Changes:
    return lambda given: MultiDict({**given, **changes})


_TAMPERED: dict[str, Changes] = {
    "code twice": _twice("code"),
    "state twice": _twice("state"),
    "a second state": lambda given: MultiDict([("state", "x"), *given.items()]),
    "no state": lambda given: MultiDict({"code": given["code"]}),
    "state cut": lambda given: MultiDict({**given, "state": given["state"][:-1]}),
    "state changed": lambda given: MultiDict({**given, "state": given["state"][:-1] + "~"}),
    "state of other digits": lambda given: MultiDict(
        {**given, "state": given["state"][:30] + "\u0663" * 13 + given["state"][43:]}
    ),
    "state of another time": lambda given: MultiDict(
        {**given, "state": given["state"][:30] + "9" * 13 + given["state"][43:]}
    ),
    "state with nul": lambda given: MultiDict({**given, "state": "\0" + given["state"][1:]}),
    "long state": _with(state="flw_" + "a" * 20_000),
    "long code": _with(code="c" * 20_000),
    "odd code": _with(code="\ud7ff\U0001f600\r\nX: y"),
    "code with nul": _with(code="a\0b"),
    "error beside the code": _with(error="server_error"),
    "long error": _with(error="e" * 9_000, error_description="\u202e<b>" * 3_000),
    "foreign issuer": _with(iss="https://b\u00fccher.example"),
    "many fields": lambda given: MultiDict({**given, **{f"f{n}": "x" for n in range(50)}}),
}


@pytest.mark.parametrize("how", ["GET", "POST"])
def test_i01_nothing_but_the_answer_as_it_was_given_is_taken(
    app: Flask, make: Factory, meet: Meet, how: str
) -> None:
    case = Case(app, make, meet)
    for name, change in _TAMPERED.items():
        browser, returned = case.on_the_way()
        given = change(returned.parameters)
        case.bring(browser, returned.target, given, how)
        assert case.upstream.provider.counts["token"] == (name == "odd code"), name
        case.upstream.provider.counts["token"] = 0
    assert {"response_malformed", "too_large", "provider_error", "issuer_mismatch"} <= {
        *case.diagnoses()
    }


def test_i01_query_and_form_are_not_mixed(app: Flask, make: Factory, meet: Meet) -> None:
    case = Case(app, make, meet)
    browser, returned = case.on_the_way()
    code, state = ({name: returned.parameters[name]} for name in ("code", "state"))
    for query, form in ((state, code), (code, state)):
        url = returned.target
        browser.follow(browser.http.post(url, query_string=query, data=form))
        case.demand_nobody(browser)
    assert case.upstream.provider.counts["token"] == 0


@pytest.mark.parametrize("how", ["GET", "POST"])
def test_i01_a_state_is_for_one_tenant_connection_flow_and_browser(
    app: Flask, make: Factory, meet: Meet, how: str
) -> None:
    case, other = Case(app, make, meet), Case(app, make, meet)
    sibling = meet(case.tenant, "custom_oidc")
    browser, returned = case.on_the_way()
    second, mine = case.on_the_way()
    stranger, theirs = other.on_the_way()
    elsewhere = returned.target.replace(case.upstream.connection.id, sibling.connection.id)
    attempts = (
        (stranger, returned.target, returned.parameters),
        (second, returned.target, returned.parameters),
        (browser, elsewhere, returned.parameters),
        (browser, theirs.target, returned.parameters),
        (browser, returned.target, {**returned.parameters, "state": theirs.parameters["state"]}),
        (browser, returned.target, {**returned.parameters, "state": mine.parameters["state"]}),
    )
    for who, target, given in attempts:
        case.bring(who, target, given, how)
        other.demand_nobody(who)
    assert case.upstream.provider.counts["token"] == sibling.provider.counts["token"] == 0


def test_i03_an_answer_that_took_too_long_is_nobody_s(
    app: Flask, make: Factory, meet: Meet
) -> None:
    case = Case(app, make, meet)
    browser, returned = case.on_the_way()
    clock.move(601)
    case.bring(browser, returned.target, returned.parameters, "GET")
    assert case.upstream.provider.counts["token"] == 0
    assert len(case.diagnoses()) == 1


_ODD_CLAIMS: tuple[dict[str, Any], ...] = (
    {"email": [JANE]},
    {"email": {"value": JANE}},
    {"email": 7},
    {"email": f"{JANE},mallory@evil.example"},
    {"email": f"{JANE}\0.evil.example"},
    {"email": f'"{JANE}"@evil.example'},
    {"email": f"<{JANE}>"},
    {"email": f"Jane <{JANE}>"},
    {"email": "jane@[127.0.0.1]"},
    {"email": "jane@localhost"},
    {"email": "j\u0131ne@acme.example"},
    {"email": "a" * 300 + "@acme.example"},
    {"email": JANE + "\r\nBcc: all@acme.example"},
    {"email": REMOVED, "name": "<script>alert(1)</script>", "groups": {"a": [1]}},
    {"email": REMOVED, "name": ["x"], "locale": "../../etc", "auth_time": 1e300},
    {"email": REMOVED, "acr": ["x"] * 9_000, "amr": "\ud83d", "sid": {"a": 1}},
)


def test_d_odd_claims_of_a_provider_take_over_nobody_and_break_nothing(
    app: Flask, make: Factory, meet: Meet
) -> None:
    case = Case(app, make, meet)
    make.user(case.tenant, JANE)
    for number, changes in enumerate(_ODD_CLAIMS):
        provider = case.upstream.provider
        provider.reset()
        provider.script.person["sub"] = f"odd-{number}"
        provider.script.changed = provider.script.userinfo = changes
        browser, returned = case.on_the_way()
        case.bring(browser, returned.target, returned.parameters, "GET")
        assert browser.message != "link.confirm", changes
        assert "<script>alert" not in browser.text


@pytest.mark.parametrize(
    ("known", "told"),
    [
        (JANE, "JANE@ACME.Example"),
        (JANE, f" {JANE}\n"),
        ("jane@b\u00fccher.example", "Jane@xn--bcher-kva.example"),
        ("jane@xn--bcher-kva.example", "jane@BU\u0308CHER.example"),
    ],
)
def test_a05_an_address_is_the_same_however_it_is_written(
    app: Flask, make: Factory, meet: Meet, known: str, told: str
) -> None:
    case = Case(app, make, meet)
    make.user(case.tenant, known)
    case.upstream.provider.script.person["email"] = told
    browser, returned = case.on_the_way()
    case.bring(browser, returned.target, returned.parameters, "GET")
    assert (browser.screen, browser.message) == ("password", "link.confirm")
    browser.submit(password=PASSWORD)
    assert browser.answer is not None


_ODD_ANSWERS = (
    (200, b"[]"),
    (200, b'"text"'),
    (200, b"\xff\xfe"),
    (200, b""),
    (200, b"[" * 90_000),
    (200, b'{"keys": {"a": 1}}'),
    (302, b"null"),
    (401, b'{"error": ["x"]}'),
    (418, b'{"error": {"code": {"a": 1}}}'),
)


@pytest.mark.parametrize("what", ["token", "userinfo", "jwks", "discovery"])
def test_d_odd_answers_of_a_provider_end_at_a_page(
    app: Flask, make: Factory, meet: Meet, what: str
) -> None:
    case = Case(app, make, meet, "okta" if what == "userinfo" else "custom_oidc")
    for status, body in _ODD_ANSWERS:
        case.upstream.provider.script.answers[what] = (status, "application/json", body)
        if what == "discovery":
            visitor = HtmlVisitor(app, case.client)
            visitor.open()
            visitor.submit(case.upstream.action)
            case.demand_nobody(visitor)
        else:
            browser, returned = case.on_the_way()
            case.bring(browser, returned.target, returned.parameters, "GET")


@pytest.mark.parametrize(
    "issuer",
    [
        "https://b\u00fccher.example",
        "https://xn--a.example",
        "https://\u2460\u2461\u2466.\u24ea.\u24ea.\u2460",
        "https://idp.example:99999",
        "https://[::1",
        "https://idp.example\\@127.0.0.1",
        "https://a" + ".a" * 600,
        "https://%00.example",
    ],
)
def test_n03_an_odd_issuer_is_not_there_and_the_other_ways_are(
    app: Flask, make: Factory, issuer: str
) -> None:
    with DnsServer() as dns:
        app.config["AUTHPAGE"] = settings().model_copy(update={"dns_resolver": dns.address})
        _demand_another_way(app, make, issuer)


def _demand_another_way(app: Flask, make: Factory, issuer: str) -> None:
    tenant = make.tenant()
    document = {"protocol": "oidc", "issuer": issuer, "client_id": "c"}
    connection = make.connection(tenant, document)
    visitor = HtmlVisitor(app, make.client(tenant))
    visitor.open()
    visitor.submit(f"connect:{connection.id}")
    assert (visitor.screen, visitor.message) == ("identify", "error.upstream_away")
    assert visitor.status == 200
