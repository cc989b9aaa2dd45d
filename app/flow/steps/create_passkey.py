"""Sign-up with a passkey: every contact is proven, the passkey is made, then there is a user."""

from app import clock
from app.database import read
from app.directory import people, policy
from app.flow.facts import START, Facts, PendingSignUp, Proof
from app.flow.run import Run
from app.flow.screen import Action, Message, Screen, Text
from app.flow.steps import new_user, passkey_making
from app.flow.steps.base import RESTART, Landed, Result, Unprepared
from app.flow.steps.demands import goes_on_as
from app.flow.steps.landing import place_to_be
from app.flow.steps.show_recovery_codes import with_codes_where_due
from app.methods import passkey_registration
from app.methods.base import Answers, Refused
from app.methods.passkey import VERIFIED, Passkey
from app.methods.passkey_challenge import decoded
from app.methods.passkey_registration import Checked, Holder

_WITHOUT = Action("skip", Text("action.without_passkey"), "link", sends_fields=False)


class CreatePasskey(Unprepared):
    """The account appears in the transaction that keeps its passkey."""

    key = "create_passkey"

    def needed(self, run: Run) -> str | None:
        """While a sign-up waits for the passkey that was chosen at its form."""
        return "passkey_awaited" if _awaiting(run) else None

    def screen(self, run: Run) -> Screen:
        """The ceremony; and a way without, where the person could sign in by something else."""
        pending = _awaiting(run)
        assert pending is not None
        screen = passkey_making.screen_for_new(run, "create_passkey", _holder(pending))
        ways = (_WITHOUT,) if can_go_without(run, pending) else ()
        return screen.offering(*ways, RESTART)

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Make the user, with the passkey or without."""
        pending = _awaiting(run)
        assert pending is not None
        if _is_taken(run, pending):
            message = Message("sign_up.account_exists", tone="info")
            return Landed(START.learn(hint=run.facts.hint), (), message, kind="sign_in")
        if action == "skip":
            return _created(run, pending)
        if not answers.get("credential"):
            return passkey_making.MISSING
        checked = passkey_registration.check(
            run.tenant,
            binding=passkey_making.binding(run),
            credential=answers["credential"],
            label=answers.get("label"),
            user_agent=run.actor.user_agent,
        )
        return checked if isinstance(checked, Refused) else _with_passkey(run, pending, checked)

    def forget(self, facts: Facts) -> Facts:
        """What was told goes with the form."""
        return facts


def can_go_without(run: Run, pending: PendingSignUp) -> bool:
    """Whether such a person could sign in by something else than a passkey, and so that the
    organization takes it which they join."""
    methods = {*_allowed(run, pending)}
    by_mail = pending.email is not None and methods & {"email_code", "magic_link"}
    by_phone = pending.phone is not None and "sms_code" in methods
    by_password = pending.password_hash and "password" in methods
    by_provider = run.facts.upstream and methods == {*run.tenant.settings.methods.sign_in}
    return bool(by_mail or by_phone or by_password or by_provider)


def needs_passkey(run: Run, pending: PendingSignUp) -> bool:
    """Whether only a passkey will do, because of the organization that is joined."""
    allowed = _allowed(run, pending)
    is_narrowed = allowed != run.tenant.settings.methods.sign_in
    return is_narrowed and "passkey" in allowed and not can_go_without(run, pending)


def _allowed(run: Run, pending: PendingSignUp) -> tuple[str, ...]:
    joined = pending.join_organization
    places = place_to_be(run, joined, ()) if joined else ()
    return policy.allowed_methods(run.tenant.settings, places[0] if places else None)


def _awaiting(run: Run) -> PendingSignUp | None:
    pending = run.facts.sign_up
    return pending if pending and pending.handle and run.facts.user_id is None else None


def _holder(pending: PendingSignUp) -> Holder:
    named = pending.email or pending.phone or pending.username
    name = named.value if named else pending.display_name or ""
    return Holder(decoded(pending.handle or ""), name, pending.display_name or name)


def _is_taken(run: Run, pending: PendingSignUp) -> bool:
    """Whether somebody else signed up with the same contact meanwhile."""
    with read(run.tenant.id) as session:
        return any(
            people.find(session, each.identifier) is not None
            for each in (pending.email, pending.phone)
            if each is not None
        )


def _created(run: Run, pending: PendingSignUp) -> Landed:
    decided = pending.model_copy(update={"with_passkey": False})
    return new_user.create(run, decided, run.facts.proofs)


def _with_passkey(run: Run, pending: PendingSignUp, checked: Checked) -> Landed:
    landed = _created(run, pending)
    user_id = landed.facts.user_id
    if user_id is None:  # The form asks for another username first, and then for a passkey again.
        again = landed.facts.sign_up
        assert again is not None
        kept = again.model_copy(update={"with_passkey": True, "handle": None})
        return Landed(landed.facts.learn(sign_up=kept), landed.effects, landed.message)
    facts = landed.facts.learn(
        factors=tuple(sorted({*landed.facts.factors, Passkey.key})),
        proofs=(
            *landed.facts.proofs,
            Proof(method=Passkey.key, amr=VERIFIED, at=clock.now()),
        ),
        passkey_offered=True,
    )
    keep = passkey_registration.keeping(checked, run.acting(user_id), user_id)
    kind = goes_on_as(run.learned(facts))
    done = Landed(facts, (*landed.effects, keep), landed.message, kind=kind)
    return with_codes_where_due(run, done)
