"""Answers of SAML providers that are wrong in one way each, and the one diagnosis that each must
get: the corpus of the connection doctor."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from app import clock
from app.actor import CLI
from app.database import write
from app.directory import connections
from app.directory.connection_settings import SamlSettings
from tests.doubles import saml_forge, xmlsec1
from tests.doubles.saml_keys import KeyFiles
from tests.journeys.saml_forger import Asked, Forger, Keys

STATUS = "urn:oasis:names:tc:SAML:2.0:status"
MFA = "https://refeds.org/profile/mfa"
_SHA1 = "http://www.w3.org/2000/09/xmldsig#"
_EMAIL = "urn:oasis:names:tc:SAML:1.1:nameid-format:emailAddress"
_TRANSIENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:transient"


@dataclass(frozen=True)
class Fault:
    """What is wrong: with what the provider writes, with its key, with what is done to its answer
    on the way, with the connection, or with what happens meanwhile."""

    diagnosis: str
    letter: dict[str, Any] = field(default_factory=dict)
    key: Callable[[Keys], KeyFiles] = lambda keys: keys.provider
    altered: Callable[[str, Forger], str] = lambda document, _: document
    settings: dict[str, Any] = field(default_factory=dict)
    meanwhile: Callable[[Forger], None] = lambda _: None
    before: Callable[[Asked], None] = lambda _: None
    asked: dict[str, str] = field(default_factory=dict)
    provider: str = "generic_saml"


def _letter(diagnosis: str, **letter: Any) -> Fault:
    return Fault(diagnosis, letter)


def _with(diagnosis: str, pattern: str, replacement: str) -> Fault:
    """An answer that was altered after it was signed."""

    def altered(document: str, _: Forger) -> str:
        changed = re.sub(pattern, lambda _found: replacement, document, count=1)
        assert changed != document
        return changed

    return Fault(diagnosis, altered=altered)


def _encrypted(**how: str) -> Callable[[str, Forger], str]:
    return lambda document, forger: xmlsec1.encrypt(document, forger.encryption_certificate, **how)


def _for_a_stranger(document: str, forger: Forger) -> str:
    return xmlsec1.encrypt(document, forger.keys.stranger.pem)


def _switch(**changed: Any) -> Callable[[Forger], None]:
    def switch(forger: Forger) -> None:
        settings = forger.connection.settings.model_copy(update=changed)
        assert isinstance(settings, SamlSettings)
        with write(forger.tenant.id) as session:
            connections.update(session, CLI, forger.connection.id, settings=settings)

    return switch


def _relay_state(asked: Asked) -> None:
    asked.relay_state = asked.relay_state[:-1] + ("A" if asked.relay_state[-1] != "A" else "B")


def _by_stranger(keys: Keys) -> KeyFiles:
    return keys.stranger


_CARRIED = r"<ds:KeyInfo>(?s:.*?)</ds:KeyInfo>"
_MAIL = xmlsec1.attribute("email", "ada@example.com")

FAULTS: dict[str, Fault] = {
    "state_forged": Fault("state_unknown", before=_relay_state),
    "state_old": Fault("state_expired", meanwhile=lambda _: clock.move(601)),
    "connection_repointed": Fault(
        "connection_changed", meanwhile=_switch(issuer="https://other.example")
    ),
    "denied": _letter("access_denied_upstream", status=f"{STATUS}:AuthnFailed"),
    "requester": _letter("provider_error", status=f"{STATUS}:Requester"),
    "name_id_policy": _letter("provider_error", status=f"{STATUS}:InvalidNameIDPolicy"),
    "no_xml": Fault("response_malformed", altered=lambda *_: "no XML"),
    "document_type": Fault("response_malformed", altered=lambda each, _: f"<!DOCTYPE x>{each}"),
    "attribute_twice": _letter("response_malformed", attributes=_MAIL * 2),
    "issuer": _letter("issuer_mismatch", issuer="https://other.example"),
    "issuer_of_response": _letter("issuer_mismatch", response_issuer="https://other.example"),
    "audience": _letter("audience_mismatch", audience="https://app.example"),
    "audience_missing": _letter("audience_mismatch", audience=None),
    "destination": _letter("destination_mismatch", destination="https://app.example/acs"),
    "destination_http": _letter("destination_mismatch", destination="http://login.example/acs"),
    "recipient": _letter("recipient_mismatch", recipient="https://app.example/acs"),
    "recipient_missing": _letter("recipient_mismatch", recipient=None),
    "other_request": _letter("in_response_to_mismatch", in_response_to="_other"),
    "no_request": _letter("in_response_to_mismatch", in_response_to=None),
    "unsigned": _letter("signature_missing", signs_assertion=False),
    "response_signed_only": _letter(
        "signature_missing", signs_assertion=False, signs_response=True
    ),
    "altered": _with("signature_invalid", "ada@example.com", "eve@example.com"),
    "no_certificate_inside": Fault(
        "signature_invalid",
        key=_by_stranger,
        altered=lambda each, _: re.sub(_CARRIED, "", each),
    ),
    "sha1": _letter("algorithm_refused", signature={"method": f"{_SHA1}rsa-sha1"}),
    "sha1_digest": _letter("algorithm_refused", signature={"digest": f"{_SHA1}sha1"}),
    "other_key": Fault("certificate_unknown", key=_by_stranger),
    "key_switched": Fault(
        "certificate_unknown", key=_by_stranger, provider="entra_saml",
        settings={"subject_attribute": None},
    ),
    "certificate_over": Fault("certificate_expired", key=lambda keys: keys.old),
    "clear": Fault("encryption_refused", settings={"wants_encryption": True}),
    "cbc": Fault("encryption_refused", altered=_encrypted(content=f"{xmlsec1.XENC}aes256-cbc")),
    "rsa_1_5": Fault("encryption_refused", altered=_encrypted(transport=f"{xmlsec1.XENC}rsa-1_5")),
    "for_a_stranger": Fault("encryption_refused", altered=_for_a_stranger),
    "over": _letter("token_expired", not_on_or_after=-120),
    "confirmation_over": _letter("token_expired", confirmation_ends=-120),
    "clock_ahead": _letter("token_from_future", issued=240),
    "not_yet": _letter("token_from_future", not_before=120),
    "authenticated_ahead": _letter("token_from_future", authenticated=240),
    "old_sign_in": Fault(
        "proof_too_old", {"authenticated": -3_600}, asked={"prompt": "login"}
    ),
    "weaker": Fault("context_mismatch", settings={"requested_contexts": [MFA]}),
    "transient": _letter("subject_unusable", name_id_format=_TRANSIENT),
    "nobody": _letter("subject_unusable", subject="null"),
    "endless_name": _letter("subject_unusable", subject="x" * 5_000),
    "no_name_id": _letter("name_id_missing", subject=None),
    "no_object_id": Fault(
        "attribute_missing", provider="entra_saml", settings={"subject_attribute": "oid"}
    ),
    "no_address": _letter("email_missing", attributes=""),
    "name_id_no_address": _letter("email_missing", name_id_format=_EMAIL, attributes=""),
    "foreign_address": _letter(
        "email_not_theirs", attributes=xmlsec1.attribute("email", "ceo@elsewhere.example")
    ),
    "nobody_new": Fault("user_not_allowed", settings={"creates_users": False}),
}  # fmt: skip


FIRST = {fault.diagnosis: name for name, fault in reversed(FAULTS.items())}
"""Diagnosis -> the first fault that gets it."""


def answer_of(fault: Fault, forger: Forger, asked: Asked) -> str:
    """The provider's answer with this fault."""
    letter = asked.letter.changed(**fault.letter)
    return fault.altered(saml_forge.response(letter, fault.key(forger.keys)), forger)
