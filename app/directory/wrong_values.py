"""What pydantic found wrong with a document, in words for people."""

from collections.abc import Callable, Mapping
from typing import Any

_Context = Mapping[str, Any]
_OWN = "Value error, "
_WORDS: dict[str, Callable[[_Context], str]] = {
    "missing": lambda context: "This is needed.",
    "extra_forbidden": lambda context: "There is nothing of this name.",
    "greater_than_equal": lambda context: f"Must be {context['ge']} or more.",
    "less_than_equal": lambda context: f"Must be {context['le']} or less.",
    "greater_than": lambda context: f"Must be more than {context['gt']}.",
    "less_than": lambda context: f"Must be less than {context['lt']}.",
    "int_type": lambda context: "Must be a whole number.",
    "int_parsing": lambda context: "Must be a whole number.",
    "int_from_float": lambda context: "Must be a whole number.",
    "bool_type": lambda context: "Must be true or false.",
    "bool_parsing": lambda context: "Must be true or false.",
    "string_type": lambda context: "Must be a text.",
    "string_too_short": lambda context: _count("Must have", context["min_length"], "character"),
    "string_too_long": lambda context: (
        f"Must not have more than {context['max_length']} characters."
    ),
    "literal_error": lambda context: f"Must be one of {context['expected']}.",
    "too_short": lambda context: _count("Must have", context["min_length"], "value"),
    "too_long": lambda context: f"Must not have more than {context['max_length']} values.",
}
"""pydantic's name of an error -> its sentence, from what the error tells beside."""


def sentence_of(error: Mapping[str, Any]) -> str:
    """One of `ValidationError.errors()` as a sentence; pydantic's own where there is none here."""
    said = _WORDS.get(error["type"])
    if said is None:
        return str(error["msg"]).removeprefix(_OWN)
    return said(error.get("ctx") or {})


def _count(what: str, number: int, thing: str) -> str:
    return f"{what} at least {number} {thing}{'' if number == 1 else 's'}."
