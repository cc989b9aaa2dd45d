"""A code for tokens: who we say we are, and what each refusal of a provider means."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from joserfc.jwk import RSAKey

from app.federation import jose
from app.federation.identity import UpstreamAway, UpstreamRefused
from tests.doubles.oidc_browser import visit
from tests.doubles.oidc_party import PRIVATE_KEY, Meeting
from tests.doubles.oidc_provider import CLIENT_ID, SECRET

Refusal = Callable[..., UpstreamRefused]
Meet = Callable[..., Meeting]


@pytest.mark.parametrize("authentication", ["client_secret_basic", "client_secret_post"])
def test_the_secret_goes_into_the_header_or_the_form(meet: Meet, authentication: str) -> None:
    met = meet(authentication=authentication)
    assert met.party.sign_in().subject
    asked = met.provider.last("/token")
    assert ("authorization" in asked.headers) == (authentication == "client_secret_basic")
    assert ("client_secret" in asked.form) == (authentication == "client_secret_post")
    assert SECRET not in asked.path
    assert asked.query == {}


@pytest.mark.parametrize(
    ("chosen", "takes", "goes"),
    [
        ("client_secret_basic", ["client_secret_post", "private_key_jwt"], "form"),
        ("client_secret_post", ["client_secret_basic"], "header"),
        ("client_secret_basic", ["client_secret_basic", "client_secret_post"], "header"),
        ("client_secret_post", ["private_key_jwt", 7], "form"),
        ("client_secret_basic", "client_secret_post", "header"),
    ],
)
def test_the_secret_goes_where_the_provider_says_it_looks(
    meet: Meet, chosen: str, takes: object, goes: str
) -> None:
    met = meet(authentication=chosen)
    met.provider.script.discovery = {"token_endpoint_auth_methods_supported": takes}
    assert met.party.sign_in().subject
    assert ("authorization" in met.provider.last("/token").headers) == (goes == "header")


def test_apples_secret_is_a_short_lived_token_of_the_teams_key(meet: Meet) -> None:
    met = meet("apple")
    assert "BEGIN PRIVATE KEY" in PRIVATE_KEY
    met.party.sign_in()
    parts = met.provider.last("/auth/token").form["client_secret"].split(".")
    header, claims = (json.loads(jose._decoded(part)) for part in parts[:2])
    assert (header["alg"], header["kid"]) == ("ES256", "KEY1234567")
    assert (claims["iss"], claims["sub"]) == ("TEAM123456", CLIENT_ID)
    assert claims["aud"] == "https://appleid.apple.com"
    assert claims["exp"] - claims["iat"] == 300


def test_a_public_client_names_itself_and_has_pkce(meet: Meet, refusal: Refusal) -> None:
    met = meet(authentication="none")
    assert refusal(met).diagnosis == "client_refused"
    form = met.provider.last("/token").form
    assert form["client_id"] == CLIENT_ID
    assert len(form["code_verifier"]) >= 43


@pytest.mark.parametrize("kind", ["EC", "RSA"])
def test_an_assertion_is_signed_for_the_token_endpoint(meet: Meet, kind: str) -> None:
    met = meet(authentication="private_key_jwt", key_id="key-7")
    if kind == "RSA":
        key = RSAKey.generate_key(2048, auto_kid=False)
        met.party.secret = key.as_pem(private=True).decode()
        met.provider.public_keys[CLIENT_ID] = dict(key.as_dict(private=False))
    assert met.party.sign_in().subject
    first = met.provider.last("/token").form
    assert "client_secret" not in first
    assert jose.read_header(first["client_assertion"]).kid == "key-7"
    met.party.sign_in()
    assert met.provider.last("/token").form["client_assertion"] != first["client_assertion"]


def test_entra_finds_our_key_by_its_thumbprint(meet: Meet) -> None:
    met = meet("entra", authentication="private_key_jwt", key_id="u4OfNFPHwEBosHjtrauObV84LnYA")
    assert met.party.sign_in().subject
    assertion = met.provider.last("/common/oauth2/v2.0/token").form["client_assertion"]
    header = json.loads(jose._decoded(assertion.split(".")[0]))
    assert header["x5t#S256"] == "u4OfNFPHwEBosHjtrauObV84LnYA"
    assert "kid" not in header


@pytest.mark.parametrize("secret", [None, "", "not a key", "-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_key_that_is_none_is_said_and_not_sent(
    meet: Meet, refusal: Refusal, secret: str | None
) -> None:
    met = meet("apple")
    met.party.secret = secret
    refused = refusal(met)
    assert refused.diagnosis == "client_refused"
    assert "not a key" not in str(refused.arrived)
    assert met.provider.counts["token"] == 0


@pytest.mark.parametrize(
    ("preset", "diagnosis"),
    [
        ("custom_oidc", "client_refused"),
        ("google", "client_refused"),
        ("microsoft", "client_refused"),
        ("linkedin", "client_refused"),
        ("github", "client_refused"),
        ("facebook", "client_refused"),
        ("discord", "client_refused"),
    ],
)
def test_a_wrong_secret_is_the_clients_fault(
    meet: Meet, refusal: Refusal, preset: str, diagnosis: str
) -> None:
    met = meet(preset)
    met.party.secret = "another"
    assert refusal(met).diagnosis == diagnosis


@pytest.mark.parametrize(
    "preset", ["custom_oidc", "google", "apple", "microsoft", "linkedin", "github", "facebook"]
)
def test_a_code_is_good_once_at_every_provider(meet: Meet, preset: str) -> None:
    met = meet(preset)
    request = met.party.start()
    returned = visit(request.url)
    assert met.party.finish(request, returned).subject
    with pytest.raises(UpstreamRefused) as caught:
        met.party.finish(request, returned)
    assert caught.value.diagnosis == "code_refused"


def test_a_code_of_another_sign_in_is_refused_by_pkce(met: Meeting) -> None:
    mine, theirs = met.party.start(), met.party.start()
    injected = visit(theirs.url)
    with pytest.raises(UpstreamRefused) as caught:
        met.party.finish(mine, injected)
    assert caught.value.diagnosis == "code_refused"


@pytest.mark.parametrize(
    ("status", "document", "diagnosis"),
    [
        (400, {"error": "invalid_grant", "error_description": "AADSTS54005"}, "code_refused"),
        (401, {"error": "invalid_client", "error_description": "AADSTS7000215"}, "client_refused"),
        (400, {"error": "unauthorized_client"}, "client_refused"),
        (200, {"error": "bad_verification_code"}, "code_refused"),
        (200, {"error": "redirect_uri_mismatch"}, "code_refused"),
        (200, {"error": "incorrect_client_credentials"}, "client_refused"),
        (400, {"error": {"message": "expired", "code": 100}}, "code_refused"),
        (400, {"error": {"message": "secret", "code": 1}}, "client_refused"),
        (400, {"error": {"message": "app", "code": 101}}, "client_refused"),
        (400, {"error": "invalid_scope"}, "provider_error"),
        (400, {"error": ["odd"]}, "provider_error"),
        (400, {}, "response_malformed"),
        (403, {}, "client_refused"),
        (200, {"id_token": None}, "response_malformed"),
    ],
    ids=str,
)
def test_each_refusal_of_a_token_endpoint_has_a_name(
    met: Meeting, refusal: Refusal, status: int, document: dict[str, Any], diagnosis: str
) -> None:
    body = json.dumps(document).encode()
    met.provider.script.answers["token"] = (status, "application/json", body)
    assert refusal(met).diagnosis == diagnosis


@pytest.mark.parametrize("status", [429, 500, 502, 503])
def test_a_token_endpoint_that_is_not_well_is_away(met: Meeting, status: int) -> None:
    met.provider.script.answers["token"] = (status, "text/html", b"<h1>oops</h1>")
    with pytest.raises(UpstreamAway) as caught:
        met.party.sign_in()
    assert "oops" not in caught.value.reason


def test_a_provider_that_repeats_our_secret_does_not_put_it_before_an_admin(
    met: Meeting, refusal: Refusal
) -> None:
    words = f"The secret {SECRET} of {CLIENT_ID} is wrong.\nTry \x1b[31mharder\x1b[0m. " + "x" * 900
    document = {"error": "invalid_client", "error_description": words}
    met.provider.script.token_error = (401, document)
    described = refusal(met).arrived["error_description"]
    assert SECRET not in described
    assert described.startswith("The secret •••")
    assert described.isprintable()
    assert len(described) <= 300


def test_a_private_key_is_rsa_of_2048_bits_or_p256() -> None:
    assert jose.load_private(PRIVATE_KEY)
    from joserfc.jwk import ECKey, OKPKey

    others = (ECKey.generate_key("P-384"), OKPKey.generate_key("Ed25519"))
    for key in others:
        with pytest.raises(jose.BadPrivateKey):
            jose.load_private(key.as_pem(private=True).decode())
