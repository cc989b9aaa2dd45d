"""What happened in a flow, kept in its own row, so that somebody can be told later why it went as
it did: which step came next and for what reason, what was answered and proven, where it ended.

There are steps, reasons, methods and text ids in it, and nothing that anybody typed. What was
wrong, sent and told by a provider stands in the audit log and in the outbox under the flow's id. A
flow's row is written anyhow when it gets further: the trace costs no statement.
"""

from dataclasses import replace
from typing import Any

from app import clock
from app.flow.facts import SESSION, Facts
from app.flow.outcome import Refuse
from app.flow.run import Run
from app.flow.screen import Message
from app.flow.steps.base import Landed, Step
from app.flow.steps.prove import current
from app.models import Document

MOST = 40
"""Moments that are kept: the first few, and the last."""
_FIRST = 8
_ASKING = ("prove", "prove_again")
"""The steps that ask for a method's proof."""


def doing(run: Run, action: str, step: Step | None = None) -> Run:
    """The run, whose next moment is this action, on the screen of this step where it was on one."""
    return replace(run, doing=(step.key if step else None, action))


def landed(before: Run, after: Run, found: tuple[Step, str] | None, way: Landed) -> Run:
    """The run with what an answer led to: the step that is needed next, or the end."""
    step, reason = found if found else (None, None)
    return _with(
        after,
        then=step.key if step else "finished",
        why=reason,
        method=_asked_by(after) if step and step.key in _ASKING else None,
        proven=_proven(before.facts, after.facts),
        kind=after.flow.kind if after.flow.kind != before.flow.kind else None,
        says=_says(way.message),
        away=after.facts.connection if way.away else None,
    )


def refused(run: Run, refuse: Refuse) -> Run:
    """The run with the error that its client is told."""
    return _with(run, then="refused", error=refuse.error, why=refuse.description)


def _with(run: Run, **told: Any) -> Run:
    step, action = run.doing or (None, None)
    moment: Document = {
        "at": clock.now(),
        "request": run.actor.request_id,
        "step": step,
        "did": action,
        **told,
    }
    kept = {name: value for name, value in moment.items() if value}
    return replace(run, flow=replace(run.flow, trace=_bounded((*run.flow.trace, kept))))


def _bounded(moments: tuple[Document, ...]) -> tuple[Document, ...]:
    over = len(moments) - MOST
    return moments if over <= 0 else (*moments[:_FIRST], *moments[_FIRST + over :])


def _asked_by(run: Run) -> str | None:
    """The method that is asked for: the one whose challenge is out or that was picked, or before
    anybody is known the one that is shown first."""
    facts = run.facts
    if facts.challenge or facts.method:
        return facts.challenge.method if facts.challenge else facts.method
    is_known = facts.user_id or facts.connection or run.asked.subject
    return None if is_known or facts.identifier is None else current(run).key


def _proven(before: Facts, after: Facts) -> list[str]:
    """The methods that gave a proof just now, a live session as such."""
    new = [proof for proof in after.proofs if proof not in before.proofs]
    return [proof.method if proof.method == SESSION else proof.by[0] for proof in new]


def _says(message: Message | None) -> str | None:
    return message.id if message else None
