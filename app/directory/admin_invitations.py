"""Invitations to the console: an account in its tenant for whoever a role is kept for."""

from app import limits
from app.actor import SYSTEM, Actor
from app.database import write
from app.directory import console, invitations, organizations, permissions
from app.directory.errors import BadValue, NotFound
from app.directory.tenants import Tenant
from app.limits import Limit

_TO_ONE, _BY_ONE = 5, 50
"""Mails in an hour to one address, and by one admin: nobody has AuthPage fill a mailbox."""


def send(console_tenant: Tenant, actor: Actor, email: str) -> None:
    """Mail a link by which the owner of the address makes an account and comes to the console.

    Sent in AuthPage's own name: admins of a tenant have no say in the console's one. `email`
    is as the role has it. Raises `BadValue` for too many. Opens its own transactions.
    """
    permissions.demand(actor, "admin.grant")
    counted = (
        Limit("admin_invitation.address", email.lower(), _TO_ONE),
        Limit("admin_invitation.actor", str(actor), _BY_ONE),
    )
    if limits.count(console_tenant.id, *counted) is not None:
        raise BadValue("email", "The role waits, but too many mails were sent. Try again later.")
    with write(console_tenant.id) as session:
        place = organizations.by_slug_or_id(session, console.ADMINS)
        if place is None:
            raise NotFound("organization")
        invitations.invite(
            session,
            SYSTEM,
            console_tenant,
            place.id,
            email,
            roles=["member"],
            client_id=console.CLIENT_ID,
        )
