"""ID tokens that the app must refuse (OpenID Connect Core 3.1.3.7), and those it must accept."""

import base64
import hashlib
import hmac
import json
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OKPKey, RSAKey
from joserfc.jws import JWSRegistry

from sdk.tests.conftest import Browser
from sdk.tests.provider_double import CLIENT_ID, Claims, ProviderDouble

RS256 = JWSRegistry.algorithms["RS256"]


def _accepts(browser: Browser) -> bool:
    """Whether a login with the provider's present habits signs the person in."""
    response = browser.sign_in()
    assert response.status_code in (303, 400), response.text
    signed_in = browser.get("/private").status_code == 200
    assert signed_in == (response.status_code == 303)
    return signed_in


def test_an_honest_token_is_accepted(browser: Browser) -> None:
    assert _accepts(browser)


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": "another"},
        {"nonce": None},
        {"iss": "https://evil.example"},
        {"iss": None},
        {"aud": "cli_other"},
        {"aud": [CLIENT_ID, "cli_other"], "azp": CLIENT_ID},
        {"aud": []},
        {"azp": "cli_other"},
        {"sub": None},
        {"sub": 7},
        {"exp": None},
        {"exp": "4000000000"},
        {"exp": True},
        {"exp": float("nan")},
        {"iat": None},
        {"at_hash": "bm90IHRoZSBoYXNoIQ"},
        {"at_hash": 1},
    ],
    ids=str,
)
def test_t07_a_token_with_a_wrong_claim_is_refused(
    browser: Browser, provider: ProviderDouble, changes: Claims
) -> None:
    provider.id_token_changes = changes
    assert not _accepts(browser)


@pytest.mark.parametrize(
    "changes",
    [{"aud": [CLIENT_ID]}, {"azp": CLIENT_ID}, {"at_hash": None}, {"exp": 10**400}],
    ids=["aud list", "azp", "no at_hash", "exp far away"],
)
def test_a_token_with_an_unusual_but_right_claim_is_accepted(
    browser: Browser, provider: ProviderDouble, changes: Claims
) -> None:
    provider.id_token_changes = changes
    assert _accepts(browser)


@pytest.mark.parametrize(
    ("skew", "accepted"),
    [(0, True), (10, True), (60, True), (-10, True), (-60, True), (600, False), (-600, False)],
)
def test_t15_the_clock_may_be_a_minute_off(
    browser: Browser, provider: ProviderDouble, skew: int, accepted: bool
) -> None:
    now = int(provider.clock()) + skew
    provider.id_token_changes = {"iat": now, "exp": now if skew <= 0 else now + 300}
    assert _accepts(browser) is accepted


def test_t01_alg_none_is_refused(browser: Browser, provider: ProviderDouble) -> None:
    def unsigned(claims: Claims) -> str:
        header = {"alg": "none", "kid": provider.key.kid, "typ": "JWT"}
        return f"{_segment(header)}.{_segment(claims)}."

    provider.sign_id_token = unsigned
    assert not _accepts(browser)


def test_t01_an_hmac_with_the_public_key_is_refused(
    browser: Browser, provider: ProviderDouble
) -> None:
    public_pem = provider.key.as_pem(private=False)

    def with_hmac(claims: Claims) -> str:
        header = {"alg": "HS256", "kid": provider.key.kid}
        signing_input = f"{_segment(header)}.{_segment(claims)}"
        mac = hmac.digest(public_pem, signing_input.encode(), hashlib.sha256)
        return f"{signing_input}.{_b64(mac)}"

    provider.sign_id_token = with_hmac
    assert not _accepts(browser)


def test_t01_another_algorithm_of_the_same_key_is_refused(
    browser: Browser, provider: ProviderDouble
) -> None:
    def with_rs512(claims: Claims) -> str:
        header = {"alg": "RS512", "kid": provider.key.kid}
        return jwt.encode(header, claims, provider.key, algorithms=["RS512"])

    provider.sign_id_token = with_rs512
    assert not _accepts(browser)


@pytest.mark.parametrize("header_name", ["jwk", "jku", "x5u"])
def test_t02_a_key_that_the_token_brings_along_is_ignored(
    browser: Browser, provider: ProviderDouble, ec_key: ECKey, header_name: str
) -> None:
    own_key = ec_key.as_dict(private=False)
    value: Any = own_key if header_name == "jwk" else "https://evil.example/jwks"

    def with_own_key(claims: Claims) -> str:
        header = {"alg": "ES256", "kid": provider.key.kid, header_name: value}
        return jwt.encode(header, claims, ec_key)

    provider.sign_id_token = with_own_key
    assert not _accepts(browser)


