"""CONFORMANCE, RP plan: what an ID token must be, and the one name of each thing it may not be."""

import base64
import json
from collections.abc import Callable
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from joserfc.jwk import ECKey, OKPKey, RSAKey

from app import clock
from app.federation.diagnosis import DIAGNOSES
from app.federation.identity import UpstreamRefused
from tests.doubles.oidc_keys import sign_with
from tests.doubles.oidc_party import Meeting
from tests.doubles.oidc_provider import CLIENT_ID, REMOVED
from tests.unit.federation.mutations import MUTATIONS, Mutation

Refusal = Callable[..., UpstreamRefused]


@pytest.mark.parametrize("mutation", MUTATIONS, ids=lambda each: each.name)
def test_each_fault_has_one_diagnosis(met: Meeting, refusal: Refusal, mutation: Mutation) -> None:
    script = met.provider.script
    script.changed, script.header, script.signs = (
        mutation.changed(),
        mutation.header,
        mutation.signs,
    )
    script.tokens, script.userinfo = mutation.tokens, mutation.userinfo
    refused = refusal(met)
    assert refused.diagnosis == mutation.diagnosis
    assert refused.diagnosis in DIAGNOSES
    met.provider.reset()
    assert met.party.sign_in().subject == "248289761001"


def test_the_person_is_who_the_token_says(met: Meeting) -> None:
    identity = met.party.sign_in()
    assert (identity.issuer, identity.subject) == (met.provider.issuer, "248289761001")
    assert (identity.email, identity.email_verified) == ("jane@acme.example", True)
    assert (identity.name, identity.given_name, identity.family_name) == ("Jane Doe", "Jane", "Doe")
    assert identity.connection_id == met.party.connection.id
    assert identity.generation == met.party.connection.generation


@pytest.mark.parametrize(
    ("alg", "key"),
    [
        ("ES256", ECKey.generate_key("P-256", auto_kid=False)),
        ("EdDSA", OKPKey.generate_key("Ed25519", auto_kid=False)),
        ("PS256", RSAKey.generate_key(2048, auto_kid=False)),
    ],
)
def test_other_algorithms_are_taken_with_keys_that_fit(
    met: Meeting, alg: str, key: ECKey | OKPKey | RSAKey
) -> None:
    met.provider.keys.add("other", key)
    met.provider.script.changed = {"at_hash": REMOVED}
    met.provider.script.header = {"alg": alg}
    assert met.party.sign_in().subject == "248289761001"


@pytest.mark.parametrize("alg", ["ES256", "RS256"])
def test_a_bad_signature_is_refused_whatever_the_algorithm(
    met: Meeting, refusal: Refusal, alg: str
) -> None:
    made = [
        ECKey.generate_key("P-256", auto_kid=False)
        if alg == "ES256"
        else RSAKey.generate_key(2048, auto_kid=False)
        for _ in range(2)
    ]
    met.provider.keys.add("published", made[0])
    met.provider.script.signs = lambda header, claims: sign_with(made[1], header, claims)
    assert refusal(met).diagnosis == "signature_invalid"


def test_a_key_for_another_algorithm_or_use_is_not_tried(met: Meeting, refusal: Refusal) -> None:
    for members in ({"alg": "PS256"}, {"use": "enc"}, {"key_ops": ["encrypt"]}, {"kty": "oct"}):
        met.provider.keys.members = dict(members)
        clock.move(3_700)
        assert refusal(met).diagnosis == "key_unknown"


def test_a_short_rsa_key_proves_nothing(met: Meeting, refusal: Refusal) -> None:
    short = rsa.generate_private_key(65_537, 1_024)
    number = short.public_key().public_numbers().n.to_bytes(128, "big")
    jwk = {"kty": "RSA", "kid": "short", "e": "AQAB", "n": _encoded(number)}
    met.provider.keys.published.append(jwk)

    def sign(header: dict[str, Any], claims: dict[str, Any]) -> str:
        parts = ({"alg": "RS256", "kid": "short"}, claims)
        signed = ".".join(_encoded(json.dumps(part).encode()) for part in parts)
        return f"{signed}.{_encoded(short.sign(signed.encode(), PKCS1v15(), SHA256()))}"

    met.provider.script.signs = sign
    assert refusal(met).diagnosis == "signature_invalid"


def test_a_clock_may_be_off_by_a_minute(met: Meeting) -> None:
    now = clock.now_seconds()
    met.provider.script.changed = {"iat": now + 55, "exp": now - 55}
    assert met.party.sign_in().subject


def test_an_audience_of_several_needs_us_as_the_authorized_party(met: Meeting) -> None:
    met.provider.script.changed = {"aud": ["other", CLIENT_ID], "azp": CLIENT_ID}
    assert met.party.sign_in().subject


def test_at_hash_may_be_missing_in_the_code_flow(met: Meeting) -> None:
    met.provider.script.changed = {"at_hash": REMOVED}
    assert met.party.sign_in().subject


def test_aggregated_and_distributed_claims_are_ignored(met: Meeting) -> None:
    elsewhere = {
        "_claim_names": {"email": "src1", "groups": "src1"},
        "_claim_sources": {"src1": {"endpoint": f"{met.provider.url}/claims", "JWT": "a.b.c"}},
    }
    met.provider.script.changed = {**elsewhere, "email": REMOVED, "email_verified": REMOVED}
    met.provider.script.userinfo = {**elsewhere, "email": REMOVED, "email_verified": REMOVED}
    identity = met.party.sign_in()
    assert identity.email is None
    assert identity.groups == ()
    assert met.provider.counts["nowhere"] == 0


def test_what_arrived_is_told_with_secrets_and_names_masked(met: Meeting, refusal: Refusal) -> None:
    met.provider.script.changed = {"aud": "another-client"}
    arrived = refusal(met).arrived
    assert arrived["aud"] == "another-client"
    assert arrived["expected_audience"] == CLIENT_ID
    assert arrived["email"] == "j•••@acme.example"
    assert (arrived["nonce"], arrived["name"], arrived["at_hash"]) == ("•••", "•••", "•••")
    assert (arrived["alg"], arrived["kid"]) == ("RS256", "first")


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
