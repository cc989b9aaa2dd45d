"""What a person is shown, as plain data: the words that flow, methods and renderers share.

The name of a screen is at once its template, its JSON discriminator, its OpenAPI schema and its
preview in the console. Sentences are text ids with values; no renderer invents its own.
"""

from dataclasses import dataclass, field, replace
from typing import Any, Literal

Values = dict[str, str | int]
FieldKind = Literal[
    "email",
    "password",
    "new_password",
    "one_time_code",
    "text",
    "search",
    "checkbox",
    "select",
    "phone",
    "credential",
]


@dataclass(frozen=True)
class Text:
    """A sentence by id, with the values of its placeholders."""

    id: str
    values: Values = field(default_factory=dict)


@dataclass(frozen=True)
class Message:
    """A sentence that stands above the form and says what happened."""

    id: str
    values: Values = field(default_factory=dict)
    tone: Literal["error", "info", "success"] = "error"


@dataclass(frozen=True)
class Field:
    """One input. `label` is a text id; `length` is the number of digits of a one-time code.

    A question of the tenant's own brings what it says as `said`, in the person's language, and
    where that may be read as `url`; of `options`, plain texts, a `select` takes one.
    """

    name: str
    kind: FieldKind
    label: str
    value: str = ""
    autocomplete: str = ""
    required: bool = True
    error: Text | None = None
    hint: Text | None = None
    length: int | None = None
    said: str | None = None
    url: str | None = None
    options: tuple[str, ...] = ()


@dataclass(frozen=True)
class Choice:
    """One of several things to pick; its title is data, not a text id."""

    value: str
    title: str
    subtitle: Text | None = None
    initials: str = ""
    colour: int = 0


@dataclass(frozen=True)
class Action:
    """Something that may be done here. `waits_until` (milliseconds) says from when on; what is
    `hidden` is taken, but no button of this screen."""

    name: str
    label: Text
    style: Literal["primary", "secondary", "link", "hidden"] = "primary"
    sends_fields: bool = True
    waits_until: int | None = None
    ceremony: Literal["get", "create"] | None = None
    """Which method of `navigator.credentials` must fill the field `credential` first."""
    provider: str | None = None
    """The identity provider that it leads to, such as `google`; its name is in the label."""
    is_last_used: bool = False
    """Whether somebody came in this way last, on this very browser."""


@dataclass(frozen=True)
class Screen:
    """Everything that a renderer needs to draw one state of a flow."""

    name: str
    title: Text
    subtitle: Text | None = None
    fields: tuple[Field, ...] = ()
    choices: tuple[Choice, ...] = ()
    actions: tuple[Action, ...] = ()
    message: Message | None = None
    display: dict[str, Any] = field(default_factory=dict)

    def saying(self, message: Message | None) -> "Screen":
        """This screen with `message` above its form."""
        return replace(self, message=message)

    def offering(self, *actions: Action) -> "Screen":
        """This screen with more actions behind its own."""
        return replace(self, actions=(*self.actions, *actions))

    def displaying(self, **display: Any) -> "Screen":
        """This screen with more to show."""
        return replace(self, display={**self.display, **display})

    def asking(self, *fields: Field) -> "Screen":
        """This screen with more fields behind its own."""
        return replace(self, fields=(*self.fields, *fields))

    def with_errors(self, errors: dict[str, Text], values: dict[str, str]) -> "Screen":
        """This screen with errors tied to its fields and what was typed kept, secrets excepted."""
        return replace(
            self,
            fields=tuple(
                replace(
                    each,
                    error=errors.get(each.name),
                    value=visible(values.get(each.name, each.value)) if _is_kept(each) else "",
                )
                for each in self.fields
            ),
        )


def visible(text: str) -> str:
    """The text without control characters, which may not stand in a page that shows it again."""
    return "".join(c for c in text if c.isprintable())


def initials(name: str) -> str:
    """One or two letters that stand for a name on a tile."""
    words = [word for word in name.replace("@", " ").split() if word[0].isalnum()]
    return "".join(word[0] for word in words[:2]).upper() or "?"


def tile_colour(key: str) -> int:
    """One of eight tile colours, always the same for the same key."""
    return sum(key.encode()) % 8


def _is_kept(field: Field) -> bool:
    return field.kind not in ("password", "new_password", "one_time_code", "credential")
