"""SAML metadata: ours to publish, and a provider's to read. (SAML metadata, section 2)"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from lxml import etree

from app import clock
from app.federation import saml_binding, saml_certificates, saml_decryption, saml_xml
from app.federation.identity import UpstreamRefused
from app.federation.saml_binding import Binding
from app.federation.saml_identity import NAME_ID_FORMATS
from app.federation.saml_xml import DS, MD, SAMLP, Element, find_all, moment, name

MOST_BYTES = 1_048_576
MOST_CERTIFICATES = 4
_WEB = ("https://", "http://")


@dataclass(frozen=True)
class SamlMetadata:
    """What an identity provider publishes about itself."""

    entity_id: str
    sso_url: str
    sso_binding: Binding
    slo_url: str | None
    slo_binding: Binding
    certificates: tuple[str, ...]
    """PEM, those that have ended left out."""

    def settings(self) -> dict[str, Any]:
        """The part of a connection's settings that it tells, as their document has it."""
        return {
            "issuer": self.entity_id,
            "sso_url": self.sso_url,
            "sso_binding": self.sso_binding,
            "slo_url": self.slo_url,
            "slo_binding": self.slo_binding,
            "certificates": list(self.certificates),
        }


def own(
    *,
    entity_id: str,
    acs_url: str,
    slo_url: str,
    certificate: str,
    signs_requests: bool,
    wants_encryption: bool,
) -> bytes:
    """Our EntityDescriptor: where answers go, and the certificate with its uses."""
    root = etree.Element(name(MD, "EntityDescriptor"), nsmap={"md": MD, "ds": DS})
    root.set("entityID", entity_id)
    role = etree.SubElement(root, name(MD, "SPSSODescriptor"))
    role.set("AuthnRequestsSigned", "true" if signs_requests else "false")
    role.set("WantAssertionsSigned", "true")
    role.set("protocolSupportEnumeration", SAMLP)
    for use in ("signing", "encryption") if wants_encryption else ("signing",):
        _add_key(role, use, certificate)
    for binding in (saml_binding.REDIRECT, saml_binding.POST):
        _add(role, "SingleLogoutService", Binding=binding, Location=slo_url)
    for each in ("persistent", "emailAddress", "unspecified"):
        _add(role, "NameIDFormat").text = NAME_ID_FORMATS[each]
    acs = {"Binding": saml_binding.POST, "Location": acs_url, "index": "0", "isDefault": "true"}
    _add(role, "AssertionConsumerService", **acs)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True))


def parse(raw: bytes) -> SamlMetadata:
    """What the metadata of one identity provider says; raises `UpstreamRefused`.

    A document with several identity providers is refused: nobody could say which is meant.
    """
    try:
        return _parse(saml_xml.parse(raw, MOST_BYTES))
    except UpstreamRefused as refused:
        if refused.diagnosis in ("too_large", "certificate_unknown", "certificate_expired"):
            raise
        raise UpstreamRefused("discovery_unusable", refused.arrived) from None


def _parse(root: Element) -> SamlMetadata:
    entity, role = _identity_provider(root)
    entity_id = entity.get("entityID", "")
    if not 0 < len(entity_id) <= 1_024:
        raise _unusable("no entity id")
    sso = _service(role, "SingleSignOnService")
    if sso is None:
        raise _unusable("no sign-in by redirect or POST")
    slo = _service(role, "SingleLogoutService")
    _demand_valid(root, entity, role)
    return SamlMetadata(
        entity_id=entity_id,
        sso_url=sso[0],
        sso_binding=sso[1],
        slo_url=slo[0] if slo else None,
        slo_binding=slo[1] if slo else "redirect",
        certificates=_certificates(role),
    )


def _identity_provider(root: Element) -> tuple[Element, Element]:
    if root.tag not in (name(MD, "EntityDescriptor"), name(MD, "EntitiesDescriptor")):
        raise _unusable("no SAML metadata")
    roles = find_all(root, "//md:EntityDescriptor/md:IDPSSODescriptor")
    if len(roles) != 1:
        raise _unusable(f"{len(roles)} identity providers")
    return roles[0].getparent(), roles[0]


def _demand_valid(*elements: Element) -> None:
    """Nothing may be taken from a document after its own end (SAML metadata, section 2.3.2)."""
    ends = [moment(each.get("validUntil")) for each in elements]
    if any(end is not None and end <= clock.now() for end in ends):
        raise _unusable("its validUntil is over")


def _service(role: Element, kind: str) -> tuple[str, Binding] | None:
    """Where a service answers, by redirect if it may be, else by POST."""
    places = {each.get("Binding"): each.get("Location", "") for each in role.iter(name(MD, kind))}
    bindings: tuple[Binding, ...] = ("redirect", "post")
    for binding in bindings:
        location = places.get(saml_binding.URIS[binding], "")
        if location.startswith(_WEB) and len(location) <= 2_000:
            return location, binding
    return None


def _certificates(role: Element) -> tuple[str, ...]:
    """Those for signing that have not ended; the ones that last longest when there are many."""
    found = {each.fingerprint: each for each in map(saml_certificates.read, _carried(role))}
    if not found:
        raise UpstreamRefused("certificate_unknown", {"reason": "none in the metadata"})
    usable = [each for each in found.values() if not each.is_expired()]
    if not usable:
        raise UpstreamRefused("certificate_expired")
    newest = sorted(usable, key=lambda each: each.expires_at, reverse=True)
    return tuple(each.pem for each in newest[:MOST_CERTIFICATES])


def _carried(role: Element) -> Iterable[str]:
    for key in find_all(role, "md:KeyDescriptor"):
        if key.get("use", "signing") == "signing":
            for each in find_all(key, "ds:KeyInfo/ds:X509Data/ds:X509Certificate"):
                yield saml_xml.text(each)


def _add_key(role: Element, use: str, certificate: str) -> None:
    key = _add(role, "KeyDescriptor", use=use)
    info = etree.SubElement(key, name(DS, "KeyInfo"))
    data = etree.SubElement(info, name(DS, "X509Data"))
    body = "".join(certificate.strip().splitlines()[1:-1])
    etree.SubElement(data, name(DS, "X509Certificate")).text = body
    if use == "encryption":
        for algorithm in saml_decryption.CONTENT + saml_decryption.TRANSPORT:
            _add(key, "EncryptionMethod", Algorithm=algorithm)


def _add(parent: Element, kind: str, **attributes: str) -> Element:
    return etree.SubElement(parent, name(MD, kind), **attributes)


def _unusable(reason: str) -> UpstreamRefused:
    return UpstreamRefused("discovery_unusable", {"reason": reason})
