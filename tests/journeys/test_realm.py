"""An address whose domain belongs to a connection leaves before any challenge exists."""

from collections.abc import Sequence
from typing import Literal

import pytest
from sqlalchemy import func, select

from app.database import read
from app.directory.tenants import Tenant
from app.flow import realm
from app.flow.realm import Candidate, DomainClaim
from app.models import Counter, Flow, OneTime, OutboxMessage
from tests.factories import PASSWORD, Factory
from tests.journeys.moves import CODES_ONLY, rows
from tests.visitors import Page, Visit, Visitor

CORPORATE = "jane@corp.example"


def _claimed(monkeypatch: pytest.MonkeyPatch, sso: Literal["domain", "optional"]) -> list[str]:
    """A table of connections in which corp.example is claimed; returns what was asked of it."""
    asked: list[str] = []

    def table(tenant_id: str, domain: str) -> Sequence[DomainClaim]:
        asked.append(domain)
        company = (Candidate("con_1", "Corp"),)
        return [DomainClaim("dom_1", "corp.example", "org_1", "Corp", company, sso)]

    monkeypatch.setattr(realm, "no_connections", table)
    return asked


def _counters(tenant: Tenant) -> int:
    with read(tenant.id) as session:
        query = select(func.count()).select_from(Counter).where(Counter.tenant_id == tenant.id)
        return session.scalars(query).one()


def _goes_to(visitor: Visitor, **fields: str) -> str | None:
    """Where the answer to a form leads, if it leads away."""
    response = visitor.post(**fields)
    assert response.status_code == 200
    if response.is_json:
        found: str | None = response.get_json().get("go_to")
        return found
    return Page(response.get_data(as_text=True)).refresh_url


@pytest.mark.parametrize("address", [CORPORATE, "JANE@Corp.Example", "nobody@corp.example"])
@pytest.mark.parametrize("methods", [CODES_ONLY, {}], ids=["codes", "both"])
def test_required_single_sign_on_leaves_before_any_challenge(
    make: Factory,
    visit: Visit,
    monkeypatch: pytest.MonkeyPatch,
    address: str,
    methods: dict[str, list[str]],
) -> None:
    tenant = make.tenant(methods=methods)
    make.user(tenant, CORPORATE)
    asked = _claimed(monkeypatch, "domain")
    visitor = visit(make.client(tenant))
    assert _goes_to(visitor, email=address) == f"{tenant.issuer}/connections/con_1/start"
    assert asked[0] == "corp.example"
    assert rows(OneTime, tenant) == []
    assert rows(OutboxMessage, tenant) == []
    assert _counters(tenant) == 0
    assert [row.facts["realm"] for row in rows(Flow, tenant)] == ["con_1"]


def test_no_answer_reaches_a_method_of_the_tenant(
    make: Factory, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = make.tenant()
    make.user(tenant, CORPORATE)
    _claimed(monkeypatch, "domain")
    visitor = visit(make.client(tenant))
    away = f"{tenant.issuer}/connections/con_1/start"
    _goes_to(visitor, email=CORPORATE)
    for fields in ({"password": PASSWORD}, {"action": "recover"}, {"action": "use:email_code"}):
        assert _goes_to(visitor, screen="password", **fields) == away
    assert make.events(tenant).count("user.signed_in") == 0
    assert rows(OneTime, tenant) == []


def test_a_sign_up_leaves_too(make: Factory, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = make.tenant()
    _claimed(monkeypatch, "domain")
    visitor = visit(make.client(tenant), prompt="create")
    away = _goes_to(visitor, email="new@corp.example")
    assert away == f"{tenant.issuer}/connections/con_1/start"
    assert rows(OneTime, tenant) == []


def test_a_recovery_leaves_too(
    make: Factory, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = make.tenant()
    make.user(tenant, CORPORATE)
    visitor = visit(make.client(tenant))
    visitor.submit(email=CORPORATE)
    visitor.submit("recover")
    _claimed(monkeypatch, "domain")
    away = _goes_to(visitor, email=CORPORATE)
    assert away == f"{tenant.issuer}/connections/con_1/start"
    assert rows(OneTime, tenant) == []


def test_the_way_back_is_open(make: Factory, visit: Visit, monkeypatch: pytest.MonkeyPatch) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    _claimed(monkeypatch, "domain")
    visitor = visit(make.client(tenant))
    _goes_to(visitor, email=CORPORATE)
    visitor.submit("change")
    assert visitor.screen == "identify"
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None


def test_optional_single_sign_on_stays(
    make: Factory, visit: Visit, monkeypatch: pytest.MonkeyPatch
) -> None:
    tenant = make.tenant()
    make.user(tenant, CORPORATE)
    _claimed(monkeypatch, "optional")
    visitor = visit(make.client(tenant))
    visitor.submit(email=CORPORATE)
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None
