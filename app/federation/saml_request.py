"""Authentication requests: what we ask an identity provider. (SAML core, section 3.4)"""

from lxml import etree

from app import clock
from app.directory.connection_settings import SamlSettings
from app.federation import saml_binding, saml_xml
from app.federation.saml_identity import NAME_ID_FORMATS
from app.federation.saml_xml import SAML, SAMLP, Element, name


def authn_request(
    settings: SamlSettings, *, id: str, entity_id: str, acs_url: str, force_authn: bool
) -> Element:
    """A request that is answered by a form posted to `acs_url`."""
    root = message("AuthnRequest", id=id, issuer=entity_id, destination=settings.sso_url)
    root.set("AssertionConsumerServiceURL", acs_url)
    root.set("ProtocolBinding", saml_binding.POST)
    if force_authn:
        root.set("ForceAuthn", "true")
    if settings.name_id_format != "unspecified":
        policy = etree.SubElement(root, name(SAMLP, "NameIDPolicy"))
        policy.set("Format", NAME_ID_FORMATS[settings.name_id_format])
        policy.set("AllowCreate", "true")
    if settings.requested_contexts:
        wanted = etree.SubElement(root, name(SAMLP, "RequestedAuthnContext"), Comparison="exact")
        for each in settings.requested_contexts:
            etree.SubElement(wanted, name(SAML, "AuthnContextClassRef")).text = each
    return root


def message(kind: str, *, id: str, issuer: str, destination: str) -> Element:
    """The root of a protocol message from `issuer`, issued now."""
    prefixes = {"samlp": SAMLP, "saml": SAML}
    root = etree.Element(name(SAMLP, kind), nsmap=prefixes)
    root.set("ID", id)
    root.set("Version", "2.0")
    root.set("IssueInstant", saml_xml.instant(clock.now()))
    root.set("Destination", destination)
    etree.SubElement(root, name(SAML, "Issuer")).text = issuer
    return root
