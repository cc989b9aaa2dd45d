"""`authpage policy`: how strongly people must be proven, and which record says so."""

from dataclasses import asdict

import click

from app.cli.failures import CommandFailed
from app.cli.groups import Group
from app.cli.options import for_tenant
from app.cli.output import Listing, Record, prints
from app.cli.people_named import person_called
from app.database import Session, read
from app.directory import factors, memberships, organizations_policy, policy
from app.directory.memberships import Inherited, MembershipView
from app.directory.policy import Rule
from app.directory.tenants import Tenant

group = Group("policy", help="How strongly people must be proven, and why.")


@group.command("explain")
@click.argument("who", metavar="USER")
@click.option("--organization", metavar="ORG", help="The one that the user would act for.")
@prints
@for_tenant
def explain(tenant: Tenant, who: str, organization: str | None) -> Record:
    """Say what is asked of a user at sign-in, with every rule and whether it decided."""
    with read(tenant.id) as session:
        user_id = person_called(session, who).user_id
        has = factors.of_user(session, user_id)
        acting = _membership(session, user_id, organization) if organization else None
        sso = _on_sso(session, user_id, acting) if acting else []
    decision = policy.decide(tenant.settings, user_requires_mfa=has.mfa_required, acting=acting)
    opted_in = policy.has_opted_in(tenant.settings, has.kinds)
    members = {
        "user_id": user_id,
        "organization": acting.slug if acting else None,
        "mfa": decision.mfa,
        "sso_required": any(rule.decided for rule in sso),
        "second_factor_due": policy.is_second_due(decision, opted_in=opted_in),
        "methods": list(decision.methods),
        "second_factors": sorted(has.kinds & {*tenant.settings.methods.second, "recovery_code"}),
    }
    rules = [asdict(rule) for rule in (*decision.rules, *sso)]
    return Record(
        members, parts={"rules": Listing(rules, ("record", "setting", "says", "decided"))}
    )


def _on_sso(session: Session, user_id: str, acting: MembershipView) -> list[Rule]:
    """What the organization, and each above it, says about single sign-on where it says something,
    and why that may not count."""
    rules = []
    layers: tuple[MembershipView | Inherited, ...] = (acting, *acting.inherited)
    for each in layers:
        asked = organizations_policy.load(session, each.organization_id)
        if asked.sso in ("members", "domain"):
            broken = user_id in asked.break_glass
            excuse = "the user may break the glass" if broken else "no connection is active"
            says = asked.sso if each.sso_required else f"{asked.sso}, but {excuse}"
            rules.append(Rule(f"organization {each.slug}", "policy.sso", says, each.sso_required))
    return rules


def _membership(session: Session, user_id: str, named: str) -> MembershipView:
    for each in memberships.of_user(session, user_id):
        if named in (each.slug, each.organization_id):
            return each
    raise CommandFailed("not_found", f"The user belongs to no active organization {named}.")
