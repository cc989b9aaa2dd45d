"""What a provider is to us: how its connection is made, and where it differs from its protocol."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from app.directory.connection_settings import OAuthSettings, OidcSettings
from app.directory.connections import parse_settings
from app.directory.errors import MissingValue

Claims = Mapping[str, Any]


@dataclass(frozen=True)
class Field:
    """A value that whoever connects the provider must fetch there, or may."""

    name: str
    kind: Literal["text", "url", "secret", "private_key"] = "text"
    required: bool = True


CLIENT_ID = Field("client_id")
CLIENT_SECRET = Field("client_secret", "secret")
ISSUER = Field("issuer", "url")


def _nothing(_settings: OidcSettings | OAuthSettings) -> dict[str, str]:
    return {}


@dataclass(frozen=True)
class Quirks:
    """Where a provider differs from its protocol. The defaults are what the protocol says."""

    uses_pkce: bool = True
    """OpenID only: whether the provider copes with PKCE (RFC 7636)."""
    echoes_nonce: bool = True
    """Whether ID tokens repeat the nonce. Where not, a wrong one is still refused."""
    other_yes: tuple[str | int, ...] = ()
    """What counts as `true` for an address too; only where the provider is known to write it so."""
    prompts: Mapping[str, Mapping[str, str]] | None = None
    """`prompt` value -> the parameters that mean it here; others are left out, and so is `max_age`.
    None: as they are named in OpenID Connect."""
    login_hint: str | None = "login_hint"
    """The parameter that names the account; None where there is none."""
    parameters: Callable[[OidcSettings | OAuthSettings], dict[str, str]] = _nothing
    """What else the authorization request says."""
    directory: str | None = None
    """The claim that names the person's directory, for the allow list of the settings."""
    is_multi_directory: bool = False
    """Whether the issuer of ID tokens differs by directory (Microsoft)."""
    subject: Callable[[Claims], object] | None = None
    """What the person is keyed on, where that is not one claim."""
    subject_is_number: bool = False
    """Whether the profile has the subject as a number, and never as text."""
    key_header: Literal["kid", "x5t#S256"] = "kid"
    """Under which header `private_key_jwt` names its key."""
    issuer_also: str | None = None
    """Another way in which ID tokens may write the issuer (Google)."""
    posts_user: bool = False
    """Whether the name comes in a form field `user`, at the first sign-in only (Apple)."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """What the provider's API wants in requests."""
    proves_secret: bool = False
    """Whether API requests carry an HMAC of the access token (Facebook's `appsecret_proof`)."""


@dataclass(frozen=True)
class Preset:
    """A provider as data. `make` builds the settings' document from what an admin filled in."""

    key: str
    name: str
    fields: tuple[Field, ...]
    make: Callable[[Mapping[str, str]], dict[str, Any]]
    quirks: Quirks = Quirks()
    is_social: bool = False
    """Whether it is for everybody in a tenant, and not for one organization."""

    def settings(self, values: Mapping[str, str]) -> OidcSettings | OAuthSettings:
        """The settings that `values` make; raises `BadValue` for one that is missing or wrong.

        The client secret or private key is among the fields, but is kept apart: `secret`.
        """
        for each in self.fields:
            if each.required and not values.get(each.name, "").strip():
                raise MissingValue(each.name)
        given = {name: value.strip() for name, value in values.items()}
        settings = parse_settings(self.make(given))
        assert isinstance(settings, OidcSettings | OAuthSettings)
        return settings

    def secret(self, values: Mapping[str, str]) -> str | None:
        """The client secret or private key among `values`."""
        kinds = ("secret", "private_key")
        found = (values.get(each.name, "").strip() for each in self.fields if each.kind in kinds)
        return next((each for each in found if each), None)
