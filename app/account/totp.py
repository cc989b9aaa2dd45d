"""Authenticator apps of one's own account: set up, renamed, removed."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

from app.account import recent
from app.account.owner import Owner
from app.account.refused import Refused, in_words
from app.actor import Actor
from app.database import read, write
from app.delivery import notices
from app.directory import authenticators, factors, people, recovery_codes, ways_in
from app.directory.authenticators import Authenticator
from app.directory.errors import NotFound
from app.directory.tenants import Tenant
from app.flow.screen import Text
from app.methods import totp_enrolment
from app.methods.base import Refused as NotConfirmed
from app.methods.base import Spent
from app.methods.totp_enrolment import PendingTotp

_TOO_LATE = Text("error.enrolment_expired")


@dataclass(frozen=True)
class Waiting:
    """A secret that waits for its first code, by the id of its row."""

    id: str
    pending: PendingTotp


@dataclass(frozen=True)
class Confirmed:
    """An app that is a factor now."""

    authenticator: Authenticator
    recovery_codes: tuple[str, ...]
    """New ones, to be shown this once; empty where the owner has some already."""


def is_offered(owner: Owner) -> bool:
    """Whether the tenant takes authenticator apps."""
    return "totp" in owner.tenant.settings.methods.second


def list_of(owner: Owner) -> tuple[Authenticator, ...]:
    """The owner's authenticators, oldest first."""
    with read(owner.tenant.id) as session:
        return authenticators.list_of_user(session, owner.user_id)


def get(owner: Owner, id: str) -> Authenticator:
    """One of them; raises `NotFound`."""
    for each in list_of(owner):
        if each.id == id:
            return each
    raise NotFound("authenticator")


def begin(owner: Owner) -> Waiting:
    """Make a secret and let it wait twenty minutes for its first code; one begun before in the same
    session is dead. Raises `Refused`, `NotRecent`, and `NotFound` where the tenant takes none."""
    if not is_offered(owner):
        raise NotFound("authenticator")
    recent.demand(owner)
    if len(list_of(owner)) >= authenticators.MOST:
        text = Text("error.authenticators_enough", {"count": authenticators.MOST})
        raise Refused("too_many_authenticators", text)
    name = _account_name(owner)
    with write(owner.tenant.id) as session:
        row_id = totp_enrolment.prepare(
            session, owner.tenant, owner.user_id, name, binding=owner.binding
        )
    return waiting(owner, row_id)


def waiting(owner: Owner, id: str) -> Waiting:
    """What was begun in this session. Raises `Refused` when it waits no more, or was begun in
    another session of the owner's, and `NotFound` for what was never theirs."""
    pending = totp_enrolment.pending(owner.tenant, id, binding=owner.binding)
    if pending is None:
        if totp_enrolment.was_begun_by(owner.tenant, owner.user_id, id):
            raise Refused("code_expired", _TOO_LATE)
        raise NotFound("authenticator")
    return Waiting(id, pending)


def confirm(owner: Owner, id: str, code: str, label: str | None = None) -> Confirmed:
    """Make the secret that waits in `id` a factor, by its first code; tells the owner. The first
    factor brings recovery codes. Raises `Refused`, `NotRecent`, and `NotFound` for what was begun
    elsewhere."""
    recent.demand(owner)
    if not totp_enrolment.was_begun(owner.tenant, id, binding=owner.binding):
        raise NotFound("authenticator")
    result = totp_enrolment.confirm(
        owner.tenant,
        owner.actor,
        owner.user_id,
        id,
        binding=owner.binding,
        code=code,
        label=label,
        locale=owner.locale,
    )
    if isinstance(result, NotConfirmed):
        raise _in_words(result)
    with read(owner.tenant.id) as session:
        has_codes = "recovery_code" in factors.of_user(session, owner.user_id).kinds
    new = None if has_codes else recovery_codes.new_codes()
    try:
        with write(owner.tenant.id) as session:
            for effect in result:
                effect(session)
            if new:
                recovery_codes.replace(session, owner.actor, owner.user_id, new)
            added = authenticators.list_of_user(session, owner.user_id)[-1]
    except Spent:
        raise Refused("code_expired", _TOO_LATE, "code") from None
    return Confirmed(added, new.codes if new else ())


def rename(owner: Owner, id: str, label: str) -> None:
    """Give one another name; an empty one takes it away. Raises `NotFound`."""
    with write(owner.tenant.id) as session:
        authenticators.rename(session, owner.actor, owner.user_id, id, label)


def remove(owner: Owner, id: str) -> None:
    """Forget one, unless it is the last second factor of a person who must have one; tells the
    owner. Raises `Refused`, `NotRecent` and `NotFound`.
    """
    recent.demand(owner)
    with in_words(), write(owner.tenant.id) as session:
        ways_in.demand_another(session, owner.tenant, owner.user_id, id)
        forget(session, owner.tenant, owner.actor, owner.user_id, id, locale=owner.locale)


def forget(
    session: Session,
    tenant: Tenant,
    actor: Actor,
    user_id: str,
    id: str,
    *,
    locale: str,
    reason: str | None = None,
) -> None:
    """Take an authenticator from its owner, who is told. Raises `NotFound`."""
    label = authenticators.remove(session, actor, user_id, id, reason=reason)
    values = {"label": totp_enrolment.shown_label(tenant, label, locale)}
    notices.tell(session, tenant, user_id, "factor_removed", values, locale)


def _account_name(owner: Owner) -> str:
    with read(owner.tenant.id) as session:
        person = people.snapshot_of(session, owner.user_id)
    if person is None:
        raise NotFound("user")
    return person.email or person.username or person.phone or owner.user_id


def _in_words(refused: NotConfirmed) -> Refused:
    if refused.errors:
        return Refused(refused.code, refused.errors["code"], "code")
    said = refused.message
    return Refused(refused.code, Text(said.id, said.values) if said else _TOO_LATE)
