"""That somebody took out all that is kept about a person: never unseen."""

from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session
from app.directory import people, permissions
from app.directory.errors import NotFound


def note(session: Session, actor: Actor, user_id: str) -> None:
    """Write down that all data of a person is handed out. Raises `NotFound` for whoever is gone."""
    permissions.demand(actor, "user.export", user_id)
    person = people.snapshot_of(session, user_id)
    if person is None or person.status == "erased":
        raise NotFound("user")
    record(session, events.ACCOUNT_EXPORTED, actor, subject_id=user_id)
