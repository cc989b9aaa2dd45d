"""Contacts that somebody has already, or has begun to add."""

from app import single_use
from app.account.contacts import _binding
from app.account.owner import Owner
from app.actor import Actor
from app.directory import contacts
from app.directory.pending_contacts import KIND
from app.identifiers import IdentifierKind, parse_as
from tests.api.caller import Caller

VALUES: dict[str, str] = {"email": "second@example.com", "phone": "+14155550123"}
CODE = "314159"


def has_contact(asked: Caller, kind: IdentifierKind) -> str:
    """Give the person a proven contact; returns its id."""
    with asked.provider.writing() as session:
        actor = Actor("user", asked.user_id)
        found = parse_as(kind, VALUES[kind], "US")
        return contacts.add(session, actor, asked.user_id, found)


def has_pending(asked: Caller, kind: IdentifierKind, code: str = CODE) -> str:
    """Let a code for the contact be out; returns the id of its row."""
    contact, tenant = parse_as(kind, VALUES[kind], "US"), asked.provider.tenant
    owner = Owner(tenant, Actor("user", asked.user_id), asked.user_id, None, 0, None, "en")
    with asked.provider.writing() as session:
        return single_use.issue(
            session,
            KIND,
            subject=asked.user_id,
            binding=_binding(owner, contact),
            secret=code,
            lives=600,
            epoch=tenant.epoch,
            max_attempts=5,
            payload={"kind": contact.kind, "value": contact.value, "key": contact.key},
        )
