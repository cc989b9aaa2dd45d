"""Prove it: any method that the tenant allows, one at a time, with a way to the others."""

from app import clock
from app.flow.facts import START, Facts
from app.flow.run import Run
from app.flow.screen import Action, Screen, Text
from app.flow.steps import last_used, new_user, upstream
from app.flow.steps.base import CHANGE, RESTART, Landed, Result
from app.flow.steps.choose_realm import picked
from app.flow.steps.connect import CONNECT
from app.flow.steps.demands import is_accepted
from app.flow.steps.landing import (
    is_first_proof_of_address,
    is_other,
    not_active,
    proven,
    verifying,
)
from app.flow.steps.linked_ways import buttons, is_only_way
from app.flow.steps.offered import first_factors, is_enrolment_due
from app.flow.steps.resending import resend
from app.flow.steps.single_sign_on import barred
from app.methods.base import Answers, Begun, Method, Proved, Refused

_RECOVER = Action("recover", Text("action.forgot_password"), "link", sends_fields=False)
_MAILED = ("email_code", "magic_link", "sms_code")


class Prove:
    """The first proof. Until it stands, nothing that is shown depends on the user, unless the user
    is known from a live session."""

    key = "prove"

    def needed(self, run: Run) -> str | None:
        """Until a proof exists that is fresh enough for what is asked, and of a method that the
        organization takes."""
        if not run.facts.proofs:
            return "no_proof"
        if run.flow.kind == "recover" and not any(map(run.facts.proven_by, _MAILED)):
            return "no_mailed_proof"
        if run.facts.auth_time < (run.asked.fresh_after or 0):
            return "stale_proof"
        if run.facts.session_id and is_enrolment_due(run) and _is_old(run):
            return "not_recent"
        # At recovery only the mailed proof counts; another method comes after the new password.
        is_other_due = run.flow.kind != "recover" and not is_accepted(run)
        return "method_not_accepted" if is_other_due else None

    def begin(self, run: Run) -> Begun | Refused | None:
        """Issue the challenge of the method, if it has one and none is out."""
        return current(run).begin(run.situation()) if self.is_unbegun(run) else None

    def is_unbegun(self, run: Run) -> bool:
        """Whether the method's challenge is not out yet."""
        if upstream.awaited(run) is not None or is_only_way(run):
            return False
        method, challenge = current(run), run.facts.challenge
        is_out = challenge is not None and challenge.method == method.key
        return method.sends_challenge and not is_out

    def screen(self, run: Run) -> Screen:
        """The method's own screen with the ways around it, or the way to a provider."""
        connection = upstream.awaited(run)
        if connection is not None:
            return upstream.screen(run, connection)
        if is_only_way(run):
            return _no_way()
        method = current(run)
        screen = method.screen(run.situation()).offering(*_others(run, method), *buttons(run))
        if run.flow.kind == "step_up":
            return screen
        screen = last_used.marked(run, screen, method.key).offering(CHANGE)
        return screen.offering(RESTART) if method.sends_challenge else screen

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Check the proof, send it again, or take another way."""
        if action.startswith(CONNECT):
            return picked(run, action.removeprefix(CONNECT), answers)
        connection = upstream.awaited(run)
        if connection is not None:
            return upstream.answer(run, connection, action, answers)
        method = current(run)
        if action.startswith("use:"):
            return Landed(run.facts.learn(method=action[4:], challenge=None))
        if action == "recover":
            typed = run.facts.identifier
            hint = typed.value if typed else run.facts.hint
            return Landed(START.learn(hint=hint, account=run.facts.account), kind="recover")
        if action == "resend":
            return resend(run, method)
        result = method.check(run.situation(), answers)
        return result if isinstance(result, Refused) else landed(run, method, result)

    def forget(self, facts: Facts) -> Facts:
        """Nothing is proven any more."""
        return facts.learn(
            proofs=(), support_recovery=None, user_id=None, person=None, address_verified=False,
            challenge=None, method=None, connection=None, upstream=None, upstream_proof=None,
            tying=None, belongings=(), granted=(), session_id=None, factors=(), mfa_required=False,
            trusted=False, trusts_browser=False, breached=False, password_due=False,
        )  # fmt: skip


def _no_way() -> Screen:
    """For somebody whose only provider was switched off, and who has nothing else."""
    return Screen(
        name="notice",
        title=Text("prove.no_way_title"),
        subtitle=Text("prove.no_way_subtitle"),
        actions=(RESTART,),
    )


def current(run: Run) -> Method:
    """The method that is being asked for: the one picked, or the first that is offered."""
    methods = first_factors(run)
    return next((each for each in methods if each.key == run.facts.method), methods[0])


def landed(run: Run, method: Method, result: Proved) -> Result:
    """The facts and effects of a first proof; the refusal of an account that is not active."""
    person = result.person
    if person is None and result.proves_address and _may_make_user(run):
        return new_user.first_sign_in(run, method, result)
    if person is None or person.status != "active" or is_other(run, person.user_id):
        return not_active(run, person)
    waiting = run.facts.upstream.connection_id if run.facts.upstream else None
    refused = barred(run, person, waiting)
    if refused is not None:
        return refused
    facts = proven(run, person, method, result)
    effects = [*result.effects]
    if is_first_proof_of_address(run, person, result):
        effects.append(verifying(run, person, proved_password=False))
    landed = Landed(facts, tuple(effects))
    return upstream.confirmed(run, landed, person) if run.facts.upstream else landed


def _may_make_user(run: Run) -> bool:
    """Whether this sign-in may make its user. A user who was erased after the code went out is not
    made anew by it."""
    methods = run.tenant.settings.methods
    is_open = methods.create_on_first_sign_in and methods.sign_up_open
    return is_open and run.flow.kind == "sign_in"


def _is_old(run: Run) -> bool:
    """Whether the live session is too old to set up a factor by: who found it open must not."""
    recent = run.tenant.settings.policy.recent_sign_in * clock.SECOND
    return run.facts.auth_time <= clock.now() - recent


def _others(run: Run, method: Method) -> tuple[Action, ...]:
    others = tuple(
        Action(f"use:{each.key}", Text(f"action.use_{each.key}"), "secondary", sends_fields=False)
        for each in first_factors(run)
        if each.key != method.key
    )
    is_forgotten = method.key == "password" and run.flow.kind != "step_up"
    recoverable = is_forgotten and run.tenant.settings.methods.recovery_open
    return (*others, _RECOVER) if recoverable else others
