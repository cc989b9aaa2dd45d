"""Recovery codes of one's own account: how many are left, and a new set."""

from sqlalchemy.orm import Session

from app.account import recent
from app.account.owner import Owner
from app.account.refused import Refused
from app.actor import Actor
from app.database import read, write
from app.delivery import notices
from app.directory import factors, recovery_codes
from app.directory.errors import NotFound
from app.directory.tenants import Tenant
from app.flow.screen import Text


def count(owner: Owner) -> int:
    """How many codes are left."""
    with read(owner.tenant.id) as session:
        return recovery_codes.count(session, owner.user_id)


def are_of_use(owner: Owner) -> bool:
    """Whether the owner has a second factor that the codes could stand in for."""
    taken = recovery_codes.STANDS_IN_FOR & {*owner.tenant.settings.methods.second}
    with read(owner.tenant.id) as session:
        return bool(factors.of_user(session, owner.user_id).kinds & taken)


def forget(
    session: Session,
    tenant: Tenant,
    actor: Actor,
    user_id: str,
    *,
    locale: str,
    reason: str | None = None,
) -> None:
    """Take the codes from their owner, who is told. Raises `NotFound` where there are none."""
    if not recovery_codes.remove(session, actor, user_id, reason=reason):
        raise NotFound("recovery codes")
    notices.tell(session, tenant, user_id, "recovery_codes_removed", {}, locale)


def regenerate(owner: Owner) -> tuple[str, ...]:
    """Ten new codes, to be shown this once; those before are dead, and the owner is told. Raises
    `NotRecent`, and `Refused` where there is no factor that they could stand in for."""
    recent.demand(owner)
    if not are_of_use(owner):
        raise Refused("no_second_factor", Text("error.no_second_factor"))
    new = recovery_codes.new_codes()
    with write(owner.tenant.id) as session:
        recovery_codes.replace(session, owner.actor, owner.user_id, new)
        notices.tell(session, owner.tenant, owner.user_id, "recovery_codes_made", {}, owner.locale)
    return new.codes
