"""The interface of a step, and what an answer to it may come to."""

from dataclasses import dataclass
from typing import Protocol

from app.flow.facts import Facts
from app.flow.run import Kind, Run
from app.flow.screen import Action, Message, Screen, Text
from app.methods.base import Answers, Begun, Effect, Refused


@dataclass(frozen=True)
class Landed:
    """The step learned something; its effects commit with the facts."""

    facts: Facts
    effects: tuple[Effect, ...] = ()
    message: Message | None = None
    kind: Kind | None = None
    """Set when the flow goes on as one of another kind."""
    away: str | None = None
    """Set when the browser leaves for a provider: a path below the tenant's base URL."""


@dataclass(frozen=True)
class Declined:
    """The person said no, or may not go on: the OAuth error for whoever asked."""

    error: str
    description: str


Result = Landed | Refused | Declined


class Step(Protocol):
    """One thing that a flow may have to learn."""

    key: str

    def needed(self, run: Run) -> str | None:
        """The reason why this step is still to be done, as a machine word; None when it is not."""
        ...

    def begin(self, run: Run) -> Begun | Refused | None:
        """Prepare what must exist before the screen can be shown; None when nothing must."""
        ...

    def is_unbegun(self, run: Run) -> bool:
        """Whether the screen needs something that `begin` has not prepared yet."""
        ...

    def screen(self, run: Run) -> Screen:
        """What to show. Only called when nothing is left to begin."""
        ...

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Handle one of the actions that the screen offers."""
        ...

    def forget(self, facts: Facts) -> Facts:
        """The facts without what this step landed."""
        ...


class Unprepared:
    """A step whose screen needs nothing prepared."""

    def begin(self, run: Run) -> Begun | Refused | None:
        """Nothing to prepare."""
        return None

    def is_unbegun(self, run: Run) -> bool:
        """Never."""
        return False


CONTINUE = Action("continue", Text("action.continue"))
CHANGE = Action("change", Text("action.change"), "link", sends_fields=False)
RESTART = Action("restart", Text("action.start_again"), "link", sends_fields=False)


def to_continue(run: Run) -> Text | None:
    """Which app the person is on the way to; None where there is none."""
    client_name = run.asked.client_name
    return Text("flow.to_continue", {"client": client_name}) if client_name else None
