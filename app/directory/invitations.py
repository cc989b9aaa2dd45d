"""Invitations: a place in an organization that waits for whoever owns one address.

What the mailed link carries is a random reference to a row, and nothing more: organization, address
and roles stand in the row alone (A20). How one is answered: `invitation_answers`.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy import JSON, Row, bindparam, select

from app import clock, text
from app.actor import Actor
from app.addresses import BadAddress, Email, parse_email
from app.audit import events
from app.audit.log import record
from app.database import Session, named, tenant_of
from app.delivery.outbox import queue_mail
from app.directory import names, organizations, people, permissions, reach, statements
from app.directory import roles as role_rows
from app.directory.errors import BadValue, NotFound
from app.directory.listing import Page, page, wanted
from app.directory.organizations import Organization
from app.directory.people import Person
from app.directory.tenants import Tenant
from app.ids import new_id
from app.models import Client, Identifier
from app.models import Invitation as InvitationRow
from app.models import Organization as OrganizationRow
from app.security import keyring, random_token

LIVES = 7 * 86_400
"""Seconds for which an invitation is open, unless another time is given."""
State = Literal["open", "accepted", "declined", "revoked", "expired", "closed"]
"""`closed`: nobody may act for the organization now."""

_LONGEST_LIFE, _SHORTEST_LIFE = 90 * 86_400, 10
_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_PUT = named(
    """INSERT INTO invitation
         (tenant_id, id, created_at, organization_id, email, email_key, roles, digest, invited_by,
          client_id, locale, epoch, expires_at)
       VALUES (:tenant_id, :id, :now, :organization_id, :email, :email_key, :roles, :digest, :by,
          :client_id, :locale, :epoch, :expires_at)
       ON CONFLICT (tenant_id, organization_id, email_key)
         WHERE accepted_at IS NULL AND declined_at IS NULL AND revoked_at IS NULL
       DO UPDATE SET email = :email, roles = :roles, digest = :digest, invited_by = :by,
         client_id = :client_id, locale = :locale, epoch = :epoch, expires_at = :expires_at,
         row_version = invitation.row_version + 1
       RETURNING id, row_version"""
).bindparams(bindparam("roles", type_=JSON()))
_REVOKE = named(
    """UPDATE invitation SET revoked_at = :now, row_version = row_version + 1
       WHERE tenant_id = :tenant_id AND id = :id
         AND accepted_at IS NULL AND declined_at IS NULL AND revoked_at IS NULL
       RETURNING organization_id"""
)


@dataclass(frozen=True)
class Invitation:
    """An invitation as it stands. Times in milliseconds."""

    id: str
    organization_id: str
    organization: str
    """The organization's name."""
    email: str
    email_key: str
    roles: tuple[str, ...]
    state: State
    client_id: str | None
    """The application that whoever accepts goes on to."""
    locale: str
    invited_by: str
    """The actor, as the audit log writes it."""
    created_at: int
    expires_at: int
    row_version: int
    accepted_by: str | None = None
    """The id of the user who took the place."""

    @property
    def is_open(self) -> bool:
        """Whether it may still be answered."""
        return self.state == "open"


def invite(
    session: Session,
    actor: Actor,
    tenant: Tenant,
    organization_id: str,
    email: str,
    *,
    roles: Sequence[str] = (),
    client_id: str | None = None,
    locale: str | None = None,
    lives: int = LIVES,
) -> Invitation:
    """Invite whoever owns an address to an organization, by a mail with a link that is good for
    `lives` seconds, once.

    Inviting the same address again replaces roles and token, so that only the newest mail counts.
    `roles` default to the tenant's default role, `locale` to that of whoever has the address.
    Raises `NotFound` for the organization or client, `BadValue`, and `Forbidden`, also for a role
    beyond the actor's reach.
    """
    permissions.demand(actor, "invitation.create", organization_id=organization_id)
    address, organization = _address(email), _active(session, organization_id)
    chosen = list(dict.fromkeys(roles)) or [tenant.settings.organizations.default_role]
    role_rows.demand_known(session, chosen)
    reach.demand_roles(actor, session, (), chosen)
    owner = people.find_by_email(session, address.key)
    if owner and owner.email_verified and _is_member(session, organization.id, owner.user_id):
        raise BadValue("email", "Whoever has this address is a member already.")
    if not _SHORTEST_LIFE <= lives <= _LONGEST_LIFE:
        raise BadValue("lives", "An invitation lives for 10 seconds to 90 days.")
    client = _client(session, client_id) if client_id else None
    token, now = random_token(), clock.now()
    values = {
        "tenant_id": tenant_of(session),
        "id": new_id("inv"),
        "now": now,
        "organization_id": organization.id,
        "email": address.value,
        "email_key": address.key,
        "roles": chosen,
        "digest": _digest(tenant, token),
        "by": str(actor),
        "client_id": client_id,
        "locale": _locale(tenant, locale, owner),
        "epoch": tenant.epoch,
        "expires_at": now + lives * clock.SECOND,
    }
    made = session.execute(_PUT, values).one()
    link = _link(tenant, client, made.id, token)
    _queue(session, tenant, values, organization.name, link)
    data = {"roles": chosen, "again": made.row_version > 1}
    _note(session, events.INVITATION_CREATED, actor, made.id, organization.id, data)
    found = get(session, tenant, made.id)
    assert found is not None
    return found


