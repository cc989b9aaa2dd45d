"""Tying a verified identity to the user of a flow, in the transaction in which that user lands."""

from sqlalchemy.orm import Session

from app.actor import SYSTEM
from app.database import read
from app.delivery import notices
from app.directory import connections, linked_identities, provisioning
from app.directory.errors import Taken
from app.federation.identity import Identity
from app.flow.facts import Facts
from app.flow.run import Run
from app.flow.steps.landing import place_to_be
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


def placed(run: Run, facts: Facts, identity: Identity) -> Facts:
    """The facts with the place that `linking` is about to give in the organization whose provider
    proved the person, so that what it asks of its members is asked now."""
    connection = connections.find_usable(run.tenant.id, identity.connection_id)
    organization_id = connection.organization_id if connection else None
    held = {each.organization_id for each in facts.belongings}
    if connection is None or organization_id is None or organization_id in held:
        return facts
    with read(run.tenant.id) as session:
        roles = provisioning.roles_to_be(session, connection, identity)
    place = place_to_be(run, organization_id, roles)
    return facts.learn(belongings=(*facts.belongings, *place))


def _tell(session: Session, run: Run, user_id: str, identity: Identity, row_id: str) -> None:
    connection = connections.get(session, identity.connection_id)
    values = {"name": connection.name if connection else ""}
    notices.tell(session, run.tenant, user_id, "identity_added", values, run.locale, about=row_id)
