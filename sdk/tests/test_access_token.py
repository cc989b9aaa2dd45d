"""An API that believes access tokens made for it (RFC 9068), and no others."""

import httpx2
import pytest
from authpage import AccessTokenVerifier, InvalidToken, Provider, ProviderUnavailable
from authpage.flask import bearer_required, current_token
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import ECKey, RSAKey

from sdk.tests.provider_double import CLIENT_ID, SUBJECT, Claims, Clock, ProviderDouble


@pytest.fixture
def verifier(provider: ProviderDouble, clock: Clock, http: httpx2.Client) -> AccessTokenVerifier:
    return AccessTokenVerifier(Provider(provider.issuer, http=http, clock=clock), CLIENT_ID)


@pytest.fixture
def api(verifier: AccessTokenVerifier) -> FlaskClient:
    app = Flask("api")

    @app.post("/reports")
    @bearer_required(verifier, "reports:read")
    def reports() -> str:
        return current_token.subject

    return app.test_client()


def test_a_token_for_this_api_is_accepted(
    verifier: AccessTokenVerifier, provider: ProviderDouble
) -> None:
    token = verifier.verify(provider.access_token(), ["reports:read"])
    assert (token.subject, token.client_id) == (SUBJECT, CLIENT_ID)
    assert token.scopes == {"openid", "profile", "reports:read"}


@pytest.mark.parametrize(
    "changes",
    [
        {"aud": "another"},
        {"aud": None},
        {"iss": "https://evil.example"},
        {"exp": 1},
        {"exp": None},
        {"sub": None},
        {"client_id": None},
        {"nbf": 4_000_000_000},
    ],
    ids=str,
)
def test_t07_a_wrong_claim_is_refused(
    verifier: AccessTokenVerifier, provider: ProviderDouble, changes: Claims
) -> None:
    with pytest.raises(InvalidToken):
        verifier.verify(provider.access_token(**changes))


def test_t07_a_token_of_another_client_is_refused_where_one_is_named(
    provider: ProviderDouble, clock: Clock, http: httpx2.Client
) -> None:
    trusted = Provider(provider.issuer, http=http, clock=clock)
    verifier = AccessTokenVerifier(trusted, CLIENT_ID, client_id="cli_ours")
    assert verifier.verify(provider.access_token(client_id="cli_ours")).client_id == "cli_ours"
    with pytest.raises(InvalidToken):
        verifier.verify(provider.access_token(client_id="cli_other"))


def test_t07_an_id_token_is_no_access_token(
    verifier: AccessTokenVerifier, provider: ProviderDouble
) -> None:
    with pytest.raises(InvalidToken, match="type"):
        verifier.verify(provider.id_token("x"))


def test_t06_a_new_key_costs_one_fetch(
    verifier: AccessTokenVerifier, provider: ProviderDouble, clock: Clock, ec_key: ECKey
) -> None:
    verifier.verify(provider.access_token())
    clock.advance(1)
    provider.rotate_key(ec_key)
    for _ in range(5):
        verifier.verify(provider.access_token())
    assert provider.requests["/jwks"] == 2


def test_t06_unknown_key_ids_cost_at_most_one_fetch_a_minute(
    verifier: AccessTokenVerifier, provider: ProviderDouble, clock: Clock, ec_key: ECKey
) -> None:
    verifier.verify(provider.access_token())
    provider.key = ec_key
    for seconds in (1, 1, 30, 27):
        clock.advance(seconds)
        for _ in range(10):
            with pytest.raises(InvalidToken):
                verifier.verify(provider.access_token())
    assert provider.requests["/jwks"] == 2
    clock.advance(5)
    with pytest.raises(InvalidToken):
        verifier.verify(provider.access_token())
    assert provider.requests["/jwks"] == 3


def test_keys_are_cached_for_five_minutes_and_survive_an_hour_of_outage(
    verifier: AccessTokenVerifier, provider: ProviderDouble, clock: Clock
) -> None:
    verifier.verify(provider.access_token())
    clock.advance(299)
    verifier.verify(provider.access_token())
    assert provider.requests["/jwks"] == 1
    clock.advance(10)
    verifier.verify(provider.access_token())
    assert provider.requests["/jwks"] == 2
    provider.is_down = True
    clock.advance(1800)
    verifier.verify(provider.access_token())
    clock.advance(1900)
    with pytest.raises(ProviderUnavailable):
        verifier.verify(provider.access_token())


def test_t13_a_withdrawn_key_is_no_longer_trusted(
    verifier: AccessTokenVerifier, provider: ProviderDouble, clock: Clock, ec_key: ECKey
) -> None:
    old = provider.access_token(exp=int(clock()) + 3600)
    verifier.verify(old)
    provider.rotate_key(ec_key)
    provider.published = [ec_key]
    clock.advance(301)
    with pytest.raises(InvalidToken):
        verifier.verify(old)


def test_t01_a_key_of_another_algorithm_is_not_used(
    verifier: AccessTokenVerifier, provider: ProviderDouble, rsa_key: RSAKey
) -> None:
    other = RSAKey.import_key(rsa_key.as_dict(private=False) | {"alg": "RS512"})
    provider.published = [other]
    with pytest.raises(InvalidToken):
        verifier.verify(provider.access_token())


def test_the_api_answers_as_rfc_6750_says(api: FlaskClient, provider: ProviderDouble) -> None:
    def call(authorization: str | None) -> tuple[int, str | None]:
        headers = {"Authorization": authorization} if authorization else {}
        response = api.post("/reports", headers=headers)
        return response.status_code, response.headers.get("WWW-Authenticate")

    assert call(f"Bearer {provider.access_token()}") == (200, None)
    assert call(None) == (401, "Bearer")
    assert call("Basic YTpi") == (401, "Bearer")
    assert call("Bearer") == (401, "Bearer")
    assert call("Bearer x.y.z") == (401, 'Bearer error="invalid_token"')
    assert call(f"Bearer {provider.access_token(scope='openid')}") == (
        403,
        'Bearer error="insufficient_scope", scope="reports:read"',
    )
