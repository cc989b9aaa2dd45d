"""What the link of a notice undoes, for whoever has the mailbox and nothing else.

It ends what somebody else may be using and takes away what somebody else may have added; it signs
nobody in, shows nothing of the account, and never removes the last way in.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

from app import single_use
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, write
from app.delivery.not_me import KIND
from app.directory import (
    authenticators,
    contacts,
    deletion,
    linked_identities,
    passkeys,
    pending_contacts,
    people,
    recovery_codes,
    sessions,
    support_recovery,
    trusted_devices,
    ways_in,
)
from app.directory.errors import NotFound
from app.directory.tenants import Tenant
from app.directory.ways_in import LastWayIn
from app.single_use import OneTimeRow

_BECAUSE = "not_me"


@dataclass(frozen=True)
class Undone:
    """What one click did."""

    user_id: str
    is_left: bool
    """Whether what the notice told of is still there, because it is the last way in."""


def purpose_of(tenant: Tenant, token: str) -> str | None:
    """The notice that the link came with; None when the link is spent, too old or not one. Changes
    nothing, so that whoever only looks at links does no harm."""
    row = single_use.presented(tenant.id, KIND, token)
    return row.binding if row else None


def undo(tenant: Tenant, actor: Actor, token: str) -> Undone | None:
    """Spend the link: end every session and token of the person and every trust of a browser, and
    take back what the notice told of. None when there is nothing to spend."""
    row = single_use.presented(tenant.id, KIND, token)
    if row is None:
        return None
    acting = replace(actor, kind="user", id=row.subject)
    try:
        return _spend(tenant, acting, row, take_back=True)
    except LastWayIn:
        return _spend(tenant, acting, row, take_back=False)


def _spend(tenant: Tenant, actor: Actor, row: OneTimeRow, *, take_back: bool) -> Undone | None:
    """One transaction; raises `LastWayIn`, which rolls it back."""
    user_id = row.subject
    with write(tenant.id) as session:
        spent = single_use.consume(session, KIND, row.id, binding=row.binding, epoch=tenant.epoch)
        if spent is None:
            return None
        if take_back and row.binding in _TAKING_BACK:
            _TAKING_BACK[row.binding](_Notice(session, tenant, actor, row.payload.get("about")))
        pending_contacts.void(session, user_id)
        trusted_devices.end_all_of_user(session, actor, user_id, _BECAUSE)
        sessions.end_all_of_user(session, actor, user_id, _BECAUSE)
        data = {"notice": row.binding}
        record(session, events.NOT_ME, actor, subject_id=user_id, data=data)
    return Undone(user_id, is_left=not take_back)


@dataclass(frozen=True)
class _Notice:
    """The notice that is answered, inside the transaction that takes back what it told of."""

    session: Session
    tenant: Tenant
    actor: Actor
    about: str | None

    @property
    def user_id(self) -> str:
        assert self.actor.id is not None
        return self.actor.id


def _remove_passkey(notice: _Notice) -> None:
    _remove(notice, passkeys.remove)


def _unlink(notice: _Notice) -> None:
    _remove(notice, linked_identities.unlink)


def _remove_authenticator(notice: _Notice) -> None:
    _remove(notice, authenticators.remove)


def _remove_contact(notice: _Notice) -> None:
    _remove(notice, contacts.remove)


def _remove(notice: _Notice, remove: Callable[[Session, Actor, str, str], object]) -> None:
    """What is gone already is as it should be."""
    if notice.about is None:
        return
    ways_in.demand_another(notice.session, notice.tenant, notice.user_id, notice.about)
    try:
        remove(notice.session, notice.actor, notice.user_id, notice.about)
    except NotFound:
        return


def _remove_password(notice: _Notice) -> None:
    """The password that is there now: a later one may be the stranger's too."""
    credential_id = people.password_id(notice.session, notice.user_id)
    if credential_id is not None:
        ways_in.demand_another(notice.session, notice.tenant, notice.user_id, credential_id)
        people.remove_password(notice.session, notice.actor, notice.user_id)


def _remove_codes(notice: _Notice) -> None:
    recovery_codes.remove(notice.session, notice.actor, notice.user_id)


def _keep_account(notice: _Notice) -> None:
    deletion.cancel(notice.session, notice.actor, notice.user_id)


def _void_recovery(notice: _Notice) -> None:
    support_recovery.void(notice.session, notice.actor, notice.user_id, _BECAUSE)


_TAKING_BACK: dict[str, Callable[[_Notice], None]] = {
    "passkey_added": _remove_passkey,
    "identity_added": _unlink,
    "factor_added": _remove_authenticator,
    "email_added": _remove_contact,
    "phone_added": _remove_contact,
    "password_changed": _remove_password,
    "recovery_codes_made": _remove_codes,
    "deletion_asked": _keep_account,
    "recovery_started": _void_recovery,
}
"""What the notice of each purpose told of, and how it is taken back; of the others, nothing is."""
