"""The way by which somebody came in last on this browser, so that it is offered first.

The browser's own cookie leads to it, so it says nothing of any account, and it is looked for among
what is offered anyway: what the tenant or an organization has taken away stays away.
"""

from collections.abc import Sequence
from dataclasses import replace

from app.database import read
from app.directory import connections, organizations_policy
from app.directory.connections import Connection
from app.flow.facts import SESSION
from app.flow.run import Run
from app.flow.screen import Action, Screen
from app.flow.steps.connect import CONNECT
from app.methods.base import Method

_USE = "use:"


def way_in(run: Run) -> str | None:
    """How the person of a flow that ends came in, and would again: by a provider where one proved
    them, by the password that they have just made, or else by what they proved first. None where
    nothing was proven here."""
    proofs = [proof for proof in run.facts.proofs if proof.method != SESSION]
    by_provider = next((proof.by[0] for proof in proofs if proof.connection), None)
    if by_provider is not None or not proofs:
        return by_provider
    return "password" if run.facts.password_set else proofs[0].method


def first(run: Run, methods: Sequence[Method]) -> list[Method]:
    """The methods, with the one that was used last in front if it is among them."""
    return sorted(methods, key=lambda each: each.key != run.asked.last_used)


def connection(run: Run) -> Connection | None:
    """The connection that was used last, while people may sign in by it and its organization has
    not switched that off."""
    _, _, connection_id = (run.asked.last_used or "").partition(":")
    found = connections.find_usable(run.tenant.id, connection_id) if connection_id else None
    if found is None or found.organization_id is None:
        return found
    with read(run.tenant.id) as session:
        policy = organizations_policy.load(session, found.organization_id)
    return None if policy.sso == "off" else found


def marked(run: Run, screen: Screen, shown: str | None = None) -> Screen:
    """The screen with the way that was used last marked; `shown` is the key of the method that the
    screen itself asks for."""
    last = run.asked.last_used
    if last is None:
        return screen
    if shown == last:
        return screen.displaying(last_used=True)
    actions = tuple(replace(each, is_last_used=_is(each, last)) for each in screen.actions)
    return replace(screen, actions=actions)


def _is(action: Action, last: str) -> bool:
    key, _, connection_id = last.partition(":")
    if connection_id:
        return action.name == f"{CONNECT}{connection_id}"
    return action.name in (f"{_USE}{key}", key)
