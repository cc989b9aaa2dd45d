"""The mail domains of organizations: claimed with a token, proven by a TXT record that holds it.

Many organizations may claim a domain, one at a time has proven it. The longest proven claim that
covers a domain decides whose it is.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import sqlalchemy as sa
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from app import clock, name_server
from app.actor import Actor
from app.addresses import BadAddress, parse_domain
from app.audit import events
from app.audit.log import record
from app.database import Session, named, read, tenant_of, write
from app.directory import permissions, public_mail_domains
from app.directory.errors import BadValue, NotFound, Refused, Taken
from app.directory.settings import OrganizationPolicy
from app.ids import new_id
from app.models import DomainClaim as Row
from app.models import Organization
from app.public_addresses import is_address

CHECK_EVERY: Final = clock.DAY
"""Milliseconds between two looks at the record of a proven claim."""
MOST = 200
"""Claims that an organization may have."""
_LABEL = "_authpage-challenge"
_PREFIX = "authpage-domain="

_ADD = named(
    """INSERT INTO domain_claim (tenant_id, id, created_at, organization_id, domain,
         has_subdomains, token, verified_at, check_at, failures)
       VALUES (:tenant_id, :id, :now, :organization_id, :domain, :has_subdomains, :token,
         NULL, NULL, 0)
       ON CONFLICT DO NOTHING RETURNING id"""
)


class RecordMissing(Refused):
    """The DNS has no such TXT record, or not yet."""

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no such TXT record at {name} yet. DNS may take an hour.")
        self.name = name


class NameServerAway(Refused):
    """The DNS did not say whether there is a record."""

    def __init__(self) -> None:
        super().__init__("The DNS did not answer. Try again.")


@dataclass(frozen=True)
class Claim:
    """An organization's claim to a domain. Times in milliseconds."""

    id: str
    tenant_id: str
    organization_id: str
    organization_name: str
    organization_slug: str
    organization_is_active: bool
    policy: OrganizationPolicy
    """The organization's."""
    domain: str
    """IDNA ASCII, lower case."""
    has_subdomains: bool
    """Whether addresses below the domain belong to it too."""
    token: str
    created_at: int
    verified_at: int | None
    check_at: int | None
    """When the worker looks at the record again."""
    failures: int
    """Looks in a row that did not find it."""

    @property
    def is_verified(self) -> bool:
        """Whether the domain was proven, and the record was not gone for days since."""
        return self.verified_at is not None

    @property
    def record_name(self) -> str:
        """Where the TXT record must stand."""
        return f"{_LABEL}.{self.domain}"

    @property
    def record_value(self) -> str:
        """What it must hold."""
        return f"{_PREFIX}{self.token}"

    def covers(self, domain: str) -> bool:
        """Whether addresses of `domain` (canonical form) belong to it."""
        is_below = self.has_subdomains and domain.endswith(f".{self.domain}")
        return domain == self.domain or is_below


def claim(
    session: Session,
    actor: Actor,
    organization_id: str,
    domain: str,
    *,
    has_subdomains: bool | None = None,
) -> Claim:
    """Claim a domain for an organization, unproven at first; asked again, the claim that stands,
    its token kept, with the subdomain switch as given (None: as it is, off at first).

    Raises `NotFound`, and `BadValue` for what is no domain, a public mail domain, or one too many.
    """
    permissions.demand(actor, "domain.claim", organization_id=organization_id)
    canonical = _claimable(domain)
    _demand_room(session, organization_id, canonical)
    row_id, switch = new_id("dom"), bool(has_subdomains)
    values = {
        "tenant_id": tenant_of(session),
        "id": row_id,
        "now": clock.now(),
        "organization_id": organization_id,
        "domain": canonical,
        "has_subdomains": switch,
        "token": secrets.token_urlsafe(24),
    }
    if session.execute(_ADD, values).first():
        made = _demand(session, row_id)
        _noted(session, actor, events.DOMAIN_CLAIMED, made, has_subdomains=switch)
        return made
    standing = _standing(session, organization_id, canonical)
    if has_subdomains is not None and standing.has_subdomains != has_subdomains:
        return cover_subdomains(session, actor, standing.id, covered=has_subdomains)
    return standing


