"""What the linking table decided (`app.federation.linking`), carried out in the transaction in
which the user of the flow lands.

Whoever signs in by an identity that is tied to them has their place in the organization whose
provider it is. By every other rule that lets somebody in, the identity is tied to them first: at
once where the account has no other owner, and else when the flow ends, so that whoever had the
account gives every proof that is asked of them before anything is tied to it.
"""

from dataclasses import replace

from sqlalchemy.orm import Session

from app.addresses import parse_email
from app.database import read
from app.delivery import notices
from app.directory import connections, domain_claims, linked_identities, provisioning
from app.directory.connections import Connection
from app.directory.errors import Taken
from app.federation.identity import Identity
from app.flow.facts import Facts
from app.flow.run import Run
from app.flow.screen import Message
from app.flow.steps.base import Landed
from app.flow.steps.landing import place_to_be
from app.methods.base import Refused, Spent


def placed(run: Run, landed: Landed, identity: Identity) -> Landed:
    """The landing of the identity's owner with their place in the organization, so that what it
    asks of its members is asked now. `landed` must name the user."""
    user_id = _user_of(landed)

    def place(session: Session) -> None:
        provisioning.place(session, run.tenant, run.acting(user_id), user_id, identity)

    facts = _with_place(run, landed.facts, identity)
    return replace(landed, facts=facts, effects=(*landed.effects, place))


def tied(run: Run, landed: Landed, identity: Identity, *, is_new_user: bool = False) -> Landed:
    """The landing with the identity tied to its user and placed; whoever had the account before is
    told. `Spent` where somebody else has the identity by then, or the connection changed."""
    user_id = _user_of(landed)

    def tie(session: Session) -> None:
        _tie(session, run, user_id, identity, is_told=not is_new_user)

    return placed(run, replace(landed, effects=(*landed.effects, tie)), identity)


def tied_at_the_end(run: Run, landed: Landed, identity: Identity) -> Landed:
    """The landing of somebody who has confirmed that the identity is theirs: tied and placed by
    `tie` when the flow ends, and asked already what the place asks."""
    facts = landed.facts.learn(upstream=None, upstream_proof=None, tying=identity)
    return replace(landed, facts=_with_place(run, facts, identity))


def tie(session: Session, run: Run) -> None:
    """Tie what waits for the end of the flow, in its landing transaction, and place its user; does
    nothing where nothing waits. Raises `Spent` like `tied`."""
    identity, user_id = run.facts.tying, run.facts.user_id
    if identity is None or user_id is None:
        return
    _tie(session, run, user_id, identity, is_told=True)
    provisioning.place(session, run.tenant, run.acting(user_id), user_id, identity)


def _tie(session: Session, run: Run, user_id: str, identity: Identity, *, is_told: bool) -> None:
    connection = _present(session, identity)
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
        message = Message("error.identity_taken", {"name": connection.name})
        raise Spent(Refused(message, code="identity_taken")) from None
    if row_id is not None and is_told:
        values = {"name": connection.name}
        notices.tell(
            session, run.tenant, user_id, "identity_added", values, run.locale, about=row_id
        )


def _user_of(landed: Landed) -> str:
    assert landed.facts.user_id is not None
    return landed.facts.user_id


def _present(session: Session, identity: Identity) -> Connection:
    """The identity's connection, as long as it still is what proved it, and an organization's may
    still speak for the address (A13, I06)."""
    found = connections.get(session, identity.connection_id)
    if found is None or not found.is_usable or found.generation != identity.generation:
        message = Message("error.connection_disabled")
        raise Spent(Refused(message, code="connection_disabled"))
    if found.organization_id is not None and not _is_theirs(session, found, identity):
        message = Message("error.upstream_not_allowed", {"name": found.name})
        raise Spent(Refused(message, code="email_not_theirs"))
    return found


def _is_theirs(session: Session, connection: Connection, identity: Identity) -> bool:
    domain = parse_email(identity.email).domain if identity.email else ""
    return domain_claims.is_of(session, connection.organization_id, domain)


def _with_place(run: Run, facts: Facts, identity: Identity) -> Facts:
    """The facts with the place that the user is about to get, where they have none."""
    connection = connections.find_usable(run.tenant.id, identity.connection_id)
    organization_id = connection.organization_id if connection else None
    held = {each.organization_id for each in facts.belongings}
    if connection is None or organization_id is None or organization_id in held:
        return facts
    with read(run.tenant.id) as session:
        roles = provisioning.roles_to_be(session, run.tenant, connection, identity)
    place = place_to_be(run, organization_id, roles)
    return facts.learn(belongings=(*facts.belongings, *place))
