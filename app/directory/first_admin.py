"""The one-time link by which somebody becomes the first admin, while there is none (X10)."""

from typing import Final

from app import single_use
from app.actor import Actor
from app.addresses import BadAddress, parse_email
from app.audit import events
from app.audit.log import record
from app.database import EVERYWHERE, Session, read, write
from app.directory import admins, people, permissions
from app.directory.errors import BadValue, NotFound
from app.directory.tenants import Tenant
from app.security import random_token

LIVES: Final = 3_600
"""Seconds that the link waits."""
_KIND = "first_admin"
_EVERYTHING = "everything"


def link(session: Session, actor: Actor, console: Tenant) -> str:
    """A new token for the link; those made before are worth nothing. In a session of the console's
    tenant."""
    permissions.demand(actor, "admin.begin")
    single_use.supersede(session, _KIND, subject=_EVERYTHING, binding=_EVERYTHING)
    secret = random_token()
    row_id = single_use.issue(
        session,
        _KIND,
        subject=_EVERYTHING,
        binding=_EVERYTHING,
        secret=secret,
        lives=LIVES,
        epoch=console.epoch,
    )
    record(session, events.ADMIN_LINK_CREATED, actor)
    return f"{row_id}.{secret}"


def is_wanted(console: Tenant) -> bool:
    """Whether there is no admin yet."""
    with read(EVERYWHERE) as session:
        return not admins.is_anybody_there(session, console)


def is_open(console: Tenant, token: str) -> bool:
    """Whether this token still makes the first admin; a look changes nothing."""
    return _row_id(console, token) is not None and is_wanted(console)


def make(console: Tenant, actor: Actor, token: str, *, email: str, name: str) -> str:
    """Spend the link: the person is made in the console's tenant, and the role of an owner of
    everything is kept for whoever proves the address. Returns the user's id.

    Raises `NotFound` for a link that is spent, too old, or none, or when somebody was first, and
    `BadValue` for the address.
    """
    row_id = _row_id(console, token)
    if row_id is None or not is_wanted(console):
        raise NotFound("link")
    try:
        address = parse_email(email)
    except BadAddress:
        raise BadValue("email", "This is not an email address.") from None
    with write(console.id) as session:
        spent = single_use.consume(session, _KIND, row_id, binding=_EVERYTHING, epoch=console.epoch)
        if spent is None:
            raise NotFound("link")
        known = people.find_by_email(session, address.key)
        user_id = (
            known.user_id
            if known
            else people.create(
                session, actor, email=address, email_verified=False, display_name=name
            )
        )
    with write(EVERYWHERE) as session:
        admins.grant(session, actor, console, address.value, "owner", administered_id=None)
    return user_id


def _row_id(console: Tenant, token: str) -> str | None:
    row = single_use.presented(console.id, _KIND, token)
    return row.id if row else None