def cover_subdomains(session: Session, actor: Actor, claim_id: str, *, covered: bool) -> Claim:
    """Let the claim hold below its domain too, or not; returns it. Raises `NotFound`."""
    permissions.demand(actor, "domain.claim", organization_id=_owner(session, claim_id))
    _set(session, Row.id == claim_id, has_subdomains=covered)
    changed = _demand(session, claim_id)
    _noted(session, actor, events.DOMAIN_CLAIMED, changed, has_subdomains=covered)
    return changed


def verify(tenant_id: str, actor: Actor, claim_id: str) -> Claim:
    """Look at the TXT record, and take the claim for proven where it is there; returns the claim.

    Opens its own transactions, none during the look. Raises `NotFound`, `RecordMissing`,
    `NameServerAway`, and `Taken` where another organization of the tenant has proven the domain.
    A look that fails takes nothing back: only the scheduled ones do (`domain_checks`).
    """
    with read(tenant_id) as session:
        permissions.demand(actor, "domain.verify", organization_id=_owner(session, claim_id))
        found = _demand(session, claim_id)
    if not is_published(found):
        raise RecordMissing(found.record_name)
    with write(tenant_id) as session:
        if _proven(session, found):
            _noted(session, actor, events.DOMAIN_VERIFIED, found)
        return _demand(session, claim_id)


def take_for_example(session: Session, actor: Actor, claim_id: str) -> None:
    """Take a claim for proven that no DNS could prove, and never look at it: below `.example`,
    which nobody can own (RFC 2606, section 2). Raises `NotFound`, and `BadValue` for any other."""
    permissions.demand(actor, "domain.verify", organization_id=_owner(session, claim_id))
    found = _demand(session, claim_id)
    if not found.domain.endswith(".example"):
        raise BadValue("domain", "Only a domain that is an example is proven by nothing.")
    _set(session, Row.id == claim_id, verified_at=clock.now(), check_at=None, failures=0)
    _noted(session, actor, events.DOMAIN_VERIFIED, found)


def is_published(found: Claim) -> bool:
    """Whether the DNS has the claim's TXT record now; raises `NameServerAway`."""
    try:
        texts = name_server.texts(found.record_name)
    except name_server.NoAnswer:
        raise NameServerAway from None
    return found.record_value in (text.strip() for text in texts)


def remove(session: Session, actor: Actor, claim_id: str) -> None:
    """Give a claim up. Raises `NotFound`."""
    permissions.demand(actor, "domain.remove", organization_id=_owner(session, claim_id))
    found = _demand(session, claim_id)
    session.execute(
        sa.delete(Row)
        .where(Row.tenant_id == tenant_of(session), Row.id == claim_id)
        .execution_options(synchronize_session=False)
    )
    _noted(session, actor, events.DOMAIN_REMOVED, found)


def get(session: Session, claim_id: str) -> Claim | None:
    """The claim; None when there is none."""
    return _one(session, Row.id == claim_id)


def list_all(session: Session, organization_id: str | None = None) -> list[Claim]:
    """All claims of the tenant, or those of one organization, by domain."""
    query = _query(session).order_by(Row.domain, Row.id)
    if organization_id is not None:
        query = query.where(Row.organization_id == organization_id)
    return [_view(*found) for found in session.execute(query)]


def of_domain(session: Session, domain: str) -> Sequence[Claim]:
    """Every claim to `domain` (canonical form) or to one above it that covers it, proven or not:
    the longest domain first, and for the same domain the proven one first."""
    labels = domain.split(".")
    covering = [".".join(labels[start:]) for start in range(len(labels) - 1)]
    query = _query(session).where(Row.domain.in_(covering or [domain]))
    found = [_view(*each) for each in session.execute(query)]
    return sorted(
        (each for each in found if each.covers(domain)),
        key=lambda each: (-len(each.domain), not each.is_verified, each.id),
    )


