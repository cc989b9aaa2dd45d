"""One provider's guide: where to click there, step by step, and what of it is entered here."""

from dataclasses import dataclass
from typing import Literal

from app.federation.providers import PRESETS, Field
from app.federation.providers.saml import SAML_PRESETS
from app.setup.pictures import Picture

_METADATA = (
    Field("metadata_url", "url", required=False),
    Field("metadata", "text", required=False),
)
_GENERAL = ("generic", "generic_saml", "custom_oidc")
_OAUTH = ("github", "facebook", "discord")
_ON_PAGES = frozenset(
    {
        "directory_id",
        "issuer",
        "hosted_domains",
        "client_id",
        "client_secret",
        "private_key",
        "key_id",
        "team_id",
        "audience",
        "directories",
        "groups_claim",
        "metadata_url",
    }
)
_BESIDE = frozenset({"private_key", "key_id"})
"""What may stand in place of a secret at some providers: on pages only where it must be given."""


@dataclass(frozen=True)
class Step:
    """One numbered sentence, and its drawing where one helps."""

    text: str
    """A text id."""
    picture: Picture | None = None


@dataclass(frozen=True)
class Guide:
    """One way to connect one provider. Its key is the connection's `provider`."""

    key: str
    name: str
    protocol: Literal["oidc", "saml"]
    steps: tuple[Step, ...]

    @property
    def is_general(self) -> bool:
        """Whether it is for any provider of its standard, so that its name is nobody's."""
        return self.key in _GENERAL

    @property
    def standard(self) -> str:
        """The name of what it connects by."""
        if self.key in _OAUTH:
            return "OAuth 2"
        return "SAML 2.0" if self.protocol == "saml" else "OpenID Connect"

    @property
    def words(self) -> dict[str, str]:
        """The names of attributes that the sentences of a SAML guide speak of."""
        if self.protocol != "saml":
            return {}
        mapping = SAML_PRESETS[self.key].mapping
        return {
            "email": mapping.email,
            "given_name": mapping.given_name or "",
            "family_name": mapping.family_name or "",
        }

    @property
    def all_fields(self) -> tuple[Field, ...]:
        """What can be entered here at the end."""
        return _METADATA if self.protocol == "saml" else PRESETS[self.key].fields

    @property
    def fields(self) -> tuple[Field, ...]:
        """What of it the pages ask for."""
        return tuple(
            each
            for each in self.all_fields
            if each.name in _ON_PAGES and (each.required or each.name not in _BESIDE)
        )
