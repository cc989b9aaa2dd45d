"""A new challenge in place of one that did not arrive."""

from app import clock
from app.flow.run import Run
from app.flow.screen import Message
from app.flow.steps.base import Landed, Result
from app.methods.base import Method, Purpose, Refused


def resend(run: Run, method: Method, purpose: Purpose | None = None) -> Result:
    """A new challenge in place of the old one, unless the old one is too young."""
    challenge = run.facts.challenge
    if challenge and challenge.resend_at > clock.now():
        seconds = -(-(challenge.resend_at - clock.now()) // clock.SECOND)
        return Refused(
            message=Message("error.resend_wait", {"count": seconds}),
            retry_after=seconds,
            code="resend_cooldown",
        )
    begun = method.begin(run.situation(purpose))
    if isinstance(begun, Refused):
        return begun
    facts = run.facts.learn(challenge=begun.challenge)
    told = "magic_link.resent" if method.key == "magic_link" else "email_code.resent"
    return Landed(facts, begun.effects, Message(told, tone="success"))
