"""What names a person: an email address, a phone number or a username, each in a namespace of its
own, so that nobody's username is ever taken for somebody's address."""

import re
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass
from typing import Literal

from app.addresses import BadAddress, Email, mask_email, parse_email
from app.phones import BadPhone, mask_phone, parse_phone

IdentifierKind = Literal["email", "phone", "username"]
_USERNAME = re.compile(r"[a-z0-9](?:[a-z0-9._-]{1,30})[a-z0-9]")
_NUMBER_LIKE = re.compile(r"\+?[\d\s().-]{6,}")


_RESERVED = frozenset(
    (
        *("admin", "administrator", "moderator", "operator", "owner", "root", "staff", "superuser"),
        *("support", "help", "helpdesk", "security", "abuse", "legal", "privacy", "billing"),
        *("system", "service", "account", "accounts", "api", "auth", "login", "official", "team"),
        *("postmaster", "webmaster", "hostmaster", "info", "mail", "noreply", "no-reply"),
        *("anonymous", "guest", "nobody", "everybody", "everyone", "user", "users", "unknown"),
        *("null", "none", "undefined", "true", "false", "self", "me", "authpage"),
    )
)
"""Names that would speak for the tenant, or for nobody."""


class BadIdentifier(ValueError):
    """The text names nobody: it is nothing that the tenant takes."""


@dataclass(frozen=True)
class Identifier:
    """One thing that names a person, parsed once."""

    kind: IdentifierKind
    value: str
    """As it is shown and sent to."""
    key: str
    """The canonical form by which it is found."""

    @property
    def email(self) -> Email | None:
        """The address, when it is one."""
        return parse_email(self.value) if self.kind == "email" else None

    @property
    def masked(self) -> str:
        """What may be shown of it to whoever has not proven it."""
        if self.kind == "phone":
            return mask_phone(self.key)
        return mask_email(self.value) if self.kind == "email" else self.value


def of_email(email: Email) -> Identifier:
    """The address as an identifier."""
    return Identifier("email", email.value, email.key)


def parse_identifier(text: str, kinds: Collection[str], region: str) -> Identifier:
    """What `text` names, among the kinds that are taken; raises `BadIdentifier`.

    An `@` makes an address, digits alone a phone number, all else a username.
    """
    typed = text.strip(" \t\u00a0")  # Line breaks of any script are no part of a name.
    if "email" in kinds and ("@" in typed or {*kinds} == {"email"}):
        return parse_as("email", typed, region)
    if "phone" in kinds and ("username" not in kinds or _NUMBER_LIKE.fullmatch(typed)):
        return parse_as("phone", typed, region)
    if "username" in kinds and "@" not in typed:
        return parse_as("username", typed, region)
    raise BadIdentifier


def parse_as(kind: IdentifierKind, text: str, region: str) -> Identifier:
    """`text` as an identifier of this kind; raises `BadIdentifier`."""
    try:
        if kind == "email":
            return of_email(parse_email(text))
        if kind == "phone":
            phone = parse_phone(text, region)
            return Identifier("phone", phone.value, phone.key)
    except (BadAddress, BadPhone) as error:
        raise BadIdentifier from error
    name = unicodedata.normalize("NFKC", text.strip())
    if not _USERNAME.fullmatch(name.lower()):
        raise BadIdentifier
    return Identifier("username", name, name.lower())


def new_username(text: str) -> Identifier:
    """`text` as a username that somebody may take; raises `BadIdentifier`.

    Beyond what names a person it needs a letter, so that it never reads as a phone number, and must
    not be reserved.
    """
    name = parse_as("username", text, "")
    if not any(c.isalpha() for c in name.key) or name.key in _RESERVED:
        raise BadIdentifier
    return name
