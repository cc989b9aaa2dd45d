"""The sign-up form: its fields, what is wrong with what was typed, and what that comes to."""

import json
from typing import Any

from app.database import read
from app.directory import connections, names, organizations
from app.federation.identity import Identity
from app.flow.facts import Named, PendingSignUp
from app.flow.run import Run
from app.flow.screen import Field, FieldKind, Text, visible
from app.flow.steps import own_fields
from app.hashing import hashing
from app.identifiers import (
    BadIdentifier,
    Identifier,
    IdentifierKind,
    new_username,
    parse_as,
    parse_identifier,
)
from app.methods.base import Answers
from app.methods.password import objection, prepared

_LONGEST_NAME = 80
_INSIDE_WORDS = "\u00a0\u200c\u200d"
"""The joiners and the space that names in French, Persian and Hindi are written with."""
_MOST_METADATA = 4_096
_KEPT = ("display_name", "metadata")
"""What a client may tell of somebody new, beside the answers to the tenant's own questions."""
_KINDS: dict[IdentifierKind, tuple[FieldKind, str]] = {
    "email": ("email", "email"),
    "phone": ("phone", "tel"),
    "username": ("text", "username"),
}
"""The kind of a field and its autocomplete token, by what it is for."""
_LABELS = {"email": "field.email", "phone": "field.phone", "username": "field.username"}
_OPTIONAL_LABELS = {
    "email": "field.email_optional",
    "phone": "field.phone_optional",
    "username": "field.username_optional",
}
_INVALID = {
    "email": "error.email_invalid",
    "phone": "error.phone_invalid",
    "username": "error.username_invalid",
}


def fields(run: Run) -> tuple[Field, ...]:
    """The fields that this tenant has, but for a contact that is proven already."""
    settings = run.tenant.settings
    name = run.facts.told.get("display_name", "")
    found = [Field("display_name", "text", "field.display_name", name, "name", required=False)]
    found += [_identifier_field(run, kind) for kind in _asked_kinds(run)]
    if _takes_password(run):
        hint = Text("sign_up.password_hint", {"count": settings.passwords.min_length})
        required = needs_password(run)
        label = "field.new_password" if required else "field.new_password_optional"
        found.append(
            Field("password", "new_password", label, "", "new-password", required, hint=hint)
        )
    if _may_found(run):
        label = "field.organization_name_optional"
        found.append(Field("organization_name", "text", label, "", "organization", False))
    return (*found, *own_fields.fields(run))


def errors(run: Run, answers: Answers) -> dict[str, Text]:
    """What is wrong with what was typed, by the name of its field; says nothing of who is there."""
    found: dict[str, Text] = {}
    for kind in _asked_kinds(run):
        problem = _identifier_problem(run, kind, answers)
        if problem:
            found[kind] = problem
    for name in ("display_name", "organization_name"):
        if not is_fit_name(answers.get(name, "")):
            found[name] = Text("error.name_invalid")
    problem = _password_problem(run, answers)
    if problem:
        found["password"] = problem
    if answers.get("organization") and _joined(run, answers) is None:
        found["organization"] = Text("error.organization_closed")
    if answers.get("metadata") and _metadata(answers) is None:
        found["metadata"] = Text("error.metadata_invalid")
    return found | own_fields.errors(run, answers)


def errors_of_given(run: Run, answers: Answers) -> dict[str, Text]:
    """What is wrong with what a client gave with the way to a provider, where the rest of the form
    comes later if at all."""
    found = own_fields.errors_of_given(run, answers)
    if not is_fit_name(answers.get("display_name", "")):
        found["display_name"] = Text("error.name_invalid")
    if answers.get("metadata") and _metadata(answers) is None:
        found["metadata"] = Text("error.metadata_invalid")
    return found


def given(run: Run, answers: Answers) -> dict[str, str]:
    """The answers of the form that are among those given with the way to a provider."""
    own = (each.name for each in run.tenant.settings.sign_up.fields)
    return {name: answers[name] for name in (*own, *_KEPT) if answers.get(name)}


def told_by(run: Run, identity: Identity) -> dict[str, str]:
    """What a provider knows that the form asks, as far as it would do there."""
    known = {
        "given_name": identity.given_name,
        "family_name": identity.family_name,
        "locale": identity.locale,
        **identity.answers,
    }
    told = own_fields.fitting(run, {name: text for name, text in known.items() if text})
    is_fit = bool(identity.name) and is_fit_name(identity.name or "")
    return told | ({"display_name": identity.name or ""} if is_fit else {})


def pending(run: Run, answers: Answers) -> PendingSignUp:
    """What a form without errors comes to; hashes the password. What was told before it counts
    where the form does not ask, or does not come with an answer."""
    told = run.facts.told
    password = prepared(answers.get("password", ""))
    before = run.facts.sign_up or PendingSignUp()
    organization = answers.get("organization_name", "").strip() or None
    takes_password = _takes_password(run)
    typed = {kind: _named(run, kind, answers) for kind in _asked_kinds(run)}
    return PendingSignUp(
        display_name={**told, **answers}.get("display_name", "").strip() or None,
        password_hash=hashing().hash(password) if password and takes_password else None,
        metadata={
            **(_metadata(told) or {}),
            **(_metadata(answers) or {}),
            **own_fields.answers_of(run, answers),
        },
        organization_name=organization if _may_found(run) else None,
        join_organization=_joined(run, answers),
        email=typed.get("email") or (before.email if "email" in before.proven else None),
        phone=typed.get("phone") or (before.phone if "phone" in before.proven else None),
        username=typed.get("username"),
        proven=before.proven,
        consents=own_fields.consents_of(run, answers),
    )


