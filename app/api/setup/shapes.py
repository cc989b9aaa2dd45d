"""What the setup API answers with."""

from typing import Any

from pydantic import BaseModel, Field

from app import language, tenancy
from app.api.account.shapes import Moment
from app.flow.screen import Text
from app.setup.guides import Guide
from app.text import translate


class FieldShown(BaseModel):
    """A value that must be fetched at the provider."""

    name: str
    kind: str = Field(description="text, url, secret or private_key")
    required: bool


class Provider(BaseModel):
    """A provider that there is a guide for."""

    key: str
    name: str
    protocol: str
    steps: list[str] = Field(description="The guide, sentence by sentence")
    fields: list[FieldShown]


class ConnectionShown(BaseModel):
    """A connection, or the place of one that was begun."""

    id: str
    provider: str
    protocol: str
    name: str
    status: str = Field(description="begun, draft, active or disabled")
    ours: dict[str, str] = Field(description="What is entered at the provider")
    theirs: dict[str, str] = Field(description="What was entered here, secrets left out")


class DomainShown(BaseModel):
    """A claim to a mail domain."""

    id: str
    domain: str
    has_subdomains: bool
    is_proven: bool
    record_name: str = Field(description="Where the TXT record must stand")
    record_value: str


class FindingShown(BaseModel):
    """What came of a test, or of a sign-in that failed."""

    id: str
    at: Moment
    is_test: bool
    diagnosis: str = Field(description="A stable id; `ok` when nothing was wrong")
    check: str = Field(description="Which check failed, in words")
    fix: str | None = Field(description="What to do about it at this provider")
    arrived: dict[str, Any]


def say(text: Text) -> str:
    """The sentence in the language of the request."""
    overrides = tenancy.current().settings.texts.overrides
    return translate(language.current_locale(), text.id, text.values, overrides)


def provider(guide: Guide) -> Provider:
    """A guide as JSON."""
    return Provider(
        key=guide.key,
        name=guide.name,
        protocol=guide.protocol,
        steps=[say(Text(each.text, {**guide.words})) for each in guide.steps],
        fields=[
            FieldShown(name=each.name, kind=each.kind, required=each.required)
            for each in guide.all_fields
        ],
    )
