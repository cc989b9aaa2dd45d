"""Whom a verified assertion names, by the connection's mapping of attributes."""

import json
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from app.addresses import BadAddress, Email, parse_email
from app.directory.connection_settings import SamlSettings
from app.directory.connections import Connection
from app.federation import saml_xml
from app.federation.claims import is_usable_subject
from app.federation.identity import MOST_GROUPS, Identity, UpstreamRefused
from app.federation.saml_xml import Element, find_all, moment, only

NAME_ID_FORMATS = {
    "persistent": "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent",
    "emailAddress": "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress",
    "transient": "urn:oasis:names:tc:SAML:2.0:nameid-format:transient",
    "unspecified": "urn:oasis:names:tc:SAML:1.1:nameid-format:unspecified",
}
_LONGEST = 1_024
_LONGEST_NAME_ID = 512
"""More than any provider's has, and as much as the index over them can hold."""
_TRUE = frozenset({"true", "1"})
_MFA_CONTEXTS = frozenset(
    {
        "https://refeds.org/profile/mfa",
        "http://schemas.microsoft.com/claims/multipleauthn",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorContract",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:MobileTwoFactorUnregistered",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI",
        "urn:oasis:names:tc:SAML:2.0:ac:classes:TimeSyncToken",
    }
)
"""Contexts that stand for a second factor at the provider."""

_METHODS = "http://schemas.microsoft.com/claims/authnmethodsreferences"
"""Where Entra and AD FS list the methods that the person used."""


def identity(
    connection: Connection,
    settings: SamlSettings,
    assertion: Element,
    is_in_claimed_domain: Callable[[str], bool],
) -> Identity:
    """The identity that the assertion gives; raises `UpstreamRefused` where nobody is named."""
    told = _Attributes(assertion)
    named = _name_id(assertion)
    mapping = settings.mapping
    address = _address(told.one(mapping.email), named)
    statement = find_all(assertion, "saml:AuthnStatement")[0]
    acr = saml_xml.text(only(statement, "saml:AuthnContext/saml:AuthnContextClassRef")).strip()
    return Identity(
        connection_id=connection.id,
        generation=connection.generation,
        issuer=settings.issuer,
        subject=_subject(settings, told, named),
        email=address.value if address else None,
        email_verified=_is_vouched(connection, settings, told, address, is_in_claimed_domain),
        name=told.one(mapping.name),
        given_name=told.one(mapping.given_name),
        family_name=told.one(mapping.family_name),
        groups=told.all(mapping.groups),
        answers=_answers(told, mapping.answers),
        amr=_amr(acr, told),
        acr=_bounded(acr) or None,
        auth_time=moment(statement.get("AuthnInstant")),
        session_index=_bounded(statement.get("SessionIndex")),
        name_id=json.dumps(named) if named else None,
    )


def _answers(told: "_Attributes", mapping: Mapping[str, str]) -> dict[str, str]:
    found = {name: told.one(attribute) for name, attribute in mapping.items()}
    return {name: text for name, text in found.items() if text}


def _amr(acr: str, told: "_Attributes") -> tuple[str, ...]:
    return ("mfa",) if _MFA_CONTEXTS & {acr, *told.all(_METHODS)} else ()


