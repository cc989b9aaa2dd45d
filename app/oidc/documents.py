"""The public documents of a provider, made once and served as bytes with an ETag."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.changes import Cache
from app.directory.clients import SCOPES
from app.directory.tenants import Tenant
from app.flow import assurance
from app.keys import signing
from app.keys.key_pair import ALGORITHMS
from app.oidc.claims import CLAIMS_SUPPORTED
from app.oidc.grants import AUTH_METHODS
from app.oidc.request_rules import PROMPTS, RESPONSE_MODES

LIVES = 300
"""Seconds for which clients may cache a document; keys are published three times as long ahead."""


@dataclass(frozen=True)
class Document:
    """A JSON document ready to be sent."""

    body: bytes
    etag: str


_cache: Cache[Document] = Cache("oidc_documents", 2_048)


def metadata(tenant: Tenant) -> Document:
    """The provider's metadata (OpenID Connect Discovery, section 3; RFC 8414, section 2)."""
    return _cached("metadata", tenant)


def jwks(tenant: Tenant) -> Document:
    """The public keys (RFC 7517, section 5)."""
    return _cached("jwks", tenant)


def describe(tenant: Tenant) -> dict[str, Any]:
    """The provider's metadata as a value."""
    base = tenant.issuer
    brand = tenant.settings.brand
    described = {
        "issuer": base,
        "authorization_endpoint": f"{base}/oauth2/authorize",
        "token_endpoint": f"{base}/oauth2/token",
        "userinfo_endpoint": f"{base}/oauth2/userinfo",
        "jwks_uri": f"{base}/oauth2/jwks",
        "revocation_endpoint": f"{base}/oauth2/revoke",
        "end_session_endpoint": f"{base}/oauth2/logout",
        "scopes_supported": [*SCOPES],
        "response_types_supported": ["code"],
        "response_modes_supported": [*RESPONSE_MODES],
        "grant_types_supported": ["authorization_code", "refresh_token"],
        "subject_types_supported": ["public"],
        "acr_values_supported": [*assurance.possible(tenant.settings.methods)],
        "id_token_signing_alg_values_supported": [*ALGORITHMS],
        "token_endpoint_auth_methods_supported": [*AUTH_METHODS],
        "revocation_endpoint_auth_methods_supported": [*AUTH_METHODS],
        "code_challenge_methods_supported": ["S256"],
        "claim_types_supported": ["normal"],
        "claims_supported": [*CLAIMS_SUPPORTED],
        "claims_parameter_supported": True,
        "request_parameter_supported": False,
        "request_uri_parameter_supported": False,
        "authorization_response_iss_parameter_supported": True,
        "prompt_values_supported": [*PROMPTS],
        "ui_locales_supported": [*tenant.settings.texts.locales],
        "op_policy_uri": brand.privacy_url and str(brand.privacy_url),
        "op_tos_uri": brand.terms_url and str(brand.terms_url),
    }
    return {name: value for name, value in described.items() if value is not None}


def _cached(kind: str, tenant: Tenant) -> Document:
    def load() -> Document:
        return _document(describe(tenant) if kind == "metadata" else signing.jwks(tenant))

    found = _cache.get((kind, tenant.id), load)
    assert found is not None
    return found


def _document(content: Mapping[str, Any]) -> Document:
    body = json.dumps(content, separators=(",", ":")).encode()
    return Document(body, hashlib.sha256(body).hexdigest()[:32])
