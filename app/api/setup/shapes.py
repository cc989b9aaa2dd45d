"""What the setup API answers with."""

from typing import Any

from pydantic import BaseModel, Field

from app import language, tenancy
from app.api.account.shapes import Moment
from app.flow.screen import Text
from app.setup.guide import Guide
from app.setup.pictures import Picture
from app.text import translate


class FieldShown(BaseModel):
    """A value that must be fetched at the provider."""

    name: str
    kind: str = Field(description="text, url, secret or private_key")
    required: bool


class LineShown(BaseModel):
    """One line of a drawing, in the provider's own words."""

    label: str
    ours: str | None = Field(description="Which member of `ours` goes there")
    theirs: str | None = Field(description="Which of the `fields` takes what is found there")
    value: str | None = Field(description="What to choose or to type there")


class PictureShown(BaseModel):
    """What a drawing of the provider's page is made of."""

    kind: str = Field(description="menu, form or people")
    lines: list[LineShown]
    marked: int = Field(description="Which line of a menu is meant, from 0")
    button: str | None = Field(description="What is pressed next")


class StepShown(BaseModel):
    """One step of a guide."""

    text: str
    picture: PictureShown | None


class Provider(BaseModel):
    """A provider that there is a guide for."""

    key: str
    name: str
    protocol: str
    steps: list[StepShown] = Field(description="The guide")
    fields: list[FieldShown]


class ConnectionShown(BaseModel):
    """A connection, or the place of one that was begun."""

    id: str
    provider: str
    protocol: str
    name: str
    status: str = Field(description="begun, draft, active or disabled")
    is_tested: bool = Field(description="Whether a test found it well as it is set up now")
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
        steps=[
            StepShown(
                text=say(Text(each.text, {**guide.words})),
                picture=_picture(each.picture) if each.picture else None,
            )
            for each in guide.steps
        ],
        fields=[
            FieldShown(name=each.name, kind=each.kind, required=each.required)
            for each in guide.all_fields
        ],
    )


def _picture(drawn: Picture) -> PictureShown:
    lines = [
        LineShown(
            label=each.label,
            ours=each.ours or None,
            theirs=each.theirs or None,
            value=each.value or None,
        )
        for each in drawn.lines
    ]
    return PictureShown(
        kind=drawn.kind, lines=lines, marked=drawn.marked, button=drawn.button or None
    )
