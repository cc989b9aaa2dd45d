"""Home-realm discovery: pure, rule by rule, with the record that decided and why, in words."""

from dataclasses import replace

import pytest

from app.flow.realm import (
    LOCAL,
    NO_DOMAIN,
    Candidate,
    DomainClaim,
    Realm,
    discover,
    no_connections,
)

OKTA, ENTRA = Candidate("con_okta", "Okta"), Candidate("con_entra", "Entra")
CORP = DomainClaim("dom_1", "corp.example", "org_1", "Corp", (OKTA,), "domain")
LAB = DomainClaim("dom_2", "lab.corp.example", "org_2", "Lab", (ENTRA,), "domain")


def _decided(realm: Realm) -> list[tuple[str, str]]:
    return [(rule.rule, rule.record) for rule in realm.rules if rule.decided]


def test_rule_1_only_an_address_has_a_domain() -> None:
    assert (NO_DOMAIN.id, NO_DOMAIN.is_local, NO_DOMAIN.reason) == (LOCAL, True, "no_domain")
    assert NO_DOMAIN.says == "only an address belongs to a domain"


def test_rule_2_a_domain_that_nobody_claims_is_local() -> None:
    realm = discover("corp.example", list(no_connections("ten_1", "corp.example")))
    assert (realm.id, realm.is_local, realm.reason) == (LOCAL, True, "no_claim")
    assert (realm.record, realm.says) == (None, "nobody claims corp.example")
    assert _decided(realm) == [("claim", "-")]


@pytest.mark.parametrize(
    ("claim", "why"),
    [
        (replace(CORP, is_verified=False), "not proven"),
        (replace(CORP, is_active=False), "the organization is disabled"),
    ],
    ids=["unproven", "disabled"],
)
def test_rule_2_only_proven_claims_of_active_organizations_count(
    claim: DomainClaim, why: str
) -> None:
    realm = discover("corp.example", [claim])
    assert (realm.is_local, realm.reason, realm.record) == (True, "no_claim", None)
    assert realm.rules[0].says == f"corp.example is claimed by Corp, but {why}"
    assert realm.says == "nobody has proven a claim to corp.example"


@pytest.mark.parametrize(
    "domain", ["example", "other.example", "corp.example.evil.example", "notcorp.example"]
)
@pytest.mark.parametrize("below", [True, False], ids=["subdomains", "alone"])
def test_a18_only_the_very_domain_is_taken(domain: str, below: bool) -> None:
    realm = discover(domain, [replace(CORP, has_subdomains=below)])
    assert (realm.is_local, realm.reason) == (True, "no_claim")


def test_rule_2_the_subdomain_switch_takes_what_is_below() -> None:
    alone = discover("eu.corp.example", [CORP])
    assert (alone.is_local, alone.reason) == (True, "no_claim")
    assert alone.rules[0].says.endswith("but not what is below it")
    taken = discover("eu.corp.example", [replace(CORP, has_subdomains=True)])
    assert (taken.id, taken.is_required, taken.record) == ("con_okta", True, "org_1")


@pytest.mark.parametrize("turned", [False, True], ids=["in order", "turned"])
def test_rule_2_the_longest_proven_claim_owns_the_domain(turned: bool) -> None:
    claims = [replace(CORP, has_subdomains=True), LAB]
    realm = discover("lab.corp.example", claims[::-1] if turned else claims)
    assert (realm.id, realm.organization_id) == ("con_entra", "org_2")
    assert [rule.record for rule in realm.rules[:2]] == ["dom_2", "dom_1"]
    assert realm.rules[1].says.endswith("but a longer claim comes first")


def test_rule_2_an_unproven_longer_claim_takes_nothing() -> None:
    claims = [replace(CORP, has_subdomains=True), replace(LAB, is_verified=False)]
    assert discover("lab.corp.example", claims).id == "con_okta"


