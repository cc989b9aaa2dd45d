"""The happy code flow, as the certification suite's base class looks at it."""

import json

import pytest

from app import clock
from tests.protocol.provider import Provider, answer_of, half_hash, header_of


def test_sign_in_gives_tokens_for_the_person(provider: Provider) -> None:
    party, user_id, browser = provider.party(), provider.person(), provider.browser()
    session_id = provider.sign_in(browser, user_id, ago=30)

    answer = answer_of(provider.authorize(browser, party.request()))
    assert answer["state"] == "the state"
    assert answer["iss"] == provider.issuer
    response = provider.token(party, party.code_form(answer["code"]))

    assert response.status_code == 200
    assert response.headers["Cache-Control"] == "no-store"
    tokens = response.get_json()
    assert tokens["token_type"] == "Bearer"
    assert tokens["expires_in"] == 300
    assert tokens["scope"] == "openid profile email"
    claims = provider.claims(tokens["id_token"])
    now = clock.now_seconds()
    assert claims["iss"] == provider.issuer
    assert claims["aud"] == party.view.id
    assert claims["sub"] == user_id
    assert claims["nonce"] == "the nonce"
    assert claims["sid"] == session_id
    assert claims["amr"] == ["pwd"]
    assert claims["acr"] == "urn:authpage:acr:1fa"
    assert now - 60 < claims["auth_time"] <= now - 30
    assert claims["iat"] <= now < claims["exp"]
    assert "name" not in claims
    assert header_of(tokens["id_token"])["alg"] == "RS256"


def test_answers_of_the_same_session_agree(provider: Provider) -> None:
    """oidcc-prompt-none-logged-in, oidcc-max-age-10000, oidcc-id-token-hint."""
    party, user_id, browser = provider.party(), provider.person(), provider.browser()
    provider.sign_in(browser, user_id, ago=120)
    first = provider.tokens(browser, party)
    before = provider.claims(first["id_token"])

    for changes in (
        {"prompt": "none"},
        {"max_age": "10000"},
        {"prompt": "none", "id_token_hint": first["id_token"]},
    ):
        claims = provider.claims(provider.tokens(browser, party, **changes)["id_token"])
        assert (claims["sub"], claims["auth_time"]) == (before["sub"], before["auth_time"])


@pytest.mark.parametrize(
    "changes",
    [
        {"nonce": None},
        {"display": "popup"},
        {"ui_locales": "se de", "claims_locales": "se"},
        {"acr_values": "1 2"},
        {"login_hint": "jane@example.com"},
        {"extra": "foobar"},
        {"scope": "email openid"},
        {"scope": "openid address phone"},
        {"state": None},
        {"state": "s" * 1_000, "nonce": "n" * 500},
        {"resource": ["https://a.example", "https://b.example"]},
    ],
)
def test_unusual_requests_succeed(provider: Provider, changes: dict[str, str | None]) -> None:
    party, user_id, browser = provider.party(), provider.person(), provider.browser()
    provider.sign_in(browser, user_id)

    answer = answer_of(provider.authorize(browser, party.request(**changes)))
    tokens = provider.token(party, party.code_form(answer["code"])).get_json()

    sent = party.request(**changes)
    assert answer.get("state") == sent.get("state")
    assert provider.claims(tokens["id_token"]).get("nonce") == sent.get("nonce")


def test_scopes_give_their_claims_at_userinfo(provider: Provider) -> None:
    party, user_id, browser = provider.party(), provider.person(), provider.browser()
    provider.sign_in(browser, user_id)

    told = {
        scope: provider.userinfo(
            provider.tokens(browser, party, scope=f"openid {scope}")["access_token"]
        ).get_json()
        for scope in ("profile", "email", "organizations")
    }

    assert told["profile"]["name"] == "Jane Doe"
    assert isinstance(told["profile"]["updated_at"], int)
    assert "email" not in told["profile"]
    person = {"sub": user_id, "is_anonymous": False}
    assert told["email"] == {**person, "email": "jane@example.com", "email_verified": True}
    assert told["organizations"] == {**person, "organizations": []}


