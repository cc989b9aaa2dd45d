"""Domains of organizations: claimed, proven by a TXT record, given up."""

from dataclasses import replace
from typing import Any

import pytest
from sqlalchemy import select

from app import name_server
from app.actor import CLI, Actor
from app.database import TransactionOpen, read, write
from app.directory import domain_claims, organizations, organizations_policy
from app.directory.domain_claims import NameServerAway, RecordMissing
from app.directory.errors import BadValue, NotFound, Taken
from app.directory.permissions import Forbidden
from app.directory.settings import OrganizationPolicy
from app.directory.tenants import Tenant
from app.models import DomainClaim
from tests.doubles.dns_server import DnsServer
from tests.unit.directory.claims import again, claimed, events, founded, owner, proven, published
from tests.unit.directory.conftest import make_user


def test_a_claim_says_what_to_publish_and_is_unproven(tenant: Tenant) -> None:
    claim = claimed(tenant, founded(tenant), "Corp.Example")
    assert (claim.domain, claim.is_verified, claim.has_subdomains) == ("corp.example", False, False)
    assert claim.record_name == "_authpage-challenge.corp.example"
    assert claim.record_value == f"authpage-domain={claim.token}"
    assert len(claim.token) == 32
    assert owner(tenant, "corp.example") is None
    assert events(tenant) == ["domain.claimed"]


def test_claimed_again_it_keeps_its_token_and_takes_the_switch(tenant: Tenant) -> None:
    organization = founded(tenant)
    first = claimed(tenant, organization)
    assert claimed(tenant, organization) == first
    below = claimed(tenant, organization, has_subdomains=True)
    assert below == replace(first, has_subdomains=True)
    assert claimed(tenant, organization) == below
    assert not claimed(tenant, organization, has_subdomains=False).has_subdomains
    assert events(tenant) == ["domain.claimed"] * 3


def test_an_international_domain_has_one_form(tenant: Tenant) -> None:
    organization = founded(tenant)
    first = claimed(tenant, organization, "Bücher.example")
    assert first.domain == "xn--bcher-kva.example"
    assert claimed(tenant, organization, "XN--BCHER-KVA.example") == first
    assert claimed(tenant, organization, "bu\u0308cher.example") == first


@pytest.mark.parametrize(
    "text",
    [
        "",
        "example",
        "a@corp.example",
        "a@evil.test@corp.example",
        '"a"@corp.example',
        "corp.example.",
        ".corp.example",
        "*.corp.example",
        "[192.0.2.1]",
        "192.0.2.1",
        "corp.example(comment)",
        "corp example",
        "http://corp.example",
        "corp\uff0eexample\n.evil.test",
        f"{'a' * 64}.example",
    ],
)
def test_a18_what_is_no_mail_domain_is_refused(tenant: Tenant, text: str) -> None:
    organization = founded(tenant)
    with pytest.raises(BadValue) as refused:
        claimed(tenant, organization, text)
    assert refused.value.field == "domain"


@pytest.mark.parametrize(
    "domain", ["gmail.com", "GMAIL.com", "mail.gmail.com", "outlook.de", "qq.com", "proton.me"]
)
def test_public_mail_domains_are_refused(tenant: Tenant, domain: str) -> None:
    organization = founded(tenant)
    with pytest.raises(BadValue, match="Anybody can have an address"):
        claimed(tenant, organization, domain)
    assert claimed(tenant, organization, "notgmail.com").domain == "notgmail.com"