def test_rule_2_the_owner_decides_alone_even_for_no_single_sign_on() -> None:
    realm = discover("lab.corp.example", [replace(CORP, has_subdomains=True), _off(LAB)])
    assert (realm.is_local, realm.reason, realm.organization_id) == (True, "sso_off", "org_2")


def _off(claim: DomainClaim) -> DomainClaim:
    return replace(claim, sso="off")


def test_rule_3_single_sign_on_may_be_off() -> None:
    realm = discover("corp.example", [_off(CORP)])
    assert (realm.id, realm.is_local, realm.reason) == (LOCAL, True, "sso_off")
    assert (realm.record, realm.says) == ("org_1", "Corp has switched single sign-on off")
    assert _decided(realm) == [("policy", "org_1")]


@pytest.mark.parametrize(
    "connections", [(), (replace(OKTA, is_usable=False),)], ids=["none", "not active"]
)
def test_rule_4_without_an_active_connection_it_is_local(connections: tuple[Candidate]) -> None:
    realm = discover("corp.example", [replace(CORP, connections=connections)])
    assert (realm.id, realm.is_local, realm.reason) == (LOCAL, True, "no_connection")
    assert not realm.is_required
    assert (realm.record, realm.says) == ("org_1", "Corp has no active connection")


def test_rule_4_a_connection_says_whether_it_takes_somebody_new() -> None:
    realm = discover("corp.example", [replace(CORP, connections=(replace(OKTA, takes_new=False),))])
    assert realm.id == OKTA.connection_id
    assert "Okta is active, and takes nobody who is new" in [each.says for each in realm.rules]


def test_rule_4_several_connections_are_a_choice() -> None:
    realm = discover("corp.example", [replace(CORP, connections=(OKTA, ENTRA))])
    assert realm.candidates == (OKTA, ENTRA)
    one = discover(
        "corp.example", [replace(CORP, connections=(replace(OKTA, is_usable=False), ENTRA))]
    )
    assert (one.candidates, one.id) == ((ENTRA,), "con_entra")
    assert [(rule.record, rule.says) for rule in one.rules[1:3]] == [
        ("con_okta", "Okta is not active"),
        ("con_entra", "Entra is active"),
    ]


def test_rule_5_required_of_the_domain_leaves_no_way_in_here() -> None:
    realm = discover("corp.example", [CORP])
    assert (realm.id, realm.is_local, realm.is_required) == ("con_okta", False, True)
    assert (realm.reason, realm.record) == ("required", "org_1")
    assert realm.says == "Corp asks single sign-on of everybody in the domain"
    assert _decided(realm) == [("policy", "org_1")]
    assert realm.organization_name == "Corp"


def test_rule_5_break_glass_is_known_of_the_domain_and_of_nobody_in_it() -> None:
    assert not discover("corp.example", [CORP]).has_break_glass
    realm = discover("corp.example", [replace(CORP, has_break_glass=True)])
    assert (realm.has_break_glass, realm.is_required) == (True, True)


@pytest.mark.parametrize("sso", ["members", "optional"])
def test_rule_6_otherwise_it_is_offered_beside_the_ways_in_here(sso: str) -> None:
    realm = discover("corp.example", [replace(CORP, sso=sso)])  # type: ignore[arg-type]
    assert (realm.id, realm.is_local, realm.is_required) == (LOCAL, False, False)
    assert (realm.candidates, realm.reason) == ((OKTA,), sso)


def test_each_realm_names_just_one_record_that_decided() -> None:
    cases = [
        [],
        [CORP],
        [_off(CORP)],
        [replace(CORP, connections=())],
        [replace(CORP, is_verified=False)],
        [replace(CORP, sso="members"), replace(CORP, id="dom_9", is_verified=False)],
    ]
    for claims in cases:
        realm = discover("corp.example", claims)
        assert len(_decided(realm)) == 1
        assert realm.record in (_decided(realm)[0][1], None)
