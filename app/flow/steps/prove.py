"""Prove it: any method that the tenant allows, one at a time, with a way to the others."""

from sqlalchemy.orm import Session

from app import clock
from app.directory import people
from app.directory.people import Person
from app.flow.facts import START, Facts
from app.flow.realm import LOCAL
from app.flow.run import Run
from app.flow.screen import Action, Message, Screen, Text
from app.flow.steps.base import CHANGE, RESTART, Away, Landed, Result
from app.flow.steps.landing import not_active, proven
from app.methods import METHODS
from app.methods.base import Answers, Begun, Effect, Method, Proved, Purpose, Refused

_RECOVER = Action("recover", Text("action.forgot_password"), "link", sends_fields=False)


class Prove:
    """The first proof. Until it stands, nothing that is shown depends on the user."""

    key = "prove"

    def needed(self, run: Run) -> str | None:
        """Until a proof exists that is fresh enough for what is asked."""
        if not run.facts.proofs:
            return "no_proof"
        if run.flow.kind == "recover" and not run.facts.proven_by("email_code"):
            return "no_mailed_proof"
        return "stale_proof" if run.facts.auth_time < (run.asked.fresh_after or 0) else None

    def begin(self, run: Run) -> Begun | Refused | None:
        """Issue the challenge of the method, if it has one and none is out."""
        return current(run).begin(run.situation()) if self.is_unbegun(run) else None

    def is_unbegun(self, run: Run) -> bool:
        """Whether the method's challenge is not out yet."""
        local = run.facts.realm == LOCAL
        return local and current(run).sends_challenge and run.facts.challenge is None

    def screen(self, run: Run) -> Screen | Away:
        """The method's own screen with the ways around it; another realm has its own pages."""
        if run.facts.realm != LOCAL:
            return Away(f"/connections/{run.facts.realm}/start")
        method = current(run)
        screen = method.screen(run.situation()).offering(*_others(run), CHANGE)
        return screen.offering(RESTART) if method.sends_challenge else screen

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Check the proof, send it again, or take another way."""
        method = current(run)
        if action.startswith("use:"):
            return Landed(run.facts.learn(method=action[4:], challenge=None))
        if action == "recover":
            hint = run.facts.address.value if run.facts.address else run.facts.hint
            return Landed(START.learn(hint=hint, account=run.facts.account), kind="recover")
        if action == "resend":
            return resend(run, method)
        result = method.check(run.situation(), answers)
        return result if isinstance(result, Refused) else _landed(run, method, result)

    def forget(self, facts: Facts) -> Facts:
        """Nothing is proven any more."""
        return facts.learn(
            proofs=(), user_id=None, person=None, address_verified=False, challenge=None,
            method=None, belongings=(), granted=(), session_id=None,
        )  # fmt: skip


def current(run: Run) -> Method:
    """The method that is being asked for: the one picked, or the first that the tenant offers."""
    if run.flow.kind == "recover":
        return METHODS["email_code"]
    offered = run.tenant.settings.methods.sign_in
    return METHODS[run.facts.method if run.facts.method in offered else offered[0]]


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
    return Landed(facts, begun.effects, Message("email_code.resent", tone="success"))


def _landed(run: Run, method: Method, result: Proved) -> Result:
    person = result.person
    if person is None or person.status != "active":
        return not_active(run, person)
    facts = proven(run, person, method, proves_address=result.proves_address)
    effects = [*result.effects]
    if result.proves_address and not person.email_verified:
        effects.append(verifying(run, person, proved_password=False))
    return Landed(facts, tuple(effects))


def verifying(run: Run, person: Person, *, proved_password: bool) -> Effect:
    """The effect that marks the address as proven, and evicts what an unproven account held."""

    identifier_id = person.identifier_id
    assert identifier_id is not None

    def verify(session: Session) -> None:
        people.verify_email(
            session,
            run.acting(person.user_id),
            person.user_id,
            identifier_id,
            proved_password=proved_password,
        )

    return verify


def _others(run: Run) -> tuple[Action, ...]:
    if run.flow.kind == "recover":
        return ()
    method = current(run)
    offered = run.tenant.settings.methods.sign_in
    others = tuple(
        Action(f"use:{key}", Text(f"action.use_{key}"), "secondary", sends_fields=False)
        for key in offered
        if key != method.key
    )
    recoverable = method.key == "password" and run.tenant.settings.methods.recovery_open
    return (*others, _RECOVER) if recoverable else others
