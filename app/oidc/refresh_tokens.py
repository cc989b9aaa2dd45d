"""Refresh tokens: rotated at every use, with a grace time, and the end of their family when stolen.

A refresh token is its family, its generation and a keyed hash of both. Nothing of it is stored, so
the successor of a token is always the same one: parallel refreshes agree on it, and one whose
answer was lost gets it again within the grace time.
"""

import re
from dataclasses import dataclass

from app import clock
from app.actor import SYSTEM, Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, write
from app.directory import sessions
from app.directory.tenants import Tenant
from app.oidc import families, statements, switching
from app.oidc.families import Family
from app.security import keyring

_TOKEN = re.compile(r"([0-9a-z]{26})\.([0-9]{1,9})\.([0-9a-f]{64})", re.ASCII)


class Refused(Exception):
    """No tokens; `error` is the code of RFC 6749, section 5.2."""

    def __init__(self, error: str, description: str) -> None:
        super().__init__(error)
        self.error = error
        self.description = description


@dataclass(frozen=True)
class Parsed:
    """A refresh token whose keyed hash is right."""

    family_id: str
    generation: int


def token_of(family: Family) -> str:
    """The refresh token of the family's present generation."""
    signature = keyring().hash(
        "refresh_token", *_signed(family.tenant_id, family.id, family.generation)
    )
    return f"{family.id.removeprefix('fam_')}.{family.generation}.{signature}"


def parse(tenant: Tenant, token: str) -> Parsed | None:
    """What the token says, None when it is none of this tenant's; asks no database."""
    match = _TOKEN.fullmatch(token)
    if match is None:
        return None
    family_id, generation = f"fam_{match[1]}", int(match[2])
    signed = _signed(tenant.id, family_id, generation)
    if not keyring().matches(match[3], "refresh_token", *signed):
        return None
    return Parsed(family_id, generation)


def refresh(
    tenant: Tenant,
    client_id: str,
    token: str,
    requester: Actor,
    *,
    scope: str | None = None,
    organization: str | None = None,
) -> tuple[Family, tuple[str, ...]]:
    """Spend the token: its family in the next generation, and the scopes of the access token.

    Within the grace time a spent token gets the same successor once more. Later it is taken for
    stolen: its family ends, and every session of the user where the tenant says so. `scope` may
    narrow the access token for this time; `organization` (id or slug) switches the family to
    another organization of the user. Opens its own transaction; raises `Refused`.
    """
    parsed = parse(tenant, token)
    if parsed is None:
        raise Refused("invalid_grant", "The refresh token is not valid.")
    with write(tenant.id) as session:
        family = _rotate(session, tenant, client_id, parsed)
        if family is None:
            family = _within_grace(session, tenant, client_id, parsed, requester)
        if family is not None:
            family = _switched(session, tenant, family, organization)
            scopes = _narrowed(family, scope)
            if not family.is_good(tenant):  # Raised inside, so that the rotation is undone.
                raise Refused("invalid_grant", "The user may no longer sign in.")
            return family, scopes
    raise Refused("invalid_grant", "The refresh token is not valid.")


def _signed(tenant_id: str, family_id: str, generation: int) -> tuple[str, str, str]:
    return tenant_id, family_id, str(generation)


def _rotate(session: Session, tenant: Tenant, client_id: str, parsed: Parsed) -> Family | None:
    now = clock.now()
    row = session.execute(
        statements.ROTATE_FAMILY,
        {
            "tenant_id": tenant.id,
            "id": parsed.family_id,
            "client_id": client_id,
            "generation": parsed.generation,
            "epoch": tenant.epoch,
            "now": now,
            "idle_until": now + tenant.settings.lifetimes.refresh_idle * clock.SECOND,
        },
    ).first()
    return families.of_row(row) if row else None


def _within_grace(
    session: Session, tenant: Tenant, client_id: str, parsed: Parsed, requester: Actor
) -> Family | None:
    """The family when the token was spent a moment ago; otherwise a spent one ends its family."""
    now = clock.now()
    family = families.find(session, parsed.family_id)
    if family is None or family.client_id != client_id or not family.is_good(tenant):
        return None
    if not family.lives_at(now) or parsed.generation >= family.generation:
        return None
    grace = tenant.settings.lifetimes.refresh_grace * clock.SECOND
    if parsed.generation == family.generation - 1 and now < family.rotated_at + grace:
        return family
    _end_stolen(session, tenant, family, requester)
    return None


def _end_stolen(session: Session, tenant: Tenant, family: Family, requester: Actor) -> None:
    families.revoke(session, family.id, family.client_id, "reused")
    actor = families.client_actor(family.client_id, requester)
    record(
        session,
        events.REFRESH_REUSED,
        actor,
        subject_id=family.user_id,
        targets=[("client", family.client_id), ("family", family.id)],
    )
    if tenant.settings.tokens.reuse_ends_sessions:
        sessions.end_all_of_user(session, SYSTEM, family.user_id, "refresh_reused")


def _narrowed(family: Family, scope: str | None) -> tuple[str, ...]:
    if scope is None:
        return family.scopes
    wanted = dict.fromkeys(scope.split())
    if not wanted or not wanted.keys() <= {*family.scopes}:
        raise Refused("invalid_scope", "The scope is wider than what was granted.")
    return tuple(wanted)


def _switched(session: Session, tenant: Tenant, family: Family, organization: str | None) -> Family:
    if organization is None:
        return family
    key = {"tenant_id": family.tenant_id, "id": family.id, "organization": organization}
    switched = families.of_row(session.execute(statements.SWITCH_ORGANIZATION, key).one())
    if switched.organization_id is None:
        raise Refused("access_denied", "The user is no member of this organization.")
    if not switching.is_enough(session, tenant.settings, switched):
        raise Refused("access_denied", "This organization asks for a stronger sign-in.")
    return switched