def owner_of(session: Session, domain: str) -> Claim | None:
    """The claim by which `domain` (canonical form) belongs to an active organization: the longest
    that is proven. None where it is nobody's."""
    claims = of_domain(session, domain)
    return next((each for each in claims if each.is_verified and each.organization_is_active), None)


def is_of(session: Session, organization_id: str | None, domain: str) -> bool:
    """Whether `domain` (canonical form) belongs to just this organization, by proof."""
    owner = owner_of(session, domain) if organization_id else None
    return owner is not None and owner.organization_id == organization_id


def _claimable(text: str) -> str:
    try:
        domain = parse_domain(text)
    except BadAddress:
        domain = ""
    if not domain or is_address(domain):
        raise BadValue("domain", "That is no domain of email addresses, such as example.com.")
    if public_mail_domains.is_public(domain):
        raise BadValue("domain", f"Anybody can have an address at {domain}; it cannot be claimed.")
    return domain


def _demand_room(session: Session, organization_id: str, domain: str) -> None:
    tenant_id = tenant_of(session)
    if session.get(Organization, (tenant_id, organization_id)) is None:
        raise NotFound("organization")
    held = select(func.count()).where(
        Row.tenant_id == tenant_id,
        Row.organization_id == organization_id,
        Row.domain != domain,
    )
    if (session.scalar(held) or 0) >= MOST:
        raise BadValue("domain", f"An organization may claim {MOST} domains at most.")


def _proven(session: Session, found: Claim) -> bool:
    """Mark the claim as proven; False where it was already. The index for proven claims decides
    between two that come at once."""
    proven = {"verified_at": clock.now(), "check_at": clock.now() + CHECK_EVERY, "failures": 0}
    try:
        with session.begin_nested():
            if _set(session, Row.id == found.id, Row.verified_at.is_(None), **proven):
                return True
    except IntegrityError:
        raise Taken("domain") from None
    _set(session, Row.id == found.id, check_at=proven["check_at"], failures=0)
    return False


def _set(session: Session, *which: sa.ColumnElement[bool], **values: Any) -> bool:
    """Change the claim that this names; False where there is none."""
    changed = session.execute(
        sa.update(Row)
        .where(Row.tenant_id == tenant_of(session), *which)
        .values(**values)
        .returning(Row.id)
        .execution_options(synchronize_session=False)
    )
    return changed.first() is not None


def _query(session: Session) -> sa.Select[Row, Organization]:
    return (
        select(Row, Organization)
        .join(
            Organization,
            (Organization.tenant_id == Row.tenant_id) & (Organization.id == Row.organization_id),
        )
        .where(Row.tenant_id == tenant_of(session))
        .execution_options(populate_existing=True)
    )


def _one(session: Session, *which: sa.ColumnElement[bool]) -> Claim | None:
    found = session.execute(_query(session).where(*which)).first()
    return _view(*found) if found else None


def _owner(session: Session, claim_id: str) -> str | None:
    """The organization whose claim it is; None where there is none."""
    found = get(session, claim_id)
    return found.organization_id if found else None


def _demand(session: Session, claim_id: str) -> Claim:
    found = get(session, claim_id)
    if found is None:
        raise NotFound("domain")
    return found


def _standing(session: Session, organization_id: str, domain: str) -> Claim:
    found = _one(session, Row.organization_id == organization_id, Row.domain == domain)
    if found is None:
        raise NotFound("domain")  # It was removed in this very moment.
    return found


def _view(row: Row, organization: Organization) -> Claim:
    return Claim(
        id=row.id,
        tenant_id=row.tenant_id,
        organization_id=row.organization_id,
        organization_name=organization.name,
        organization_slug=organization.slug,
        organization_is_active=organization.status == "active",
        policy=OrganizationPolicy.model_validate(organization.policy),
        domain=row.domain,
        has_subdomains=row.has_subdomains,
        token=row.token,
        created_at=row.created_at,
        verified_at=row.verified_at,
        check_at=row.check_at,
        failures=row.failures,
    )


def _noted(session: Session, actor: Actor, event: str, found: Claim, **more: Any) -> None:
    targets = [("organization", found.organization_id), ("domain", found.id)]
    record(session, event, actor, targets=targets, data={"domain": found.domain, **more})
