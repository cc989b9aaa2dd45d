"""Who is it? An identifier, and from its domain the realm, before any challenge exists."""

from dataclasses import replace

from app.flow.facts import START, Facts, Named
from app.flow.run import Run
from app.flow.screen import Action, Field, Screen, Text, visible
from app.flow.steps import last_used, upstream
from app.flow.steps.base import CONTINUE, Landed, Result, Unprepared, to_continue
from app.flow.steps.choose_realm import picked, realm_of, settled_realm
from app.flow.steps.connect import CONNECT, button, social
from app.flow.steps.invited import is_sign_up_open
from app.flow.steps.offered import first_factors
from app.flow.steps.prove import landed
from app.identifiers import BadIdentifier, parse_identifier
from app.methods import METHODS
from app.methods.base import Answers, Refused

_SIGN_UP = Action("sign_up", Text("action.sign_up"), "link", sends_fields=False)
_SIGN_IN = Action("sign_in", Text("action.back_to_sign_in"), "link", sends_fields=False)
_PASSKEY = Action("passkey", Text("action.use_passkey"), "secondary", ceremony="get")


class Identify(Unprepared):
    """Asks for an identifier, or for a passkey that knows whose it is; says nothing about whether
    anybody has it."""

    key = "identify"

    def needed(self, run: Run) -> str | None:
        """Until an identifier is typed, or a provider or a proven person stands in for it."""
        facts = run.facts
        known = facts.identifier or facts.user_id or facts.session_id
        return None if known or upstream.awaited(run) else "no_identifier"

    def screen(self, run: Run) -> Screen:
        """One field; at recovery the same with its own words."""
        recovering = run.flow.kind == "recover"
        screen = Screen(
            name="identify",
            title=Text("recover.title" if recovering else "identify.title", _named(run)),
            subtitle=Text("recover.subtitle") if recovering else to_continue(run),
            fields=(identifier_field(run),),
            actions=(CONTINUE,),
            display={"sign_up_open": is_sign_up_open(run)},
        )
        if takes_passkey(run):
            shown = METHODS["passkey"].screen(run.situation())
            screen = screen.asking(*shown.fields).offering(_PASSKEY)
            screen = screen.displaying(passkey=shown.display["passkey"])
        return _used_last_first(run, screen.offering(*social(run), *_ways_out(run)))

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Take the identifier and find its realm, or a passkey, or go elsewhere."""
        typed = _typed(answers)
        if action in ("sign_up", "sign_in"):
            hint = typed or run.facts.hint
            return Landed(START.learn(hint=hint, account=run.facts.account), kind=action)  # type: ignore[arg-type]
        if action == "passkey":
            return _by_passkey(run, answers)
        if action.startswith(CONNECT):
            return picked(run, action.removeprefix(CONNECT), answers)
        accepted = run.tenant.settings.identifiers
        try:
            found = parse_identifier(typed, accepted.kinds, accepted.default_region)
        except BadIdentifier:
            field = identifier_field(run)
            return Refused(errors={field.name: Text(_error(run))}, code=f"{field.name}_invalid")
        named = Named.of(found)
        is_elsewhere = run.flow.kind == "recover" and realm_of(run, named).is_required
        return Landed(
            run.facts.learn(
                identifier=named,
                hint=found.value,
                realm=settled_realm(run, named),
                can_passkey=bool(answers.get("can_passkey")) or run.facts.can_passkey,
            ),
            kind="sign_in" if is_elsewhere else None,
        )

    def forget(self, facts: Facts) -> Facts:
        """The identifier goes, what was typed stays as a hint."""
        return facts.learn(identifier=None, realm=None)


def identifier_field(run: Run) -> Field:
    """The field for whatever the tenant takes, filled with what is known of it."""
    hint = visible(run.facts.hint or run.asked.login_hint or "")
    kinds = run.tenant.settings.identifiers.kinds
    if kinds == ("email",):
        return Field("email", "email", "field.email", hint, "username webauthn")
    label = f"field.{'_or_'.join(kinds)}"
    return Field("identifier", "text", label, hint, "username webauthn")


def takes_passkey(run: Run) -> bool:
    """Whether somebody may sign in by a passkey without saying who they are."""
    return run.flow.kind == "sign_in" and any(
        method.key == "passkey" for method in first_factors(run)
    )


def _by_passkey(run: Run, answers: Answers) -> Result:
    method = METHODS["passkey"]
    result = method.check(run.situation(), answers)
    return result if isinstance(result, Refused) else landed(run, method, result)


def _used_last_first(run: Run, screen: Screen) -> Screen:
    """The way that somebody took last on this browser in front, where it begins at this screen: a
    passkey or a provider, an organization's too."""
    if run.flow.kind == "recover":
        return screen
    known = last_used.connection(run)
    if known is not None and not known.is_social:
        screen = screen.offering(button(known))
    marked = last_used.marked(run, screen)
    in_front = sorted(marked.actions, key=lambda each: not each.is_last_used)
    return replace(marked, actions=tuple(in_front))


def _typed(answers: Answers) -> str:
    """The identifier under the name that its field has, or under that of its kind."""
    given = (answers.get(name, "") for name in ("identifier", "email", "phone", "username"))
    return next((text for text in given if text), "")


def _error(run: Run) -> str:
    kinds = run.tenant.settings.identifiers.kinds
    return "error.email_invalid" if kinds == ("email",) else "error.identifier_invalid"


def _ways_out(run: Run) -> tuple[Action, ...]:
    if run.flow.kind == "recover":
        return (_SIGN_IN,)
    return (_SIGN_UP,) if is_sign_up_open(run) else ()


def _named(run: Run) -> dict[str, str | int]:
    return {"tenant": run.brand.name}
