"""Reads and verifies the answers of passkey ceremonies: `navigator.credentials` as JSON.

The signature work is the webauthn library's. What it leaves to its caller is done here: sizes
before anything is parsed, one meaning for every piece of JSON, no answer from inside a foreign
frame, and the exact origins of the tenant. Whose passkey it must be, and what its counter says, is
decided by whoever calls.
"""

import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from app.directory.tenants import Tenant
from app.methods import passkey_origins
from app.methods.passkey_challenge import decoded

LONGEST = 16_384
"""Characters of an answer. One with a certificate chain has about 6,000."""
_LONGEST_ID = 1_023
"""Bytes of a credential id (WebAuthn Level 3, section 5.8.3)."""
_LONGEST_PARTS = {
    "clientDataJSON": 4_096,
    "authenticatorData": 2_048,
    "signature": 1_024,
    "userHandle": 64,
    "attestationObject": 10_240,
}
_FORMATS = ("none", "packed")
"""No attestation is asked for; clients keep at most the authenticator's own signature."""
ALGORITHMS = (-8, -7, -257)
"""Ed25519, ES256, RS256 (COSE), as they are preferred."""


class BadAnswer(Exception):
    """The answer is broken, comes from elsewhere, or does not verify. The reason is a machine word
    for the audit log."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Answer:
    """What an authenticator answered, read but not verified."""

    credential_id: str
    """In base64url."""
    type: str
    challenge: bytes
    origin: str
    user_handle: bytes | None
    transports: tuple[str, ...]
    is_discoverable: bool | None
    """What the client says of a new passkey (`credProps.rk`); None when it says nothing."""
    document: dict[str, Any]
    """The answer with nothing else in it, for the library."""


@dataclass(frozen=True)
class Verified:
    """What the signature vouches for."""

    counter: int
    user_verified: bool
    device_type: str
    """`single_device` or `multi_device`."""
    backed_up: bool


@dataclass(frozen=True)
class Created:
    """A new passkey, verified."""

    credential_id: str
    public_key: bytes
    counter: int
    aaguid: str
    user_verified: bool
    device_type: str
    """`single_device` or `multi_device`."""
    backed_up: bool


def read(text: str) -> Answer:
    """The answer in `text`, the JSON of `PublicKeyCredential.toJSON()`; raises `BadAnswer`."""
    if len(text) > LONGEST:
        raise BadAnswer("too_large")
    with _whatever_is_wrong("malformed"):
        document = _object(text)
        response = _dict(document, "response")
        identifier = _text(document, "id")
        if not 0 < len(decoded(identifier)) <= _LONGEST_ID:
            raise ValueError("id")
        if document.get("rawId", identifier) != identifier or document["type"] != "public-key":
            raise ValueError("rawId or type")
        parts = {name: part for name, part in response.items() if name in _LONGEST_PARTS}
        sizes = {name: len(decoded(part)) for name, part in parts.items() if part is not None}
        if any(size > _LONGEST_PARTS[name] for name, size in sizes.items()):
            raise BadAnswer("too_large")
        handle = response.get("userHandle")
        client = _client_data(decoded(_text(response, "clientDataJSON")))
        return Answer(
            credential_id=identifier,
            type=_text(client, "type"),
            challenge=decoded(_text(client, "challenge")),
            origin=_text(client, "origin"),
            user_handle=decoded(handle) if handle else None,
            transports=_words(response.get("transports")),
            is_discoverable=_is_discoverable(document),
            document={
                "id": identifier,
                "rawId": identifier,
                "type": "public-key",
                "response": parts,
            },
        )


def verify(tenant: Tenant, answer: Answer, *, public_key: bytes, needs_user: bool) -> Verified:
    """Verify the answer to `navigator.credentials.get()` with the passkey's public key; raises
    `BadAnswer`. With `needs_user` the authenticator must have verified its user.

    The counter is for the caller to compare.
    """
    from webauthn import verify_authentication_response  # noqa: PLC0415

    with _whatever_is_wrong("not_verified"):
        done = verify_authentication_response(
            credential=answer.document,
            expected_challenge=answer.challenge,
            expected_rp_id=tenant.rp_id,
            expected_origin=passkey_origins.expected(tenant),
            credential_public_key=public_key,
            credential_current_sign_count=0,
            require_user_verification=needs_user,
        )
    return Verified(
        counter=done.new_sign_count,
        user_verified=done.user_verified,
        device_type=done.credential_device_type.value,
        backed_up=done.credential_backed_up,
    )


def verify_new(tenant: Tenant, answer: Answer, *, silently: bool) -> Created:
    """Verify the answer to `navigator.credentials.create()`; raises `BadAnswer`.

    The user must have been verified, unless the browser made the passkey `silently`. What the
    attestation says of the authenticator is not believed, only checked for being well made.
    """
    from webauthn import verify_registration_response  # noqa: PLC0415
    from webauthn.helpers.cose import COSEAlgorithmIdentifier  # noqa: PLC0415

    with _whatever_is_wrong("not_verified"):
        _demand_plain_attestation(answer)
        done = verify_registration_response(
            credential=answer.document,
            expected_challenge=answer.challenge,
            expected_rp_id=tenant.rp_id,
            expected_origin=passkey_origins.expected(tenant),
            require_user_presence=not silently,
            require_user_verification=not silently,
            supported_pub_key_algs=[COSEAlgorithmIdentifier(each) for each in ALGORITHMS],
        )
        if decoded(answer.credential_id) != done.credential_id:
            raise ValueError("id")
    return Created(
        credential_id=answer.credential_id,
        public_key=done.credential_public_key,
        counter=done.sign_count,
        aaguid=done.aaguid,
        user_verified=done.user_verified,
        device_type=done.credential_device_type.value,
        backed_up=done.credential_backed_up,
    )


@contextmanager
def _whatever_is_wrong(reason: str) -> Iterator[None]:
    """Turn any exception into `BadAnswer`: the library, its CBOR parser and the cryptography below
    raise a dozen kinds for hostile bytes, and each means the same."""
    try:
        yield
    except BadAnswer:
        raise
    except Exception as error:
        raise BadAnswer(reason) from error


def _client_data(content: bytes) -> dict[str, Any]:
    """What the client says of the ceremony, refused when it ran inside another site's frame."""
    client = _object(content.decode("utf-8"))
    if client.get("crossOrigin") not in (None, False) or client.get("topOrigin") is not None:
        raise BadAnswer("foreign_frame")
    return client


