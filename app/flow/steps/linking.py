"""Tying a verified identity to the user of a flow, in the transaction in which that user lands."""

from sqlalchemy.orm import Session

from app.actor import SYSTEM
from app.directory import linked_identities, provisioning
from app.federation.identity import Identity
from app.flow.run import Run
from app.methods.base import Effect


def linking(run: Run, user_id: str, identity: Identity) -> Effect:
    """The effect that ties the identity to the user, and gives them their place and roles in the
    organization whose provider it is."""

    def link(session: Session) -> None:
        linked_identities.link(
            session,
            run.acting(user_id),
            user_id,
            connection_id=identity.connection_id,
            generation=identity.generation,
            subject=identity.subject,
            label=identity.label,
        )
        provisioning.place(session, SYSTEM, identity, user_id)

    return link
