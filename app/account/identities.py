"""Identities at providers that are tied to one's own account: listed, tied, undone."""

from collections.abc import Sequence
from dataclasses import replace

from app.account import recent
from app.account.owner import Owner
from app.account.refused import in_words
from app.database import read, write
from app.delivery import notices
from app.directory import connections, link_requests, linked_identities, ways_in
from app.directory.connections import Connection
from app.directory.errors import NotFound
from app.directory.linked_identities import Linked
from app.flow import envelope, store
from app.flow.asked import Asked
from app.flow.continuation import Account
from app.flow.envelope import Opening
from app.flow.facts import Linking
from app.flow.run import Flow


def list_of(owner: Owner) -> Sequence[Linked]:
    """The owner's, oldest first."""
    with read(owner.tenant.id) as session:
        return linked_identities.of_user(session, owner.user_id)


def get(owner: Owner, id: str) -> Linked:
    """One of them; raises `NotFound`."""
    for each in list_of(owner):
        if each.id == id:
            return each
    raise NotFound("identity")


def linkable(owner: Owner, has: Sequence[Linked]) -> list[Connection]:
    """The providers that everybody may use and the owner has no identity at."""
    taken = {each.connection_id for each in has}
    usable = connections.usable(owner.tenant.id)
    return [each for each in usable if each.is_social and each.id not in taken]


def begin_link(owner: Owner, connection_id: str, *, binding: str, back: str) -> Flow:
    """The flow by which the owner ties an identity at the connection, for the browser that
    `binding` names; it leads to the page `back`. Raises `NotRecent` and `NotFound`."""
    recent.demand(owner)
    found = {each.id for each in linkable(owner, list_of(owner))}
    if connection_id not in found or owner.session_id is None:
        raise NotFound("connection")
    asked = Asked(subject=owner.user_id)
    flow = envelope.start(owner.tenant, Opening("link", Account(path=back), asked, binding))
    with write(owner.tenant.id) as session:
        request_id = link_requests.issue(session, owner.tenant, owner.user_id, connection_id)
        facts = flow.facts.learn(
            session_id=owner.session_id,
            user_id=owner.user_id,
            connection=connection_id,
            linking=Linking(request_id=request_id),
        )
        return store.save(session, replace(flow, facts=facts))


def unlink(owner: Owner, id: str) -> None:
    """Undo one, unless it is the last way in; tells the owner. Raises `Refused`, `NotRecent` and
    `NotFound`."""
    recent.demand(owner)
    known = get(owner, id)
    with in_words(), write(owner.tenant.id) as session:
        ways_in.demand_another(session, owner.tenant, owner.user_id, id)
        linked_identities.unlink(session, owner.actor, owner.user_id, id)
        values = {"name": known.connection_name}
        notices.tell(session, owner.tenant, owner.user_id, "identity_removed", values, owner.locale)
