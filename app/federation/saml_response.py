"""Verifies a SAML response: one signed assertion, from this connection, for us, for now.

Our own checks read the element that `saml_signature.verified` hands back, and nothing else.
python3-saml then judges the whole message once more in its strict mode; by itself it would take
replays, answers to nobody's request, SHA-1 and five minutes of skew. Its own clock is the
machine's. (SECURITY S02 to S18; SAML profiles, section 4.1.4)
"""

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import xmlsec
from lxml import etree
from onelogin.saml2.errors import OneLogin_Saml2_Error, OneLogin_Saml2_ValidationError
from onelogin.saml2.response import OneLogin_Saml2_Response
from onelogin.saml2.settings import OneLogin_Saml2_Settings

from app.directory.connection_settings import SamlSettings
from app.federation import (
    masking,
    saml_binding,
    saml_conditions,
    saml_decryption,
    saml_signature,
    saml_xml,
)
from app.federation.identity import UpstreamRefused
from app.federation.saml_keys import KeyPair
from app.federation.saml_xml import SAML, SAMLP, Element, find_all, name

_SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
_DENIALS = frozenset(
    f"urn:oasis:names:tc:SAML:2.0:status:{each}" for each in ("AuthnFailed", "RequestDenied")
)
_RESPONSE, _ASSERTION = name(SAMLP, "Response"), name(SAML, "Assertion")


@dataclass(frozen=True)
class Expected:
    """Whom a response must be from, for and about."""

    settings: SamlSettings
    entity_id: str
    acs_url: str
    keys: KeyPair
    request_id: str | None
    """The ID of the request; None for a response that nobody asked for."""


@dataclass(frozen=True)
class Proven:
    """A verified assertion, without its signature."""

    element: Element
    id: str
    ends_at: int
    """When nobody could present it again, in milliseconds."""


def verify(form: Mapping[str, str], expected: Expected) -> Proven:
    """The assertion of the response that was posted; raises `UpstreamRefused`."""
    root = saml_xml.parse(saml_binding.posted(form, "SAMLResponse"))
    try:
        return _verify(root, expected)
    except UpstreamRefused as refused:
        raise UpstreamRefused(refused.diagnosis, {**summary(root), **refused.arrived}) from None
    except (etree.LxmlError, xmlsec.Error, RecursionError) as error:
        reason = {"reason": type(error).__name__}
        raise UpstreamRefused("response_malformed", {**summary(root), **reason}) from None


def summary(root: Element) -> dict[str, Any]:
    """What an admin may see of a response, whoever made it: no value that names a person."""
    statuses = [each.get("Value", "")[:200] for each in find_all(root, "//samlp:StatusCode")]
    messages = find_all(root, "/samlp:Response/samlp:Status/samlp:StatusMessage")
    issuers = [saml_xml.deep_text(each)[:500] for each in find_all(root, "//saml:Issuer")]
    return {
        "issuers": issuers[:3],
        "status": statuses[:3],
        "message": [masking.cleaned(saml_xml.deep_text(each), ()) for each in messages[:1]],
        "destination": (root.get("Destination") or "")[:500],
        "in_response_to": saml_conditions.masked_request(root.get("InResponseTo")),
        "is_encrypted": bool(find_all(root, "//saml:EncryptedAssertion")),
        "signatures": len(find_all(root, "//ds:Signature")),
    }


def _verify(root: Element, expected: Expected) -> Proven:
    _demand_response(root, expected)
    if saml_signature.is_signed(root):
        saml_signature.verified(root, expected.settings.certificates)
    clear = _in_clear(root, expected)
    _demand_one_assertion(clear)
    assertion = find_all(clear, "saml:Assertion")[0]
    if not saml_signature.is_signed(assertion):
        raise UpstreamRefused("signature_missing")
    proven = saml_signature.verified(assertion, expected.settings.certificates)
    ends_at = saml_conditions.check(
        proven,
        issuer=expected.settings.issuer,
        audience=expected.entity_id,
        recipient=expected.acs_url,
        request_id=expected.request_id,
    )
    _demand_context(proven, expected.settings)
    _ask_library(root, clear, expected)
    return Proven(proven, proven.get("ID"), ends_at)


def _demand_response(root: Element, expected: Expected) -> None:
    if root.tag != _RESPONSE or root.get("Version") != "2.0" or not root.get("ID"):
        raise UpstreamRefused("response_malformed", {"reason": "no SAML 2.0 response"})
    saml_signature.demand_form(root, _RESPONSE, _ASSERTION)
    _demand_success(root)
    issuer = saml_xml.only(root, "saml:Issuer")
    if issuer is not None and saml_xml.text(issuer) != expected.settings.issuer:
        raise UpstreamRefused("issuer_mismatch", {"expected": expected.settings.issuer})
    _demand_destination(root, expected.acs_url)
    saml_conditions.demand_answer(root.get("InResponseTo"), expected.request_id)


def _demand_success(root: Element) -> None:
    codes = [each.get("Value") for each in find_all(root, "samlp:Status//samlp:StatusCode")]
    if codes[:1] != [_SUCCESS]:
        is_denied = bool(_DENIALS.intersection(codes))
        raise UpstreamRefused("access_denied_upstream" if is_denied else "provider_error")


