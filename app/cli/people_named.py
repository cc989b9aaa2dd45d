"""How commands name a person: by id or by email address."""

from app.addresses import parse_email
from app.cli.failures import CommandFailed
from app.database import Session
from app.directory import people
from app.directory.people import Person


def person_called(session: Session, text: str) -> Person:
    """The user whose id or email address this is; fails when there is none or it was erased."""
    if "@" in text:
        person = people.find_by_email(session, parse_email(text).key)
    else:
        person = people.snapshot_of(session, text)
    if person is None or person.status == "erased":
        raise CommandFailed("not_found", f"There is no user {text}.")
    return person
