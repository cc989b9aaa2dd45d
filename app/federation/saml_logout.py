"""Single logout: our messages to a provider, and its messages to us, which must be signed.

(SAML profiles, section 4.4; SECURITY F15)
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from lxml import etree

from app import clock
from app.directory.connection_settings import SamlSettings
from app.federation import saml_binding, saml_conditions, saml_signature, saml_xml
from app.federation.identity import UpstreamRefused
from app.federation.saml_request import message
from app.federation.saml_xml import SAML, SAMLP, Element, find_all, moment, name, only

SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_LIVES = 5 * clock.MINUTE
_LONGEST_RELAY_STATE = 1_024
"""Characters; it may have 80 bytes, which some providers do not keep to."""
_KINDS: dict[str, Literal["request", "response"]] = {
    name(SAMLP, "LogoutRequest"): "request",
    name(SAMLP, "LogoutResponse"): "response",
}


@dataclass(frozen=True)
class LogoutMessage:
    """A verified message of a provider about a logout."""

    kind: Literal["request", "response"]
    id: str
    name_id: str | None
    """The NameID's text; None in a response."""
    session_indexes: tuple[str, ...]
    """The sessions that end; empty for all of this person."""
    in_response_to: str | None
    is_success: bool
    relay_state: str
    ends_at: int
    """Until when the message could be presented again, in milliseconds."""


@dataclass(frozen=True)
class Arrived:
    """A message as it reached our logout URL: by a query string, or by a form."""

    query: str | None = None
    """The raw query string, as its octets are signed."""
    form: Mapping[str, str] | None = None


def request(
    settings: SamlSettings,
    *,
    id: str,
    entity_id: str,
    name_id: str,
    session_index: str | None,
) -> Element:
    """A LogoutRequest for the person whom `name_id` names, as `Identity.name_id` keeps it."""
    root = message("LogoutRequest", id=id, issuer=entity_id, destination=settings.slo_url or "")
    root.set("NotOnOrAfter", saml_xml.instant(clock.now() + _LIVES))
    named = json.loads(name_id)
    element = etree.SubElement(root, name(SAML, "NameID"))
    element.text = named.pop("value")
    for qualifier, value in named.items():
        element.set(qualifier, value)
    if session_index is not None:
        etree.SubElement(root, name(SAMLP, "SessionIndex")).text = session_index
    return root


def response(settings: SamlSettings, *, id: str, entity_id: str, in_response_to: str) -> Element:
    """A LogoutResponse that says that all went well."""
    root = message("LogoutResponse", id=id, issuer=entity_id, destination=settings.slo_url or "")
    root.set("InResponseTo", in_response_to)
    status = etree.SubElement(root, name(SAMLP, "Status"))
    etree.SubElement(status, name(SAMLP, "StatusCode"), Value=SUCCESS)
    return root


def verify(settings: SamlSettings, arrived: Arrived, slo_url: str) -> LogoutMessage:
    """The message that arrived at `slo_url`; raises `UpstreamRefused`, also for one without
    signature."""
    if arrived.query is not None:
        root, relay_state = _redirected(settings, arrived.query)
    else:
        root, relay_state = _posted(settings, arrived.form or {})
    return _checked(settings, root, relay_state, slo_url)


def _redirected(settings: SamlSettings, query: str) -> tuple[Element, str]:
    given = saml_binding.parameters(query)
    parameter = _parameter(given)
    if "Signature" not in given:
        raise UpstreamRefused("signature_missing")
    root = saml_xml.parse(saml_binding.redirected(query, parameter))
    saml_signature.verify_query(
        saml_binding.signed_part(query, parameter),
        given["Signature"],
        given.get("SigAlg", ""),
        settings.certificates,
    )
    return root, given.get("RelayState", "")


def _posted(settings: SamlSettings, form: Mapping[str, str]) -> tuple[Element, str]:
    root = saml_xml.parse(saml_binding.posted(form, _parameter(form)))
    saml_signature.demand_form(root, *_KINDS)
    proven = saml_signature.verified(root, settings.certificates)
    return proven, form.get("RelayState", "")


def _parameter(given: Mapping[str, str]) -> str:
    found = [each for each in ("SAMLRequest", "SAMLResponse") if given.get(each)]
    if len(found) != 1:
        raise UpstreamRefused("response_malformed", {"reason": "not one message"})
    return found[0]


def _checked(
    settings: SamlSettings, root: Element, relay_state: str, slo_url: str
) -> LogoutMessage:
    kind = _KINDS.get(root.tag)
    if kind is None or not root.get("ID") or root.get("Version") != "2.0":
        raise UpstreamRefused("response_malformed", {"reason": "no logout message"})
    if saml_xml.text(only(root, "saml:Issuer")) != settings.issuer:
        raise UpstreamRefused("issuer_mismatch", {"expected": settings.issuer})
    if root.get("Destination") != slo_url:
        raise UpstreamRefused("destination_mismatch", {"expected": slo_url})
    if len(relay_state) > _LONGEST_RELAY_STATE:
        raise UpstreamRefused("response_malformed", {"reason": "a long RelayState"})
    return LogoutMessage(
        kind=kind,
        id=root.get("ID"),
        name_id=_name_id(root) if kind == "request" else None,
        session_indexes=tuple(saml_xml.text(each) for each in find_all(root, "samlp:SessionIndex")),
        in_response_to=root.get("InResponseTo"),
        is_success=_is_success(root),
        relay_state=relay_state,
        ends_at=_end(root),
    )


def _name_id(root: Element) -> str:
    value = saml_xml.text(only(root, "saml:NameID"))
    if not value:
        raise UpstreamRefused("name_id_missing")
    return value


def _is_success(root: Element) -> bool:
    codes = find_all(root, "samlp:Status/samlp:StatusCode")
    return len(codes) == 1 and codes[0].get("Value") == SUCCESS


def _end(root: Element) -> int:
    """A message is good for five minutes from its making, or until its own end if that is
    sooner."""
    now, skew = clock.now(), saml_conditions.SKEW
    made = moment(root.get("IssueInstant"))
    if made is None or made > now + skew:
        raise UpstreamRefused("token_from_future")
    end = min(made + _LIVES, moment(root.get("NotOnOrAfter")) or made + _LIVES)
    if end <= now - skew:
        raise UpstreamRefused("token_expired", {"expires_at": end, "now": now})
    return end + skew
