"""The public documents, as the certification suite's config plan reads them, and CORS."""

import json
from typing import Any

import pytest
from authlib.oauth2 import rfc8414
from authlib.oidc.discovery import OpenIDProviderMetadata
from werkzeug.test import TestResponse

from app import clock
from app.actor import SYSTEM
from app.keys import rotation, signing, statements
from tests.protocol.provider import Party, Provider, header_of

PRIVATE_MEMBERS = {"d", "p", "q", "dp", "dq", "qi", "oth", "k"}
ORIGIN = "https://app.example"


def metadata(provider: Provider) -> dict[str, Any]:
    response = provider.browser().get(provider.url("/.well-known/openid-configuration"))
    assert response.status_code == 200
    assert response.mimetype == "application/json"
    return dict(response.get_json())


def keys_of(provider: Provider) -> list[dict[str, str]]:
    keys: list[dict[str, str]] = (
        provider.browser().get(provider.url("/oauth2/jwks")).get_json()["keys"]
    )
    assert len({key["kid"] for key in keys}) == len(keys)
    assert not any(PRIVATE_MEMBERS & key.keys() for key in keys)
    return keys


def test_discovery_says_what_there_is(provider: Provider) -> None:
    document = metadata(provider)

    as_https = json.loads(
        json.dumps(document).replace("http://localhost:8000", "https://x.example")
    )
    OpenIDProviderMetadata(as_https).validate()
    assert document["issuer"] == provider.issuer
    assert document["response_types_supported"] == ["code"]
    assert document["code_challenge_methods_supported"] == ["S256"]
    assert document["id_token_signing_alg_values_supported"][0] == "RS256"
    assert "refresh_token" in document["grant_types_supported"]
    assert "openid" in document["scopes_supported"]
    assert document["request_parameter_supported"] is False
    assert document["request_uri_parameter_supported"] is False
    assert document["authorization_response_iss_parameter_supported"] is True
    for name, value in document.items():
        if name.endswith(("_endpoint", "_uri")):
            assert value.startswith(f"{provider.issuer}/")
    registered = {
        *rfc8414.AuthorizationServerMetadata.REGISTRY_KEYS,
        *OpenIDProviderMetadata.REGISTRY_KEYS,
        "authorization_response_iss_parameter_supported",  # RFC 9207
        "end_session_endpoint",  # RP-Initiated Logout
        "prompt_values_supported",  # Initiating User Registration
        "userinfo_endpoint",  # OpenID Connect Discovery; Authlib forgets to list it
    }
    assert document.keys() <= registered


def test_every_endpoint_that_is_named_is_there(provider: Provider) -> None:
    for name, url in metadata(provider).items():
        if name.endswith("_endpoint") or name == "jwks_uri":
            assert provider.browser().get(url).status_code != 404, name


def test_the_other_well_known_address_stands_before_the_path(provider: Provider) -> None:
    """RFC 8414, section 3.1."""
    url = f"http://localhost:8000/.well-known/oauth-authorization-server{provider.path}"

    assert provider.browser().get(url).get_json() == metadata(provider)


def test_documents_are_cached_by_tag(provider: Provider) -> None:
    for path in ("/.well-known/openid-configuration", "/oauth2/jwks"):
        first = provider.browser().get(provider.url(path))
        again = provider.browser().get(
            provider.url(path), headers={"If-None-Match": first.headers["ETag"]}
        )

        assert first.headers["Cache-Control"] == "public, max-age=300"
        assert "Set-Cookie" not in first.headers
        assert (again.status_code, again.data) == (304, b"")


def test_t13_keys_are_public_and_each_has_its_name(provider: Provider) -> None:
    (key,) = keys_of(provider)

    assert key["kty"] == "RSA"
    assert key["use"] == "sig"
    assert key["alg"] == "RS256"


