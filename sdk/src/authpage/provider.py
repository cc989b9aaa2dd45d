"""What an app knows about its AuthPage: discovery metadata and signing keys, both cached."""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import httpx2

from authpage.errors import InvalidResponse, OAuthError, ProviderUnavailable
from authpage.jwks import JwksCache, VerificationKey
from authpage.transport import get_json, new_http_client, require_safe_url

METADATA_SECONDS = 3600


@dataclass(frozen=True)
class ProviderMetadata:
    """The endpoints of an OpenID provider (OpenID Connect Discovery 1.0 section 3)."""

    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None
    revocation_endpoint: str | None
    end_session_endpoint: str | None
    sends_iss: bool


class Provider:
    """One issuer. Nothing is fetched before it is needed, so an app starts without it."""

    def __init__(
        self,
        issuer: str,
        *,
        http: httpx2.Client | None = None,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """Raises ConfigurationError unless the issuer is https, or http on localhost."""
        self.issuer = require_safe_url(issuer, "the issuer")
        self.http = http or new_http_client()
        self.clock = clock
        self._lock = threading.Lock()
        self._metadata: ProviderMetadata | None = None
        self._fetched_at = 0.0
        self._jwks = JwksCache(self._fetch_jwks, clock)

    def metadata(self) -> ProviderMetadata:
        """Return the discovery document, at most an hour old while the provider is up.

        Raises ProviderUnavailable when it was never had, InvalidResponse when it is wrong.
        """
        with self._lock:
            if self._metadata and self.clock() - self._fetched_at < METADATA_SECONDS:
                return self._metadata
            try:
                self._metadata = self._discover()
                self._fetched_at = self.clock()
            except ProviderUnavailable:
                if self._metadata is None:
                    raise
            return self._metadata

    def key(self, kid: str) -> VerificationKey:
        """Return a signing key by its id. Raises like `JwksCache.key`."""
        return self._jwks.key(kid)

    def _discover(self) -> ProviderMetadata:
        address = self.issuer.rstrip("/") + "/.well-known/openid-configuration"
        document = _fetched(self.http, address)
        if document.get("issuer") != self.issuer:
            raise InvalidResponse("the discovery document names another issuer")
        return ProviderMetadata(
            authorization_endpoint=self._required(document, "authorization_endpoint"),
            token_endpoint=self._required(document, "token_endpoint"),
            jwks_uri=self._required(document, "jwks_uri"),
            userinfo_endpoint=self._endpoint(document, "userinfo_endpoint"),
            revocation_endpoint=self._endpoint(document, "revocation_endpoint"),
            end_session_endpoint=self._endpoint(document, "end_session_endpoint"),
            sends_iss=document.get("authorization_response_iss_parameter_supported") is True,
        )

    def _required(self, document: dict[str, Any], name: str) -> str:
        endpoint = self._endpoint(document, name)
        if endpoint is None:
            raise InvalidResponse(f"the discovery document has no {name}")
        return endpoint

    def _endpoint(self, document: dict[str, Any], name: str) -> str | None:
        value = document.get(name)
        if value is None:
            return None
        secure = self.issuer.startswith("https://")
        if not isinstance(value, str) or (secure and not value.startswith("https://")):
            raise InvalidResponse(f"the discovery document has an unusable {name}")
        return value

    def _fetch_jwks(self) -> list[Any]:
        keys = _fetched(self.http, self.metadata().jwks_uri).get("keys")
        if not isinstance(keys, list):
            raise InvalidResponse("the key set has no keys")
        return keys


def _fetched(http: httpx2.Client, url: str) -> dict[str, Any]:
    try:
        return get_json(http, url)
    except OAuthError as error:
        raise InvalidResponse(f"the provider refused a public document: {error.code}") from error
