"""Invitations to the console: an account in its tenant for whoever a role is kept for."""

from app.actor import SYSTEM, Actor
from app.database import write
from app.directory import console, invitations, organizations, permissions
from app.directory.errors import NotFound
from app.directory.tenants import Tenant


def send(console_tenant: Tenant, actor: Actor, email: str) -> None:
    """Mail a link by which the owner of the address makes an account and comes to the console.

    Sent in AuthPage's own name: admins of a tenant have no say in the console's one.
    """
    permissions.demand(actor, "admin.grant")
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