def test_t12_a_rotation_disturbs_nobody(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    before = provider.tokens(browser, party)
    (old,) = keys_of(provider)
    with provider.writing() as session:
        new = rotation.rotate(session, SYSTEM)

    ahead = provider.tokens(browser, party)
    assert {key["kid"] for key in keys_of(provider)} == {old["kid"], new}
    assert header_of(ahead["id_token"])["kid"] == old["kid"]
    clock.move(rotation.PUBLISHED_AHEAD + 1)

    after = provider.tokens(browser, party)
    assert header_of(after["id_token"])["kid"] == new
    assert {key["kid"] for key in keys_of(provider)} == {old["kid"], new}
    for tokens in (before, ahead, after):
        assert provider.claims(tokens["id_token"])["sub"]
    clock.move(rotation.PUBLISHED_AFTER)

    with provider.writing() as session:
        rotation.rotate(session, SYSTEM, ahead=0, after=0)
    assert old["kid"] not in {key["kid"] for key in keys_of(provider)}


def test_t12_rotations_in_flight_never_fail_a_refresh(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    tokens = provider.tokens(browser, party)
    for _ in range(4):
        with provider.writing() as session:
            rotation.rotate(session, SYSTEM, ahead=60, after=600)
        clock.move(61)
        tokens = provider.token(party, party.refresh_form(tokens["refresh_token"])).get_json()
        assert provider.userinfo(tokens["access_token"]).status_code == 200
        assert provider.claims(tokens["id_token"])["sub"]


def test_a_private_key_does_not_leave_its_row(provider: Provider) -> None:
    with provider.reading() as session:
        rows = session.execute(
            statements.KEYS, {"tenant_id": provider.tenant_id, "now": clock.now()}
        ).all()
    assert rows
    for row in rows:
        assert b'"d"' not in row.sealed_private_key
        assert not PRIVATE_MEMBERS & row.public_jwk.keys()
    with provider.app.app_context(), pytest.raises(signing.BadToken):
        signing.verify(provider.tenant, "a.b.c", "JWT")


@pytest.fixture
def party(provider: Provider) -> Party:
    return provider.party(kind="spa", origins=[ORIGIN])


PATHS = (
    "/.well-known/openid-configuration",
    "/oauth2/jwks",
    "/oauth2/token",
    "/oauth2/userinfo",
    "/oauth2/revoke",
)


def ask(provider: Provider, path: str, origin: str) -> TestResponse:
    """A request that a script of this origin makes."""
    method = "POST" if path in ("/oauth2/token", "/oauth2/revoke") else "GET"
    return provider.browser().open(provider.url(path), method=method, headers={"Origin": origin})


@pytest.mark.parametrize("path", PATHS)
def test_r23_registered_origins_may_call(provider: Provider, party: Party, path: str) -> None:
    preflight = provider.browser().options(
        provider.url(path),
        headers={
            "Origin": ORIGIN,
            "Access-Control-Request-Method": "POST",
            "Access-Control-Request-Headers": "authorization",
        },
    )
    answer = ask(provider, path, ORIGIN)

    for response in (preflight, answer):
        assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
        assert "Access-Control-Allow-Credentials" not in response.headers
        assert "Origin" in response.headers["Vary"]
    assert "Authorization" in preflight.headers["Access-Control-Allow-Headers"]


@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://app.example.evil.example", f"{ORIGIN}/"]
)
def test_r23_other_origins_may_not(
    provider: Provider, party: Party, path: str, origin: str
) -> None:
    for response in (
        provider.browser().options(provider.url(path), headers={"Origin": origin}),
        ask(provider, path, origin),
    ):
        assert "Access-Control-Allow-Origin" not in response.headers
        assert "Origin" in response.headers["Vary"]


def test_the_authorization_endpoint_answers_no_script(provider: Provider, party: Party) -> None:
    for path in ("/oauth2/authorize", "/oauth2/logout"):
        response = provider.browser().get(
            provider.url(path, party.request(prompt="none")), headers={"Origin": ORIGIN}
        )
        assert "Access-Control-Allow-Origin" not in response.headers


def test_a_refused_token_request_can_be_read_by_the_client(
    provider: Provider, party: Party
) -> None:
    response = provider.token(party, party.code_form("x"), headers={"Origin": ORIGIN})

    assert response.status_code == 400
    assert response.headers["Access-Control-Allow-Origin"] == ORIGIN
