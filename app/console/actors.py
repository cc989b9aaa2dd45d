"""Who did something, in words: revisions keep `admin:usr_1`, `cli` or `system`."""

from collections.abc import Callable

from app import tenancy, text
from app.console.door import Admin
from app.database import EVERYWHERE, read
from app.directory import admins


def name_actors(admin: Admin) -> Callable[[str], str]:
    """From the actor of a revision to an email address, or to a text id for what is no person; an
    admin who is gone stays an id, and so do all others for the admin of one organization."""
    with read(EVERYWHERE) as session:
        listed = admins.list_of(session, tenancy.current(), admin.tenant.id)
    known = {
        f"admin:{each.user_id}": each.email
        for each in listed
        if each.user_id and (admin.organization_id is None or each.user_id == admin.user_id)
    }

    def named(actor: str) -> str:
        in_words = f"console.audit.actor.{actor}"
        return known.get(actor, in_words if text.has_text(in_words) else actor)

    return named
