"""The worker's looks at proven domains: once a day, and patient."""

import pytest

from app import clock
from app.actor import CLI
from app.directory import domain_checks, domain_claims
from app.directory.domain_claims import RecordMissing
from app.directory.errors import Taken
from app.directory.tenants import Tenant
from tests.doubles.dns_server import DnsServer
from tests.unit.directory.claims import again, claimed, events, founded, owner, proven, published

DAYS = 24 * 3_600
JUST_OVER = 60


def _after(seconds: int) -> int:
    clock.move(seconds)
    return domain_checks.run_once()


def test_the_worker_looks_once_a_day(tenant: Tenant, dns: DnsServer) -> None:
    claim = proven(tenant, dns, founded(tenant), "corp.example")
    assert domain_checks.run_once() == 0
    assert _after(DAYS - JUST_OVER) == 0
    assert _after(2 * JUST_OVER) == 1
    assert domain_checks.run_once() == 0
    assert dns.asked[claim.record_name] == 2
    assert (again(claim).is_verified, again(claim).failures) == (True, 0)


def test_a_claim_lapses_after_three_looks_over_three_days(tenant: Tenant, dns: DnsServer) -> None:
    claim = proven(tenant, dns, founded(tenant), "corp.example")
    del dns.texts[claim.record_name]
    assert _after(DAYS + JUST_OVER) == 1
    for failures in (1, 2):
        assert (again(claim).is_verified, again(claim).failures) == (True, failures)
        assert _after(DAYS) == 0
        assert _after(DAYS // 2 + JUST_OVER) == 1
    assert not again(claim).is_verified
    assert owner(tenant, "corp.example") is None
    assert events(tenant)[-1] == "domain.lapsed"
    assert _after(10 * DAYS) == 0
    published(dns, claim)
    assert domain_claims.verify(tenant.id, CLI, claim.id).is_verified


def test_a_domain_that_lapsed_is_the_next_organization_s_to_prove(
    tenant: Tenant, dns: DnsServer
) -> None:
    sold = proven(tenant, dns, founded(tenant), "corp.example")
    buyer = founded(tenant, "Contoso")
    dns.texts.pop(sold.record_name)
    bought = claimed(tenant, buyer, "corp.example")
    published(dns, bought)
    with pytest.raises(Taken):
        domain_claims.verify(tenant.id, CLI, bought.id)
    assert [_after(2 * DAYS) for _ in range(3)] == [1, 1, 1]
    assert domain_claims.verify(tenant.id, CLI, bought.id).organization_id == buyer
    published(dns, sold)
    with pytest.raises(Taken):
        domain_claims.verify(tenant.id, CLI, sold.id)


def test_a_record_that_is_back_forgives(tenant: Tenant, dns: DnsServer) -> None:
    claim = proven(tenant, dns, founded(tenant), "corp.example")
    texts = dns.texts.pop(claim.record_name)
    assert [_after(2 * DAYS), _after(2 * DAYS)] == [1, 1]
    assert again(claim).failures == 2
    dns.texts[claim.record_name] = texts
    assert _after(2 * DAYS) == 1
    assert again(claim).failures == 0
    assert events(tenant) == ["domain.claimed", "domain.verified"]


def test_z_a_dns_that_is_away_takes_nothing_back(tenant: Tenant, dns: DnsServer) -> None:
    claim = proven(tenant, dns, founded(tenant), "corp.example")
    dns.fails = True
    assert [_after(2 * DAYS) for _ in range(5)] == [1] * 5
    assert (again(claim).is_verified, again(claim).failures) == (True, 0)


def test_looking_by_hand_takes_nothing_back(tenant: Tenant, dns: DnsServer) -> None:
    claim = proven(tenant, dns, founded(tenant), "corp.example")
    del dns.texts[claim.record_name]
    for _ in range(4):
        with pytest.raises(RecordMissing):
            domain_claims.verify(tenant.id, CLI, claim.id)
    assert (again(claim).is_verified, again(claim).failures) == (True, 0)


def test_a_worker_that_died_leaves_the_look_to_another(
    tenant: Tenant, dns: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = proven(tenant, dns, founded(tenant), "corp.example")
    clock.move(2 * DAYS)
    with monkeypatch.context() as broken:
        broken.setattr(domain_checks, "_look", lambda *_: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            domain_checks.run_once()
    assert domain_checks.run_once() == 0
    assert _after(6 * JUST_OVER) == 1
    assert dns.asked[claim.record_name] == 2