class _Attributes:
    """The attributes of an assertion by Name, or by FriendlyName where no Name fits."""

    def __init__(self, assertion: Element) -> None:
        if find_all(assertion, "saml:AttributeStatement/saml:EncryptedAttribute"):
            raise UpstreamRefused("encryption_refused", {"reason": "an attribute is encrypted"})
        self._elements = find_all(assertion, "saml:AttributeStatement/saml:Attribute")

    def one(self, name: str | None) -> str | None:
        """The first value; None for none. Raises `UpstreamRefused` for the same attribute twice,
        as two readers might not take the same one (S08)."""
        elements = self._named(name)
        if len(elements) > 1:
            raise UpstreamRefused("response_malformed", {"reason": "twice", "attribute": name})
        return next(iter(_values(elements)), None)

    def all(self, name: str | None) -> tuple[str, ...]:
        """Every value, up to `MOST_GROUPS`."""
        return tuple(dict.fromkeys(_values(self._named(name))))[:MOST_GROUPS]

    def sole(self, name: str) -> str:
        """The one value that there is; raises `UpstreamRefused` otherwise."""
        values = _values(self._named(name))
        if not values:
            raise UpstreamRefused("attribute_missing", {"attribute": name, "arrived": self.names})
        if len(values) > 1:
            raise UpstreamRefused("subject_unusable", {"reason": "several", "attribute": name})
        return values[0]

    @property
    def names(self) -> list[str]:
        """What the attributes are called."""
        return [each.get("Name", "")[:200] for each in self._elements][:50]

    def _named(self, name: str | None) -> list[Element]:
        if name is None:
            return []
        by_name = [each for each in self._elements if each.get("Name") == name]
        return by_name or [each for each in self._elements if each.get("FriendlyName") == name]


def _values(elements: Iterable[Element]) -> list[str]:
    found = (
        saml_xml.deep_text(value).strip()
        for element in elements
        for value in find_all(element, "saml:AttributeValue")
    )
    return [
        each for each in found if each and len(each) <= _LONGEST and _has_none(each, "Cc", "Cs")
    ]


def _name_id(assertion: Element) -> dict[str, Any]:
    """The NameID with its qualifiers, as logout must repeat it; raises `UpstreamRefused`."""
    if find_all(assertion, "saml:Subject/saml:EncryptedID"):
        raise UpstreamRefused("encryption_refused", {"reason": "NameID is encrypted by itself"})
    element = only(assertion, "saml:Subject/saml:NameID")
    if element is None:
        return {}
    qualifiers = ("Format", "NameQualifier", "SPNameQualifier", "SPProvidedID")
    value = saml_xml.text(element)
    if len(value) > _LONGEST_NAME_ID:
        raise UpstreamRefused("subject_unusable", {"length": len(value)})
    told = {each: _bounded(element.get(each)) for each in qualifiers}
    return {"value": value} | {each: found for each, found in told.items() if found}


def _bounded(value: str | None) -> str | None:
    """What is kept as it came, unless it is longer than anybody needs."""
    if value is not None and len(value) > _LONGEST:
        raise UpstreamRefused("response_malformed", {"reason": "a name is too long"})
    return value


def _subject(settings: SamlSettings, told: _Attributes, named: dict[str, Any]) -> str:
    if settings.subject_attribute is not None:
        return _usable(told.sole(settings.subject_attribute))
    if not named:
        raise UpstreamRefused("name_id_missing")
    if named.get("Format") == NAME_ID_FORMATS["transient"]:
        raise UpstreamRefused("subject_unusable", {"reason": "a transient NameID"})
    return _usable(named["value"])


def _usable(subject: str) -> str:
    """The subject exactly as it came, where it can name somebody for good (A08)."""
    if not is_usable_subject(subject):
        raise UpstreamRefused("subject_unusable", {"length": len(subject)})
    return subject


def _has_none(value: str, *categories: str) -> bool:
    return not any(unicodedata.category(each) in categories for each in value)


def _address(told: str | None, named: dict[str, Any]) -> Email | None:
    """The mapped attribute, or a NameID that is an address; None where it is no address."""
    is_address = named.get("Format") == NAME_ID_FORMATS["emailAddress"]
    try:
        return parse_email(told or (named["value"] if is_address else None))
    except BadAddress:
        return None


def _is_vouched(
    connection: Connection,
    settings: SamlSettings,
    told: _Attributes,
    address: Email | None,
    is_in_claimed_domain: Callable[[str], bool],
) -> bool:
    """Whether the provider's word counts for this address, as the connection says (A05); that of
    an organization's provider only in domains that the organization proved (A13)."""
    rule = settings.email_is_proof
    told_true = (told.one(settings.mapping.email_verified) or "").lower() in _TRUE
    if address is None or rule == "never" or (rule == "claim" and not told_true):
        return False
    if connection.is_social and rule != "domain":
        return True
    return is_in_claimed_domain(address.domain)