@pytest.mark.parametrize(
    "changes",
    [
        {"kid": None},
        {"kid": "../../dev/null"},
        {"kid": "' OR 1=1 --"},
        {"kid": 7},
        {"kid": "k" * 9000},
        {"crit": []},
        {"crit": ["exp"]},
        {"b64": False},
        {"typ": "at+jwt"},
        {"typ": "logout+jwt"},
        {"typ": 7},
        {"zip": "DEF"},
    ],
    ids=lambda changes: str(changes)[:40],
)
def test_t05_t06_t07_t10_a_wrong_header_is_refused(
    browser: Browser, provider: ProviderDouble, rsa_key: RSAKey, changes: dict[str, Any]
) -> None:
    def with_changed_header(claims: Claims) -> str:
        header = {"alg": "RS256", "kid": provider.key.kid, "typ": "JWT"} | changes
        return _rs256({k: v for k, v in header.items() if v is not None}, claims, rsa_key)

    provider.sign_id_token = with_changed_header
    assert not _accepts(browser)


@pytest.mark.parametrize(
    "token",
    ["", "a.b", "a.b.c", "a.b.c.d.e", "....", "é.é.é", "[" * 9000, "eyJhbGciOiJub25lIn0.e30."],
    ids=lambda token: token[:20],
)
def test_t10_what_is_no_signed_token_is_refused(
    browser: Browser, provider: ProviderDouble, token: str
) -> None:
    provider.sign_id_token = lambda claims: token
    assert not _accepts(browser)


@pytest.mark.parametrize("payload", [b"[]", b"[" * 3000, b"\xff", b'{"sub":1,"sub":2}', b"1"])
def test_t10_a_signed_token_with_odd_content_is_refused(
    browser: Browser, provider: ProviderDouble, rsa_key: RSAKey, payload: bytes
) -> None:
    header = {"alg": "RS256", "kid": provider.key.kid}
    provider.sign_id_token = lambda claims: _rs256(header, payload, rsa_key)
    assert not _accepts(browser)


def test_t10_a_long_token_is_refused(browser: Browser, provider: ProviderDouble) -> None:
    provider.id_token_changes = {"padding": "x" * 8192}
    assert not _accepts(browser)


def test_t10_a_token_that_says_two_things_is_refused(
    browser: Browser, provider: ProviderDouble, rsa_key: RSAKey
) -> None:
    def with_second_subject(claims: Claims) -> str:
        doubled = json.dumps(claims)[:-1] + f', "sub": "{claims["sub"]}"}}'
        header = {"alg": "RS256", "kid": provider.key.kid}
        return _rs256(header, doubled.encode(), rsa_key)

    provider.sign_id_token = with_second_subject
    assert not _accepts(browser)


def test_es256_is_accepted(browser: Browser, provider: ProviderDouble, ec_key: ECKey) -> None:
    provider.rotate_key(ec_key)
    assert _accepts(browser)


@pytest.mark.parametrize("alg", ["EdDSA", "Ed25519"])
def test_ed25519_is_accepted_under_both_names(
    browser: Browser, provider: ProviderDouble, alg: str
) -> None:
    key = OKPKey.generate_key("Ed25519", {"kid": "key_ed"})
    provider.published.append(key)

    def with_ed25519(claims: Claims) -> str:
        signing_input = f"{_segment({'alg': alg, 'kid': 'key_ed'})}.{_segment(claims)}"
        return f"{signing_input}.{_b64(key.private_key.sign(signing_input.encode()))}"  # type: ignore[union-attr]

    provider.sign_id_token = with_ed25519
    assert _accepts(browser)


def _rs256(header: dict[str, Any], claims: Claims | bytes, key: RSAKey) -> str:
    """Sign whatever header and payload there is; joserfc itself would refuse some of them."""
    payload = _b64(claims) if isinstance(claims, bytes) else _segment(claims)
    signing_input = f"{_segment(header)}.{payload}"
    return f"{signing_input}.{_b64(RS256.sign(signing_input.encode(), key))}"


def _segment(value: Any) -> str:
    return _b64(json.dumps(value).encode())


def _b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()
