"""Forms made of sections of the settings: one field for each member, by its type and limits."""

from dataclasses import dataclass
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import wtforms
from flask import request
from pydantic import BaseModel
from pydantic.fields import FieldInfo
from wtforms import BooleanField, IntegerField, RadioField, SelectMultipleField, StringField
from wtforms.validators import Optional as MayBeEmpty
from wtforms.widgets import NumberInput, TextArea

from app import text
from app.console.door import Admin
from app.console.form import Choice, Form, choices
from app.database import read, write
from app.directory import settings_store
from app.directory.errors import StaleRow
from app.directory.section import Section
from app.directory.settings import SECTIONS
from app.directory.settings_store import BadSettings, Revision

REVISION = "revision"
OWNER = "console"


@dataclass(frozen=True)
class Filled:
    """A section as it is shown: its form, and who owns what is published."""

    section: str
    form: Form
    revision: int
    owner: str | None
    """`file`, `console` or `cli`; None while nothing was ever published."""

    @property
    def is_fixed(self) -> bool:
        """Whether a file owns it, so that it can only be looked at."""
        return self.owner == "file"


def sent_form() -> Any:
    """What was sent with a POST; None for a page that is only looked at."""
    return request.form if request.method == "POST" else None


def show(
    admin: Admin, section: str, names: tuple[str, ...] = (), *, is_sent: bool = True
) -> Filled:
    """The form of a section, or of some of its members, filled with what was sent or else with
    what counts now. Without `is_sent` it shows what counts now, whatever
    was sent."""
    published = _published(admin, section)
    owner = published.owner if published else None
    current: Section = getattr(admin.tenant.settings, section)
    made = _form_of(section, names, is_fixed=owner == "file" or not admin.may("settings.publish"))
    form = made(sent_form() if is_sent else None, data=_as_data(current, names))
    return Filled(section, form, published.revision if published else 0, owner)


def save(admin: Admin, filled: Filled) -> bool:
    """Publish what was sent; False where the form now says what is wrong, such as that somebody
    else published in the meantime. Raises `OwnedByFile`."""
    if not filled.form.validate():
        return False
    document, read_at = _document(admin, filled), request.form.get(REVISION, 0, type=int)
    try:
        with write(admin.tenant.id) as session:
            settings_store.publish(
                session, admin.actor, filled.section, document, owner=OWNER, expected=read_at
            )
    except StaleRow:
        filled.form.refuse(None, "console.form.stale")
        return False
    except BadSettings as refusal:
        for problem in refusal.problems:
            _tell(filled.form, problem)
        return False
    return True


def move_up(form: Form, value: str) -> None:
    """Put one of several values before the one in front of it; `value` is FIELD:VALUE."""
    name, _, moved = value.partition(":")
    field = form._fields.get(name)
    if not isinstance(field, OrderedField) or moved not in (field.data or ()):
        return
    values = list(field.data or ())
    place = values.index(moved)
    values.insert(max(place - 1, 0), values.pop(place))
    field.data = values


def _published(admin: Admin, section: str) -> Revision | None:
    with read(admin.tenant.id) as session:
        known = settings_store.history(session, section)
    return next((each for each in known if each.state == "published"), None)


def _document(admin: Admin, filled: Filled) -> dict[str, Any]:
    """What counts now, with what the form says in its place."""
    current: Section = getattr(admin.tenant.settings, filled.section)
    kept = current.model_dump(mode="json", exclude_unset=True)
    return kept | {name: _as_value(field) for name, field in filled.form._fields.items()}


def _as_value(field: wtforms.Field) -> Any:
    if isinstance(field, ListField):
        return field.data or []
    if isinstance(field, StringField | RadioField):
        return field.data or None
    return field.data


def _as_data(current: Section, names: tuple[str, ...]) -> dict[str, Any]:
    dumped = current.model_dump(mode="json")
    return {name: dumped[name] for name in dumped if not names or name in names}


