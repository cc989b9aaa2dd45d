"""Sessions that end at both ends, and sign-ins that began at the provider, with a real one."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urljoin, urlsplit

import pytest
from flask import Flask

from app.directory.tenants import Tenant
from app.models import LinkedIdentity, Session, UpstreamReport, UpstreamSession, User
from tests.doubles import form_browser
from tests.doubles.saml_provider import SamlProvider
from tests.doubles.saml_script import Script
from tests.factories import Factory
from tests.journeys.federation import met
from tests.journeys.moves import rows
from tests.journeys.saml_company import Company, company_of
from tests.visitors import HtmlVisitor, Page

HOME = "https://app.example/home"


@pytest.fixture(scope="module")
def corp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SamlProvider]:
    with SamlProvider(tmp_path_factory.mktemp("provider")) as provider:
        yield provider


@pytest.fixture
def company(app: Flask, make: Factory, corp: SamlProvider) -> Company:
    return company_of(app, make, corp)


def _ended(tenant: Tenant) -> list[bool]:
    return [row.ended_at is not None for row in rows(Session, tenant)]


def _sign_out(browser: HtmlVisitor, base: str) -> Any:
    browser.follow(browser.get(f"{base}/sign-out"))
    origin = "/".join(base.split("/")[:3])
    headers = {"Origin": origin, "Sec-Fetch-Site": "same-origin"}
    return browser.http.post(
        f"{base}/sign-out", data={"csrf_token": browser.page.csrf_token}, headers=headers
    )


def test_the_metadata_comes_as_a_page_and_as_a_file(company: Company) -> None:
    answer = company.app.test_client().get(f"{company.url}/metadata?download")
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert f"{company.url}/acs".encode() in answer.data
    assert company.app.test_client().get(f"{company.url}x/metadata").status_code == 404


def test_the_provider_ends_the_sessions_of_a_person_by_redirect(company: Company) -> None:
    browser = company.sign_in()
    company.sign_in()
    location = company.provider.logout_location("user-1", f"{company.url}/slo", "their-state")
    answer = company.app.test_client().get(location)
    assert answer.status_code == 303
    sent = dict(parse_qsl(urlsplit(answer.headers["Location"]).query))
    assert {"SAMLResponse", "Signature"} <= {*sent}
    assert sent["RelayState"] == "their-state"
    assert _ended(company.tenant) == [True, True]
    browser.follow(browser.get(f"{company.tenant.base_url}/account"))
    assert browser.screen == "identify"
    assert "upstream.logged_out" in company.make.events(company.tenant)


def test_and_by_a_form_that_comes_without_cookies(company: Company) -> None:
    company.sign_in()
    form = company.provider.logout_form("user-1", f"{company.url}/slo")
    answer = company.app.test_client().post(f"{company.url}/slo", data=form)
    assert answer.status_code == 200
    assert "SAMLResponse=" in answer.get_data(as_text=True)
    assert _ended(company.tenant) == [True]


def test_a_logout_that_names_a_session_ends_that_one_alone(company: Company) -> None:
    company.sign_in()
    company.sign_in()
    first, _ = rows(UpstreamSession, company.tenant)
    assert first.session_index is not None
    company.provider.act_out(Script(ends=(first.session_index,)))
    location = company.provider.logout_location("user-1", f"{company.url}/slo")
    assert company.app.test_client().get(location).status_code == 303
    over = {row.id for row in rows(Session, company.tenant) if row.ended_at is not None}
    assert over == {first.session_id}


def test_a_logout_of_somebody_else_ends_nothing_here(company: Company) -> None:
    company.sign_in()
    location = company.provider.logout_location("user-2", f"{company.url}/slo")
    assert company.app.test_client().get(location).status_code == 303
    assert _ended(company.tenant) == [False]


def test_s04_an_unsigned_logout_ends_nothing_and_is_reported(company: Company) -> None:
    company.sign_in()
    form = company.provider.logout_form("user-1", f"{company.url}/slo", signs=False)
    assert company.app.test_client().post(f"{company.url}/slo", data=form).status_code == 400
    assert _ended(company.tenant) == [False]
    assert [row.diagnosis for row in rows(UpstreamReport, company.tenant)] == ["signature_missing"]


def test_s09_a_logout_counts_once(company: Company) -> None:
    location = company.provider.logout_location("user-1", f"{company.url}/slo")
    assert company.app.test_client().get(location).status_code == 303
    company.sign_in()
    assert company.app.test_client().get(location).status_code == 400
    assert _ended(company.tenant) == [False]


def test_s11_a_logout_for_another_connection_ends_nothing(company: Company) -> None:
    company.sign_in()
    location = company.provider.logout_location("user-1", f"{company.url}/slo")
    other = company.make.connection(
        company.tenant,
        company.connection.settings.model_dump(mode="json"),
        company.connection.organization_id,
    )
    there = location.replace(company.connection.id, other.id)
    assert company.app.test_client().get(there).status_code == 400
    assert _ended(company.tenant) == [False]


def test_sign_out_here_signs_out_there_and_comes_back(company: Company) -> None:
    browser = company.sign_in()
    answer = _sign_out(browser, company.tenant.base_url)
    url = Page(answer.get_data(as_text=True)).refresh_url
    assert url is not None
    assert _ended(company.tenant) == [True]
    (kept,) = rows(UpstreamSession, company.tenant)
    back = form_browser.fetch(url)
    (asked,) = company.provider.seen("logout_request")[-1:]
    assert asked["name_id"] == kept.subject == "user-1"
    assert back.location is not None
    browser.follow(browser.get(back.location))
    assert browser.url.startswith(f"{company.url}/slo")
    assert "sign-in" in browser.text


def test_s16_a_relay_state_is_never_followed(company: Company) -> None:
    http = company.app.test_client()
    planted = {"RelayState": "https://evil.example/", "go_to": "https://evil.example/"}
    for name in ("https://evil.example/", "msg_1-x", ""):
        answer = http.get(f"{company.url}/slo", query_string={"state": name})
        assert (answer.status_code, answer.headers.get("Location")) == (200, None)
    state = company.relay_state()
    put_down = http.post(f"{company.url}/acs", data={**planted, "RelayState": state})
    message = dict(parse_qsl(urlsplit(put_down.headers["Location"]).query))["message"]
    answer = http.get(f"{company.url}/slo", query_string={"state": message})
    assert (answer.status_code, answer.headers.get("Location")) == (200, None)


def _unsolicited(company: Company) -> dict[str, str]:
    return company.provider.unsolicited(f"{company.url}/acs", f"{company.url}/metadata")


@pytest.mark.parametrize("relay_state", ["", "https://evil.example/", "our-state"])
def test_s10_a_response_that_nobody_asked_for_signs_nobody_in(
    company: Company, relay_state: str
) -> None:
    browser = company.browser()
    form = {**_unsolicited(company), "RelayState": relay_state}
    browser.follow(browser.http.post(f"{company.url}/acs", data=form))
    assert browser.status == 403
    assert "/sign-in" in browser.text
    assert rows(User, company.tenant) == []


def test_s10_where_it_is_taken_a_sign_in_of_our_own_begins(
    app: Flask, make: Factory, corp: SamlProvider
) -> None:
    company = company_of(app, make, corp, takes_unsolicited=True)
    browser = company.browser()
    entered = browser.http.post(f"{company.url}/acs", data=_unsolicited(company))
    assert entered.headers["Location"].endswith("/enter")
    begun = browser.get(f"{company.url}/enter")
    assert rows(LinkedIdentity, company.tenant) == []
    left = browser.get(f"{company.tenant.base_url}{_path(begun, company)}")
    assert "SAMLRequest" in left.headers["Location"]
    company.pass_through(browser, left.headers["Location"])
    assert browser.url == f"{company.tenant.base_url}/account"
    assert [row.subject for row in rows(LinkedIdentity, company.tenant)] == ["user-1"]


def test_s10_and_goes_on_to_the_client_that_the_connection_names(
    app: Flask, make: Factory, corp: SamlProvider
) -> None:
    company = company_of(app, make, corp, takes_unsolicited=True)
    home = make.client(company.tenant, home_url=HOME)
    changed = company.connection.settings.model_copy(update={"unsolicited_client_id": home.id})
    company.connection = make.connection(
        company.tenant,
        changed.model_dump(mode="json"),
        company.connection.organization_id,
    )
    corp.trust(app.test_client().get(f"{company.url}/metadata").data)
    browser = company.browser()
    begun = browser.get(f"{company.url}/enter")
    left = browser.get(f"{company.tenant.base_url}{_path(begun, company)}")
    login = form_browser.form_of(left.headers["Location"])
    answer = form_browser.form_of(login.action, login.fields)
    response = browser.http.post(answer.action, data=answer.fields)
    for _ in range(4):
        if response.headers["Location"] == HOME:
            break
        response = browser.get(urljoin(company.url, response.headers["Location"]))
    assert response.headers["Location"] == HOME


def _path(response: Any, company: Company) -> str:
    location: str = response.headers["Location"]
    return location.partition(urlsplit(company.tenant.base_url).path)[2]


def test_an_openid_provider_is_signed_out_of_with_its_own_token_as_a_hint(
    app: Flask, make: Factory
) -> None:
    tenant = make.tenant()
    client = make.client(tenant)
    with met(app, make, tenant, "custom_oidc", logs_out_upstream=True) as upstream:
        browser = HtmlVisitor(app, client)
        browser.follow(browser.get(f"{tenant.base_url}/account"))
        upstream.pass_through(browser)
        (kept,) = rows(UpstreamSession, tenant)
        assert kept.sealed is not None
        answer = _sign_out(browser, tenant.base_url)
        url = Page(answer.get_data(as_text=True)).refresh_url
        assert url is not None
        asked = dict(parse_qsl(urlsplit(url).query))
        assert url.startswith(upstream.provider.url)
        assert asked["id_token_hint"].count(".") == 2
        slo = f"{tenant.base_url}/connections/{upstream.connection.id}/slo"
        assert asked["post_logout_redirect_uri"] == slo
        browser.follow(browser.get(slo, query_string={"state": asked["state"]}))
        assert browser.status == 200
        assert _ended(tenant) == [True]
