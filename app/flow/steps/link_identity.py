"""Tying an identity at a provider to the account of somebody who is signed in and asked for it.

The request is for one user, one connection and one browser, and good once; whoever has the identity
already keeps it. (SECURITY A09 to A12)
"""

from dataclasses import replace

from sqlalchemy.orm import Session

from app.directory import link_requests
from app.directory.connections import Connection
from app.flow.facts import Facts
from app.flow.run import Run
from app.flow.screen import Action, Message, Screen, Text, Values
from app.flow.steps import upstream
from app.flow.steps.base import Landed, Result, Unprepared
from app.flow.steps.linking import tied
from app.methods import METHODS
from app.methods.base import Answers, Effect, Refused, Spent

_BACK = Action("another_way", Text("action.back_to_account"), "link", sends_fields=False)


class LinkIdentity(Unprepared):
    """Nothing of it counts as a proof of the person."""

    key = "link"

    def needed(self, run: Run) -> str | None:
        """Until the identity is tied, or the person gave up."""
        asked = run.facts.linking
        return "not_linked" if asked is not None and not asked.is_over else None

    def screen(self, run: Run) -> Screen:
        """The way to the provider, and the way back to the account."""
        connection = upstream.awaited(run)
        if connection is None:
            screen = Screen("upstream", Text("link.gone_title"), actions=(_BACK,))
            return screen.saying(Message("error.connection_disabled"))
        name: Values = {"name": connection.name}
        return Screen(
            name="upstream",
            title=Text("link.title", name),
            subtitle=Text("link.subtitle", name),
            actions=(Action("continue", Text("action.continue_to", name)), _BACK),
            display={"provider": connection.provider, "identifier": ""},
        )

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Leave for the provider, come back from it, or give up."""
        connection = upstream.awaited(run)
        if action == "another_way" or connection is None:
            return Landed(_over(run))
        if action == upstream.ARRIVED:
            return _arrived(run, connection, answers)
        if action == upstream.UNREACHABLE:
            message = Message("error.upstream_away", {"name": connection.name})
            return Landed(run.facts, message=message)
        leaving = upstream.leaving(run, connection)
        return replace(leaving, facts=run.facts)

    def forget(self, facts: Facts) -> Facts:
        """What was asked for stays: another page asked for it."""
        return facts


def _over(run: Run) -> Facts:
    asked = run.facts.linking
    assert asked is not None
    return run.facts.learn(linking=asked.model_copy(update={"is_over": True}))


def _arrived(run: Run, connection: Connection, answers: Answers) -> Result:
    method = METHODS["social" if connection.is_social else "enterprise"]
    result = method.check(run.situation(), answers)
    if isinstance(result, Refused):
        return Landed(run.facts, result.effects, result.message)
    assert result.arrived is not None
    landed = Landed(_over(run), (*result.effects, _spending(run, connection)))
    return tied(run, landed, result.arrived.identity)


def _spending(run: Run, connection: Connection) -> Effect:
    def spend(session: Session) -> None:
        asked, user_id = run.facts.linking, run.facts.user_id
        assert asked is not None
        assert user_id is not None
        is_good = link_requests.spend(
            session, run.tenant, asked.request_id, user_id=user_id, connection_id=connection.id
        )
        if not is_good:
            raise Spent

    return spend
