"""Access tokens at the userinfo endpoint: ours, of the right kind, unchanged and still good."""

import base64
import hmac
import json
from typing import Any

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from app import clock
from app.keys import key_pair, statements
from tests.protocol.provider import Party, Provider, header_of


def encoded(value: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode().rstrip("=")


@pytest.fixture
def party(provider: Provider) -> Party:
    return provider.party()


@pytest.fixture
def tokens(provider: Provider, party: Party) -> dict[str, Any]:
    browser = provider.browser()
    provider.sign_in(browser, provider.person())
    return provider.tokens(browser, party)


def is_refused(response: TestResponse) -> bool:
    return (
        response.status_code == 401
        and response.headers["WWW-Authenticate"] == 'Bearer error="invalid_token"'
    )


def test_an_access_token_is_a_jwt_of_rfc_9068(
    provider: Provider, party: Party, tokens: dict[str, Any]
) -> None:
    header, claims = header_of(tokens["access_token"]), provider.claims(tokens["access_token"])

    assert header["typ"] == "at+jwt"
    assert header["alg"] == "RS256"
    for name in ("iss", "exp", "aud", "sub", "client_id", "iat", "jti", "auth_time", "acr", "amr"):
        assert claims[name]
    assert claims["iss"] == claims["aud"] == provider.issuer
    assert claims["client_id"] == party.view.id
    assert claims["scope"] == "openid profile email"
    assert claims["exp"] - claims["iat"] == 300


def test_opaque_tokens_say_nothing_and_open_the_same(provider: Provider) -> None:
    party, browser = provider.party(access_token_format="opaque"), provider.browser()
    provider.sign_in(browser, provider.person())

    token = provider.tokens(browser, party)["access_token"]

    assert "." not in token
    assert provider.userinfo(token).get_json()["name"] == "Jane Doe"
    assert is_refused(provider.userinfo(token[:-8] + "AAAAAAAA"))
    assert is_refused(Provider(provider.app).userinfo(token))
    clock.move(301)
    assert is_refused(provider.userinfo(token))


@pytest.mark.parametrize("how", ["get", "post_header", "post_body"])
def test_three_ways_to_userinfo(provider: Provider, tokens: dict[str, Any], how: str) -> None:
    url, token, browser = (
        provider.url("/oauth2/userinfo"),
        tokens["access_token"],
        provider.browser(),
    )
    bearer = {"Authorization": f"Bearer {token}"}
    answer = {
        "get": lambda: browser.get(url, headers=bearer),
        "post_header": lambda: browser.post(url, headers=bearer),
        "post_body": lambda: browser.post(url, data={"access_token": token}),
    }[how]()

    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "no-store"
    assert answer.get_json()["sub"] == provider.claims(tokens["id_token"])["sub"]


def test_no_token_or_two_are_none(provider: Provider, tokens: dict[str, Any]) -> None:
    url, token, browser = (
        provider.url("/oauth2/userinfo"),
        tokens["access_token"],
        provider.browser(),
    )

    for answer in (
        browser.get(url),
        browser.get(f"{url}?access_token={token}"),
        browser.get(url, headers={"Authorization": f"Basic {token}"}),
        browser.post(
            url, data={"access_token": token}, headers={"Authorization": f"Bearer {token}"}
        ),
    ):
        assert answer.status_code == 401
        assert answer.headers["WWW-Authenticate"] == "Bearer"


def test_t01_no_other_algorithm_will_do(provider: Provider, tokens: dict[str, Any]) -> None:
    _, payload, signature = tokens["access_token"].split(".")
    key = provider.browser().get(provider.url("/oauth2/jwks")).get_json()["keys"][0]
    known = header_of(tokens["access_token"])
    signing_input = f"{encoded({**known, 'alg': 'HS256'})}.{payload}"
    digest = hmac.digest(RSAKey.import_key(key).as_pem(False), signing_input.encode(), "sha256")
    swapped = f"{signing_input}.{base64.urlsafe_b64encode(digest).decode().rstrip('=')}"

    for forged in (
        f"{encoded({**known, 'alg': 'none'})}.{payload}.",
        f"{encoded({**known, 'alg': 'None'})}.{payload}.{signature}",
        f"{encoded({**known, 'alg': 'PS256'})}.{payload}.{signature}",
        f"{encoded({**known, 'alg': 'EdDSA'})}.{payload}.{signature}",
        swapped,
    ):
        assert is_refused(provider.userinfo(forged))


def test_t02_keys_come_from_nowhere_but_our_own(provider: Provider, tokens: dict[str, Any]) -> None:
    own = RSAKey.generate_key(2048)
    claims, known = provider.claims(tokens["access_token"]), header_of(tokens["access_token"])
    foreign = {"jwk": own.as_dict(private=False), "jku": "https://evil.example/jwks"}

    for header in (known, {**known, **foreign}, {**known, "kid": "key_unknown", **foreign}):
        forged = jwt.encode(header, claims, own, ["RS256"])
        assert is_refused(provider.userinfo(forged))


@pytest.mark.parametrize("extra", [{"crit": ["x"], "x": 1}, {"crit": []}, {"b64": False}])
def test_t05_critical_headers_are_refused(
    provider: Provider, tokens: dict[str, Any], extra: dict[str, Any]
) -> None:
    """Signed with our own key, so that nothing but the header is wrong."""
    token = resigned(provider, tokens, extra)

    assert is_refused(provider.userinfo(token))


@pytest.mark.parametrize(
    "kid", ["../../dev/null", "' OR 1=1 --", "k" * 100_000, "", None, {"a": 1}, 7]
)
def test_t06_a_kid_is_only_looked_up(
    provider: Provider, tokens: dict[str, Any], kid: object
) -> None:
    _, payload, signature = tokens["access_token"].split(".")
    header = encoded({**header_of(tokens["access_token"]), "kid": kid})

    assert is_refused(provider.userinfo(f"{header}.{payload}.{signature}"))


def test_t07_an_id_token_is_no_access_token(provider: Provider, tokens: dict[str, Any]) -> None:
    assert is_refused(provider.userinfo(tokens["id_token"]))
    assert is_refused(provider.userinfo(tokens["refresh_token"]))


def test_t07_an_access_token_is_no_id_token_hint(
    provider: Provider, party: Party, tokens: dict[str, Any]
) -> None:
    request = party.request(prompt="none", id_token_hint=tokens["access_token"])

    location = provider.authorize(provider.browser(), request).headers["Location"]

    assert "error=invalid_request" in location


def test_t09_tokens_of_one_tenant_are_nothing_to_another(
    provider: Provider, tokens: dict[str, Any]
) -> None:
    other = Provider(provider.app)

    assert is_refused(other.userinfo(tokens["access_token"]))


@pytest.mark.parametrize(
    "token",
    [
        "x" * 60_000,
        "a.b.c",
        "a.b.c.d.e",
        "..",
        "é.é.é",
        f"{encoded({'alg': 'RSA-OAEP', 'enc': 'A256GCM', 'zip': 'DEF'})}.a.b.c.d",
        f"{encoded({'alg': 'PBES2-HS256+A128KW', 'p2c': 50_000_000})}.a.b.c.d",
        f"{'W' * 8_000}.e30.e30",
        "at_",
        "at_" + "A" * 9_000,
        "at_AAAA",
    ],
)
def test_t10_monsters_are_refused(provider: Provider, token: str) -> None:
    url = provider.url("/oauth2/userinfo")

    assert is_refused(provider.browser().post(url, data={"access_token": token}))


def test_a_token_ends(provider: Provider, tokens: dict[str, Any]) -> None:
    clock.move(301)

    assert is_refused(provider.userinfo(tokens["access_token"]))


def test_without_openid_there_is_no_id_token_and_no_userinfo(
    provider: Provider, party: Party
) -> None:
    browser = provider.browser()
    provider.sign_in(browser, provider.person())

    tokens = provider.tokens(browser, party, scope="profile")
    response = provider.userinfo(tokens["access_token"])

    assert "id_token" not in tokens
    assert response.status_code == 403
    assert response.headers["WWW-Authenticate"] == 'Bearer error="insufficient_scope"'


def test_t14_revocation(provider: Provider, party: Party, tokens: dict[str, Any]) -> None:
    thief, url = provider.party(), provider.url("/oauth2/revoke")

    def revoke(client: Party, **form: str) -> TestResponse:
        return provider.browser().post(url, data=form, headers=client.headers)

    for response in (
        revoke(thief, token=tokens["refresh_token"]),
        revoke(thief, token=tokens["access_token"]),
        revoke(party, token="unknown", token_type_hint="nonsense"),
    ):
        assert (response.status_code, response.data) == (200, b"")
        assert "Content-Type" not in response.headers
    assert provider.userinfo(tokens["access_token"]).status_code == 200
    assert revoke(party).get_json()["error"] == "invalid_request"
    assert provider.browser().post(url, data={"token": "x"}).get_json()["error"] == "invalid_client"

    assert revoke(party, token=tokens["refresh_token"]).status_code == 200

    assert is_refused(provider.userinfo(tokens["access_token"]))
    refreshed = provider.token(party, party.refresh_form(tokens["refresh_token"]))
    assert refreshed.get_json()["error"] == "invalid_grant"
    assert provider.events("token.revoked") == 1


def test_revoking_an_access_token_ends_its_refresh_token(
    provider: Provider, party: Party, tokens: dict[str, Any]
) -> None:
    url = provider.url("/oauth2/revoke")
    provider.browser().post(url, data={"token": tokens["access_token"]}, headers=party.headers)

    refreshed = provider.token(party, party.refresh_form(tokens["refresh_token"]))

    assert refreshed.get_json()["error"] == "invalid_grant"


def resigned(provider: Provider, tokens: dict[str, Any], extra: dict[str, Any]) -> str:
    """The access token with more in its header, signed with the tenant's own key."""
    known = header_of(tokens["access_token"])
    payload = tokens["access_token"].split(".")[1]
    signing_input = f"{encoded({**known, **extra})}.{payload}"
    with provider.reading() as session:
        values = {"tenant_id": provider.tenant_id, "now": clock.now()}
        row = session.execute(statements.KEYS, values).first()
        assert row is not None
        key = key_pair.open_private(provider.tenant_id, row)
    assert isinstance(key, RSAKey)
    private = key.private_key
    assert private is not None
    raw = private.sign(signing_input.encode(), padding.PKCS1v15(), hashes.SHA256())
    return f"{signing_input}.{base64.urlsafe_b64encode(raw).decode().rstrip('=')}"
