"""The providers that a connection can be made to, by key."""

from app.directory.errors import BadValue
from app.federation.providers.apple import APPLE
from app.federation.providers.base import Field, Preset, Quirks
from app.federation.providers.custom_oidc import CUSTOM_OIDC
from app.federation.providers.discord import DISCORD
from app.federation.providers.enterprise import (
    ENTRA,
    GENERIC,
    GOOGLE_WORKSPACE,
    OKTA,
    ONELOGIN,
)
from app.federation.providers.facebook import FACEBOOK
from app.federation.providers.github import GITHUB
from app.federation.providers.google import GOOGLE
from app.federation.providers.linkedin import LINKEDIN
from app.federation.providers.microsoft import MICROSOFT

__all__ = ["PRESETS", "REFUSED", "Field", "Preset", "Quirks", "find", "quirks_of"]

PRESETS: dict[str, Preset] = {
    preset.key: preset
    for preset in (
        GOOGLE,
        APPLE,
        MICROSOFT,
        GITHUB,
        LINKEDIN,
        FACEBOOK,
        DISCORD,
        CUSTOM_OIDC,
        ENTRA,
        OKTA,
        GOOGLE_WORKSPACE,
        ONELOGIN,
        GENERIC,
    )
}
_X = (
    "X (Twitter) is left out on purpose: its OAuth 2 profile gives no verified address, so nobody"
    " could tell whose account it may be linked to."
)
REFUSED: dict[str, str] = {"x": _X, "twitter": _X}
"""Providers that there will be no connection to, with the reason as a sentence."""


def find(key: str) -> Preset:
    """The preset; raises `BadValue`, with the reason where the provider is left out on purpose."""
    if key in REFUSED:
        raise BadValue("provider", REFUSED[key])
    if key not in PRESETS:
        raise BadValue("provider", f"One of {', '.join(PRESETS)}.")
    return PRESETS[key]


def quirks_of(provider: str) -> Quirks:
    """Where a connection's provider differs from its protocol; nowhere for an unknown one."""
    preset = PRESETS.get(provider)
    return preset.quirks if preset else Quirks()
