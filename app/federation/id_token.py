"""The checks of an ID token (OpenID Connect Core, sections 3.1.3.7 and 3.1.3.8).

Each fault is one diagnosis, in the order in which they are looked for.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from typing import Any

from app import clock
from app.directory.connection_settings import OidcSettings
from app.directory.connections import Connection
from app.federation import discovery, jose, key_set
from app.federation.identity import UpstreamRefused
from app.federation.jose import BadSignature, Header, Malformed
from app.federation.masking import arrived, cleaned
from app.federation.network import Budget
from app.federation.providers import quirks_of
from app.federation.token_request import Tokens

SKEW = 60
"""Seconds by which a provider's clock may be off."""
_LATEST = 2**40
"""Seconds that no time of a token lies beyond; NaN is not below it either."""
_HASHES = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}

Claims = dict[str, Any]


def check(
    connection: Connection,
    settings: OidcSettings,
    tokens: Tokens,
    *,
    jwks_url: str,
    keep: Mapping[str, str],
    budget: Budget,
) -> Claims:
    """The claims of an ID token that is good for this sign-in.

    Raises `UpstreamRefused` with the first thing that is wrong, and `UpstreamAway` when the keys
    cannot be had. Aggregated and distributed claims are dropped: nobody here asks where they lead.
    """
    if tokens.id_token is None:
        raise UpstreamRefused("response_malformed", {"id_token": "missing"})
    header = _header(tokens.id_token)
    key = key_set.find(connection, jwks_url, header, budget)
    claims = _verified(tokens.id_token, key, header)
    try:
        _demand_issuer(connection, settings, claims, key)
        _demand_directory(connection, settings, claims)
        _demand_audience(settings.client_id, claims)
        _demand_time(claims)
        _demand_recent(claims, keep.get("max_age"))
        _demand_nonce(connection, claims, keep["nonce"])
        _demand_hash(claims, header.alg, tokens.access_token)
    except UpstreamRefused as refused:
        beside = {"alg": header.alg, "kid": _shown(header), **refused.arrived}
        raise UpstreamRefused(refused.diagnosis, arrived(claims, **beside)) from None
    return {name: claims[name] for name in claims if name not in ("_claim_names", "_claim_sources")}


def _header(token: str) -> Header:
    if len(token) > jose.LONGEST_TOKEN:
        raise UpstreamRefused("too_large", {"id_token": f"{len(token)} characters"})
    try:
        header = jose.read_header(token)
    except Malformed:
        raise UpstreamRefused("response_malformed", {"id_token": "not a signed JWT"}) from None
    if header.alg not in jose.ALGORITHMS:
        raise UpstreamRefused("algorithm_refused", {"alg": cleaned(header.alg, ())})
    return header


def _shown(header: Header) -> str | None:
    return None if header.kid is None else cleaned(header.kid, ())


def _verified(token: str, key: Mapping[str, Any], header: Header) -> Claims:
    try:
        return jose.verify(token, key, header.alg)
    except BadSignature:
        raise UpstreamRefused("signature_invalid", {"alg": header.alg, "kid": header.kid}) from None
    except Malformed:
        raise UpstreamRefused("response_malformed", {"id_token": "no claims"}) from None


def _demand_issuer(
    connection: Connection, settings: OidcSettings, claims: Claims, key: Mapping[str, Any]
) -> None:
    directory = claims.get("tid")
    expected = discovery.issuer_for(connection, settings.issuer, directory)
    quirks, found = quirks_of(connection.provider), claims.get("iss")
    if found != expected and (found is None or found != quirks.issuer_also):
        raise UpstreamRefused("issuer_mismatch", {"expected_issuer": expected})
    # Microsoft's keys say for which directories they sign.
    owner = key.get("issuer")
    says = quirks.is_multi_directory and isinstance(owner, str)
    if says and str(owner).replace("{tenantid}", str(directory)) != expected:
        raise UpstreamRefused("issuer_mismatch", {"key_issuer": cleaned(owner, ())})


def _demand_directory(connection: Connection, settings: OidcSettings, claims: Claims) -> None:
    name = quirks_of(connection.provider).directory
    if name is None or not settings.directories:
        return
    found = claims.get(name)
    allowed = {each.lower() for each in settings.directories}
    if not isinstance(found, str) or found.lower() not in allowed:
        raise UpstreamRefused("directory_not_allowed")


def _demand_audience(client_id: str, claims: Claims) -> None:
    audience, party = claims.get("aud"), claims.get("azp")
    members = audience if isinstance(audience, list) else [audience]
    if client_id not in members:
        raise UpstreamRefused("audience_mismatch", {"expected_audience": client_id})
    if party is None and len(members) > 1:
        raise UpstreamRefused("azp_mismatch", {"expected_azp": client_id})
    if party not in (None, client_id):
        raise UpstreamRefused("azp_mismatch", {"expected_azp": client_id})


def _demand_time(claims: Claims) -> None:
    now = clock.now_seconds()
    expires, issued = _number(claims, "exp"), _number(claims, "iat")
    begins = _number(claims, "nbf") if "nbf" in claims else issued
    if now - SKEW >= expires:
        raise UpstreamRefused("token_expired", {"our_clock": now})
    if max(issued, begins) > now + SKEW:
        raise UpstreamRefused("token_from_future", {"our_clock": now})


def _demand_recent(claims: Claims, max_age: str | None) -> None:
    """Where a fresh sign-in was asked for, an old one will not do (section 3.1.2.1). A provider
    that does not tell is taken as it is: what it leaves out counts as weakest (I10)."""
    if claims.get("auth_time") is None:
        return
    proved, now = _number(claims, "auth_time"), clock.now_seconds()
    if proved > now + SKEW:
        raise UpstreamRefused("token_from_future", {"our_clock": now})
    if max_age is not None and now - proved > int(max_age) + SKEW:
        raise UpstreamRefused("proof_too_old", {"our_clock": now, "max_age": int(max_age)})


def _demand_nonce(connection: Connection, claims: Claims, expected: str) -> None:
    found = claims.get("nonce")
    if found is None and not quirks_of(connection.provider).echoes_nonce:
        return
    text = found if isinstance(found, str) and found.isascii() else ""
    if not hmac.compare_digest(text, expected):
        raise UpstreamRefused("nonce_mismatch", {"nonce_arrived": found is not None})


def _demand_hash(claims: Claims, alg: str, access_token: str | None) -> None:
    """`at_hash` is optional in the code flow, but where it is there it must be right."""
    found = claims.get("at_hash")
    if found is None:
        return
    digest = _HASHES[alg[-3:] if alg != "EdDSA" else "512"]((access_token or "").encode()).digest()
    expected = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    if access_token is None or found != expected:
        raise UpstreamRefused("at_hash_mismatch")


def _number(claims: Claims, name: str) -> float:
    found = claims.get(name)
    if isinstance(found, bool) or not isinstance(found, int | float) or not 0 <= found < _LATEST:
        raise UpstreamRefused("response_malformed", {"not_a_number": name})
    return found
