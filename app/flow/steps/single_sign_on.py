"""Whoever has an address in a domain that asks single sign-on of everybody comes in by that
organization's provider alone, by whatever name or key they were proven here; but for the owners
whom it named for the day when its provider is away."""

from app.addresses import parse_email
from app.audit import events
from app.audit.log import record
from app.database import Session, read
from app.directory import connections, contacts, organizations_policy
from app.directory.people import Person
from app.flow import realm
from app.flow.realm import Realm
from app.flow.run import Run
from app.flow.screen import Message
from app.methods.base import Refused


def barred(run: Run, person: Person, connection_id: str | None = None) -> Refused | None:
    """The refusal of a proof that is not by the provider of the person's domain; None where it will
    do. `connection_id` is the connection that gave the proof, or that waits to be tied to them.

    Asked only after the proof, so that nobody learns who may break the glass (`realm`). A session
    that is only strengthened has passed here before.
    """
    if run.flow.kind == "step_up":
        return None
    demanding = [found for each in _addresses(run, person) if (found := demanding_realm(run, each))]
    if all(_may_break_glass(run, each, person.user_id) for each in demanding):
        return None
    if any(_is_by(each, connection_id) for each in demanding):
        return None

    def note(session: Session) -> None:
        record(session, events.USER_REFUSED, run.actor, subject_id=person.user_id)

    return Refused(Message("error.sso_required"), effects=(note,), code="sso_required")


def demanding_realm(run: Run, email: str, connection_id: str | None = None) -> Realm | None:
    """The realm of an address where everybody in the domain must sign in by the organization's
    provider; None where nobody must, or where the connection is such a one."""
    domain = parse_email(email).domain
    found = realm.discover(domain, run.connections(run.tenant.id, domain))
    return found if found.is_required and not _is_by(found, connection_id) else None


def _is_by(found: Realm, connection_id: str | None) -> bool:
    return connection_id in {each.connection_id for each in found.candidates}


def _addresses(run: Run, person: Person) -> set[str]:
    """Every address that the person has proven, with the one that they came by; looked up only
    where an organization's provider could ask for them."""
    known = {person.email} if person.email else set()
    if all(each.is_social for each in connections.usable(run.tenant.id)):
        return known
    with read(run.tenant.id) as session:
        listed = contacts.list_of_user(session, person.user_id)
    return known | {each.value for each in listed if each.kind == "email" and each.is_verified}


def _may_break_glass(run: Run, found: Realm, user_id: str) -> bool:
    if not found.has_break_glass or found.organization_id is None:
        return False
    with read(run.tenant.id) as session:
        return user_id in organizations_policy.load(session, found.organization_id).break_glass
