"""Whole sign-ins by way of a SAML provider of another make, and what becomes of its answers when
they are brought where they do not belong."""

from collections.abc import Iterator
from io import BytesIO
from typing import Any

import pytest
from flask import Flask

from app.models import Identifier, LinkedIdentity, Session
from tests.doubles.form_browser import Form
from tests.doubles.saml_provider import SamlProvider
from tests.doubles.saml_script import Script
from tests.factories import Factory
from tests.journeys.federation import off
from tests.journeys.moves import claims, rows
from tests.journeys.saml_company import ADA, Company, company_of
from tests.visitors import HtmlVisitor, Page, Visit, Visitor


@pytest.fixture(scope="module")
def corp(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SamlProvider]:
    with SamlProvider(tmp_path_factory.mktemp("provider")) as provider:
        yield provider


@pytest.fixture
def company(app: Flask, make: Factory, corp: SamlProvider) -> Company:
    return company_of(app, make, corp)


def leave(company: Company, visitor: Visitor) -> tuple[HtmlVisitor, Form]:
    """Type a work address and go to the provider by either binding; the form that it answers
    with."""
    visitor.submit(email=ADA)
    browser, url = off(visitor, visitor.post(f"connect:{company.connection.id}"))
    left = browser.get(url)
    if left.status_code == 303:
        return browser, company.answer_at(left.headers["Location"])
    page = Page(left.get_data(as_text=True))
    (form,) = page.all("form")
    assert form.get("action").startswith(company.provider.origin)
    assert page.all("button"), "There is a button for whoever has no script."
    fields = {each.get("name"): each.get("value") for each in page.all("input")}
    return browser, company.answer_at(form.get("action"), fields)


def bring(browser: HtmlVisitor, answer: Form, url: str | None = None) -> HtmlVisitor:
    browser.follow(browser.http.post(url or answer.action, data=answer.fields))
    return browser


@pytest.mark.parametrize("binding", ["redirect", "post"])
def test_a_work_address_leads_to_the_company_and_back(
    app: Flask, make: Factory, corp: SamlProvider, visit: Visit, binding: str
) -> None:
    company = company_of(app, make, corp, sso_binding=binding)
    browser = bring(*leave(company, visit(company.client)))
    sub = claims(app, browser)["sub"]
    (address,) = rows(Identifier, company.tenant)
    assert (address.value, address.verified_at is None) == (ADA, False)
    assert [each.subject for each in rows(LinkedIdentity, company.tenant)] == ["user-1"]
    again = bring(*leave(company, visit(company.client)))
    assert claims(app, again)["sub"] == sub


def test_an_encrypted_assertion_is_opened_where_it_is_wanted(
    app: Flask, make: Factory, corp: SamlProvider, visit: Visit
) -> None:
    plain = company_of(app, make, corp)
    metadata = app.test_client().get(f"{plain.url}/metadata").get_data(as_text=True)
    assert 'use="encryption"' not in metadata
    company = company_of(app, make, corp, wants_encryption=True)
    corp.act_out(Script(encrypts=True))
    assert bring(*leave(company, visit(company.client))).answer is not None


def test_s15_a_message_may_be_as_large_as_256_kb(
    company: Company, visit: Visit, corp: SamlProvider
) -> None:
    corp.act_out(Script(attributes={"email": ADA, "groups": [f"g{n:0200}" for n in range(600)]}))
    browser, answer = leave(company, visit(company.client))
    assert 200_000 < len(answer.fields["SAMLResponse"]) < 262_144
    assert bring(browser, answer).answer is not None


@pytest.mark.parametrize("size", [262_145, 400_000])
def test_s15_a_larger_message_is_refused_with_the_reason(company: Company, size: int) -> None:
    for path in ("acs", "callback", "slo"):
        posted = {"SAMLResponse": "A" * size}
        answer = company.app.test_client().post(f"{company.url}/{path}", data=posted)
        assert answer.status_code == 413
        assert "fewer groups and attributes" in answer.get_data(as_text=True)


def test_p02_other_routes_take_no_more_than_before(company: Company) -> None:
    http = company.app.test_client()
    for url in (f"{company.url}/enter", f"{company.tenant.base_url}/sign-out"):
        upload = {"file": (BytesIO(b"x" * 70_000), "x")}
        assert http.post(url, data=upload).status_code in (405, 413)


def test_s09_an_answer_that_was_brought_before_signs_nobody_in(
    company: Company, visit: Visit
) -> None:
    browser, answer = leave(company, visit(company.client))
    assert bring(browser, answer).answer is not None
    assert bring(company.browser(), answer).answer is None
    bring(browser, answer)
    assert len(rows(Session, company.tenant)) == 1


def test_i01_an_answer_in_another_browser_signs_nobody_in(company: Company, visit: Visit) -> None:
    """Whoever gets somebody else to post it would have them signed in as himself."""
    _, answer = leave(company, visit(company.client))
    victim = company.browser()
    victim.open()
    assert bring(victim, answer).answer is None
    assert rows(Session, company.tenant) == []


def test_s11_an_answer_at_another_connection_or_tenant_signs_nobody_in(
    app: Flask, make: Factory, company: Company, visit: Visit, corp: SamlProvider
) -> None:
    settings = company.connection.settings.model_dump(mode="json")
    organization_id = company.connection.organization_id
    beside = make.connection(company.tenant, settings, organization_id, provider="generic_saml")
    browser, answer = leave(company, visit(company.client))
    for url in (
        answer.action.replace(company.connection.id, beside.id),
        f"{company_of(app, make, corp).url}/acs",
    ):
        assert bring(browser, answer, url).answer is None
    assert rows(Session, company.tenant) == []


def test_s11_a_state_of_one_connection_is_none_of_another(
    make: Factory, company: Company, visit: Visit
) -> None:
    """Both connections trust one provider; only the message fits the second, not the state."""
    settings = company.connection.settings.model_dump(mode="json")
    organization_id = company.connection.organization_id
    beside = make.connection(company.tenant, settings, organization_id, provider="generic_saml")
    there: dict[str, Any] = company.provider.unsolicited(
        f"{company.tenant.base_url}/connections/{beside.id}/acs", f"{company.url}/metadata"
    )
    browser, answer = leave(company, visit(company.client))
    mixed = Form(answer.action, {**there, "RelayState": answer.fields["RelayState"]})
    assert bring(browser, mixed).answer is None
    assert rows(Session, company.tenant) == []
