"""What an admin changes about somebody's account; the person hears of it, as of their own acts."""

from app import clock, text
from app.actor import Actor
from app.addresses import Email
from app.database import Session, read, write
from app.delivery import notices
from app.delivery.outbox import Purpose
from app.directory import contacts, deletion, linked_identities, people, ways_in, welcomes
from app.directory.contacts import Contact
from app.directory.errors import NotFound
from app.directory.people import Person
from app.directory.tenants import Tenant
from app.directory.ways_in import LastWayIn

_REMOVED: dict[str, Purpose] = {"email": "email_removed", "phone": "phone_removed"}


def create(tenant: Tenant, actor: Actor, email: Email, name: str, locale: str) -> str:
    """Make a user, who gets the mail that begins the account; returns the id. Nobody sets a
    password for them (X07). Raises `IdentifierTaken` and `Forbidden`."""
    with write(tenant.id) as session:
        user_id = people.create(
            session, actor, email=email, display_name=name, locale=locale or None
        )
        welcomes.send(session, actor, tenant, user_id)
    return user_id


def remove_contact(tenant: Tenant, actor: Actor, user_id: str, contact_id: str) -> Contact:
    """Take an address, number or username away, unless it is the last way in; the address hears of
    it too. Raises `NotFound` and `LastWayIn`."""
    with write(tenant.id) as session:
        contact = contacts.find(session, user_id, contact_id)
        _demand_another(session, tenant, user_id, contact)
        values = {"phone" if contact.kind == "phone" else "address": contact.value}
        _tell(session, tenant, user_id, _REMOVED.get(contact.kind, "username_changed"), values)
        return contacts.remove(session, actor, user_id, contact.id)


def unlink(tenant: Tenant, actor: Actor, user_id: str, identity_id: str) -> None:
    """Undo a tie to a provider, unless it is the last way in. Raises `NotFound` and `LastWayIn`."""
    with write(tenant.id) as session:
        known = linked_identities.of_user(session, user_id)
        found = next((each for each in known if each.id == identity_id), None)
        if found is None:
            raise NotFound("identity")
        ways_in.demand_another(session, tenant, user_id, identity_id)
        linked_identities.unlink(session, actor, user_id, identity_id)
        _tell(session, tenant, user_id, "identity_removed", {"name": found.connection_name})


def ask_deletion(tenant: Tenant, actor: Actor, user_id: str) -> int:
    """Have the user erased after the tenant's delay; returns when, in milliseconds. Whoever asked
    before keeps the earlier moment. Raises `NotFound`."""
    moment = clock.now() + tenant.settings.policy.deletion_delay * clock.SECOND
    with write(tenant.id) as session:
        person = _there(session, user_id)
        if not deletion.ask(session, actor, user_id, due=moment):
            return deletion.due_of(session, user_id) or moment
        values = {"due": text.moment(moment, _locale(tenant, person))}
        _tell(session, tenant, user_id, "deletion_asked", values)
    return moment


def cancel_deletion(tenant: Tenant, actor: Actor, user_id: str) -> bool:
    """Keep the user after all; False when there was nothing to take back."""
    with write(tenant.id) as session:
        if not deletion.cancel(session, actor, user_id):
            return False
        _tell(session, tenant, user_id, "deletion_cancelled", {})
    return True


def find(tenant: Tenant, user_id: str) -> Person:
    """A user who was not erased; raises `NotFound`."""
    with read(tenant.id) as session:
        return _there(session, user_id)


def _demand_another(session: Session, tenant: Tenant, user_id: str, contact: Contact) -> None:
    """Whoever has proven nothing yet comes in by any address that is noted: one of them stays."""
    if ways_in.remaining(session, tenant, user_id).first:
        ways_in.demand_another(session, tenant, user_id, contact.id)
        return
    known = contacts.list_of_user(session, user_id)
    if not any(each.id != contact.id and each.kind != "username" for each in known):
        raise LastWayIn


def _there(session: Session, user_id: str) -> Person:
    person = people.snapshot_of(session, user_id)
    if person is None or person.status == "erased":
        raise NotFound("user")
    return person


def _tell(
    session: Session, tenant: Tenant, user_id: str, purpose: Purpose, values: dict[str, str]
) -> None:
    locale = _locale(tenant, _there(session, user_id))
    notices.tell(session, tenant, user_id, purpose, values, locale)


def _locale(tenant: Tenant, person: Person) -> str:
    return person.locale or tenant.settings.texts.default_locale
