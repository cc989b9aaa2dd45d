"""How pages and mails look: what a tenant decides, and an organization or client in its place."""

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, HttpUrl, StringConstraints, UrlConstraints, field_validator

from app.directory import names
from app.directory.section import Colour, Locale, Section
from app.text import placeholders

AssetId = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{32}$")]
HttpsUrl = Annotated[HttpUrl, UrlConstraints(allowed_schemes=["https"], max_length=500)]
"""Never `javascript:`, never plain http: people are sent there from a sign-in page."""
Seen = AfterValidator(names.clean)
"""Without what cannot be seen: a page, a mail and a console show the name beside their own words,
which no mark in it may turn around."""
Heading = Annotated[
    str, StringConstraints(min_length=1, max_length=120, pattern=r"^[^\r\n]*$"), Seen
]
Typeface = Literal["inter", "atkinson", "nunito", "source_serif", "jetbrains_mono", "system"]

PICTURES = ("logo", "logo_dark", "icon", "panel_image")
"""The members that name an uploaded picture."""
HEADING_PLACEHOLDERS = frozenset({"tenant_name"})


class Brand(Section):
    """How pages and mails look."""

    name: Annotated[str, StringConstraints(max_length=80), Seen] | None = None
    """Shown instead of the tenant's name."""
    logo: AssetId | None = None
    logo_dark: AssetId | None = None
    """Shown in its place in the dark theme."""
    icon: AssetId | None = None
    """Of browser tabs; without one, the first letter on the accent."""
    accent: Colour = "#4f46e5"
    background: Colour | None = None
    layout: Literal["centered", "split", "plain"] = "centered"
    panel_image: AssetId | None = None
    """Fills the panel of the split layout; without one, a gradient of the accent."""
    corners: Literal["square", "soft", "round"] = "soft"
    typeface: Typeface = "inter"
    tagline: Annotated[str, StringConstraints(max_length=160), Seen] | None = None
    """On the brand panel of the split layout."""
    heading: dict[Locale, Heading] = {}
    """Locale -> heading of the first page of a sign-in, with `{{ tenant_name }}` where wanted."""
    privacy_url: HttpsUrl | None = None
    terms_url: HttpsUrl | None = None
    support_url: HttpsUrl | None = None

    @field_validator("heading")
    @classmethod
    def _only_known_placeholders(cls, heading: dict[str, str]) -> dict[str, str]:
        for sentence in heading.values():
            unknown = placeholders(sentence) - HEADING_PLACEHOLDERS
            if unknown:
                raise ValueError(
                    f"{{{{ {min(unknown)} }}}} is not known; use {{{{ tenant_name }}}}."
                )
        return heading

    def __hash__(self) -> int:
        """Of its content, as for every section; a dict alone has none."""
        return hash(self.model_dump_json())


def overridden(base: Brand, document: Mapping[str, Any]) -> Brand:
    """`base` with the members that `document` names in place of its own; raises
    `pydantic.ValidationError`."""
    return Brand.model_validate({**base.model_dump(), **document})
