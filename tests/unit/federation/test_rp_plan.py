"""CONFORMANCE, RP plan: the certification suite's modules for a relying party of the code flow, by
their names, each against a provider that runs.

Modules of the implicit and hybrid flow, and of registration, are not among them: we use neither.
That also is why a missing `at_hash` is no fault: without a code in the answer it would be.
"""

from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import ECKey, RSAKey

from app import clock
from app.federation.identity import UpstreamRefused
from tests.doubles.oidc_keys import sign_with
from tests.doubles.oidc_party import Meeting
from tests.doubles.oidc_provider import CLIENT_ID, REMOVED, SECRET, Script

Refusal = Callable[..., UpstreamRefused]
Meet = Callable[..., Meeting]
_STRANGERS = {
    "RS256": RSAKey.generate_key(2048, auto_kid=False),
    "ES256": ECKey.generate_key("P-256", auto_kid=False),
    "HS256": b"another secret than the client's",
}
_SUBJECT = "248289761001"
_MINE = ECKey.generate_key("P-256", auto_kid=False)


def _signed_by_a_stranger(alg: str) -> dict[str, Any]:
    def sign(header: dict[str, Any], claims: dict[str, Any]) -> str:
        return sign_with(_STRANGERS[alg], {**header, "alg": alg}, claims)

    return {"signs": sign}


def _with_the_secret(header: dict[str, Any], claims: dict[str, Any]) -> str:
    return sign_with(SECRET.encode(), {**header, "alg": "HS256"}, claims)


_REFUSED: dict[str, tuple[str, dict[str, Any]]] = {
    "invalid-iss": ("issuer_mismatch", {"changed": {"iss": "https://other.example"}}),
    "missing-iss": ("issuer_mismatch", {"changed": {"iss": REMOVED}}),
    "invalid-aud": ("audience_mismatch", {"changed": {"aud": "other"}}),
    "missing-aud": ("audience_mismatch", {"changed": {"aud": REMOVED}}),
    "several-aud-missing-azp": ("azp_mismatch", {"changed": {"aud": [CLIENT_ID, "other"]}}),
    "invalid-azp": ("azp_mismatch", {"changed": {"azp": "other"}}),
    "invalid-sub": ("subject_unusable", {"changed": {"sub": ""}}),
    "missing-sub": ("subject_missing", {"changed": {"sub": REMOVED}}),
    "invalid-iat": ("response_malformed", {"changed": {"iat": "now"}}),
    "missing-iat": ("response_malformed", {"changed": {"iat": REMOVED}}),
    "missing-exp": ("response_malformed", {"changed": {"exp": REMOVED}}),
    "expired": ("token_expired", {"changed": {"exp": 1_000_000_000}}),
    "nonce-invalid": ("nonce_mismatch", {"changed": {"nonce": "of-another-sign-in"}}),
    "missing-nonce": ("nonce_mismatch", {"changed": {"nonce": REMOVED}}),
    "invalid-at-hash": ("at_hash_mismatch", {"changed": {"at_hash": "AAAAAAAAAAAAAAAAAAAAAA"}}),
    "idtoken-sig-none": ("algorithm_refused", {"header": {"alg": "none"}}),
    "idtoken-sig-hs256": ("algorithm_refused", {"signs": _with_the_secret}),
    "invalid-sig-rs256": ("signature_invalid", _signed_by_a_stranger("RS256")),
    "invalid-sig-es256": ("key_unknown", _signed_by_a_stranger("ES256")),
    "invalid-sig-hs256": ("algorithm_refused", _signed_by_a_stranger("HS256")),
    "kid-unknown": ("key_unknown", {"header": {"kid": "not-published"}}),
    "userinfo-invalid-sub": ("userinfo_mismatch", {"userinfo": {"sub": "somebody-else"}}),
    "userinfo-missing-sub": ("userinfo_mismatch", {"userinfo": {"sub": REMOVED}}),
    "discovery-issuer-mismatch": (
        "discovery_unusable",
        {"discovery": {"issuer": "https://other.example"}},
    ),
    "redirect-invalid-iss": ("issuer_mismatch", {"redirect": {"iss": "https://other.example"}}),
}


