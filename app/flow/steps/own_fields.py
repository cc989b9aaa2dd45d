"""The tenant's own questions at sign-up: how they are asked, and what answers are taken."""

from datetime import UTC, datetime
from typing import Any

from app import clock
from app.directory.settings import SignUpField
from app.flow.run import Run
from app.flow.screen import Field, FieldKind, Text
from app.methods.base import Answers
from app.patterns import matches

_KINDS: dict[str, FieldKind] = {
    "text": "text",
    "choice": "select",
    "checkbox": "checkbox",
    "consent": "checkbox",
}
_TICKED = frozenset(("yes", "on", "true"))
_UNTICKED = frozenset(("", "no", "off", "false"))


def fields(run: Run) -> tuple[Field, ...]:
    """One field for each question, in the person's language, with what is known already; nobody
    consents by what somebody else filled in."""
    return tuple(_field(run, asked) for asked in run.tenant.settings.sign_up.fields)


def errors(run: Run, answers: Answers) -> dict[str, Text]:
    """What is wrong with the answers, by the name of the field."""
    found = {
        asked.name: _error(asked, answers.get(asked.name, "").strip())
        for asked in run.tenant.settings.sign_up.fields
    }
    return {name: error for name, error in found.items() if error is not None}


def fitting(run: Run, answers: Answers) -> dict[str, str]:
    """Those of the answers, given elsewhere, that would do here as they are; no consents."""
    return {
        asked.name: answers[asked.name].strip()
        for asked in run.tenant.settings.sign_up.fields
        if asked.kind != "consent"
        and answers.get(asked.name, "").strip()
        and _error(asked, answers[asked.name].strip()) is None
    }


def errors_of_given(run: Run, answers: Answers) -> dict[str, Text]:
    """What is wrong with those answers that are given at all."""
    return {name: error for name, error in errors(run, answers).items() if name in answers}


def answers_of(run: Run, answers: Answers) -> dict[str, Any]:
    """What goes to the public metadata: texts and choices that were given, and every checkbox."""
    kept: dict[str, Any] = {}
    for asked in run.tenant.settings.sign_up.fields:
        given = answers.get(asked.name, "").strip()
        if asked.kind == "checkbox":
            kept[asked.name] = given in _TICKED
        elif asked.kind in ("text", "choice") and given:
            kept[asked.name] = given
    return kept


def consents_of(run: Run, answers: Answers) -> tuple[dict[str, str | None], ...]:
    """What was consented to, of which version, when, in which language and from where."""
    now = datetime.fromtimestamp(clock.now_seconds(), UTC).isoformat().replace("+00:00", "Z")
    return tuple(
        {
            "name": asked.name,
            "version": asked.version,
            "at": now,
            "locale": run.locale,
            "address": run.actor.address,
        }
        for asked in run.tenant.settings.sign_up.fields
        if asked.kind == "consent" and answers.get(asked.name, "").strip() in _TICKED
    )


def _field(run: Run, asked: SignUpField) -> Field:
    return Field(
        asked.name,
        _KINDS[asked.kind],
        f"sign_up.fields.{asked.name}",
        "" if asked.kind == "consent" else run.facts.told.get(asked.name, ""),
        required=asked.required,
        said=asked.label_in(run.locale, run.tenant.settings.texts.default_locale),
        url=str(asked.url) if asked.url else None,
        options=asked.choices,
    )


def _error(asked: SignUpField, given: str) -> Text | None:
    if asked.kind in ("checkbox", "consent"):
        return _error_of_tick(asked, given)
    if not given:
        return Text("error.field_missing") if asked.required else None
    if asked.kind == "choice":
        return None if given in asked.choices else Text("error.choice_unknown")
    if len(given) > asked.max_length:
        return Text("error.field_long", {"count": asked.max_length})
    is_fit = given.isprintable() and (asked.pattern is None or matches(asked.pattern, given))
    return None if is_fit else Text("error.field_form")


def _error_of_tick(asked: SignUpField, given: str) -> Text | None:
    if given not in _TICKED | _UNTICKED:
        return Text("error.field_form")
    if asked.required and given not in _TICKED:
        is_consent = asked.kind == "consent"
        return Text("error.consent_missing" if is_consent else "error.field_missing")
    return None
