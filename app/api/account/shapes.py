"""How times and texts look in the account API."""

from typing import Annotated

from pydantic import PlainSerializer, StringConstraints, WithJsonSchema

from app.headless.rendering import moment

Moment = Annotated[
    int,
    PlainSerializer(moment, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
"""Milliseconds inside, RFC 3339 in UTC outside."""
Short = Annotated[str, StringConstraints(max_length=1_024)]
Label = Annotated[str, StringConstraints(max_length=200)]
