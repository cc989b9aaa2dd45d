"""Prove it again: one more factor, where policy or the client wants two."""

from app.flow.facts import Facts
from app.flow.run import Run
from app.flow.screen import Action, Field, Screen, Text
from app.flow.steps.base import RESTART, Landed, Result
from app.flow.steps.demands import demanded, reached
from app.flow.steps.landing import not_active, proof_of
from app.flow.steps.offered import second_factors
from app.flow.steps.resending import resend
from app.methods.base import Answers, Begun, Method, Proved, Refused

_TRUST = Field("trust", "checkbox", "field.trust_device", required=False)


class ProveAgain:
    """Opens by itself whenever what was learned last demands more than was proven."""

    key = "prove_again"

    def needed(self, run: Run) -> str | None:
        """While more is demanded than was proven, and the person has something to prove it with."""
        if run.facts.user_id is None or reached(run) >= demanded(run):
            return None
        return "second_factor_due" if second_factors(run) else None

    def begin(self, run: Run) -> Begun | Refused | None:
        """Issue the challenge of the method, if it has one and none is out."""
        return current(run).begin(run.situation("second")) if self.is_unbegun(run) else None

    def is_unbegun(self, run: Run) -> bool:
        """Whether the method's challenge is not out yet."""
        method, challenge = current(run), run.facts.challenge
        is_out = challenge and challenge.purpose == "second" and challenge.method == method.key
        return method.sends_challenge and not is_out

    def screen(self, run: Run) -> Screen:
        """The method's own screen, the others that the person has, and the way out."""
        method = current(run)
        screen = method.screen(run.situation("second"))
        if can_trust(run):
            screen = screen.asking(_TRUST)
        others = [each for each in second_factors(run) if each.key != method.key]
        return screen.offering(*map(_using, others), RESTART)

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Check the proof, send it again, or take another way."""
        method = current(run)
        if action.startswith("use:"):
            return Landed(run.facts.learn(method=action[4:], challenge=None))
        if action == "resend":
            return resend(run, method, "second")
        result = method.check(run.situation("second"), answers)
        if isinstance(result, Refused):
            return result
        return _landed(run, method, result, is_trusted=bool(answers.get("trust")))

    def forget(self, facts: Facts) -> Facts:
        """What was proven goes with the first proof."""
        return facts.learn(challenge=None, method=None)


def current(run: Run) -> Method:
    """The second factor that is asked for: the one picked, or the first that the person has."""
    methods = second_factors(run)
    return next((each for each in methods if each.key == run.facts.method), methods[0])


def can_trust(run: Run) -> bool:
    """Whether this browser may be trusted from now on: not headless, and not where somebody asks
    for a fresh proof."""
    is_plain = run.flow.kind == "sign_in" and run.asked.fresh_after is None and not run.asked.acr
    return (
        is_plain and not run.flow.is_headless and run.tenant.settings.policy.trusted_device_days > 0
    )


def _landed(run: Run, method: Method, result: Proved, *, is_trusted: bool) -> Result:
    person = result.person
    if person is None or person.status != "active" or person.user_id != run.facts.user_id:
        return not_active(run, person)
    facts = run.facts.learn(
        proofs=(*run.facts.proofs, proof_of(method, result)),
        trusts_browser=is_trusted and can_trust(run),
        session_id=None,
        method=None,
        challenge=None,
    )
    return Landed(facts, result.effects)


def _using(method: Method) -> Action:
    return Action(
        f"use:{method.key}", Text(f"action.use_{method.key}"), "secondary", sends_fields=False
    )
