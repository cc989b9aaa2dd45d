"""The apps that have access to one's own account, and what they may do."""

from app.account.owner import Owner
from app.database import read, write
from app.directory import grants
from app.directory.errors import NotFound
from app.directory.grants import ListedGrant
from app.directory.permissions import Forbidden


def list_of(owner: Owner) -> list[ListedGrant]:
    """What the owner allowed which apps, newest first."""
    with read(owner.tenant.id) as session:
        return grants.list_of_user(session, owner.user_id)


def revoke(owner: Owner, grant_id: str) -> None:
    """Take back what an app was allowed; its tokens end. Raises `NotFound`."""
    try:
        with write(owner.tenant.id) as session:
            grants.revoke(session, owner.actor, grant_id)
    except Forbidden:
        raise NotFound("grant") from None
