"""Tying a verified identity to the user of a flow, in the transaction in which that user lands."""

from sqlalchemy.orm import Session

from app.actor import SYSTEM
from app.delivery import notices
from app.directory import connections, linked_identities, provisioning
from app.directory.errors import Taken
from app.federation.identity import Identity
from app.flow.run import Run
from app.methods.base import Effect, Spent


def linking(run: Run, user_id: str, identity: Identity, *, is_new_user: bool = False) -> Effect:
    """The effect that ties the identity to the user, tells whoever had the account before, and
    gives them their place and roles in the organization whose provider it is."""

    def link(session: Session) -> None:
        try:
            row_id = linked_identities.link(
                session,
                run.acting(user_id),
                user_id,
                connection_id=identity.connection_id,
                generation=identity.generation,
                subject=identity.subject,
                label=identity.label,
            )
        except Taken:
            raise Spent from None
        if row_id is not None and not is_new_user:
            _tell(session, run, user_id, identity, row_id)
        provisioning.place(session, SYSTEM, identity, user_id)

    return link


def _tell(session: Session, run: Run, user_id: str, identity: Identity, row_id: str) -> None:
    connection = connections.get(session, identity.connection_id)
    values = {"name": connection.name if connection else ""}
    notices.tell(
        session, run.tenant, user_id, "identity_added", values, run.locale, about=row_id
    )
