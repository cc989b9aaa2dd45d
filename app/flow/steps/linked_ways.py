"""The providers by which somebody who is known already may prove themself again: those at which an
identity is tied to them, and no other."""

from app.database import read
from app.directory import connections, linked_identities
from app.directory.connections import Connection
from app.flow.run import Run
from app.flow.screen import Action
from app.flow.steps.connect import button
from app.flow.steps.demands import is_accepted
from app.flow.steps.offered import first_factors


def linked_ways(run: Run) -> tuple[Connection, ...]:
    """The usable connections of the person whose live session goes on; none while nobody is known,
    as nothing that is shown may depend on a user then, and none that would not be taken."""
    user_id = _known(run)
    if user_id is None or not is_accepted(run):
        return ()
    with read(run.tenant.id) as session:
        tied = {each.connection_id for each in linked_identities.of_user(session, user_id)}
    return tuple(each for each in connections.usable(run.tenant.id) if each.id in tied)


def is_only_way(run: Run) -> bool:
    """Whether a session is to be strengthened whose person has no method of ours."""
    return run.flow.kind == "step_up" and not first_factors(run)


def buttons(run: Run, beside: Connection | None = None) -> tuple[Action, ...]:
    """One for each of those providers, but for the one that is being asked."""
    return tuple(
        button(each) for each in linked_ways(run) if beside is None or each.id != beside.id
    )


def _known(run: Run) -> str | None:
    if run.flow.kind == "step_up":
        return run.asked.subject
    return run.facts.user_id if run.facts.session_id else None