@pytest.mark.parametrize("module", _REFUSED)
def test_rp_must_refuse(met: Meeting, refusal: Refusal, module: str) -> None:
    diagnosis, faults = _REFUSED[module]
    met.provider.script = Script(person=met.provider.script.person, **faults)
    assert refusal(met).diagnosis == diagnosis
    met.provider.reset()
    clock.move(3_601)
    assert met.party.sign_in().subject == _SUBJECT


def test_rp_kid_absent_multiple_jwks(met: Meeting, refusal: Refusal) -> None:
    met.provider.keys.add("second", RSAKey.generate_key(2048, auto_kid=False))
    met.provider.script.header = {"kid": REMOVED}
    assert refusal(met).diagnosis == "key_unknown"


def test_rp_kid_absent_single_jwks(met: Meeting) -> None:
    assert len(met.provider.keys.published) == 1
    met.provider.script.header = {"kid": REMOVED}
    assert met.party.sign_in().subject == _SUBJECT


@pytest.mark.parametrize("alg", ["RS256", "ES256"])
def test_rp_idtoken_sig(met: Meeting, alg: str) -> None:
    if alg == "ES256":
        met.provider.keys.add("curve", _MINE)
    assert met.provider.keys.header()["alg"] == alg
    assert met.party.sign_in().subject == _SUBJECT


def test_rp_signing_key_rotation(met: Meeting) -> None:
    met.party.sign_in()
    met.provider.keys.rotate()
    clock.move(2)
    assert met.party.sign_in().subject == _SUBJECT


def test_rp_signing_key_rotation_just_before_signing(met: Meeting) -> None:
    met.party.sign_in()
    clock.move(2)
    assert met.party.sign_in(meanwhile=met.provider.keys.rotate).subject == _SUBJECT


def test_rp_signing_key_rotation_with_both_keys_published(met: Meeting) -> None:
    met.party.sign_in()
    met.provider.keys.add("second", RSAKey.generate_key(2048, auto_kid=False))
    met.provider.keys.signing = "first"
    clock.move(3_601)
    assert met.party.sign_in().subject == _SUBJECT
    met.provider.keys.signing = "second"
    assert met.party.sign_in().subject == _SUBJECT


@pytest.mark.parametrize(
    "sources",
    [{"endpoint": "https://claims.example/1", "access_token": "t"}, {"JWT": "a.b.c"}],
    ids=["distributed-claims", "aggregated-claims"],
)
def test_rp_claims_elsewhere_are_ignored(met: Meeting, sources: dict[str, str]) -> None:
    elsewhere = {"_claim_names": {"groups": "src1"}, "_claim_sources": {"src1": sources}}
    met.provider.script.changed = met.provider.script.userinfo = {**elsewhere, "groups": REMOVED}
    assert met.party.sign_in().groups == ()


@pytest.mark.parametrize(
    "authentication", ["client_secret_basic", "client_secret_post", "private_key_jwt"]
)
def test_rp_client_authentication(meet: Meet, authentication: str) -> None:
    assert meet(authentication=authentication).party.sign_in().subject == _SUBJECT


def test_rp_response_mode_form_post(meet: Meet) -> None:
    met = meet(response_mode="form_post")
    assert met.party.sign_in().subject == _SUBJECT
    assert met.provider.last("/authorize").query["response_mode"] == "form_post"


def test_rp_userinfo_bearer_header_and_scope_userinfo_claims(met: Meeting) -> None:
    met.provider.script.changed = {"name": REMOVED}
    assert met.party.sign_in().name == "Jane Doe"
    asked = met.provider.last("/userinfo")
    assert asked.headers["authorization"].startswith("Bearer ")
    assert (asked.method, asked.query, asked.form) == ("GET", {}, {})


def test_rp_discovery_openid_config_and_jwks_uri_keys(met: Meeting) -> None:
    met.party.sign_in()
    assert (met.provider.counts["discovery"], met.provider.counts["jwks"]) == (1, 1)


def test_rp_a_refresh_token_is_neither_asked_for_nor_used(met: Meeting) -> None:
    """So no refreshed ID token can name another issuer or subject."""
    met.provider.script.tokens = {"refresh_token": "r-1"}
    identity = met.party.sign_in()
    assert "r-1" not in identity.model_dump_json()
    assert "offline_access" not in met.provider.last("/authorize").query["scope"]
    posted = [each.form["grant_type"] for each in met.provider.asked if each.path == "/token"]
    assert posted == ["authorization_code"]
