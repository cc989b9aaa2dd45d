"""Who may speak at the token endpoint, and how."""

import base64
from dataclasses import replace
from typing import Any

import pytest

from app import clock
from app.actor import CLI
from app.directory import client_secrets
from app.oidc.clients import RegisteredClient
from tests.protocol.provider import Party, Provider


def basic(pair: str) -> dict[str, str]:
    return {"Authorization": "Basic " + base64.b64encode(pair.encode("latin-1")).decode()}


@pytest.fixture
def party(provider: Provider) -> Party:
    return provider.party()


@pytest.mark.parametrize(
    ("headers", "fields"),
    [
        ({}, {}),
        ({}, {"client_id": "{id}"}),
        ({}, {"client_id": "{id}", "client_secret": ""}),
        ({}, {"client_id": "{id}", "client_secret": "wrong"}),
        ({}, {"client_id": "nobody", "client_secret": "{secret}"}),
        ("{id}:", {}),
        ("{id}:wrong", {}),
        ("nobody:{secret}", {}),
        ("{id}", {}),
        ("{id}:{secret}", {"client_secret": "{secret}"}),
        ("{id}:{secret}", {"client_id": "cli_other"}),
        ({"Authorization": "Basic ???"}, {}),
        ({"Authorization": "Bearer {secret}"}, {"client_id": "{id}"}),
    ],
)
def test_r12_a_confidential_client_must_prove_itself(
    provider: Provider, party: Party, headers: Any, fields: dict[str, str]
) -> None:
    browser = provider.browser()
    provider.sign_in(browser, provider.person())
    names = {"id": party.view.id, "secret": str(party.secret)}
    sent = basic(headers.format(**names)) if isinstance(headers, str) else headers
    sent = {name: value.format(**names) for name, value in sent.items()}
    form = party.code_form(provider.code(browser, party))
    form |= {name: value.format(**names) for name, value in fields.items()}

    response = provider.token(party, form, headers=sent)

    assert response.get_json()["error"] == "invalid_client"
    assert response.status_code in (400, 401)
    assert response.status_code == 400 or "Basic" in response.headers["WWW-Authenticate"]
    assert provider.family_count() == 0


def test_r12_secrets_in_the_url_do_not_count(provider: Provider, party: Party) -> None:
    query = {"client_id": party.view.id, "client_secret": party.secret}

    response = provider.browser().post(
        provider.url("/oauth2/token", query), data={"grant_type": "authorization_code", "code": "x"}
    )

    assert response.get_json()["error"] == "invalid_client"


def test_r12_a_web_client_stored_as_public_by_mistake_stays_shut(provider: Provider) -> None:
    mistaken = RegisteredClient(replace(provider.party().view, auth_method="none"))

    assert not mistaken.check_endpoint_auth_method("none", "token")
    assert not mistaken.check_endpoint_auth_method("client_secret_basic", "token")


def test_a_public_client_with_a_secret_is_not_itself(provider: Provider) -> None:
    public = provider.party(kind="spa")

    response = provider.token(public, public.code_form("x.y", client_secret="made up"))

    assert response.get_json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("form", "error"),
    [
        ({}, "invalid_request"),
        ({"grant_type": "password", "username": "a", "password": "b"}, "unsupported_grant_type"),
        ({"grant_type": "client_credentials"}, "unsupported_grant_type"),
        (
            {"grant_type": "urn:ietf:params:oauth:grant-type:jwt-bearer", "assertion": "x"},
            "unsupported_grant_type",
        ),
        ({"grant_type": 'quo"ted'}, "unsupported_grant_type"),
        ({"grant_type": "authorization_code"}, "invalid_request"),
        ({"grant_type": "refresh_token"}, "invalid_request"),
        ({"grant_type": ["refresh_token", "refresh_token"]}, "invalid_request"),
        ({"grant_type": "refresh_token", "refresh_token": ["a", "b"]}, "invalid_request"),
    ],
)
def test_r13_r19_what_is_not_offered_or_malformed_is_refused(
    provider: Provider, party: Party, form: dict[str, Any], error: str
) -> None:
    response = provider.token(party, form)

    assert response.status_code == 400
    assert response.get_json()["error"] == error
    assert response.headers["Cache-Control"] == "no-store"


def test_json_is_not_a_form(provider: Provider, party: Party) -> None:
    response = provider.browser().post(
        provider.url("/oauth2/token"), json=party.code_form("x"), headers=party.headers
    )

    assert response.get_json()["error"] == "invalid_request"


def test_a_grant_that_is_not_registered(provider: Provider) -> None:
    party = provider.party(grant_types=["authorization_code"])
    browser = provider.browser()
    provider.sign_in(browser, provider.person())

    tokens = provider.tokens(browser, party, scope="openid offline_access")
    response = provider.token(party, party.refresh_form("x.0.y"))

    assert "refresh_token" not in tokens
    assert tokens["scope"] == "openid"
    assert response.get_json()["error"] == "unauthorized_client"


def test_a_disabled_client_gets_no_tokens(provider: Provider, party: Party) -> None:
    browser = provider.browser()
    provider.sign_in(browser, provider.person())
    tokens = provider.tokens(browser, party)
    code = provider.code(browser, party)

    provider.disable(party)

    for form in (party.code_form(code), party.refresh_form(tokens["refresh_token"])):
        assert provider.token(party, form).get_json()["error"] == "invalid_client"
    assert provider.userinfo(tokens["access_token"]).status_code == 401


def test_get_is_not_a_token_request(provider: Provider) -> None:
    assert provider.browser().get(provider.url("/oauth2/token")).status_code == 405


def test_two_secrets_redeem_codes_until_the_old_one_ends(provider: Provider, party: Party) -> None:
    browser = provider.browser()
    provider.sign_in(browser, provider.person())
    with provider.writing() as session:
        new = client_secrets.rotate(session, CLI, party.view.id, overlap=600)
    renewed = replace(party, secret=new)

    def redeemed(by: Party) -> bool:
        code = provider.code(browser, by)
        return bool(provider.token(by, by.code_form(code)).status_code == 200)

    assert [redeemed(party), redeemed(renewed)] == [True, True]
    clock.move(601)
    assert [redeemed(party), redeemed(renewed)] == [False, True]
