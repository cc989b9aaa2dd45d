"""How strongly a person was proven, in the words of OpenID Connect Core, section 2 (acr)."""

from collections.abc import Iterable

ONE_FACTOR = "urn:authpage:acr:1fa"
KNOWN = (ONE_FACTOR,)


def acr(amr: Iterable[str]) -> str | None:
    """The authentication context class that the methods amount to; None without any proof."""
    return ONE_FACTOR if set(amr) else None
