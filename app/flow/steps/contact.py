"""Prove the contact itself: at sign-up before there is a user, one after the other; later for an
address that never was."""

from dataclasses import replace

from app.directory.people import Person
from app.flow.facts import START, Facts, PendingSignUp
from app.flow.run import Run
from app.flow.screen import Message, Screen
from app.flow.steps import new_user
from app.flow.steps.base import CHANGE, RESTART, Landed, Result
from app.flow.steps.demands import goes_on_as
from app.flow.steps.landing import (
    is_first_proof_of_address,
    not_active,
    proof_of,
    proven,
    verifying,
)
from app.flow.steps.linking import tied_at_the_end
from app.flow.steps.offered import contact_method
from app.flow.steps.resending import resend
from app.flow.steps.single_sign_on import barred
from app.methods import METHODS
from app.methods.base import Answers, Begun, Proved, Purpose, Refused


class VerifyContact:
    """A code or link to the address. At sign-up its success is what creates the user."""

    key = "verify_contact"

    def needed(self, run: Run) -> str | None:
        """While a sign-up waits for its address, or a user's address is unproven."""
        pending = run.facts.sign_up
        if pending is not None and pending.handle is None and run.facts.user_id is None:
            return "sign_up_pending"
        if run.facts.user_id and not run.facts.address_verified and run.facts.identifier:
            return "address_unverified"
        return None

    def begin(self, run: Run) -> Begun | Refused | None:
        """Send the code, unless one is out."""
        if not self.is_unbegun(run):
            return None
        return contact_method(run).begin(run.situation(_purpose(run)))

    def is_unbegun(self, run: Run) -> bool:
        """Whether no code or link for this purpose is out, of the kind that the tenant has now."""
        challenge, method = run.facts.challenge, contact_method(run)
        wanted = (method.key, _purpose(run))
        return challenge is None or (challenge.method, challenge.purpose) != wanted

    def screen(self, run: Run) -> Screen:
        """Asks for the code."""
        screen = contact_method(run).screen(run.situation(_purpose(run)))
        ways_out = (RESTART,) if run.flow.kind == "verify" else (CHANGE, RESTART)
        return screen.offering(*ways_out)

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Check the code, or send another."""
        method = contact_method(run)
        if action == "resend":
            return resend(run, method, _purpose(run))
        result = method.check(run.situation(_purpose(run)), answers)
        if isinstance(result, Refused):
            return result
        if run.facts.sign_up is not None and run.facts.user_id is None:
            return _signed_up(run, result, run.facts.sign_up)
        return _verified(run, result)

    def forget(self, facts: Facts) -> Facts:
        """The address is unproven again."""
        return facts.learn(challenge=None)


def _purpose(run: Run) -> Purpose:
    return "sign_up" if run.facts.sign_up and run.facts.user_id is None else "verify"


def _verified(run: Run, result: Proved) -> Result:
    person = result.person
    if person is None or person.user_id != run.facts.user_id:
        return not_active(run, person)
    proved_password = run.facts.has_given("pwd") or run.facts.has_given("pop")
    verify = verifying(run, person, proved_password=proved_password)
    facts = run.facts.learn(address_verified=True, challenge=None)
    if not proved_password:
        facts = facts.learn(factors=())  # They go with everything else that was set up unproven.
    return Landed(facts, (*result.effects, verify))


def _signed_up(run: Run, result: Proved, pending: PendingSignUp) -> Result:
    if result.person is not None:
        return _existing(run, result, result.person)
    named = run.facts.identifier
    assert named is not None
    proofs = (*run.facts.proofs, proof_of(contact_method(run), result))
    pending = pending.model_copy(update={"proven": (*pending.proven, named.kind)})
    following = pending.unproven
    if following is None:
        return new_user.create(run, pending, proofs, result.effects)
    facts = run.facts.learn(identifier=following, sign_up=pending, proofs=proofs, challenge=None)
    return Landed(facts, result.effects)


def _existing(run: Run, result: Proved, person: Person) -> Result:
    """The contact turned out to have an account: its owner stands before us, so sign in to it, by
    the provider that their organization asks for where it does. What was proven before that is no
    proof of this person."""
    identity = run.facts.upstream
    if person.status != "active":
        return not_active(run, person)
    refused = barred(run, person, identity.connection_id if identity else None)
    if refused is not None:
        return refused
    message = Message("sign_up.account_exists", tone="info")
    effects = list(result.effects)
    if is_first_proof_of_address(run, person, result):
        effects.append(verifying(run, person, proved_password=False))
    method = contact_method(run)
    accepted = {METHODS[key].category for key in run.tenant.settings.methods.sign_in}
    if method.category not in accepted:
        facts = START.learn(hint=_hint(run), account=run.facts.account)
        return Landed(facts, tuple(effects), message, kind="sign_in")
    facts = proven(run.learned(run.facts.learn(proofs=())), person, method, result)
    landed = Landed(facts.learn(sign_up=None), tuple(effects), message)
    if identity:
        landed = tied_at_the_end(run, landed, identity)
    return replace(landed, kind=goes_on_as(run.learned(landed.facts)))


def _hint(run: Run) -> str | None:
    return run.facts.identifier.value if run.facts.identifier else None
