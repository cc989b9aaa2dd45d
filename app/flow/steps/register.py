"""The sign-up form: what a new person tells, kept with the flow until every contact is proven."""

from dataclasses import replace

from app import clock, limits
from app.flow.facts import START, Facts, Named, PendingSignUp, Proof
from app.flow.realm import LOCAL
from app.flow.run import Run
from app.flow.screen import Action, Message, Screen, Text
from app.flow.steps import new_user, sign_up_form, upstream
from app.flow.steps.base import RESTART, Landed, Result, Unprepared, to_continue
from app.flow.steps.choose_realm import picked
from app.flow.steps.connect import CONNECT, social
from app.flow.steps.create_passkey import can_go_without, needs_passkey
from app.flow.steps.offered import contact_method
from app.flow.steps.single_sign_on import demanding_realm
from app.limits import Limit
from app.methods.base import Answers, Refused

_SUBMIT = Action("continue", Text("action.create_account"))
_PASSKEY = Action("passkey", Text("action.sign_up_with_passkey"), "secondary")
_SIGN_IN = Action("sign_in", Text("action.have_account"), "link", sends_fields=False)


class Register(Unprepared):
    """Needs an identifier; a name, a password, an organization and answers to the tenant's own
    questions where it asks for them."""

    key = "register"

    def needed(self, run: Run) -> str | None:
        """Until the form was sent."""
        pending = run.facts.sign_up
        is_told = pending is not None and not pending.is_open and run.facts.realm == LOCAL
        return None if run.facts.user_id or is_told else "not_registered"

    def screen(self, run: Run) -> Screen:
        """The form, with the fields that this tenant has and that nothing is known of yet."""
        proven = _proven(run)
        return Screen(
            name="sign_up",
            title=Text("sign_up.title"),
            subtitle=to_continue(run),
            fields=sign_up_form.fields(run),
            actions=(_SUBMIT, *_by_passkey(run), *_by_provider(run), _way_out(proven)),
            display={"proven": proven},
        )

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Check the form; the password is hashed here, whether or not the address is known."""
        if action == "sign_in":
            hint = _typed(answers) or run.facts.hint
            return Landed(START.learn(hint=hint, account=run.facts.account), kind="sign_in")
        if action.startswith(CONNECT):
            return _to_provider(run, action.removeprefix(CONNECT), answers)
        errors = sign_up_form.errors(run, answers)
        if action == "passkey" and not answers.get("password"):
            errors.pop("password", None)
        if errors:
            return Refused(errors=errors, code=_code(errors))
        refused = _username_refused(run, answers)
        pending = sign_up_form.pending(run, answers)
        wanted = bool(_by_passkey(run)) and (
            action == "passkey" or not can_go_without(run, pending)
        )
        wanted = wanted or needs_passkey(run, pending)
        return refused or _told(run, pending.model_copy(update={"with_passkey": wanted}))

    def forget(self, facts: Facts) -> Facts:
        """The form is empty again, but for what is known of the address; what was proven for it
        is forgotten too, as nobody is proven by it."""
        return facts.learn(
            identifier=None, realm=None, sign_up=None, challenge=None, proofs=(), upstream=None
        )


def _by_passkey(run: Run) -> tuple[Action, ...]:
    """The way to an account with a passkey, where the tenant has it."""
    methods = run.tenant.settings.methods
    return (_PASSKEY,) if "passkey" in methods.sign_up and "passkey" in methods.sign_in else ()


def _by_provider(run: Run) -> tuple[Action, ...]:
    """The providers that everybody may use, for whoever has not come from one."""
    return () if run.facts.upstream else social(run)


def _to_provider(run: Run, connection_id: str, answers: Answers) -> Result:
    """Off to a provider, which says who it is: what was proven before may be somebody else's."""
    found = picked(run.learned(upstream.given_up(run)), connection_id, answers)
    return replace(found, kind="sign_in") if isinstance(found, Landed) else found


def _way_out(proven: str) -> Action:
    return RESTART if proven else _SIGN_IN


def _told(run: Run, pending: PendingSignUp) -> Result:
    """On to the first contact to prove; where there is none, to the new user. An address that signs
    in at its organization's provider only goes there."""
    came_by = run.facts.upstream.connection_id if run.facts.upstream else None
    if pending.email and demanding_realm(run, pending.email.value, came_by) is not None:
        facts = START.learn(identifier=pending.email, hint=pending.email.value)
        return Landed(facts.learn(account=run.facts.account), kind="sign_in")
    named = pending.unproven or pending.email or pending.phone or pending.username
    facts = run.facts.learn(
        identifier=named,
        hint=named.value if named else run.facts.hint,
        realm=LOCAL,
        sign_up=pending,
    )
    if not _is_out(run.learned(facts), run.facts.hint):
        facts = facts.learn(challenge=None)
    if pending.unproven is not None:
        return Landed(facts)
    return new_user.create(run.learned(facts), pending, facts.proofs or _proof_of(pending))


def _is_out(run: Run, hint: str | None) -> bool:
    """Whether the contact was sent its code already: the form came once more, as by Back."""
    named, challenge = run.facts.identifier, run.facts.challenge
    if named is None or challenge is None or named.value != hint:
        return False
    return challenge.method == contact_method(run).key


def _proof_of(pending: PendingSignUp) -> tuple[Proof, ...]:
    """Of somebody who gave no contact, the password that was chosen just now."""
    if pending.password_hash is None:
        return (Proof(method="sign_up", amr=(), at=clock.now()),)
    return (Proof(method="password", amr=("pwd",), at=clock.now()),)


def _username_refused(run: Run, answers: Answers) -> Refused | None:
    """That a username is taken is told, as everybody does; so how often it is asked is counted."""
    typed = sign_up_form.username(run, answers)
    if typed is None:
        return None
    network = limits.network(run.actor.address)
    most = run.tenant.settings.limits.codes_per_network
    exceeded = limits.count(run.tenant.id, Limit("username.network", network, most))
    if exceeded:
        minutes = -(-exceeded.retry_after // 60)
        return Refused(
            message=Message("error.too_many_tries", {"count": minutes}),
            retry_after=exceeded.retry_after,
            code="rate_limited",
        )
    if new_user.is_taken(run, Named.of(typed)):
        return Refused(errors={"username": Text("error.username_taken")}, code="username_taken")
    return None


def _proven(run: Run) -> str:
    """The contact that is proven already, to be shown in place of its field."""
    pending = run.facts.sign_up
    if pending is None or not pending.is_open:
        return ""
    return next((n.value for n in (pending.email, pending.phone) if n), "")


def _typed(answers: Answers) -> str:
    given = (answers.get(kind, "") for kind in ("email", "phone", "username"))
    return next((text for text in given if text), "")


def _code(errors: dict[str, Text]) -> str:
    return "email_invalid" if "email" in errors else "invalid_fields"
