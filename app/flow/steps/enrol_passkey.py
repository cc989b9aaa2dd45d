"""Setting up a passkey on the way, as the second factor that is demanded."""

from app import clock
from app.flow.facts import Proof
from app.flow.run import Run
from app.flow.screen import Screen
from app.flow.steps import passkey_making, show_recovery_codes
from app.flow.steps.base import Landed, Result
from app.methods.base import Answers, Refused
from app.methods.passkey import VERIFIED, Passkey


def begun(run: Run) -> Landed:
    """Its challenge needs nothing prepared."""
    return Landed(run.facts.learn(enrolling=Passkey.key, enrolment=None))


def screen(run: Run) -> Screen:
    """The screen on which the passkey is made."""
    return passkey_making.screen_for(run, "create_passkey")


def confirmed(run: Run, answers: Answers) -> Result:
    """The passkey is a factor now, and proven: its authenticator has just verified its user."""
    made = passkey_making.made(run, answers)
    if isinstance(made, Refused):
        return made
    facts = run.facts.learn(
        factors=tuple(sorted({*run.facts.factors, Passkey.key})),
        proofs=(*run.facts.proofs, Proof(method=Passkey.key, amr=VERIFIED, at=clock.now())),
        passkey_offered=True,
        session_id=None,
        enrolling=None,
        enrolment=None,
    )
    return show_recovery_codes.with_codes(run, Landed(facts, made))