def test_nobody_claims_without_end(tenant: Tenant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(domain_claims, "MOST", 2)
    organization = founded(tenant)
    claimed(tenant, organization, "a.example")
    claimed(tenant, organization, "b.example")
    with pytest.raises(BadValue, match="2 domains at most"):
        claimed(tenant, organization, "c.example")
    assert claimed(tenant, organization, "b.example", has_subdomains=True).has_subdomains


def test_only_admins_may(tenant: Tenant) -> None:
    organization = founded(tenant)
    claim = claimed(tenant, organization)
    jane = Actor("user", make_user(tenant).id)
    with pytest.raises(Forbidden), write(tenant.id) as session:
        domain_claims.claim(session, jane, organization, "b.example")
    with pytest.raises(Forbidden):
        domain_claims.verify(tenant.id, jane, claim.id)
    with pytest.raises(Forbidden), write(tenant.id) as session:
        domain_claims.remove(session, jane, claim.id)


def test_x_another_tenant_sees_and_touches_nothing(
    tenant: Tenant, other_tenant: Tenant, dns: DnsServer
) -> None:
    organization = founded(tenant)
    claim = proven(tenant, dns, organization, "corp.example")
    assert owner(other_tenant, "corp.example") is None
    with pytest.raises(NotFound):
        domain_claims.verify(other_tenant.id, CLI, claim.id)
    with pytest.raises(NotFound), write(other_tenant.id) as session:
        domain_claims.remove(session, CLI, claim.id)
    with pytest.raises(NotFound), write(other_tenant.id) as session:
        domain_claims.claim(session, CLI, organization, "b.example")
    elsewhere = founded(other_tenant)
    assert proven(other_tenant, dns, elsewhere, "corp.example").is_verified
    assert again(claim).is_verified


def test_the_record_proves_it(tenant: Tenant, dns: DnsServer) -> None:
    claim = claimed(tenant, founded(tenant))
    published(dns, claim)
    dns.texts[claim.record_name].insert(0, "v=spf1 -all")
    found = domain_claims.verify(tenant.id, CLI, claim.id)
    assert found.is_verified
    assert owner(tenant, "corp.example") == "corp.example"
    assert dns.asked[claim.record_name] == 1
    assert domain_claims.verify(tenant.id, CLI, claim.id).verified_at == found.verified_at
    assert events(tenant) == ["domain.claimed", "domain.verified"]


@pytest.mark.parametrize(
    "text",
    ["", "authpage-domain=", "authpage-domain={}x", "{}", "x authpage-domain={}"],
)
def test_another_record_proves_nothing(tenant: Tenant, dns: DnsServer, text: str) -> None:
    claim = claimed(tenant, founded(tenant))
    dns.texts[claim.record_name] = [text.format(claim.token)]
    with pytest.raises(RecordMissing, match=r"_authpage-challenge\.corp\.example"):
        domain_claims.verify(tenant.id, CLI, claim.id)
    assert not again(claim).is_verified


def test_the_record_of_another_claim_or_another_name_proves_nothing(
    tenant: Tenant, dns: DnsServer
) -> None:
    mine, other = claimed(tenant, founded(tenant)), claimed(tenant, founded(tenant, "Evil"))
    dns.texts[mine.record_name] = [other.record_value]
    dns.texts["corp.example"] = [mine.record_value]
    with pytest.raises(RecordMissing):
        domain_claims.verify(tenant.id, CLI, mine.id)


def test_a_name_server_that_fails_is_no_answer(
    tenant: Tenant, dns: DnsServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    claim = claimed(tenant, founded(tenant))
    dns.fails = True
    with pytest.raises(NameServerAway):
        domain_claims.verify(tenant.id, CLI, claim.id)
    dns.fails, dns.is_silent = False, True
    monkeypatch.setattr(name_server, "SECONDS", 0.2)
    with pytest.raises(NameServerAway):
        domain_claims.verify(tenant.id, CLI, claim.id)


def test_nobody_is_asked_inside_a_transaction(tenant: Tenant, dns: DnsServer) -> None:
    with write(tenant.id), pytest.raises(TransactionOpen):
        name_server.texts("corp.example")
    assert not dns.asked


def test_a_domain_is_proven_by_one_organization_at_a_time(tenant: Tenant, dns: DnsServer) -> None:
    first = proven(tenant, dns, founded(tenant, "First"), "corp.example")
    second = claimed(tenant, founded(tenant, "Second"))
    published(dns, second)
    with pytest.raises(Taken):
        domain_claims.verify(tenant.id, CLI, second.id)
    assert not again(second).is_verified
    with write(tenant.id) as session:
        domain_claims.remove(session, CLI, first.id)
    assert domain_claims.verify(tenant.id, CLI, second.id).is_verified
    assert events(tenant)[-2:] == ["domain.removed", "domain.verified"]


def test_the_longest_proven_claim_owns_a_domain(tenant: Tenant, dns: DnsServer) -> None:
    corp, lab = founded(tenant, "Corp"), founded(tenant, "Lab")
    proven(tenant, dns, corp, "corp.example", has_subdomains=True)
    claimed(tenant, lab, "lab.corp.example")
    assert owner(tenant, "corp.example") == "corp.example"
    assert owner(tenant, "eu.lab.corp.example") == "corp.example"
    assert owner(tenant, "notcorp.example") is None
    assert owner(tenant, "example") is None
    assert owner(tenant, "lab.corp.example") == "corp.example"
    proven(tenant, dns, lab, "lab.corp.example")
    assert owner(tenant, "lab.corp.example") == "lab.corp.example"
    assert owner(tenant, "eu.lab.corp.example") == "corp.example"
    with read(tenant.id) as session:
        assert domain_claims.is_of(session, lab, "lab.corp.example")
        assert not domain_claims.is_of(session, corp, "lab.corp.example")
        assert not domain_claims.is_of(session, None, "lab.corp.example")
    with write(tenant.id) as session:
        organizations.disable(session, CLI, lab)
    assert owner(tenant, "lab.corp.example") == "corp.example"


def test_without_the_switch_nothing_below_belongs_to_it(tenant: Tenant, dns: DnsServer) -> None:
    organization = founded(tenant)
    claim = proven(tenant, dns, organization, "corp.example")
    assert owner(tenant, "eu.corp.example") is None
    assert claimed(tenant, organization, has_subdomains=True).is_verified
    assert owner(tenant, "eu.corp.example") == "corp.example"
    with write(tenant.id) as session:
        domain_claims.cover_subdomains(session, CLI, claim.id, covered=False)
    assert owner(tenant, "eu.corp.example") is None


def test_claims_are_listed_and_removed(tenant: Tenant) -> None:
    first, second = founded(tenant, "First"), founded(tenant, "Second")
    for organization, domain in ((first, "b.example"), (first, "a.example"), (second, "c.example")):
        claimed(tenant, organization, domain)
    with read(tenant.id) as session:
        assert [each.domain for each in domain_claims.list_all(session)] == [
            "a.example",
            "b.example",
            "c.example",
        ]
        mine = domain_claims.list_all(session, first)
    assert [each.domain for each in mine] == ["a.example", "b.example"]
    with write(tenant.id) as session:
        domain_claims.remove(session, CLI, mine[0].id)
        with pytest.raises(NotFound):
            domain_claims.remove(session, CLI, mine[0].id)
    assert claimed(tenant, first, "a.example").token != mine[0].token


def test_an_organizations_removal_takes_its_claims_along(tenant: Tenant, dns: DnsServer) -> None:
    organization = founded(tenant)
    proven(tenant, dns, organization, "corp.example")
    with write(tenant.id) as session:
        organizations.remove(session, CLI, organization)
        query = select(DomainClaim.id).where(DomainClaim.tenant_id == tenant.id)
        assert session.scalars(query).all() == []


def _policy(tenant: Tenant, organization: str, **asked: Any) -> OrganizationPolicy:
    with write(tenant.id) as session:
        policy = organizations_policy.parse(asked)
        organizations_policy.set_policy(session, CLI, organization, policy)
        return organizations_policy.load(session, organization)


def test_an_organization_asks_single_sign_on_but_for_its_owners(tenant: Tenant) -> None:
    jane, bob = make_user(tenant, "jane"), make_user(tenant, "bob")
    with write(tenant.id) as session:
        acme = organizations.create(session, CLI, name="Acme", creator_id=jane.id)
        organizations.join(session, CLI, acme, bob.id, ["member"])
    assert _policy(tenant, acme).sso == "optional"
    found = _policy(tenant, acme, sso="domain", break_glass=[jane.id])
    assert (found.sso, found.break_glass) == ("domain", (jane.id,))
    for stranger in (bob.id, "usr_nobody"):
        with pytest.raises(BadValue) as refused:
            _policy(tenant, acme, break_glass=[jane.id, stranger])
        assert refused.value.field == "break_glass"
