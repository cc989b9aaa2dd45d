"""The username of one's own account, where the tenant has usernames."""

from app.account import recent
from app.account.owner import Owner
from app.account.refused import Refused
from app.database import write
from app.delivery import notices
from app.directory import contacts
from app.directory.errors import NotFound
from app.directory.people import IdentifierTaken
from app.flow.screen import Text
from app.identifiers import BadIdentifier, new_username


def choose(owner: Owner, text: str) -> None:
    """Take a username, in place of any other. Raises `Refused`, `NotRecent`, and `NotFound` where
    the tenant has no usernames."""
    recent.demand(owner)
    identifiers = owner.tenant.settings.identifiers
    if identifiers.username == "off":
        raise NotFound("username")
    try:
        username = new_username(text)
    except BadIdentifier:
        raise Refused("invalid_username", Text("error.username_invalid"), "username") from None
    try:
        with write(owner.tenant.id) as session:
            contacts.set_username(session, owner.actor, owner.user_id, username)
            notices.tell(session, owner.tenant, owner.user_id, "username_changed", {}, owner.locale)
    except IdentifierTaken:
        raise Refused("username_taken", Text("error.username_taken"), "username") from None