def _demand_destination(root: Element, acs_url: str) -> None:
    """It may be absent from a message without signature (SAML bindings, section 3.5.5.2)."""
    destination = root.get("Destination")
    if destination is None and not saml_signature.is_signed(root):
        return
    if destination != acs_url:
        raise UpstreamRefused("destination_mismatch", {"expected": acs_url})


def _in_clear(root: Element, expected: Expected) -> Element:
    _demand_one_assertion(root)
    if not find_all(root, "saml:EncryptedAssertion"):
        if expected.settings.wants_encryption:
            raise UpstreamRefused("encryption_refused", {"reason": "the assertion is in clear"})
        return root
    clear = saml_decryption.opened(root, expected.keys.key)
    saml_signature.demand_form(clear, _RESPONSE, _ASSERTION)
    return clear


def _demand_one_assertion(root: Element) -> None:
    """One in the whole document, and right below its root: no place to wrap another (S02)."""
    anywhere = find_all(root, "//saml:Assertion | //saml:EncryptedAssertion")
    if len(anywhere) != 1 or anywhere[0].getparent() is not root:
        raise UpstreamRefused("signature_invalid", {"assertions": len(anywhere)})


def _demand_context(proven: Element, settings: SamlSettings) -> None:
    """What was asked for by RequestedAuthnContext must have been done (I10)."""
    path = "saml:AuthnStatement/saml:AuthnContext/saml:AuthnContextClassRef"
    arrived = [saml_xml.text(each).strip() for each in find_all(proven, path)]
    wanted = settings.requested_contexts
    if wanted and not set(wanted).intersection(arrived):
        raise UpstreamRefused("context_mismatch", {"expected": list(wanted), "arrived": arrived})


class _Judged(OneLogin_Saml2_Response):  # type: ignore[misc]
    """The library's response over a document that was parsed and opened already, so that there is
    one parser and one decryption."""

    def __init__(self, settings: Any, document: Element) -> None:
        self._settings = settings
        self._error = None
        self.document = document
        self.encrypted = False
        self.decrypted_document = None
        self.valid_scd_not_on_or_after = None


def _judgeable(root: Element, clear: Element) -> Element:
    """The message in clear. What encloses an encrypted assertion may be newer than the library's
    schemas; without it, a signature around it does not hold any more, and was checked before."""
    if clear is root:
        return root
    alone = copy.deepcopy(clear)
    for signature in find_all(alone, "ds:Signature"):
        alone.remove(signature)
    return alone


def _ask_library(root: Element, clear: Element, expected: Expected) -> None:
    url = urlsplit(expected.acs_url)
    request = {
        "https": "on" if url.scheme == "https" else "off",
        "http_host": url.netloc,
        "script_name": url.path,
    }
    try:
        settings = OneLogin_Saml2_Settings(_library_settings(expected))
        judged = _Judged(settings, _judgeable(root, clear))
        judged.is_valid(request, expected.request_id, raise_exceptions=True)
    except OneLogin_Saml2_ValidationError as error:
        diagnosis = _DIAGNOSES.get(error.code, "response_malformed")
        raise UpstreamRefused(diagnosis, {"library_code": error.code}) from None
    except (OneLogin_Saml2_Error, etree.LxmlError, xmlsec.Error, ValueError) as error:
        reason = {"reason": type(error).__name__}
        raise UpstreamRefused("response_malformed", reason) from None


def _library_settings(expected: Expected) -> dict[str, Any]:
    settings = expected.settings
    return {
        "strict": True,
        "sp": {
            "entityId": expected.entity_id,
            "assertionConsumerService": {"url": expected.acs_url, "binding": saml_binding.POST},
            "x509cert": expected.keys.certificate,
            "privateKey": expected.keys.key,
        },
        "idp": {
            "entityId": settings.issuer,
            "singleSignOnService": {"url": settings.sso_url},
            "x509certMulti": {"signing": list(settings.certificates)},
        },
        "security": {
            "wantAssertionsSigned": True,
            "rejectDeprecatedAlgorithm": True,
            "wantAttributeStatement": False,
            "wantNameId": False,  # Ours refuses what names nobody, by the connection's settings.
            "allowSingleLabelDomains": True,
        },
    }


_ValidationError = OneLogin_Saml2_ValidationError
_DIAGNOSES = {
    _ValidationError.WRONG_INRESPONSETO: "in_response_to_mismatch",
    _ValidationError.WRONG_DESTINATION: "destination_mismatch",
    _ValidationError.EMPTY_DESTINATION: "destination_mismatch",
    _ValidationError.WRONG_AUDIENCE: "audience_mismatch",
    _ValidationError.WRONG_ISSUER: "issuer_mismatch",
    _ValidationError.WRONG_SUBJECTCONFIRMATION: "recipient_mismatch",
    _ValidationError.ASSERTION_TOO_EARLY: "token_from_future",
    _ValidationError.ASSERTION_EXPIRED: "token_expired",
    _ValidationError.SESSION_EXPIRED: "token_expired",
    _ValidationError.NO_SIGNED_ASSERTION: "signature_missing",
    _ValidationError.NO_SIGNATURE_FOUND: "signature_missing",
    _ValidationError.INVALID_SIGNATURE: "signature_invalid",
    _ValidationError.DEPRECATED_SIGNATURE_METHOD: "algorithm_refused",
    _ValidationError.DEPRECATED_DIGEST_METHOD: "algorithm_refused",
}
"""What the library's refusals are called here, for what our own checks let through."""
