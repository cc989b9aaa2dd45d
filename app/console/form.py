"""Forms of the console: WTForms, with text ids for labels, and refusals of the directory at the
field that they are about."""

from collections.abc import Iterable
from typing import Any, ClassVar

import wtforms
from wtforms.fields import SelectChoice  # type: ignore[attr-defined]
from wtforms.validators import InputRequired, Length, ValidationError

from app import text
from app.directory.errors import BadValue, Refused

Choice = tuple[str, str]
"""A value, and the text id or the words that stand for it."""


def choices(pairs: Iterable[Choice]) -> Any:
    """What a select or radio field offers."""
    return [SelectChoice(value, label) for value, label in pairs]


class _Words:
    """WTForms' own sentences as text ids of ours."""

    _OURS: ClassVar = {"Not a valid integer value.": "console.form.whole_number"}

    def gettext(self, sentence: str) -> str:
        return self._OURS.get(sentence, sentence)

    def ngettext(self, one: str, many: str, number: int) -> str:
        return one if number == 1 else many


class Form(wtforms.Form):
    """A form of the console. Labels, descriptions and choices are text ids."""

    class Meta:
        """What WTForms asks of a form."""

        def get_translations(self, form: wtforms.Form) -> _Words:
            """Our sentences in place of those of WTForms."""
            return _Words()

    def __init__(self, formdata: Any = None, **kwargs: Any) -> None:
        # Nothing was sent with a GET: WTForms would take that for boxes that are not ticked.
        super().__init__(formdata or None, **kwargs)
        self.refusals: list[str] = []
        """What is wrong with the form as a whole: text ids or sentences."""

    def refuse(self, field: str | None, sentence: str) -> None:
        """Say what is wrong at a field, or above the form where there is no such field."""
        if field is not None and field in self._fields:
            named = self._fields[field]
            named.errors = [*named.errors, sentence]
        else:
            self.refusals.append(sentence)

    def refuse_as(self, refusal: Refused) -> None:
        """Say what the directory refused."""
        self.refuse(refusal.field if isinstance(refusal, BadValue) else None, str(refusal))


class Needed(InputRequired):
    """Something must be there."""

    def __init__(self) -> None:
        super().__init__("console.form.needed")


class AtMost(Length):
    """At most so many characters."""

    def __init__(self, most: int) -> None:
        super().__init__(max=most, message="console.form.too_long")


class OneOf:
    """Only what is offered, with a sentence of ours."""

    def __init__(self, values: tuple[str, ...]) -> None:
        self._values = values

    def __call__(self, form: wtforms.Form, field: wtforms.Field) -> None:
        """Raise `ValidationError` for anything else."""
        if field.data not in self._values:
            raise ValidationError("console.form.not_offered")


def told_as(sentence: str, translate: Any) -> str:
    """A text id as its sentence, and a sentence as it is."""
    return str(translate(sentence)) if text.has_text(sentence) else sentence


def attributes(field: wtforms.Field) -> dict[str, Any]:
    """What ties a field to its error and hint."""
    given: dict[str, Any] = {}
    if field.errors:
        given["aria-invalid"] = "true"
    about = described(field)
    if about:
        given["aria-describedby"] = about
    if is_fixed(field):
        given["disabled"] = True
    return given


def described(field: wtforms.Field) -> str:
    """The ids of what describes a field."""
    ids = [f"{field.id}-error"] if field.errors else []
    if field.description:
        ids.append(f"{field.id}-hint")
    return " ".join(ids)


def is_fixed(field: wtforms.Field) -> bool:
    """Whether a field is only shown, because a file owns what it is about."""
    return bool((field.render_kw or {}).get("disabled"))
