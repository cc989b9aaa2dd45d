"""How an invitation is answered: accepted or declined, once, by the owner of its address alone."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import JSON, Row, bindparam

from app import clock
from app.actor import Actor
from app.addresses import BadAddress, parse_email
from app.audit import events
from app.audit.log import record
from app.database import Session, named, tenant_of
from app.directory import contacts, invitations, organizations, permissions
from app.directory import roles as role_rows
from app.directory.errors import NotFound, Refused
from app.directory.tenants import Tenant

_IS_ANSWERABLE = """tenant_id = :tenant_id AND id = :id AND email_key IN :keys
         AND accepted_at IS NULL AND declined_at IS NULL AND revoked_at IS NULL
         AND expires_at > :now AND epoch = :epoch"""
_ACCEPT = (
    named(
        f"""UPDATE invitation
            SET accepted_at = :now, accepted_by = :user_id, row_version = row_version + 1
            WHERE {_IS_ANSWERABLE}
              AND (:version = 0 OR row_version = :version)
              AND EXISTS (SELECT 1 FROM organization o WHERE o.tenant_id = :tenant_id
                AND o.id = invitation.organization_id AND o.status = 'active')
            RETURNING organization_id, roles"""  # noqa: S608
    )
    .bindparams(bindparam("keys", expanding=True))
    .columns(roles=JSON())
)
_DECLINE = named(
    f"""UPDATE invitation SET declined_at = :now, row_version = row_version + 1
        WHERE {_IS_ANSWERABLE} RETURNING organization_id"""  # noqa: S608
).bindparams(bindparam("keys", expanding=True))
_OPEN_TO = (
    named(
        """SELECT id, roles FROM invitation
       WHERE tenant_id = :tenant_id AND organization_id = :organization_id AND email_key IN :keys
         AND accepted_at IS NULL AND declined_at IS NULL AND revoked_at IS NULL
         AND expires_at > :now AND epoch = :epoch
       ORDER BY id"""
    )
    .bindparams(bindparam("keys", expanding=True))
    .columns(roles=JSON())
)


class NotOpen(Refused):
    """The invitation was answered, replaced or taken back, is too old, or never was."""

    def __init__(self) -> None:
        super().__init__("The invitation is not open any more.")


class OtherAddress(Refused):
    """The invitation is open, but for an address that the user has not proven (A21)."""

    def __init__(self) -> None:
        super().__init__("The invitation is for another address.")


@dataclass(frozen=True)
class Accepted:
    """A place that was taken."""

    invitation_id: str
    organization_id: str
    is_new_member: bool
    """False for somebody who was a member already: their roles stayed as they were."""


def accept(
    session: Session,
    actor: Actor,
    tenant: Tenant,
    user_id: str,
    invitation_id: str,
    *,
    version: int = 0,
) -> Accepted:
    """Take the place, in the caller's transaction: of many who try, one does.

    The user must have proven the invited address. `version` is the `row_version` that the link was
    shown with, where there was one, so that a replaced link is good for nothing. Raises `NotOpen`,
    `OtherAddress` and `Forbidden`.
    """
    permissions.demand(actor, "invitation.accept", user_id)
    keys = verified_keys(session, user_id)
    return _accept(session, actor, tenant, user_id, invitation_id, keys, version)


def accept_for(
    session: Session,
    actor: Actor,
    tenant: Tenant,
    user_id: str,
    verified_emails: Collection[str],
    organization_id: str,
) -> tuple[Accepted, ...]:
    """Take every place in one organization that waits for these addresses: for somebody whom the
    organization's own connection has just proven to be their owner.

    `verified_emails` are addresses as they were told; what is none is passed over. Nothing is
    raised where nothing waits, or where somebody else was faster.
    """
    permissions.demand(actor, "invitation.accept", user_id)
    keys = _keys_of(verified_emails)
    taken = []
    for row in _waiting(session, tenant, keys, organization_id):
        try:
            taken.append(_accept(session, actor, tenant, user_id, row.id, keys, 0))
        except Refused:
            continue
    return tuple(taken)


def roles_for(
    session: Session, tenant: Tenant, verified_emails: Collection[str], organization_id: str | None
) -> list[str]:
    """The roles that `accept_for` would give to somebody who is no member; none where no place
    waits."""
    waiting = _waiting(session, tenant, _keys_of(verified_emails), organization_id)
    return _present(session, tenant, waiting[0].roles) if waiting else []


def decline(
    session: Session, actor: Actor, tenant: Tenant, user_id: str, invitation_id: str
) -> None:
    """Say no to an invitation to an address that the user has proven. Raises `NotFound`."""
    permissions.demand(actor, "invitation.decline", user_id)
    keys = verified_keys(session, user_id)
    values = {**_moment(session, tenant), "id": invitation_id, "keys": keys}
    row = session.execute(_DECLINE, values).first() if keys else None
    if row is None:
        raise NotFound("invitation")
    targets = [("invitation", invitation_id), ("organization", row.organization_id)]
    record(session, events.INVITATION_DECLINED, actor, subject_id=user_id, targets=targets)


def verified_keys(session: Session, user_id: str) -> list[str]:
    """The keys (`Email.key`) of the addresses that a user has proven."""
    listed = contacts.list_of_user(session, user_id)
    return [each.key for each in listed if each.kind == "email" and each.is_verified]


def _accept(
    session: Session,
    actor: Actor,
    tenant: Tenant,
    user_id: str,
    invitation_id: str,
    keys: list[str],
    version: int,
) -> Accepted:
    values = {
        **_moment(session, tenant),
        "id": invitation_id,
        "keys": keys,
        "user_id": user_id,
        "version": version,
    }
    row = session.execute(_ACCEPT, values).first() if keys else None
    if row is None:
        raise _objection(session, tenant, invitation_id, keys, version)
    roles = _present(session, tenant, row.roles)
    is_new = organizations.place_invited(session, actor, row.organization_id, user_id, roles)
    targets = [("invitation", invitation_id), ("organization", row.organization_id)]
    data = {"roles": roles, "is_new_member": is_new}
    record(
        session, events.INVITATION_ACCEPTED, actor, subject_id=user_id, targets=targets, data=data
    )
    return Accepted(invitation_id, row.organization_id, is_new)


def _objection(
    session: Session, tenant: Tenant, invitation_id: str, keys: list[str], version: int
) -> Refused:
    found = invitations.get(session, tenant, invitation_id)
    if found is None or not found.is_open or version not in (0, found.row_version):
        return NotOpen()
    return NotOpen() if found.email_key in keys else OtherAddress()


def _present(session: Session, tenant: Tenant, roles: list[str]) -> list[str]:
    """Those of the invited roles that the tenant still has, or its default role."""
    known = {each.key for each in role_rows.list_roles(session)}
    kept = [key for key in roles if key in known]
    return kept or [tenant.settings.organizations.default_role]


def _moment(session: Session, tenant: Tenant) -> dict[str, Any]:
    return {"tenant_id": tenant_of(session), "now": clock.now(), "epoch": tenant.epoch}


def _waiting(
    session: Session, tenant: Tenant, keys: list[str], organization_id: str | None
) -> Sequence[Row[str, list[str]]]:
    values = {**_moment(session, tenant), "organization_id": organization_id, "keys": keys}
    return session.execute(_OPEN_TO, values).all() if keys else []


def _keys_of(texts: Collection[str]) -> list[str]:
    return [key for key in map(_key_of, texts) if key]


def _key_of(text: str) -> str | None:
    try:
        return parse_email(text).key
    except BadAddress:
        return None
