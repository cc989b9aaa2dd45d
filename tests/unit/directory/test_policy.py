"""How strongly people must be proven: every combination of the layers, and who may change them."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import product

import pytest

from app.actor import CLI, Actor
from app.database import Session, read, write
from app.directory import (
    memberships,
    organizations,
    organizations_policy,
    policy,
    required_factors,
    roles,
    settings_store,
)
from app.directory.errors import BadValue, NotFound
from app.directory.memberships import Inherited, MembershipView
from app.directory.permissions import Forbidden
from app.directory.policy import Mfa
from app.directory.settings import OrganizationPolicy, TenantSettings
from app.directory.settings_store import BadSettings
from app.directory.tenants import Tenant
from tests.unit.directory.conftest import make_user

OFF_OPTIONAL_REQUIRED: tuple[Mfa, ...] = ("off", "optional", "required")
YES_NO = (True, False)


@dataclass(frozen=True)
class Member:
    """A membership as the evaluation sees it."""

    slug: str = "northwind"
    roles: tuple[str, ...] = ("admin", "member")
    requires_mfa: bool = False
    demanding_roles: tuple[str, ...] = ()
    methods: tuple[str, ...] | None = None
    inherited: tuple[Inherited, ...] = ()


def settings_of(**policy_section: object) -> TenantSettings:
    return TenantSettings.model_validate({"policy": policy_section})


@pytest.mark.parametrize(
    ("tenant", "organization", "role", "listed", "user"),
    list(product(OFF_OPTIONAL_REQUIRED, YES_NO, YES_NO, YES_NO, YES_NO)),
)
def test_the_strictest_layer_wins(
    tenant: Mfa, organization: bool, role: bool, listed: bool, user: bool
) -> None:
    settings = settings_of(mfa=tenant, mfa_roles=["admin"] if listed else [])
    acting = Member(requires_mfa=organization, demanding_roles=("member",) if role else ())
    found = policy.decide(settings, user_requires_mfa=user, acting=acting)
    expected = "required" if organization or role or listed or user else tenant
    assert found.mfa == expected
    asking = {rule.record for rule in found.rules if rule.setting != "methods.sign_in"}
    assert asking == {
        "tenant",
        *(["organization northwind"] if organization else []),
        *(["role member"] if role else []),
        *(["tenant, for role admin"] if listed else []),
        *(["user"] if user else []),
    }
    for rule in found.rules:
        if rule.setting != "methods.sign_in":
            assert rule.decided == (rule.says == expected)


@pytest.mark.parametrize("tenant", OFF_OPTIONAL_REQUIRED)
def test_what_a_membership_asks_is_not_asked_of_whoever_acts_alone(tenant: Mfa) -> None:
    settings = settings_of(mfa=tenant, mfa_roles=["admin"])
    assert policy.decide(settings).mfa == tenant
    assert policy.decide(settings, acting=Member(roles=("member",))).mfa == tenant


@pytest.mark.parametrize(
    ("own", "allowed", "tenant_decided", "organization_decided"),
    [
        (None, ("password", "email_code"), True, None),
        (("password",), ("password",), False, True),
        (("password", "passkey"), ("password",), True, True),
        (("email_code", "password"), ("password", "email_code"), True, False),
        (("passkey",), (), True, True),
    ],
)
def test_methods_are_those_that_both_take(
    own: tuple[str, ...] | None,
    allowed: tuple[str, ...],
    tenant_decided: bool,
    organization_decided: bool | None,
) -> None:
    settings = TenantSettings.model_validate({"methods": {"sign_in": ["password", "email_code"]}})
    found = policy.decide(settings, acting=Member(methods=own))
    assert found.methods == allowed
    decided = {r.record: r.decided for r in found.rules if "methods" in r.setting}
    assert decided["tenant"] is tenant_decided
    assert decided.get("organization northwind") is organization_decided


@pytest.mark.parametrize(
    ("mfa", "opted_in", "trusted"), list(product(OFF_OPTIONAL_REQUIRED, YES_NO, YES_NO))
)
def test_a_second_factor_is_due(mfa: Mfa, opted_in: bool, trusted: bool) -> None:
    decision = policy.decide(settings_of(mfa=mfa))
    due = policy.is_second_due(decision, opted_in=opted_in, is_trusted=trusted)
    assert due == (not trusted and (mfa == "required" or (mfa == "optional" and opted_in)))


@pytest.mark.parametrize(
    ("second", "factors", "opted_in"),
    [
        (["passkey", "totp"], {"totp"}, True),
        (["passkey", "totp"], {"passkey", "sms_code", "email_code", "recovery_code"}, False),
        (["passkey"], {"totp"}, False),
        (["passkey", "totp"], set[str](), False),
    ],
)
def test_who_has_an_authenticator_wants_to_be_asked(
    second: list[str], factors: set[str], opted_in: bool
) -> None:
    settings = TenantSettings.model_validate({"methods": {"second": second}})
    assert policy.has_opted_in(settings, factors) is opted_in


def founded(tenant: Tenant, creator_id: str, *roles_there: str) -> str:
    with write(tenant.id) as session:
        return organizations.create(
            session, CLI, name="Northwind", creator_id=creator_id, creator_roles=roles_there
        )


def membership(tenant: Tenant, user_id: str) -> MembershipView:
    with read(tenant.id) as session:
        (found,) = memberships.of_user(session, user_id)
    return found


def test_a_membership_says_what_its_organization_and_roles_ask(tenant: Tenant) -> None:
    jane = make_user(tenant)
    made = founded(tenant, jane.id, "owner", "member")
    plain = membership(tenant, jane.id)
    assert (plain.requires_mfa, plain.demanding_roles, plain.methods) == (False, (), None)
    asked = OrganizationPolicy(mfa="required", methods=("password",))
    with write(tenant.id) as session:
        organizations_policy.set_policy(session, CLI, made, asked)
        required_factors.of_role(session, CLI, "member", required=True)
        required_factors.of_role(session, CLI, "owner", required=True)
        required_factors.of_role(session, CLI, "admin", required=True)
    found = membership(tenant, jane.id)
    assert (found.requires_mfa, found.methods) == (True, ("password",))
    assert found.demanding_roles == ("member", "owner")
    with read(tenant.id) as session:
        assert organizations_policy.load(session, made) == asked


def test_a_role_whose_key_is_part_of_another_asks_nothing(tenant: Tenant) -> None:
    jane = make_user(tenant)
    with write(tenant.id) as session:
        roles.create_role(session, CLI, "billing_admin", "Billing")
        roles.create_role(session, CLI, "billing-admin", "Billing")
        required_factors.of_role(session, CLI, "admin", required=True)
        required_factors.of_role(session, CLI, "billing_admin", required=True)
    founded(tenant, jane.id, "billing-admin")
    assert membership(tenant, jane.id).demanding_roles == ()


def test_methods_that_nobody_could_use_are_refused(tenant: Tenant) -> None:
    made = founded(tenant, make_user(tenant).id, "owner")
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "methods", {"sign_in": ["password"]})
    asked = OrganizationPolicy(methods=("passkey", "email_code"))
    with pytest.raises(BadValue), write(tenant.id) as session:
        organizations_policy.set_policy(session, CLI, made, asked)
    with pytest.raises(BadSettings):
        organizations_policy.parse({"methods": ["smoke"]})


def test_x02_policy_of_another_tenants_records_is_out_of_reach(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    theirs, jane = founded(other_tenant, make_user(other_tenant).id, "owner"), make_user(tenant)
    with pytest.raises(NotFound), write(tenant.id) as session:
        organizations_policy.set_policy(session, CLI, theirs, OrganizationPolicy(mfa="required"))
    with pytest.raises(NotFound), write(other_tenant.id) as session:
        required_factors.of_user(session, CLI, jane.id, required=True)


@pytest.mark.parametrize("role", ["support", "admin", "owner"])
def test_only_admins_say_who_needs_a_second_factor(tenant: Tenant, role: str) -> None:
    jane = make_user(tenant)
    made = founded(tenant, jane.id, "owner")
    admin, asked = Actor("admin", "usr_a", roles=frozenset({role})), OrganizationPolicy()
    acts: tuple[Callable[[Session], None], ...] = (
        lambda s: required_factors.of_user(s, admin, jane.id, required=True),
        lambda s: required_factors.of_role(s, admin, "owner", required=True),
        lambda s: organizations_policy.set_policy(s, admin, made, asked),
    )
    for act in acts:
        if role == "support":
            with pytest.raises(Forbidden), write(tenant.id) as session:
                act(session)
        else:
            with write(tenant.id) as session:
                act(session)


def test_nobody_frees_themselves_of_a_second_factor(tenant: Tenant) -> None:
    jane = make_user(tenant)
    with pytest.raises(Forbidden), write(tenant.id) as session:
        required_factors.of_user(session, Actor("user", jane.id), jane.id, required=False)


@pytest.mark.parametrize(("own", "above"), list(product(YES_NO, YES_NO)))
def test_what_stands_above_asks_too(own: bool, above: bool) -> None:
    acting = Member(requires_mfa=own, inherited=(Inherited("holding", requires_mfa=above),))
    found = policy.decide(settings_of(mfa="off"), acting=acting)
    assert found.mfa == ("required" if own or above else "off")
    asking = {rule.record for rule in found.rules if rule.decided and rule.says == "required"}
    assert asking == {
        *(["organization northwind"] if own else []),
        *(["organization holding"] if above else []),
    }


def test_methods_are_those_that_everybody_above_takes() -> None:
    settings = TenantSettings.model_validate({"methods": {"sign_in": ["password", "email_code"]}})
    above = Inherited("holding", methods=("email_code",))
    found = policy.decide(settings, acting=Member(methods=("password",), inherited=(above,)))
    assert found.methods == ()
    found = policy.decide(settings, acting=Member(inherited=(above,)))
    assert found.methods == ("email_code",)
    assert {r.record: r.decided for r in found.rules if "methods" in r.setting} == {
        "tenant": False,
        "organization holding": True,
    }
    assert not policy.takes_all(Member(inherited=(above,)))
    assert policy.takes_all(Member())


def _below(tenant: Tenant, name: str, parent_id: str) -> str:
    with write(tenant.id) as session:
        return organizations.create(session, CLI, name=name, parent_id=parent_id)


def test_a_membership_inherits_from_every_organization_above(tenant: Tenant) -> None:
    jane = make_user(tenant)
    top = founded(tenant, make_user(tenant, "boss").id, "owner")
    middle = _below(tenant, "Middle", top)
    bottom = _below(tenant, "Bottom", middle)
    asked = OrganizationPolicy(mfa="required", methods=("password", "passkey"))
    with write(tenant.id) as session:
        organizations_policy.set_policy(session, CLI, top, asked)
        organizations.join(session, CLI, bottom, jane.id, ["member"])
    found = membership(tenant, jane.id)
    assert found.requires_mfa is False
    assert found.inherited == (
        Inherited("middle"),
        Inherited("northwind", requires_mfa=True, methods=("password", "passkey")),
    )
    with read(tenant.id) as session:
        assert memberships.to_be(session, bottom, ["member"], "") == replace(found, member_count=1)
    only = OrganizationPolicy(methods=("email_code",))
    with pytest.raises(BadValue, match="above take only"), write(tenant.id) as session:
        organizations_policy.set_policy(session, CLI, bottom, only)
