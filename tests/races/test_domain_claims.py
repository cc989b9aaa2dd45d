"""Domains that many claim, prove and look at in the same moment."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app import clock, name_server
from app.actor import CLI
from app.database import EVERYWHERE, named, read, write
from app.directory import domain_checks, domain_claims
from app.directory.domain_claims import Claim
from app.directory.errors import Taken
from app.directory.tenants import Tenant
from tests.doubles.dns_server import DnsServer
from tests.factories import Factory
from tests.races.crowd import SOME, at_once

_FORGET_CLAIMS = named("DELETE FROM domain_claim", everywhere=True)


@pytest.fixture
def dns(app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch) -> Iterator[DnsServer]:
    with write(EVERYWHERE) as session:
        session.execute(_FORGET_CLAIMS)
    with DnsServer() as server:
        changed = app.config["AUTHPAGE"].model_copy(update={"dns_resolver": server.address})
        monkeypatch.setitem(app.config, "AUTHPAGE", changed)
        monkeypatch.setattr(name_server, "SECONDS", 120.0)  # A crowd is slow on a busy machine.
        yield server


def _claim(tenant: Tenant, organization: str, domain: str) -> Claim:
    with write(tenant.id) as session:
        return domain_claims.claim(session, CLI, organization, domain)


def _verify(tenant: Tenant, claim: Claim) -> str:
    try:
        return domain_claims.verify(tenant.id, CLI, claim.id).id
    except Taken:
        return "taken"


def test_one_of_many_organizations_proves_a_domain(
    app: Flask, make: Factory, dns: DnsServer
) -> None:
    tenant = make.tenant()
    claims = [
        _claim(tenant, make.organization(tenant, f"Org {number}"), "corp.example")
        for number in range(SOME)
    ]
    dns.texts[claims[0].record_name] = [each.record_value for each in claims]
    results = at_once(app, lambda number: _verify(tenant, claims[number]), SOME)
    assert sorted(results).count("taken") == SOME - 1
    with read(tenant.id) as session:
        proven = [each.id for each in domain_claims.list_all(session) if each.is_verified]
    assert proven == [each for each in results if each != "taken"]
    assert make.events(tenant).count("domain.verified") == 1


def test_a_claim_is_proven_once(app: Flask, make: Factory, dns: DnsServer) -> None:
    tenant = make.tenant()
    claim = _claim(tenant, make.organization(tenant, "Corp"), "corp.example")
    dns.texts[claim.record_name] = [claim.record_value]
    assert at_once(app, lambda _: _verify(tenant, claim), SOME) == [claim.id] * SOME
    assert make.events(tenant).count("domain.verified") == 1


def test_a_domain_is_claimed_once(app: Flask, make: Factory, dns: DnsServer) -> None:
    tenant = make.tenant()
    organization = make.organization(tenant, "Corp")
    claims = at_once(app, lambda _: _claim(tenant, organization, "corp.example"), SOME)
    assert len({each.token for each in claims}) == 1
    assert make.events(tenant).count("domain.claimed") == 1


def test_many_workers_look_once_at_each_record(app: Flask, make: Factory, dns: DnsServer) -> None:
    tenant = make.tenant()
    organization = make.organization(tenant, "Corp")
    claims = [_claim(tenant, organization, f"d{number}.example") for number in range(10)]
    for each in claims:
        dns.texts[each.record_name] = [each.record_value]
        domain_claims.verify(tenant.id, CLI, each.id)
    dns.asked.clear()
    clock.move(2 * 24 * 3_600)
    looked = at_once(app, lambda _: domain_checks.run_once(3), SOME)
    assert sum(looked) == len(claims)
    assert {*dns.asked.values()} == {1}
    assert len(dns.asked) == len(claims)
