"""The person's own account, deleted after a time in which that can be taken back."""

from app import clock, text
from app.account import recent
from app.account.owner import Owner
from app.database import read, write
from app.delivery.notices import tell
from app.directory import deletion


def due(owner: Owner) -> int | None:
    """When the account will be gone, in milliseconds; None while it stays."""
    with read(owner.tenant.id) as session:
        return deletion.due_of(session, owner.user_id)


def ask(owner: Owner) -> int:
    """Have the account deleted after the tenant's delay; returns when, in milliseconds.

    Who asked before keeps the earlier moment. Everybody who can be reached hears of it. Raises
    `NotRecent`.
    """
    recent.demand(owner)
    moment = clock.now() + owner.tenant.settings.policy.deletion_delay * clock.SECOND
    with write(owner.tenant.id) as session:
        if not deletion.ask(session, owner.actor, owner.user_id, due=moment):
            return deletion.due_of(session, owner.user_id) or moment
        values = {"due": text.moment(moment, owner.locale)}
        tell(session, owner.tenant, owner.user_id, "deletion_asked", values, owner.locale)
    return moment


def cancel(owner: Owner) -> bool:
    """Keep the account after all; False when nothing was to be taken back. Asks for no recent
    sign-in: it takes nothing from anybody."""
    with write(owner.tenant.id) as session:
        if not deletion.cancel(session, owner.actor, owner.user_id):
            return False
        tell(session, owner.tenant, owner.user_id, "deletion_cancelled", {}, owner.locale)
        return True