def test_claims_asked_for_by_name(provider: Provider) -> None:
    """oidcc-claims-essential; they survive a refresh."""
    party, user_id, browser = provider.party(), provider.person(), provider.browser()
    provider.sign_in(browser, user_id)
    wish = json.dumps(
        {"userinfo": {"name": {"essential": True}, "x": None}, "id_token": {"email": None}}
    )

    tokens = provider.tokens(browser, party, scope="openid", claims=wish)
    fresh = provider.token(party, party.refresh_form(tokens["refresh_token"])).get_json()

    for each in (tokens, fresh):
        assert provider.userinfo(each["access_token"]).get_json()["name"] == "Jane Doe"
        assert provider.claims(each["id_token"])["email"] == "jane@example.com"
        assert "name" not in provider.claims(each["id_token"])


def test_scope_claims_in_the_id_token_where_registered(provider: Provider) -> None:
    party = provider.party(scope_claims_in_id_token=True)
    browser = provider.browser()
    provider.sign_in(browser, provider.person())

    claims = provider.claims(provider.tokens(browser, party)["id_token"])

    assert claims["name"] == "Jane Doe"
    assert claims["email"] == "jane@example.com"


@pytest.mark.parametrize("alg", ["RS256", "ES256", "EdDSA"])
def test_a_client_chooses_the_algorithm(provider: Provider, alg: str) -> None:
    party, browser = provider.party(id_token_alg=alg), provider.browser()
    provider.sign_in(browser, provider.person())

    tokens = provider.tokens(browser, party)

    assert header_of(tokens["id_token"])["alg"] == alg
    claims = provider.claims(tokens["id_token"])
    assert claims["at_hash"] == half_hash(tokens["access_token"], alg)
    assert provider.userinfo(tokens["access_token"]).status_code == 200


@pytest.mark.parametrize("method", ["client_secret_basic", "client_secret_post"])
def test_both_ways_to_show_a_secret(provider: Provider, method: str) -> None:
    party, browser = provider.party(auth_method=method), provider.browser()
    provider.sign_in(browser, provider.person())

    form = party.code_form(provider.code(browser, party))
    posted = {**form, "client_id": party.view.id, "client_secret": str(party.secret)}
    response = provider.token(party, posted, headers={})

    assert response.status_code == 200


def test_a_public_client_signs_in_with_its_verifier_alone(provider: Provider) -> None:
    party, browser = provider.party(kind="spa"), provider.browser()
    provider.sign_in(browser, provider.person())

    tokens = provider.tokens(browser, party)

    assert provider.token(party, party.refresh_form(tokens["refresh_token"])).status_code == 200


def test_organization_and_roles_are_in_the_tokens(provider: Provider) -> None:
    party, user_id, browser = provider.party(), provider.person(), provider.browser()
    organization_id = provider.organization("Initech", user_id, "admin")
    provider.sign_in(browser, user_id)

    tokens = provider.tokens(browser, party, scope="openid organizations")

    for token in ("id_token", "access_token"):
        claims = provider.claims(tokens[token])
        assert (claims["org_id"], claims["roles"]) == (organization_id, ["admin"])
    told = provider.userinfo(tokens["access_token"]).get_json()
    assert told["org_id"] == organization_id
    assert told["organizations"] == [
        {"id": organization_id, "slug": "initech", "name": "Initech", "roles": ["admin"]}
    ]


def test_the_session_keeps_its_organization_among_several(provider: Provider) -> None:
    party, user_id, browser = provider.party(), provider.person(), provider.browser()
    provider.organization("Initech", user_id)
    chosen = provider.organization("Globex", user_id)
    provider.sign_in(browser, user_id)
    refused = answer_of(provider.authorize(browser, party.request(prompt="none")))
    assert refused["error"] == "interaction_required"

    named = provider.tokens(browser, party, organization="globex")
    silent = provider.tokens(browser, party, prompt="none")

    assert provider.claims(named["id_token"])["org_id"] == chosen
    assert provider.claims(silent["id_token"])["org_id"] == chosen


def test_an_organization_of_others_is_not_given(provider: Provider) -> None:
    party, user_id, browser = provider.party(), provider.person(), provider.browser()
    other = provider.organization("Initech", provider.person("bob@example.com"))
    provider.sign_in(browser, user_id)

    request = party.request(organization=other, prompt="none")

    assert answer_of(provider.authorize(browser, request))["error"] == "interaction_required"
