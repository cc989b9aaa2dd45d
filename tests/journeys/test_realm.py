"""An address whose domain belongs to a connection leaves before any challenge exists."""

import pytest
from sqlalchemy import func, select

from app.database import read
from app.directory.connections import Connection
from app.directory.tenants import Tenant
from app.models import Counter, Flow, OneTime, OutboxMessage
from tests.factories import PASSWORD, Factory
from tests.journeys.moves import CODES_ONLY, rows
from tests.visitors import Visit, Visitor

CORPORATE = "jane@corp.example"
OIDC = {"protocol": "oidc", "issuer": "https://idp.corp.example", "client_id": "authpage"}


def _claimed(make: Factory, tenant: Tenant, sso: str = "domain") -> Connection:
    """A company that has proven corp.example, with its own provider."""
    company = make.organization(tenant, "Corp")
    make.domain(tenant, company, "corp.example", sso)
    return make.connection(tenant, OIDC, company)


def _counters(tenant: Tenant) -> int:
    with read(tenant.id) as session:
        query = select(func.count()).select_from(Counter).where(Counter.tenant_id == tenant.id)
        return session.scalars(query).one()


def _leads_to(visitor: Visitor, connection: Connection) -> None:
    """The screen has a button for the connection, which leads away."""
    assert visitor.screen == "realm"
    assert f"connect:{connection.id}" in visitor.actions
    response = visitor.post(f"connect:{connection.id}")
    assert response.status_code == 200
    assert f"/connections/{connection.id}/start?flow=" in response.get_data(as_text=True)


@pytest.mark.parametrize("address", [CORPORATE, "JANE@Corp.Example", "nobody@corp.example"])
@pytest.mark.parametrize("methods", [CODES_ONLY, {}], ids=["codes", "both"])
def test_required_single_sign_on_leaves_before_any_challenge(
    make: Factory, visit: Visit, address: str, methods: dict[str, list[str]]
) -> None:
    tenant = make.tenant(methods=methods)
    make.user(tenant, CORPORATE)
    connection = _claimed(make, tenant)
    visitor = visit(make.client(tenant))
    visitor.submit(email=address)
    assert "here" not in visitor.actions
    _leads_to(visitor, connection)
    assert rows(OneTime, tenant) == []
    assert rows(OutboxMessage, tenant) == []
    assert _counters(tenant) == 0
    assert [row.facts["connection"] for row in rows(Flow, tenant)] == [connection.id]


def test_no_answer_reaches_a_method_of_the_tenant(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    make.user(tenant, CORPORATE)
    _claimed(make, tenant)
    visitor = visit(make.client(tenant))
    visitor.submit(email=CORPORATE)
    for fields in ({"password": PASSWORD}, {"action": "recover"}, {"action": "use:email_code"}):
        visitor.submit(screen="password", **fields)
        assert visitor.screen == "realm"
    for action in ("here", "use:email_code", "recover", "arrived"):
        visitor.submit(action, password=PASSWORD)
        assert visitor.screen == "realm"
    assert make.events(tenant).count("user.signed_in") == 0
    assert rows(OneTime, tenant) == []


def test_no_form_can_say_that_a_provider_answered(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    make.user(tenant, CORPORATE)
    connection = _claimed(make, tenant)
    visitor = visit(make.client(tenant))
    visitor.submit(email=CORPORATE)
    visitor.post(f"connect:{connection.id}")
    visitor.submit("arrived", screen="upstream", code="x", state="y")
    assert visitor.screen == "upstream"
    assert make.events(tenant).count("user.signed_in") == 0


@pytest.mark.parametrize("prompt", ["create", "login"])
def test_a_sign_up_and_a_recovery_leave_too(make: Factory, visit: Visit, prompt: str) -> None:
    tenant = make.tenant()
    make.user(tenant, CORPORATE)
    connection = _claimed(make, tenant)
    visitor = visit(make.client(tenant), prompt=prompt)
    if prompt == "login":
        visitor.submit(email="somebody@example.com")
        visitor.submit("recover")
    visitor.submit(email=CORPORATE)
    _leads_to(visitor, connection)
    assert rows(OneTime, tenant) == []


def test_the_way_back_is_open(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    connection = _claimed(make, tenant)
    visitor = visit(make.client(tenant))
    visitor.submit(email=CORPORATE)
    visitor.post(f"connect:{connection.id}")
    visitor.submit("another_way", screen="upstream")
    assert visitor.screen == "identify"
    visitor.submit(email=user.email)
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None


@pytest.mark.parametrize("sso", ["optional", "members"])
def test_optional_single_sign_on_leaves_both_ways(make: Factory, visit: Visit, sso: str) -> None:
    tenant = make.tenant()
    make.user(tenant, CORPORATE)
    _claimed(make, tenant, sso)
    visitor = visit(make.client(tenant))
    visitor.submit(email=CORPORATE)
    visitor.submit("here")
    visitor.submit(password=PASSWORD)
    assert visitor.answer is not None


def test_without_the_switch_nobody_is_asked(make: Factory, visit: Visit) -> None:
    tenant = make.tenant()
    make.user(tenant, CORPORATE)
    _claimed(make, tenant, "off")
    visitor = visit(make.client(tenant))
    visitor.submit(email=CORPORATE)
    assert visitor.screen == "password"
