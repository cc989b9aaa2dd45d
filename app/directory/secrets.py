"""Secrets of a tenant that AuthPage must use, such as the key of its Twilio: sealed, never shown.

Whoever may set one may replace it, but nobody can read it again.
"""

import re

from sqlalchemy import delete, select, update

from app import changes, clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, tenant_of
from app.directory import permissions
from app.directory.errors import BadValue
from app.ids import new_id
from app.models import TenantSecret
from app.security import keyring

OF_TWILIO = "sms.auth_token"
"""The auth token of the tenant's Twilio account."""
OF_SMTP = "mail.smtp_password"
"""The password at the tenant's own mail server."""
OF_AZURE = "mail.azure_connection"
"""The connection string of the tenant's Azure Communication Services."""

_NAME = re.compile(r"[a-z0-9]+([._-][a-z0-9]+)*")
_LONGEST_NAME = 100
_VALUE = re.compile(r"[\x21-\x7e](?:[\x20-\x7e]{0,4094}[\x21-\x7e])?")


def put(session: Session, actor: Actor, name: str, value: str) -> None:
    """Keep `value` under `name`, in place of what was there; raises `BadValue`.

    A value is one line of printable ASCII without spaces around it, as keys and tokens are.
    """
    permissions.demand(actor, "secret.put")
    if len(name) > _LONGEST_NAME or not _NAME.fullmatch(name):
        raise BadValue("name", "That is no name of a secret.")
    if not can_keep(value):
        raise BadValue("value", "A secret is one line of printable characters.")
    sealed = keyring().seal(value.encode(), _context(session, name))
    if not _replaced(session, name, sealed):
        session.add(_row(session, name, sealed))
    changes.note(session)
    record(session, events.SECRET_STORED, actor, targets=[("secret", name)])


def can_keep(value: str) -> bool:
    """Whether a value is one line as `put` takes it."""
    return _VALUE.fullmatch(value) is not None


def get(session: Session, name: str) -> str | None:
    """The secret in clear; None where there is none. Raises `CannotUnseal`."""
    sealed = session.scalar(
        select(TenantSecret.sealed).where(
            TenantSecret.tenant_id == tenant_of(session), TenantSecret.name == name
        )
    )
    return None if sealed is None else keyring().unseal(sealed, _context(session, name)).decode()


def names(session: Session) -> list[str]:
    """The names of the secrets that the tenant has, in alphabetical order."""
    query = select(TenantSecret.name).where(TenantSecret.tenant_id == tenant_of(session))
    return list(session.scalars(query.order_by(TenantSecret.name)))


def remove(session: Session, actor: Actor, name: str) -> bool:
    """Forget the secret; whether there was one."""
    permissions.demand(actor, "secret.remove")
    found = session.scalar(
        delete(TenantSecret)
        .where(TenantSecret.tenant_id == tenant_of(session), TenantSecret.name == name)
        .returning(TenantSecret.id)
    )
    if found is None:
        return False
    changes.note(session)
    record(session, events.SECRET_REMOVED, actor, targets=[("secret", name)])
    return True


def _replaced(session: Session, name: str, sealed: bytes) -> bool:
    query = (
        update(TenantSecret)
        .where(TenantSecret.tenant_id == tenant_of(session), TenantSecret.name == name)
        .values(sealed=sealed, updated_at=clock.now())
        .returning(TenantSecret.id)
    )
    return session.scalar(query) is not None


def _row(session: Session, name: str, sealed: bytes) -> TenantSecret:
    now = clock.now()
    return TenantSecret(
        tenant_id=tenant_of(session),
        id=new_id("sec"),
        created_at=now,
        name=name,
        sealed=sealed,
        updated_at=now,
    )


def _context(session: Session, name: str) -> str:
    return f"{tenant_of(session)}/tenant_secret/{name}"
