"""What pydantic found wrong with a document, in words for people."""

from collections.abc import Mapping
from typing import Any

_OWN = "Value error, "
_WORDS = {
    "missing": "This is needed.",
    "extra_forbidden": "There is nothing of this name.",
    "greater_than_equal": "Must be {ge} or more.",
    "less_than_equal": "Must be {le} or less.",
    "greater_than": "Must be more than {gt}.",
    "less_than": "Must be less than {lt}.",
    "int_type": "Must be a whole number.",
    "int_parsing": "Must be a whole number.",
    "int_from_float": "Must be a whole number.",
    "bool_type": "Must be true or false.",
    "bool_parsing": "Must be true or false.",
    "string_type": "Must be a text.",
    "string_too_short": "Must have {min_length} characters or more.",
    "string_too_long": "Must not have more than {max_length} characters.",
    "literal_error": "Must be one of {expected}.",
    "too_short": "Choose {min_length} or more.",
    "too_long": "Must not have more than {max_length} values.",
}
"""pydantic's name of an error -> its sentence, filled with what the error tells beside."""


def sentence_of(error: Mapping[str, Any]) -> str:
    """One of `ValidationError.errors()` as a sentence; pydantic's own where there is none here."""
    said = _WORDS.get(error["type"])
    if said is None:
        return str(error["msg"]).removeprefix(_OWN)
    return said.format(**(error.get("ctx") or {}))
