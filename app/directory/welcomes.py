"""The mail by which somebody begins an account that others made: it opens nothing by itself."""

from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session
from app.delivery.outbox import queue_mail
from app.directory import people, permissions
from app.directory.errors import BadValue, NotFound
from app.directory.tenants import Tenant

_LIVES = 3 * 86_400


def send(session: Session, actor: Actor, tenant: Tenant, user_id: str) -> str:
    """Send the person the mail that leads to where they choose a password, or sign in where the
    tenant has no passwords; returns the address.

    The link carries no secret: at its end a code goes to the same address. Raises `NotFound` for
    whoever is not active, and `BadValue` for whoever has no address.
    """
    permissions.demand(actor, "user.welcome")
    person = people.snapshot_of(session, user_id)
    if person is None or not person.is_active or person.is_anonymous:
        raise NotFound("active user")
    if person.email is None:
        raise BadValue("email", "This person has no email address.")
    queue_mail(
        session,
        tenant,
        "welcome",
        to=person.email,
        values={"link": f"{tenant.base_url}/{_way(tenant)}"},
        locale=person.locale or tenant.settings.texts.default_locale,
        carries_secret=False,
        lives=_LIVES,
    )
    record(session, events.USER_WELCOMED, actor, subject_id=user_id)
    return person.email


def _way(tenant: Tenant) -> str:
    methods = tenant.settings.methods
    chooses_password = "password" in methods.sign_in and methods.recovery_open
    return "recover" if chooses_password else "sign-in"
