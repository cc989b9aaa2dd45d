"""The states in which a screen can be looked at: as it begins, filled in, with an error, and with
the longest words that people really have."""

from dataclasses import replace
from typing import Any, Literal, get_args

from app.flow.screen import Choice, Field, Message, Screen, Text

State = Literal["empty", "filled", "error", "long"]
STATES: tuple[State, ...] = get_args(State)

ADDRESS = "jane@example.com"
LONG_ADDRESS = "maximiliane.von-hohenstein-altenburg@research.department.northwind-example.com"
LONG_NAME = "Maximiliane Theodora von Hohenstein-Altenburg and Partners International Holding"
_TYPED = {
    "email": ADDRESS,
    "phone": "+1 415-555-0123",
    "display_name": "Jane Doe",
    "name": "Northwind Labs",
    "label": "My phone",
    "search": "north",
    "username": "jane.doe",
}
_PERSONAL = frozenset(
    {"person", "client", "client_name", "organization", "name", "identifier", "masked", "email"}
    | {"account", "app"}
)
"""Values of sentences, and things displayed, that are somebody's or some company's own words."""
_ERRORS = {
    "email": Text("error.email_invalid"),
    "phone": Text("error.phone_invalid"),
    "password": Text("error.password_wrong"),
    "new_password": Text("error.password_short", {"count": 8}),
    "checkbox": Text("error.consent_missing"),
    "select": Text("error.field_missing"),
    "code": Text("error.recovery_code_wrong"),
    "text": Text("error.name_invalid"),
}
_WRONG_CODE = Message("error.code_wrong", {"count": 4})
_TOO_OFTEN = Message("error.too_many_tries", {"count": 12})


def in_state(screen: Screen, state: State) -> Screen:
    """The screen in that state, without what only a ceremony of the browser would fill."""
    shown = replace(
        screen, fields=tuple(each for each in screen.fields if each.kind != "credential")
    )
    return {"empty": _empty, "filled": _filled, "error": _wrong, "long": _long}[state](shown)


def _empty(screen: Screen) -> Screen:
    return replace(screen, fields=tuple(replace(each, value="") for each in screen.fields))


def _filled(screen: Screen) -> Screen:
    return replace(
        screen, fields=tuple(replace(each, value=_typed(each)) for each in screen.fields)
    )


def _wrong(screen: Screen) -> Screen:
    """Each field with the error that it can have; a code, and a screen without fields, say theirs
    above the form."""
    screen = _filled(screen)
    if not screen.fields:
        return screen.saying(_TOO_OFTEN)
    if any(each.kind == "one_time_code" for each in screen.fields):
        return screen.saying(_WRONG_CODE)
    return replace(
        screen, fields=tuple(replace(each, error=_error(each)) for each in screen.fields)
    )


def _long(screen: Screen) -> Screen:
    subtitle = screen.subtitle
    return replace(
        screen,
        title=_said_long(screen.title),
        subtitle=_said_long(subtitle) if subtitle else None,
        fields=tuple(replace(each, value=_lengthened(_typed(each))) for each in screen.fields),
        choices=tuple(_long_choice(each) for each in screen.choices),
        display={name: _long_value(name, each) for name, each in screen.display.items()},
    )


def _typed(field: Field) -> str:
    if field.kind == "checkbox":
        return "yes"
    if field.kind == "select":
        return field.options[0] if field.options else ""
    if field.kind in ("email", "phone"):
        return _TYPED[field.kind]
    return _TYPED.get(field.name, "")


def _error(field: Field) -> Text | None:
    if field.kind == "search":
        return None
    return _ERRORS.get(field.name) or _ERRORS.get(field.kind)


def _said_long(text: Text) -> Text:
    return Text(text.id, {name: _long_value(name, each) for name, each in text.values.items()})


def _long_choice(choice: Choice) -> Choice:
    subtitle = choice.subtitle
    return replace(
        choice,
        title=_lengthened(choice.title),
        subtitle=_said_long(subtitle) if subtitle else None,
    )


def _long_value(name: str, value: Any) -> Any:
    return _lengthened(value) if name in _PERSONAL and isinstance(value, str) else value


def _lengthened(value: str) -> str:
    if not value:
        return value
    return LONG_ADDRESS if "@" in value else LONG_NAME