def invite_again(session: Session, actor: Actor, tenant: Tenant, invitation_id: str) -> Invitation:
    """Send an invitation once more, with a new link that is good for as long as a new one's; those
    before it are void. Raises `NotFound`, also for one that was accepted, and what `invite` does.
    """
    held = get(session, tenant, invitation_id)
    of = held.organization_id if held else None
    permissions.demand(actor, "invitation.create", organization_id=of)
    if held is None or held.state == "accepted":
        raise NotFound("unanswered invitation")
    return invite(
        session,
        actor,
        tenant,
        held.organization_id,
        held.email,
        roles=held.roles,
        client_id=held.client_id,
        locale=held.locale if held.locale in tenant.settings.texts.locales else None,
    )


def revoke(session: Session, actor: Actor, invitation_id: str) -> None:
    """Take back an invitation that nobody has answered. Raises `NotFound`."""
    held = session.get(InvitationRow, (tenant_of(session), invitation_id))
    of = held.organization_id if held else None
    permissions.demand(actor, "invitation.revoke", organization_id=of)
    values = {"tenant_id": tenant_of(session), "id": invitation_id, "now": clock.now()}
    row = session.execute(_REVOKE, values).first()
    if row is None:
        raise NotFound("unanswered invitation")
    _note(session, events.INVITATION_REVOKED, actor, invitation_id, row.organization_id)


def get(session: Session, tenant: Tenant, invitation_id: str) -> Invitation | None:
    """The invitation in whatever state it is; None when there is none."""
    found = _found(session, invitation_id)
    return view(tenant, found) if found else None


def is_token(given: str) -> bool:
    """Whether `given` has the form of a link's token, to the character."""
    return bool(_TOKEN.fullmatch(given))


def by_token(session: Session, tenant: Tenant, invitation_id: str, token: str) -> Invitation | None:
    """The invitation whose newest link carries this token, to the character (L11), in whatever
    state it is; None for any other token. Changes nothing."""
    if not is_token(token) or not names.is_key(invitation_id):
        return None
    found = _found(session, invitation_id)
    if found is None or not _is_token(tenant, found.Invitation.digest, token):
        return None
    return view(tenant, found)


def list_page(
    session: Session,
    tenant: Tenant,
    organization_id: str | None = None,
    after: str | None = None,
    limit: int = 50,
    text: str = "",
) -> Page[Invitation]:
    """One page of invitations in every state, newest first; maybe only those to one organization,
    or to addresses with `text` in them. They are kept for 90 days after they have expired."""
    query = _rows(session).order_by(InvitationRow.id.desc()).limit(wanted(limit))
    if organization_id is not None:
        query = query.where(InvitationRow.organization_id == organization_id)
    if text.strip():
        wish = text.strip().lower()
        query = query.where(InvitationRow.email_key.contains(wish, autoescape=True))
    if after is not None:
        query = query.where(InvitationRow.id < after)
    rows = session.execute(query).all()
    return page(rows, limit, item=lambda row: view(tenant, row), key=lambda row: row.Invitation.id)


def open_to_user(session: Session, tenant: Tenant, user_id: str) -> list[Invitation]:
    """The open invitations to the addresses that a user has proven, newest first."""
    query = (
        _rows(session)
        .join(
            Identifier,
            (Identifier.tenant_id == InvitationRow.tenant_id)
            & (Identifier.kind == "email")
            & (Identifier.key == InvitationRow.email_key),
        )
        .where(Identifier.user_id == user_id, Identifier.verified_at.is_not(None))
        .order_by(InvitationRow.id.desc())
    )
    found = [view(tenant, row) for row in session.execute(query)]
    return [each for each in found if each.is_open]


