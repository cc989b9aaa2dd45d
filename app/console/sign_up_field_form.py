"""The form of one question at sign-up: what it is called, how it is answered, what is asked."""

from collections.abc import Mapping
from typing import Any

from flask import request
from pydantic import ValidationError
from wtforms import BooleanField, IntegerField, RadioField, StringField, TextAreaField
from wtforms.validators import Optional as MayBeEmpty
from wtforms.widgets import NumberInput

from app import text
from app.console.form import AtMost, Form, Needed, OneOf, choices
from app.directory.settings import OWN_FIELDS, SignUpField
from app.directory.tenants import Tenant
from app.directory.wrong_values import sentence_of

_KINDS = ("text", "choice", "checkbox", "consent")
_OF_KIND = {
    "text": ("max_length", "pattern"),
    "choice": ("choices",),
    "checkbox": (),
    "consent": ("version", "url"),
}
"""What a question of each kind has beside the rest."""
_LABEL = "label_"


class FieldForm(Form):
    """One question. What is asked stands in one more field for each language."""

    name = StringField(
        "console.sign_up_fields.name",
        validators=[Needed(), AtMost(40)],
        description="console.sign_up_fields.name_hint",
    )
    kind = RadioField(
        "console.sign_up_fields.kind",
        choices=choices((kind, f"console.sign_up_fields.kind_{kind}") for kind in _KINDS),
        default="text",
        validators=[OneOf(_KINDS)],
    )
    required = BooleanField("console.sign_up_fields.required")
    max_length = IntegerField(
        "console.sign_up_fields.max_length",
        default=200,
        validators=[MayBeEmpty()],
        widget=NumberInput(min=1, max=1_000),
        description="console.sign_up_fields.max_length_hint",
    )
    pattern = StringField(
        "console.sign_up_fields.pattern",
        validators=[AtMost(200)],
        description="console.sign_up_fields.pattern_hint",
    )
    choices = TextAreaField(
        "console.sign_up_fields.choices",
        validators=[AtMost(5_000)],
        description="console.sign_up_fields.choices_hint",
    )
    version = StringField(
        "console.sign_up_fields.version",
        validators=[AtMost(40)],
        description="console.sign_up_fields.version_hint",
    )
    url = StringField(
        "console.sign_up_fields.url",
        validators=[AtMost(2_000)],
        description="console.sign_up_fields.url_hint",
    )

    @property
    def labels(self) -> list[tuple[str, Any, str]]:
        """A language, the field of what is asked in it, and its name."""
        return [
            (name.removeprefix(_LABEL), field, text.language_name(name.removeprefix(_LABEL)))
            for name, field in self._fields.items()
            if name.startswith(_LABEL)
        ]

    def document(self, tenant: Tenant) -> dict[str, Any]:
        """The question as the settings keep it: only what its kind has."""
        kind = str(self.kind.data)
        given: dict[str, Any] = {
            "max_length": self.max_length.data,
            "pattern": (self.pattern.data or "").strip(),
            "choices": [line.strip() for line in (self.choices.data or "").splitlines()],
            "version": (self.version.data or "").strip(),
            "url": (self.url.data or "").strip(),
        }
        given["choices"] = [line for line in given["choices"] if line]
        labels = {locale: (field.data or "").strip() for locale, field, _ in self.labels}
        return {
            "name": (self.name.data or "").strip(),
            "kind": kind,
            "label": {locale: words for locale, words in labels.items() if words},
            "required": bool(self.required.data),
            **{name: given[name] for name in _OF_KIND[kind] if given[name] not in (None, "", [])},
        }

    def problems(self, document: Mapping[str, Any], taken: set[str]) -> dict[str, str]:
        """Field -> what is wrong with it, as a text id or a sentence; empty for a good question."""
        found: dict[str, str] = {}
        if document["name"] in taken | OWN_FIELDS:
            found["name"] = "console.sign_up_fields.name_taken"
        if not str(document.get("url", "https://")).startswith("https://"):
            found["url"] = "console.sign_up_fields.bad_url"
        try:
            SignUpField.model_validate(document)
        except ValidationError as error:
            for each in error.errors():
                field = _field_of(each, str(document["kind"]))
                found.setdefault(field, _said(each, field))
        return found


def filled(tenant: Tenant, data: Mapping[str, Any] | None) -> FieldForm:
    """The form with what was sent, or else what is known, in every language of the tenant."""
    settings = tenant.settings.texts
    known = [name.removeprefix(_LABEL) for name in data or {} if name.startswith(_LABEL)]
    locales = dict.fromkeys([settings.default_locale, *settings.locales, *known])
    fields = {
        f"{_LABEL}{each}": StringField(
            "console.sign_up_fields.label",
            validators=[AtMost(300), *([Needed()] if each == settings.default_locale else [])],
        )
        for each in locales
    }
    made: type[FieldForm] = type("FieldForm", (FieldForm,), fields)
    return made(request.form if request.method == "POST" else None, data=data)


def as_document(field: SignUpField) -> dict[str, Any]:
    """A question as the settings keep it."""
    return field.model_dump(mode="json", exclude_unset=True)


def as_data(field: SignUpField) -> dict[str, Any]:
    """A question as its form shows it."""
    return {
        **field.model_dump(mode="json", exclude={"label", "choices"}),
        "choices": "\n".join(field.choices),
        **{f"{_LABEL}{locale}": words for locale, words in field.label.items()},
    }


def tell(form: FieldForm, problems: Mapping[str, str]) -> None:
    """Say what is wrong, each at its field."""
    for field, sentence in problems.items():
        form.refuse(field if field in form._fields else None, sentence)


def _field_of(error: Any, kind: str) -> str:
    """The field of a refusal: where it says, or else what this kind of question lacks."""
    where = [str(part) for part in error["loc"]]
    if where[:1] == ["label"] and len(where) > 1:
        return f"{_LABEL}{where[1]}"
    if where:
        return where[0]
    return {"text": "pattern", "choice": "choices", "consent": "version"}.get(kind, "kind")


def _said(error: Any, field: str) -> str:
    named = f"console.sign_up_fields.bad_{field}"
    if text.has_text(named) and field != "pattern":
        return named
    return sentence_of(error)
