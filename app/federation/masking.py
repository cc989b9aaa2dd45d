"""What of a provider's message an admin may read: enough to find the fault, and no secret."""

from collections.abc import Iterable, Mapping
from typing import Any

from app.addresses import mask_email

HIDDEN = "•••"
_LONGEST = 300
_SECRET = {"nonce", "at_hash", "c_hash", "s_hash", "code", "jti", "sid"}
_PERSONAL = {"name", "given_name", "family_name", "picture", "phone_number", "address", "birthdate"}
_ADDRESSES = {"email", "preferred_username", "upn", "unique_name"}
_MOST = 50
_GREATEST = 2**53


def arrived(claims: Mapping[str, Any], **beside: Any) -> dict[str, Any]:
    """The claims of a message, shortened, with secrets and what names the person masked."""
    shown = {
        cleaned(name, ())[:100]: _masked(name, value) for name, value in [*claims.items()][:_MOST]
    }
    return {**shown, **{name: value for name, value in beside.items() if value is not None}}


def cleaned(text: object, secrets: Iterable[str | None]) -> str:
    """A provider's own words, shortened, without the secrets that it may repeat."""
    found = str(text)
    for secret in secrets:
        if secret:
            found = found.replace(secret, HIDDEN)
    return "".join(each if each.isprintable() else " " for each in found)[:_LONGEST]


def _masked(name: str, value: Any) -> Any:
    if name in _SECRET or name in _PERSONAL:
        return HIDDEN
    if name in _ADDRESSES and isinstance(value, str):
        return cleaned(mask_email(value), ())
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, int | float):
        return value if -_GREATEST < value < _GREATEST else HIDDEN
    if isinstance(value, list):
        return [_masked("", each) for each in value[:_MOST]]
    return cleaned(value, ()) if isinstance(value, str) else HIDDEN
