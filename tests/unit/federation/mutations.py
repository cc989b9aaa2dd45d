"""ID tokens that are wrong in one way each, and the one diagnosis that each must get."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from joserfc.jwk import ECKey, RSAKey

from app import clock
from tests.doubles.oidc_keys import PUBLISHED, sign_with
from tests.doubles.oidc_provider import CLIENT_ID, REMOVED, SECRET

_OTHER_RSA = RSAKey.generate_key(2048, auto_kid=False)
_OTHER_EC = ECKey.generate_key("P-256", auto_kid=False)
Signer = Callable[[dict[str, Any], dict[str, Any]], str]


@dataclass(frozen=True)
class Mutation:
    """One fault of an ID token. Times are seconds from now."""

    name: str
    diagnosis: str
    claims: dict[str, Any] = field(default_factory=dict)
    moved: dict[str, int] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    signs: Signer | None = None
    tokens: dict[str, Any] = field(default_factory=dict)
    userinfo: dict[str, Any] = field(default_factory=dict)

    def changed(self) -> dict[str, Any]:
        """The claims that are other, as of now."""
        now = clock.now_seconds()
        return self.claims | {name: now + seconds for name, seconds in self.moved.items()}


def _by(key: Any, **header: Any) -> Signer:
    return lambda given, claims: sign_with(key, {**given, **header}, claims)


def _tampered(given: dict[str, Any], claims: dict[str, Any]) -> str:
    """The payload of another token under this one's signature."""
    good = _SIGNED(given, claims).split(".")
    evil = _SIGNED(given, {**claims, "sub": "mallory"}).split(".")
    return f"{good[0]}.{evil[1]}.{good[2]}"


def _without_signature(given: dict[str, Any], claims: dict[str, Any]) -> str:
    return _SIGNED(given, claims).rpartition(".")[0] + "."


_SIGNED = _by(_OTHER_RSA)
_PUBLIC_KEY = PUBLISHED.as_pem(private=False)
"""For the classic confusion: HS256 with the provider's public key for a secret."""

