"""The sign-up form: what a new person tells, kept with the flow until the address is proven."""

import json
from typing import Any

from app.addresses import BadAddress, parse_email
from app.database import read
from app.directory import names, organizations
from app.flow.facts import START, Facts, Named, PendingSignUp
from app.flow.realm import LOCAL
from app.flow.run import Run
from app.flow.screen import Action, Field, Screen, Text, visible
from app.flow.steps.base import Away, Landed, Result, Unprepared, to_continue
from app.flow.steps.identify import realm_of
from app.hashing import hashing
from app.identifiers import of_email
from app.methods.base import Answers, Refused
from app.methods.password import objection, prepared

_LONGEST_NAME = 80
_INSIDE_WORDS = "\u00a0\u200c\u200d"
"""The joiners and the space that names in French, Persian and Hindi are written with."""
_MOST_METADATA = 4_096
_SUBMIT = Action("continue", Text("action.create_account"))
_SIGN_IN = Action("sign_in", Text("action.have_account"), "link", sends_fields=False)


class Register(Unprepared):
    """Needs an address; a name, a password and an organization where the tenant asks for them."""

    key = "register"

    def needed(self, run: Run) -> str | None:
        """Until the form was sent."""
        if run.facts.user_id or (run.facts.sign_up and run.facts.realm == LOCAL):
            return None
        return "not_registered"

    def screen(self, run: Run) -> Screen | Away:
        """The form, with the fields that this tenant has."""
        if run.facts.realm not in (None, LOCAL):
            return Away(f"/connections/{run.facts.realm}/start")
        return Screen(
            name="sign_up",
            title=Text("sign_up.title"),
            subtitle=to_continue(run),
            fields=_fields(run),
            actions=(_SUBMIT, _SIGN_IN),
        )

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Check the form; the password is hashed here, whether or not the address is known."""
        if action == "sign_in":
            hint = answers.get("email") or run.facts.hint
            return Landed(START.learn(hint=hint, account=run.facts.account), kind="sign_in")
        errors = _errors(run, answers)
        if errors:
            return Refused(errors=errors, code=_code(errors))
        address = Named.of(of_email(parse_email(answers["email"])))
        return Landed(
            run.facts.learn(
                identifier=address,
                hint=address.value,
                realm=realm_of(run, address).id,
                sign_up=_pending(run, answers),
            )
        )

    def forget(self, facts: Facts) -> Facts:
        """The form is empty again, but for the address."""
        return facts.learn(identifier=None, realm=None, sign_up=None, challenge=None)


def _fields(run: Run) -> tuple[Field, ...]:
    settings = run.tenant.settings
    fields = [
        Field("display_name", "text", "field.display_name", "", "name", required=False),
        Field(
            "email",
            "email",
            "field.email",
            visible(run.facts.hint or run.asked.login_hint or ""),
            "email",
        ),
    ]
    if settings.methods.takes_password_at_sign_up:
        hint = Text("sign_up.password_hint", {"count": settings.passwords.min_length})
        required = settings.methods.needs_password
        label = "field.new_password" if required else "field.new_password_optional"
        fields.append(
            Field("password", "new_password", label, "", "new-password", required, hint=hint)
        )
    if settings.organizations.creation_open and settings.organizations.choice != "off":
        label = "field.organization_name_optional"
        fields.append(Field("organization_name", "text", label, "", "organization", False))
    return tuple(fields)


def _errors(run: Run, answers: Answers) -> dict[str, Text]:
    errors: dict[str, Text] = {}
    try:
        parse_email(answers.get("email", ""))
    except BadAddress:
        errors["email"] = Text("error.email_invalid")
    for name in ("display_name", "organization_name"):
        if not is_fit_name(answers.get(name, "")):
            errors[name] = Text("error.name_invalid")
    problem = _password_problem(run, answers)
    if problem:
        errors["password"] = problem
    if answers.get("organization") and _joined(run, answers) is None:
        errors["organization"] = Text("error.organization_closed")
    if answers.get("metadata") and _metadata(answers) is None:
        errors["metadata"] = Text("error.metadata_invalid")
    return errors


def is_fit_name(name: str) -> bool:
    """Whether a name can stand in pages and mails: short, one line, and no web address."""
    folded = name.casefold()
    clean = all(c.isprintable() or c in _INSIDE_WORDS for c in name)
    if name and not names.clean(name):
        return False
    return clean and len(name) <= _LONGEST_NAME and "://" not in folded and "www." not in folded


def _password_problem(run: Run, answers: Answers) -> Text | None:
    password = prepared(answers.get("password", ""))
    methods = run.tenant.settings.methods
    if not methods.takes_password_at_sign_up:
        return None
    if not password:
        return Text("error.password_missing") if methods.needs_password else None
    email = answers.get("email", "")
    context = (email, email.partition("@")[0], run.tenant.name)
    least = run.tenant.settings.passwords.min_length
    return objection(password, min_length=least, context=context)


def _pending(run: Run, answers: Answers) -> PendingSignUp:
    password = prepared(answers.get("password", ""))
    takes_password = run.tenant.settings.methods.takes_password_at_sign_up
    creates = run.tenant.settings.organizations.creation_open
    return PendingSignUp(
        display_name=answers.get("display_name", "").strip() or None,
        password_hash=hashing().hash(password) if password and takes_password else None,
        metadata=_metadata(answers) or {},
        organization_name=(answers.get("organization_name", "").strip() or None)
        if creates
        else None,
        join_organization=_joined(run, answers),
    )


def _joined(run: Run, answers: Answers) -> str | None:
    """The id of the organization to join: the one that the client asks for, or the one named."""
    wanted = run.asked.organization or answers.get("organization")
    if not wanted or not run.tenant.settings.organizations.joining_open:
        return None
    with read(run.tenant.id) as session:
        found = organizations.by_slug_or_id(session, wanted)
        return found.id if found and found.is_joinable and found.status == "active" else None


def _metadata(answers: Answers) -> dict[str, Any] | None:
    text = answers.get("metadata", "")
    if len(text) > _MOST_METADATA:
        return None
    try:
        value = json.loads(text) if text else {}
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) else None


def _code(errors: dict[str, Text]) -> str:
    return "email_invalid" if "email" in errors else "invalid_fields"
