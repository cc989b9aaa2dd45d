"""From a provider's claims to a person: the mapping of the connection, and the gate for addresses.

Nothing in here is believed further than the provider may vouch for it (SECURITY A05 to A08).
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

from app import clock
from app.addresses import BadAddress, Email, parse_email
from app.directory.connections import Connection
from app.federation.identity import MOST_GROUPS, Identity, UpstreamRefused
from app.federation.masking import arrived
from app.federation.providers import quirks_of

LONGEST_SUBJECT = 255
"""Characters (OpenID Connect Core, section 2)."""
_NOBODY = {"0", "null", "none", "nil", "undefined", "nan", "false"}
_LONGEST_TEXT = 200
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{2,8}){0,2}")

Claims = Mapping[str, Any]
InClaimedDomain = Callable[[str], bool]
"""Whether the connection's organization has proven this domain (IDNA ASCII, lower case)."""


def identity(
    connection: Connection,
    claims: Claims,
    told: Claims,
    is_in_claimed_domain: InClaimedDomain,
) -> Identity:
    """The person whom `claims` prove, with what the provider's API `told` beside them.

    What is in both is taken from `claims`, which are signed. Raises `UpstreamRefused` for a
    subject that is nobody.
    """
    mapping = connection.settings.mapping
    both = {**told, **claims}
    email, verified = _address(connection, claims, told, is_in_claimed_domain)
    return Identity(
        connection_id=connection.id,
        generation=connection.generation,
        issuer=_issuer(connection, claims),
        subject=subject_of(connection, claims),
        email=email.value if email else None,
        email_verified=verified,
        name=_text(read(both, mapping.name)),
        given_name=_text(read(both, mapping.given_name)),
        family_name=_text(read(both, mapping.family_name)),
        locale=_locale(both.get("locale")),
        groups=_texts(read(both, mapping.groups), MOST_GROUPS),
        answers=_answers(both, mapping.answers),
        amr=_texts(claims.get("amr"), 20),
        acr=_text(claims.get("acr")),
        auth_time=_milliseconds(claims.get("auth_time")),
        session_index=_text(claims.get("sid")),
    )


def _issuer(connection: Connection, claims: Claims) -> str:
    """As the token writes it, where that is not just another way to write the connection's."""
    found = _text(claims.get("iss"))
    is_alias = found == quirks_of(connection.provider).issuer_also
    return connection.settings.issuer if found is None or is_alias else found


def subject_of(connection: Connection, claims: Claims) -> str:
    """What the person is keyed on: exact text, never made from a number unless the provider is
    known to give one, never a name that can be given away (A07, A08)."""
    quirks = quirks_of(connection.provider)
    found = (
        quirks.subject(claims)
        if quirks.subject
        else read(claims, connection.settings.mapping.subject)
    )
    if found is None:
        raise UpstreamRefused("subject_missing", arrived(claims))
    if quirks.subject_is_number:
        is_number = isinstance(found, int) and not isinstance(found, bool) and found > 0
        found = str(found) if is_number else None
    if not isinstance(found, str) or not is_usable_subject(found):
        raise UpstreamRefused("subject_unusable", arrived(claims))
    return found


def demand_subject(claims: Claims) -> None:
    """Raise `UpstreamRefused` unless an ID token names somebody, whatever the person is keyed on
    (OpenID Connect Core, section 2)."""
    if claims.get("sub") is None:
        raise UpstreamRefused("subject_missing", arrived(claims))
    if not isinstance(claims["sub"], str) or not is_usable_subject(claims["sub"]):
        raise UpstreamRefused("subject_unusable", arrived(claims))


def is_usable_subject(text: str) -> bool:
    """Whether the text can be somebody: not blank, not padded, and no way to write nobody."""
    return (
        0 < len(text) <= LONGEST_SUBJECT
        and text.isprintable()
        and text == text.strip()
        and text.lower() not in _NOBODY
    )


def read(claims: Claims, path: str | None) -> Any:
    """The claim at `path`; None where there is none. A claim of just that name wins, as names may
    be URLs; else dots lead into objects."""
    if path is None:
        return None
    if path in claims:
        return claims[path]
    found: Any = claims
    for part in path.split("."):
        found = found.get(part) if isinstance(found, Mapping) else None
    return found


def _address(
    connection: Connection, claims: Claims, told: Claims, is_in_claimed_domain: InClaimedDomain
) -> tuple[Email | None, bool]:
    """The address, and whether it is proof. Both from one place: a signed address must not be
    verified by what was said about another one."""
    mapping = connection.settings.mapping
    source = claims if read(claims, mapping.email) is not None else told
    try:
        email = parse_email(read(source, mapping.email))
    except BadAddress:
        return None, False
    return email, _is_proof(
        connection, email, read(source, mapping.email_verified), is_in_claimed_domain
    )


def _is_proof(
    connection: Connection, email: Email, told: object, is_in_claimed_domain: InClaimedDomain
) -> bool:
    """Whether the provider may vouch for the address, and does. An organization's own provider
    never does beyond the domains that the organization proved (A13)."""
    rule = connection.settings.email_is_proof
    if rule == "never" or (rule == "claim" and not _is_true(connection, told)):
        return False
    if rule == "domain" and told is not None and not _is_true(connection, told):
        return False
    if rule == "domain" or not connection.is_social:
        return not connection.is_social and is_in_claimed_domain(email.domain)
    return True


def _is_true(connection: Connection, told: object) -> bool:
    others = quirks_of(connection.provider).other_yes
    return told is True or any(type(told) is type(yes) and told == yes for yes in others)


def _text(value: object) -> str | None:
    if not isinstance(value, str):
        return None
    printable = "".join(each if each.isprintable() else " " for each in value)
    return " ".join(printable.split())[:_LONGEST_TEXT] or None


def _answers(claims: Claims, mapping: Mapping[str, str]) -> dict[str, str]:
    """Texts as they are, and yes or no as forms write it."""
    found = {name: read(claims, path) for name, path in mapping.items()}
    written = {True: "yes", False: "no"}
    texts = {
        name: written[value] if isinstance(value, bool) else _text(value)
        for name, value in found.items()
    }
    return {name: text for name, text in texts.items() if text}


def _texts(value: object, most: int) -> tuple[str, ...]:
    """One text or a list of them; what is neither is left out."""
    given = value if isinstance(value, list) else [value]
    cleaned = (_text(each) for each in given[:most])
    return tuple(each for each in cleaned if each)


def _locale(value: object) -> str | None:
    """A language tag; LinkedIn's is an object of language and country."""
    if isinstance(value, Mapping):
        parts = (value.get("language"), value.get("country"))
        value = "-".join(each for each in parts if isinstance(each, str))
    if not isinstance(value, str) or not _LOCALE.fullmatch(value):
        return None
    return value.replace("_", "-")


def _milliseconds(value: object) -> int | None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) * clock.SECOND