def _tell(form: Form, problem: str) -> None:
    """A problem begins with the name of the member that it is about."""
    name, _, sentence = problem.partition(": ")
    first = name.partition(".")[0].partition(",")[0]
    form.refuse(first if sentence else None, sentence or problem)


def _form_of(section: str, names: tuple[str, ...], *, is_fixed: bool) -> type[Form]:
    model: type[BaseModel] = SECTIONS[section]
    fields = {
        name: _field_of(section, name, info, is_fixed=is_fixed)
        for name, info in model.model_fields.items()
        if not names or name in names
    }
    made: type[Form] = type(f"{section.title()}Form", (Form,), fields)
    return made


def _field_of(section: str, name: str, info: FieldInfo, *, is_fixed: bool) -> Any:
    label = f"console.settings.{section}.{name}"
    hint = f"{label}_hint"
    kind, may_be_empty = _bare(info.annotation)
    common: dict[str, Any] = {
        "description": hint if text.has_text(hint) else "",
        "render_kw": {"disabled": True} if is_fixed else None,
        "validators": [MayBeEmpty()],
    }
    if kind is bool:
        return BooleanField(label, **common)
    if kind is int:
        return IntegerField(label, widget=_number(info), **common)
    if get_origin(kind) is Literal:
        return _radio(label, get_args(kind), may_be_empty=may_be_empty, **common)
    if get_origin(kind) is tuple:
        return _several(label, get_args(kind)[0], **common)
    return StringField(label, **common)


def _radio(label: str, values: tuple[str, ...], *, may_be_empty: bool, **common: Any) -> Any:
    offered = [*([("", "console.settings.not_set")] if may_be_empty else []), *_named(values)]
    return RadioField(label, choices=choices(offered), **common)


def _several(label: str, item: Any, **common: Any) -> Any:
    bare, _ = _bare(item)
    if get_origin(bare) is Literal:
        return OrderedField(
            label,
            choices=choices(_named(get_args(bare))),
            option_widget=wtforms.widgets.CheckboxInput(),
            widget=wtforms.widgets.ListWidget(prefix_label=False),
            **common,
        )
    return ListField(label, **common)


class OrderedField(SelectMultipleField):
    """Several of some values in an order: those that are chosen stand first, in theirs, so that
    they come back in it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.type = "SelectMultipleField"

    def iter_choices(self) -> Any:
        """The choices, those that are chosen first."""
        chosen = list(self.data or ())
        return iter(
            sorted(
                super().iter_choices(),
                key=lambda choice: chosen.index(choice[0]) if choice[0] in chosen else len(chosen),
            )
        )


class ListField(wtforms.Field):
    """A value on each line."""

    widget: Any = TextArea()
    data: list[str]

    def _value(self) -> str:
        return "\n".join(self.data or ())

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Lines without what stands around them; empty ones are none."""
        lines = "\n".join(map(str, valuelist)).splitlines()
        self.data = [line.strip() for line in lines if line.strip()]


def _named(values: tuple[str, ...]) -> list[Choice]:
    return [(value, f"console.choice.{value}") for value in values]


def _number(info: FieldInfo) -> NumberInput:
    limits = [info, *info.metadata, *_metadata(info.annotation)]
    least = next((e.ge for e in limits if getattr(e, "ge", None) is not None), None)
    most = next((e.le for e in limits if getattr(e, "le", None) is not None), None)
    return NumberInput(step=1, min=least, max=most)


def _metadata(annotation: Any) -> list[Any]:
    if get_origin(annotation) is not Annotated:
        return []
    _, *rest = get_args(annotation)
    return [inner for each in rest for inner in (each, *getattr(each, "metadata", ()))]


def _bare(annotation: Any) -> tuple[Any, bool]:
    """The type without its annotations, and whether it may be None."""
    if get_origin(annotation) is Annotated:
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, UnionType):
        kinds = [each for each in get_args(annotation) if each is not NoneType]
        bare, _ = _bare(kinds[0])
        return bare, True
    return annotation, False
