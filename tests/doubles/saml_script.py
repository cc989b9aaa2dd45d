"""Whom the SAML provider of tests signs in."""

from dataclasses import dataclass, field
from typing import Any

PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"


@dataclass(frozen=True)
class Script:
    """Who signs in next, and how the provider says so."""

    subject: str = "user-1"
    name_id_format: str = PERSISTENT
    attributes: dict[str, Any] = field(default_factory=lambda: {"email": "ada@example.com"})
    context: str = PASSWORD
    signs_response: bool = False
    encrypts: bool = False
    ends: tuple[str, ...] = ("_s1",)
    """The sessions that its logout requests name; none for all of a person's."""
    refuses: bool = False
    """Answers that the person could not be signed in."""
