"""The ways in that a person has left, so that nobody ever removes the last one."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import Boolean

from app.database import Session, named, tenant_of
from app.directory import memberships, policy
from app.directory.errors import NotFound, Refused
from app.directory.settings import TenantSettings
from app.directory.tenants import Tenant

_LOCK = named(
    """UPDATE "user" SET row_version = row_version
       WHERE tenant_id = :tenant_id AND id = :user_id RETURNING mfa_required"""
).columns(mfa_required=Boolean())
_HAS = named(
    """SELECT i.id, i.kind, i.verified_at IS NOT NULL AS is_good FROM identifier i
       WHERE i.tenant_id = :tenant_id AND i.user_id = :user_id
       UNION ALL
       SELECT c.id, c.kind, c.id IS NOT NULL AS is_good FROM credential c
       WHERE c.tenant_id = :tenant_id AND c.user_id = :user_id
       UNION ALL
       SELECT l.id, 'social' AS kind, n.status = 'active' AS is_good
       FROM linked_identity l
       JOIN connection n ON n.tenant_id = l.tenant_id AND n.id = l.connection_id
         AND n.generation = l.generation
       WHERE l.tenant_id = :tenant_id AND l.user_id = :user_id AND n.organization_id IS NULL
       UNION ALL
       SELECT l.id, 'enterprise' AS kind, n.status = 'active' AND o.status = 'active'
         AND CAST(o.policy AS TEXT) NOT LIKE '%"sso": "off"%'
         AND EXISTS (SELECT 1 FROM domain_claim d
           WHERE d.tenant_id = o.tenant_id AND d.organization_id = o.id
             AND d.verified_at IS NOT NULL) AS is_good
       FROM linked_identity l
       JOIN connection n ON n.tenant_id = l.tenant_id AND n.id = l.connection_id
         AND n.generation = l.generation
       JOIN organization o ON o.tenant_id = n.tenant_id AND o.id = n.organization_id
       WHERE l.tenant_id = :tenant_id AND l.user_id = :user_id"""
).columns(is_good=Boolean())
_LINKED = frozenset({"social", "enterprise"})
"""Identities at providers that would be asked: of an active connection, and of an organization only
where the domain leads there."""
_OF_EMAIL = frozenset({"email_code", "magic_link"})


class LastWayIn(Refused):
    """Without it nobody could sign in to the account any more."""

    def __init__(self) -> None:
        super().__init__("The last way to sign in cannot be removed.")


class LastFactor(LastWayIn):
    """A second factor is required, and this is the last one."""


@dataclass(frozen=True)
class Ways:
    """What a person can be proven with, by the keys of the methods that the tenant has on; `social`
    and `enterprise` stand for linked identities."""

    first: frozenset[str]
    second: frozenset[str]


def remaining(session: Session, tenant: Tenant, user_id: str, without: Iterable[str] = ()) -> Ways:
    """The ways that would be left without the credentials, identifiers or linked identities of
    these ids; one statement."""
    gone = set(without)
    values = {"tenant_id": tenant_of(session), "user_id": user_id}
    rows = [row for row in session.execute(_HAS, values) if row.id not in gone]
    kinds = {row.kind for row in rows}
    good = {row.kind for row in rows if row.is_good}
    return Ways(_first(tenant.settings, kinds, good), _second(tenant.settings, good))


def demand_another(session: Session, tenant: Tenant, user_id: str, *without: str) -> None:
    """Return when the credentials, identifiers or linked identities of these ids may go.

    Raises `LastWayIn`, and `LastFactor` where somebody requires a second factor of this person.
    Whoever removes something at the same moment waits, so two removals never take both.
    """
    values = {"tenant_id": tenant_of(session), "user_id": user_id}
    locked = session.execute(_LOCK, values).first()
    if locked is None:
        raise NotFound("user")
    now, then = remaining(session, tenant, user_id), remaining(session, tenant, user_id, without)
    if not then.first:
        raise LastWayIn
    loses_last = bool(now.second) and not then.second
    if loses_last and is_second_required(session, tenant, user_id, of_user=locked.mfa_required):
        raise LastFactor


def is_second_required(session: Session, tenant: Tenant, user_id: str, *, of_user: bool) -> bool:
    """Whether a second factor is asked of the person, as themselves (`of_user` is what their own
    row says) or as a member of any organization; one statement."""
    places = [None, *memberships.of_user(session, user_id)]
    return any(
        policy.decide(tenant.settings, user_requires_mfa=of_user, acting=each).mfa == "required"
        for each in places
    )


def _first(settings: TenantSettings, kinds: set[str], good: set[str]) -> frozenset[str]:
    sign_in = frozenset(settings.methods.sign_in)
    ways = (sign_in & {"passkey"} & kinds) | (_LINKED & good)
    if "password" in kinds and kinds & {*settings.identifiers.kinds}:
        ways |= sign_in & {"password"}
    if "email" in good:
        ways |= sign_in & _OF_EMAIL
    if "phone" in good:
        ways |= sign_in & {"sms_code"}
    return ways


def _second(settings: TenantSettings, good: set[str]) -> frozenset[str]:
    held = {"sms_code" if kind == "phone" else kind for kind in good}
    held |= {"email_code"} if "email" in good else set()
    return frozenset(settings.methods.second) & held
