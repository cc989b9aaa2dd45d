"""A JSON object in a text field: metadata that applications read."""

import json
from typing import Any

import wtforms
from wtforms.validators import ValidationError

LONGEST = 16_384
"""Characters."""


class JsonObject:
    """Only a JSON object, or nothing, which is an empty one."""

    def __call__(self, form: wtforms.Form, field: wtforms.Field) -> None:
        """Raise `ValidationError` for anything else."""
        text = field.data or ""
        if len(text) > LONGEST:
            raise ValidationError("console.form.too_long")
        try:
            found = json.loads(text) if text.strip() else {}
        except (ValueError, RecursionError):
            found = None
        if not isinstance(found, dict):
            raise ValidationError("console.form.not_json")

    @staticmethod
    def read(field: wtforms.Field) -> dict[str, Any]:
        """The object of a field that was valid."""
        found: dict[str, Any] = json.loads(field.data) if (field.data or "").strip() else {}
        return found


def as_text(document: dict[str, Any]) -> str:
    """The object as people edit it; empty where it is."""
    return json.dumps(document, indent=2, ensure_ascii=False) if document else ""