def view(tenant: Tenant, row: Row[InvitationRow, str, str]) -> Invitation:
    """The invitation of a row, as it stands now."""
    held: InvitationRow = row.Invitation
    return Invitation(
        id=held.id,
        organization_id=held.organization_id,
        organization=row.name,
        email=held.email,
        email_key=held.email_key,
        roles=tuple(held.roles),
        state=_state(tenant, held, row.status),
        client_id=held.client_id,
        locale=held.locale,
        invited_by=held.invited_by,
        created_at=held.created_at,
        expires_at=held.expires_at,
        row_version=held.row_version,
        accepted_by=held.accepted_by,
    )


def _state(tenant: Tenant, held: InvitationRow, organization_status: str) -> State:
    if held.accepted_at is not None:
        return "accepted"
    if held.declined_at is not None:
        return "declined"
    if held.revoked_at is not None:
        return "revoked"
    if held.expires_at <= clock.now() or held.epoch != tenant.epoch:
        return "expired"
    return "open" if organization_status == "active" else "closed"


def _rows(session: Session) -> sa.Select[InvitationRow, str, str]:
    return (
        select(InvitationRow, OrganizationRow.name, OrganizationRow.status)
        .join(
            OrganizationRow,
            (OrganizationRow.tenant_id == InvitationRow.tenant_id)
            & (OrganizationRow.id == InvitationRow.organization_id),
        )
        .where(InvitationRow.tenant_id == tenant_of(session))
        .execution_options(populate_existing=True)
    )


def _found(session: Session, invitation_id: str) -> Row[InvitationRow, str, str] | None:
    return session.execute(_rows(session).where(InvitationRow.id == invitation_id)).first()


def _address(typed: str) -> Email:
    try:
        return parse_email(typed)
    except BadAddress:
        raise BadValue("email", "This is not one email address.") from None


def _active(session: Session, organization_id: str) -> Organization:
    found = organizations.by_slug_or_id(session, organization_id)
    if found is None:
        raise NotFound("organization")
    if not found.is_active:
        raise BadValue("organization", "The organization is disabled.")
    return found


def _locale(tenant: Tenant, wanted: str | None, owner: Person | None) -> str:
    """The language of the mail: the one that is asked for, or that of whoever has the address."""
    texts = tenant.settings.texts
    if wanted is not None and wanted not in texts.locales:
        raise BadValue("locale", "The tenant does not have that language.")
    own = owner.locale if owner and owner.locale in texts.locales else None
    return wanted or own or texts.default_locale


def _is_member(session: Session, organization_id: str, user_id: str) -> bool:
    values = {"tenant_id": tenant_of(session), "user_id": user_id}
    rows = session.execute(statements.MEMBERSHIPS_OF_USER, values)
    return organization_id in {row.organization_id for row in rows}


def _client(session: Session, client_id: str) -> Client:
    """The application to go on to: it must have a first page."""
    found = session.get(Client, (tenant_of(session), client_id))
    if found is None or found.status != "active":
        raise NotFound("active client")
    if not found.home_url:
        raise BadValue("client", "The client has no home_url to go on to.")
    return found


def _digest(tenant: Tenant, token: str) -> str:
    return keyring().hash("invitation", tenant.id, token)


def _is_token(tenant: Tenant, digest: str, token: str) -> bool:
    return keyring().matches(digest, "invitation", tenant.id, token)


def _link(tenant: Tenant, client: Client | None, invitation_id: str, token: str) -> str:
    """Where the mail leads: our page, or that of a first-party client which redeems links itself.
    Nothing of any request has a say in it (L09)."""
    own = client.link_url if client and client.is_first_party else None
    if own is None:
        return f"{tenant.base_url}/invitations/{invitation_id}?{urlencode({'token': token})}"
    query = urlencode({"invitation": invitation_id, "token": token})
    return f"{own}{'&' if '?' in own else '?'}{query}"


def _queue(
    session: Session,
    tenant: Tenant,
    values: dict[str, Any],
    organization: str,
    link: str,
) -> None:
    until = text.moment(values["expires_at"], values["locale"])
    queue_mail(
        session,
        tenant,
        "invitation",
        to=values["email"],
        values={"link": link, "organization": organization, "until": until},
        locale=values["locale"],
        carries_secret=True,
        lives=(values["expires_at"] - values["now"]) // clock.SECOND,
        organization_id=values["organization_id"],
        client_id=values["client_id"],
    )


def _note(
    session: Session,
    event: str,
    actor: Actor,
    invitation_id: str,
    organization_id: str,
    data: dict[str, Any] | None = None,
) -> None:
    targets = [("invitation", invitation_id), ("organization", organization_id)]
    record(session, event, actor, targets=targets, data=data or {})
