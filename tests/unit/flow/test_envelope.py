"""The signed start of a flow: whole, bound to its flow and tenant, and nobody else's."""

import pytest
from flask import Flask
from itsdangerous import URLSafeSerializer

from app import clock
from app.directory.tenants import Tenant
from app.flow import envelope
from app.flow.asked import Asked
from app.flow.continuation import Account, Authorize
from app.flow.envelope import Opening
from app.flow.run import Flow
from tests.factories import Factory


@pytest.fixture
def tenant(make: Factory) -> Tenant:
    return make.tenant()


def _flow(tenant: Tenant) -> Flow:
    return envelope.start(
        tenant,
        Opening(
            kind="sign_up",
            continuation=Authorize(payload={"client_id": "cli_1", "state": "ü"}),
            asked=Asked(client_id="cli_1", scopes=("openid",), fresh_after=clock.now()),
            binding="a-binding",
            hint="jane@example.com",
            account="ses_1",
        ),
    )


def test_what_went_in_comes_out(tenant: Tenant) -> None:
    flow = _flow(tenant)
    assert envelope.open_(tenant, flow.id, envelope.close(tenant, flow)) == flow


def test_it_opens_only_for_its_own_flow_and_tenant(make: Factory, tenant: Tenant) -> None:
    flow = _flow(tenant)
    closed = envelope.close(tenant, flow)
    assert envelope.open_(tenant, "flw_other", closed) is None
    assert envelope.open_(make.tenant(), flow.id, closed) is None


def test_f14_nobody_else_makes_one(app: Flask, tenant: Tenant) -> None:
    flow = _flow(tenant)
    closed = envelope.close(tenant, flow)
    head, _, signature = closed.rpartition(".")
    forged = URLSafeSerializer("another secret", salt="authpage flow envelope").dumps({})
    for text in ("", ".", "x", forged, f"{head}.", f"{head[:-1]}.{signature}", f"{closed}x"):
        assert envelope.open_(tenant, flow.id, text) is None


def test_a_signature_for_another_purpose_is_none_of_ours(app: Flask, tenant: Tenant) -> None:
    flow = envelope.start(tenant, Opening("sign_in", Account(), Asked(), "a-binding"))
    secrets = app.secret_key
    assert secrets is not None
    other = URLSafeSerializer(secrets, salt="another salt").dumps({"t": tenant.id, "f": flow.id})
    assert envelope.open_(tenant, flow.id, other) is None