def _demand_plain_attestation(answer: Answer) -> None:
    from webauthn.helpers import parse_cbor  # noqa: PLC0415

    attestation = parse_cbor(decoded(_text(answer.document["response"], "attestationObject")))
    if attestation["fmt"] not in _FORMATS:
        raise BadAnswer("attestation_format")


def _object(text: str) -> dict[str, Any]:
    document = json.loads(text, object_pairs_hook=_without_duplicates)
    if not isinstance(document, dict):
        raise TypeError("not an object")
    return document


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("duplicate name")
    return found


def _text(document: dict[str, Any], name: str) -> str:
    value = document[name]
    if not isinstance(value, str):
        raise TypeError(name)
    return value


def _dict(document: dict[str, Any], name: str) -> dict[str, Any]:
    value = document[name]
    if not isinstance(value, dict):
        raise TypeError(name)
    return value


def _words(value: Any) -> tuple[str, ...]:
    """Transports, as far as they are words: clients may learn new ones."""
    words = value if isinstance(value, list) else []
    return tuple(sorted({word for word in words[:8] if _is_word(word)}))


def _is_word(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= 32 and value.replace("-", "").isalnum()


def _is_discoverable(document: dict[str, Any]) -> bool | None:
    results = document.get("clientExtensionResults")
    properties = results.get("credProps") if isinstance(results, dict) else None
    value = properties.get("rk") if isinstance(properties, dict) else None
    return value if isinstance(value, bool) else None