MUTATIONS = (
    Mutation("iss_wrong", "issuer_mismatch", {"iss": "https://evil.example"}),
    Mutation("iss_missing", "issuer_mismatch", {"iss": REMOVED}),
    Mutation("iss_list", "issuer_mismatch", {"iss": ["https://evil.example"]}),
    Mutation("aud_wrong", "audience_mismatch", {"aud": "another-client"}),
    Mutation("aud_missing", "audience_mismatch", {"aud": REMOVED}),
    Mutation("aud_list_without_us", "audience_mismatch", {"aud": ["a", "b"]}),
    Mutation("aud_empty", "audience_mismatch", {"aud": []}),
    Mutation("aud_several_no_azp", "azp_mismatch", {"aud": [CLIENT_ID, "other"]}),
    Mutation("aud_several_wrong_azp", "azp_mismatch", {"aud": [CLIENT_ID, "x"], "azp": "x"}),
    Mutation("azp_wrong", "azp_mismatch", {"azp": "other"}),
    Mutation("sub_missing", "subject_missing", {"sub": REMOVED}),
    Mutation("sub_null", "subject_missing", {"sub": None}),
    Mutation("sub_empty", "subject_unusable", {"sub": ""}),
    Mutation("sub_blank", "subject_unusable", {"sub": "  "}),
    Mutation("sub_zero", "subject_unusable", {"sub": "0"}),
    Mutation("sub_null_text", "subject_unusable", {"sub": "null"}),
    Mutation("sub_number", "subject_unusable", {"sub": 248289761001}),
    Mutation("sub_true", "subject_unusable", {"sub": True}),
    Mutation("sub_list", "subject_unusable", {"sub": ["248289761001"]}),
    Mutation("sub_padded", "subject_unusable", {"sub": "248289761001 "}),
    Mutation("sub_line_break", "subject_unusable", {"sub": "2482\n89761001"}),
    Mutation("sub_long", "subject_unusable", {"sub": "x" * 256}),
    Mutation("iat_missing", "response_malformed", {"iat": REMOVED}),
    Mutation("iat_text", "response_malformed", {"iat": "1795277638"}),
    Mutation("iat_ahead", "token_from_future", moved={"iat": 120}),
    Mutation("nbf_ahead", "token_from_future", moved={"nbf": 120}),
    Mutation("exp_missing", "response_malformed", {"exp": REMOVED}),
    Mutation("exp_true", "response_malformed", {"exp": True}),
    Mutation("exp_past", "token_expired", moved={"exp": -61, "iat": -400}),
    Mutation("auth_time_ahead", "token_from_future", moved={"auth_time": 120}),
    Mutation("auth_time_text", "response_malformed", {"auth_time": "now"}),
    Mutation("nonce_missing", "nonce_mismatch", {"nonce": REMOVED}),
    Mutation("nonce_wrong", "nonce_mismatch", {"nonce": "another"}),
    Mutation("nonce_not_ascii", "nonce_mismatch", {"nonce": "ünlike"}),
    Mutation("nonce_number", "nonce_mismatch", {"nonce": 7}),
    Mutation("at_hash_wrong", "at_hash_mismatch", {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}),
    Mutation("at_hash_empty", "at_hash_mismatch", {"at_hash": ""}),
    Mutation("access_token_swapped", "at_hash_mismatch", tokens={"access_token": "another"}),
    Mutation("access_token_gone", "at_hash_mismatch", tokens={"access_token": REMOVED}),
    Mutation("alg_none", "algorithm_refused", header={"alg": "none"}),
    Mutation("alg_hs256_by_secret", "algorithm_refused", signs=_by(SECRET.encode(), alg="HS256")),
    Mutation("alg_hs256_by_public_key", "algorithm_refused", signs=_by(_PUBLIC_KEY, alg="HS256")),
    Mutation("alg_missing", "response_malformed", tokens={"id_token": "e30.e30.AAAA"}),
    Mutation("rs256_by_stranger", "signature_invalid", signs=_by(_OTHER_RSA)),
    Mutation("rs256_tampered", "signature_invalid", signs=_tampered),
    Mutation("signature_cut", "signature_invalid", signs=_without_signature),
    Mutation("jwk_in_header", "signature_invalid", header={"jwk": {"kty": "RSA"}},
             signs=_by(_OTHER_RSA, jwk=dict(_OTHER_RSA.as_dict(private=False)))),
    Mutation("es256_by_stranger", "key_unknown", signs=_by(_OTHER_EC, alg="ES256")),
    Mutation("kid_unknown", "key_unknown", header={"kid": "nobody"}),
    Mutation("kid_number", "response_malformed", tokens={
        "id_token": "eyJhbGciOiJSUzI1NiIsImtpZCI6N30.e30.AAAA"}),
    Mutation("crit", "response_malformed", tokens={
        "id_token": "eyJhbGciOiJSUzI1NiIsImNyaXQiOlsiYjY0Il0sImI2NCI6ZmFsc2V9.e30.AAAA"}),
    Mutation("no_id_token", "response_malformed", tokens={"id_token": REMOVED}),
    Mutation("id_token_number", "response_malformed", tokens={"id_token": 7}),
    Mutation("id_token_encrypted", "response_malformed", tokens={"id_token": "a.b.c.d.e"}),
    Mutation("id_token_noise", "response_malformed", tokens={"id_token": "☃"}),
    Mutation("id_token_huge", "too_large", tokens={"id_token": "a" * 70_000}),
    Mutation("userinfo_other_sub", "userinfo_mismatch", userinfo={"sub": "248289761002"}),
    Mutation("userinfo_no_sub", "userinfo_mismatch", userinfo={"sub": REMOVED}),
    Mutation("userinfo_sub_number", "userinfo_mismatch", userinfo={"sub": 248289761001}),
)  # fmt: skip