def _may_found(run: Run) -> bool:
    """Whether somebody new may make an organization: not on the way to one that awaits them."""
    settings, upstream = run.tenant.settings.organizations, run.facts.upstream
    if not settings.creation_open or settings.choice == "off" or run.asked.invitation:
        return False
    connection = upstream and connections.find_usable(run.tenant.id, upstream.connection_id)
    return not (connection and connection.organization_id)


def username(run: Run, answers: Answers) -> Identifier | None:
    """The username in a form without errors; None without one."""
    asks = "username" in _asked_kinds(run) and answers.get("username", "").strip()
    return _parsed(run, "username", answers) if asks else None


def asks_more(run: Run, proven: IdentifierKind) -> bool:
    """Whether who has proven a contact of this kind must still be asked for something."""
    settings = run.tenant.settings
    kinds = (kind for kind in settings.identifiers.kinds if kind != proven)
    is_named = any(getattr(settings.identifiers, kind) == "required" for kind in kinds)
    return is_named or any(each.required for each in settings.sign_up.fields)


def needs_password(run: Run) -> bool:
    """Whether a password must be chosen: where nothing else lets anybody in, and where there is no
    contact that a code could be sent to."""
    settings = run.tenant.settings
    has_contact = {"email", "phone"} & {*settings.identifiers.kinds}
    return settings.methods.needs_password or not (
        has_contact or "passkey" in settings.methods.sign_up
    )


def is_fit_name(name: str) -> bool:
    """Whether a name can stand in pages and mails: short, one line, and no web address."""
    folded = name.casefold()
    clean = all(c.isprintable() or c in _INSIDE_WORDS for c in name)
    if name and not names.clean(name):
        return False
    return clean and len(name) <= _LONGEST_NAME and "://" not in folded and "www." not in folded


def _takes_password(run: Run) -> bool:
    """Whether a password may be chosen: not by somebody who has a way in by their provider."""
    return run.tenant.settings.methods.takes_password_at_sign_up and run.facts.upstream is None


def _asked_kinds(run: Run) -> tuple[IdentifierKind, ...]:
    proven = run.facts.sign_up.proven if run.facts.sign_up else ()
    return tuple(kind for kind in run.tenant.settings.identifiers.kinds if kind not in proven)


def _identifier_field(run: Run, kind: IdentifierKind) -> Field:
    field_kind, autocomplete = _KINDS[kind]
    required = getattr(run.tenant.settings.identifiers, kind) == "required"
    label = (_LABELS if required else _OPTIONAL_LABELS)[kind]
    hint = Text("sign_up.username_hint") if kind == "username" else None
    value = _known_of(run, kind)
    return Field(kind, field_kind, label, value, autocomplete, required, hint=hint)


def _known_of(run: Run, kind: IdentifierKind) -> str:
    """What was typed before, in the field that it belongs to."""
    known = visible(run.facts.hint or run.asked.login_hint or "")
    accepted = run.tenant.settings.identifiers
    if accepted.kinds == (kind,):
        return known
    try:
        found = parse_identifier(known, accepted.kinds, accepted.default_region)
    except BadIdentifier:
        return known if kind == "email" and "@" in known else ""
    return known if found.kind == kind else ""


def _identifier_problem(run: Run, kind: IdentifierKind, answers: Answers) -> Text | None:
    if not answers.get(kind, "").strip():
        return _missing(run, kind, answers)
    try:
        _parsed(run, kind, answers)
    except BadIdentifier:
        return Text(_INVALID[kind])
    return None


def _missing(run: Run, kind: IdentifierKind, answers: Answers) -> Text | None:
    """An optional name may be left out, but not all of them."""
    accepted = run.tenant.settings.identifiers
    if getattr(accepted, kind) == "required":
        return Text(_INVALID[kind])
    is_first = accepted.kinds[0] == kind
    is_nameless = not any(answers.get(each, "").strip() for each in accepted.kinds)
    is_proven = bool(run.facts.sign_up and run.facts.sign_up.proven)
    return Text("error.contact_missing") if is_first and is_nameless and not is_proven else None


def _parsed(run: Run, kind: IdentifierKind, answers: Answers) -> Identifier:
    text = answers.get(kind, "")
    if kind == "username":
        return new_username(text)
    return parse_as(kind, text, run.tenant.settings.identifiers.default_region)


def _named(run: Run, kind: IdentifierKind, answers: Answers) -> Named | None:
    return Named.of(_parsed(run, kind, answers)) if answers.get(kind, "").strip() else None


def _password_problem(run: Run, answers: Answers) -> Text | None:
    password = prepared(answers.get("password", ""))
    settings = run.tenant.settings
    if not _takes_password(run):
        return None
    if not password:
        return Text("error.password_missing") if _is_needed_here(run, answers) else None
    known = [run.tenant.name]
    for kind in settings.identifiers.kinds:
        text = answers.get(kind, "").strip()
        known += [text, text.partition("@")[0]]
    return objection(password, min_length=settings.passwords.min_length, context=tuple(known))


def _is_needed_here(run: Run, answers: Answers) -> bool:
    """Whether this very person could not sign in without: a contact was left out, or cannot be."""
    before = run.facts.sign_up
    is_reachable = any(answers.get(kind, "").strip() for kind in ("email", "phone"))
    is_proven = before is not None and bool(before.proven)
    has_passkey = "passkey" in run.tenant.settings.methods.sign_up
    return needs_password(run) or not (is_reachable or is_proven or has_passkey)


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
