"""Who is it? The address, and from its domain the realm, before any challenge exists."""

from app.addresses import BadAddress, parse_email
from app.flow import realm
from app.flow.facts import START, Address, Facts
from app.flow.run import Run
from app.flow.screen import Action, Field, Screen, Text, visible
from app.flow.steps.base import CONTINUE, Landed, Result, Unprepared, to_continue
from app.methods.base import Answers, Refused

_SIGN_UP = Action("sign_up", Text("action.sign_up"), "link", sends_fields=False)
_SIGN_IN = Action("sign_in", Text("action.back_to_sign_in"), "link", sends_fields=False)


class Identify(Unprepared):
    """Asks for the email address; says nothing about whether anybody has it."""

    key = "identify"

    def needed(self, run: Run) -> str | None:
        """Until an address is typed or a live session stands in for it."""
        known = run.facts.address or run.facts.session_id
        return None if known else "no_identifier"

    def screen(self, run: Run) -> Screen:
        """One field; at recovery the same with its own words."""
        recovering = run.flow.kind == "recover"
        return Screen(
            name="identify",
            title=Text("recover.title" if recovering else "identify.title", _named(run)),
            subtitle=Text("recover.subtitle") if recovering else to_continue(run),
            fields=(email_field(run),),
            actions=(CONTINUE, *_ways_out(run)),
            display={"sign_up_open": run.tenant.settings.methods.sign_up_open},
        )

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Take the address and find its realm, or go to sign-up or back to sign-in."""
        if action in ("sign_up", "sign_in"):
            hint = answers.get("email") or run.facts.hint
            return Landed(START.learn(hint=hint, account=run.facts.account), kind=action)  # type: ignore[arg-type]
        try:
            email = parse_email(answers.get("email", ""))
        except BadAddress:
            return Refused(errors={"email": Text("error.email_invalid")}, code="email_invalid")
        address = Address.of(email)
        return Landed(
            run.facts.learn(address=address, hint=email.value, realm=realm_of(run, address).id)
        )

    def forget(self, facts: Facts) -> Facts:
        """The address goes, what was typed stays as a hint."""
        return facts.learn(address=None, realm=None)


def email_field(run: Run) -> Field:
    """The field for the address, filled with what is known of it."""
    hint = visible(run.facts.hint or run.asked.login_hint or "")
    return Field("email", "email", "field.email", hint, "username webauthn")


def realm_of(run: Run, address: Address) -> realm.Realm:
    """Where the address signs in."""
    return realm.discover(address.domain, run.connections(run.tenant.id, address.domain))


def _ways_out(run: Run) -> tuple[Action, ...]:
    if run.flow.kind == "recover":
        return (_SIGN_IN,)
    return (_SIGN_UP,) if run.tenant.settings.methods.sign_up_open else ()


def _named(run: Run) -> dict[str, str | int]:
    return {"tenant": run.tenant.settings.brand.name or run.tenant.name}
