"""Email addresses: the one place that parses them and says when two are the same.

Normalise first, then validate, then compare by key: an address that is valid before normalisation
and another one after it (full-width letters, dotless i) is how accounts are taken over.
"""

import unicodedata
from dataclasses import dataclass

from email_validator import EmailNotValidError, validate_email

_LONGEST = 254  # RFC 5321, section 4.5.3.1.3, less the angle brackets


class BadAddress(ValueError):
    """The text is not one email address that we can send to."""


@dataclass(frozen=True)
class Email:
    """One valid email address."""

    value: str
    """As the person wrote it, normalised; shown to people."""
    key: str
    """The canonical form (NFC, IDNA, lower case); equal keys are the same address."""
    domain: str
    """Its domain in IDNA ASCII form and lower case; realm discovery asks for this."""

    @property
    def deliverable(self) -> str:
        """The form that goes on the wire: the local part as written, the domain in ASCII."""
        return f"{self.value.rpartition('@')[0]}@{self.domain}"


def parse_email(text: object) -> Email:
    """The single address that `text` holds; raises `BadAddress` for anything else.

    Only ASCII local parts are taken (no SMTPUTF8), and neither quoted local parts, display names,
    comments, IP literals nor domains without a dot.
    """
    if not isinstance(text, str) or len(text) > 2 * _LONGEST:
        raise BadAddress
    normalised = unicodedata.normalize("NFC", text.strip(" \t\r\n"))
    email = _validated(normalised)
    # What is stored must mean the same when it is read again.
    if _validated(email.value).key != email.key or _validated(email.key).key != email.key:
        raise BadAddress
    return email


def _validated(text: str) -> Email:
    try:
        found = validate_email(
            text,
            strict=True,
            allow_smtputf8=False,
            check_deliverability=False,
            globally_deliverable=False,
        )
    except (EmailNotValidError, UnicodeError) as error:
        raise BadAddress from error
    domain = found.ascii_domain.lower()
    if "." not in domain or len(f"{found.local_part}@{domain}") > _LONGEST:
        raise BadAddress
    return Email(value=found.normalized, key=f"{found.local_part.lower()}@{domain}", domain=domain)


def parse_domain(text: object) -> str:
    """The canonical form (IDNA ASCII, lower case) of a domain that addresses may have.

    Raises `BadAddress` for whatever `parse_email` would not take behind the `@` (A18).
    """
    if not isinstance(text, str) or "@" in text:
        raise BadAddress
    return parse_email(f"x@{text.strip()}").domain


def mask_email(text: str) -> str:
    """The address with its local part hidden but for the first character: `j•••@example.com`.

    Always three dots, so that the length stays hidden; text without an `@` is hidden whole.
    """
    local, at, domain = text.rpartition("@")
    return f"{local[:1]}•••@{domain}" if at else "•••"
