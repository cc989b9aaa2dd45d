"""RP-initiated logout, module by module of the certification plan."""

import re
from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import RSAKey
from werkzeug.test import Client as Browser
from werkzeug.test import TestResponse

from app import clock
from tests.protocol.provider import SIGNED_OUT_URI, Party, Provider, answer_of, header_of


class SignedIn:
    """A person signed in at a client, about to leave."""

    def __init__(self, provider: Provider) -> None:
        self.provider = provider
        self.party: Party = provider.party(post_logout_redirect_uris=[SIGNED_OUT_URI])
        self.browser: Browser = provider.browser()
        self.user_id = provider.person()
        provider.sign_in(self.browser, self.user_id)
        self.tokens: dict[str, Any] = provider.tokens(self.browser, self.party)

    @property
    def hint(self) -> str:
        return str(self.tokens["id_token"])

    def leave(self, **parameters: str) -> TestResponse:
        return self.browser.get(self.provider.url("/oauth2/logout", parameters))

    def is_signed_in(self) -> bool:
        request = self.party.request(prompt="none")
        return "code" in answer_of(self.provider.authorize(self.browser, request))

    def confirm(self, page: TestResponse, **changes: str) -> TestResponse:
        fields = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', page.text))
        return self.browser.post(self.provider.url("/oauth2/logout"), data={**fields, **changes})


@pytest.fixture
def signed_in(provider: Provider) -> SignedIn:
    return SignedIn(provider)


def test_with_hint_uri_and_state(signed_in: SignedIn) -> None:
    response = signed_in.leave(
        id_token_hint=signed_in.hint, post_logout_redirect_uri=SIGNED_OUT_URI, state="a b"
    )

    assert response.status_code == 303
    assert response.headers["Location"] == f"{SIGNED_OUT_URI}?state=a+b"
    assert not signed_in.is_signed_in()
    refreshed = signed_in.provider.token(
        signed_in.party, signed_in.party.refresh_form(signed_in.tokens["refresh_token"])
    )
    assert refreshed.get_json()["error"] == "invalid_grant"


def test_without_state_none_comes_back(signed_in: SignedIn) -> None:
    response = signed_in.leave(
        id_token_hint=signed_in.hint, post_logout_redirect_uri=SIGNED_OUT_URI
    )

    assert response.headers["Location"] == SIGNED_OUT_URI


def test_an_expired_hint_is_good_enough(signed_in: SignedIn) -> None:
    clock.move(3_600)

    response = signed_in.leave(
        id_token_hint=signed_in.hint, post_logout_redirect_uri=SIGNED_OUT_URI
    )

    assert response.status_code == 303
    assert not signed_in.is_signed_in()


def test_a_hint_without_uri_signs_out_and_says_so(signed_in: SignedIn) -> None:
    response = signed_in.leave(id_token_hint=signed_in.hint)

    assert response.status_code == 200
    assert "Location" not in response.headers
    assert not signed_in.is_signed_in()


@pytest.mark.parametrize(
    "uri",
    [
        f"{SIGNED_OUT_URI}?more=1",
        f"{SIGNED_OUT_URI}/more",
        "https://evil.example/",
        "//evil.example",
        "javascript:alert(1)",
    ],
)
def test_r16_an_unregistered_uri_leads_nowhere(signed_in: SignedIn, uri: str) -> None:
    response = signed_in.leave(id_token_hint=signed_in.hint, post_logout_redirect_uri=uri)

    assert response.status_code == 400
    assert 'href="https://evil' not in response.text
    assert "refresh" not in response.text
    assert signed_in.is_signed_in()


@pytest.mark.parametrize("kind", ["none", "forged", "access_token", "other_client", "other_tenant"])
def test_r16_a_hint_that_is_not_right_leads_nowhere(signed_in: SignedIn, kind: str) -> None:
    provider = signed_in.provider
    header, claims = header_of(signed_in.hint), provider.claims(signed_in.hint)
    _, payload, _ = signed_in.hint.split(".")
    hints = {
        "none": f"eyJhbGciOiJub25lIn0.{payload}.",
        "forged": jwt.encode(header, claims, RSAKey.generate_key(2048), ["RS256"]),
        "access_token": signed_in.tokens["access_token"],
        "other_client": signed_in.hint,
        "other_tenant": SignedIn(Provider(provider.app)).hint,
    }
    other = {"client_id": provider.party().view.id} if kind == "other_client" else {}

    response = signed_in.leave(
        id_token_hint=hints[kind], post_logout_redirect_uri=SIGNED_OUT_URI, **other
    )

    assert response.status_code == 400
    assert signed_in.is_signed_in()


@pytest.mark.parametrize(
    "parameters", [{}, {"state": "x"}, {"post_logout_redirect_uri": SIGNED_OUT_URI, "state": "x"}]
)
def test_r16_without_hint_the_person_is_asked(
    signed_in: SignedIn, parameters: dict[str, str]
) -> None:
    page = signed_in.leave(**parameters)
    assert page.status_code == 200
    assert signed_in.is_signed_in()

    done = signed_in.confirm(page)

    assert done.status_code == 200
    assert SIGNED_OUT_URI not in done.text
    assert not signed_in.is_signed_in()


def test_the_confirmation_names_the_client(signed_in: SignedIn) -> None:
    page = signed_in.leave(client_id=signed_in.party.view.id)

    assert "The App" in page.text
    assert '/account">Stay signed in' in page.text


@pytest.mark.parametrize("token", ["", "forged"])
def test_a_confirmation_needs_our_own_form(signed_in: SignedIn, token: str) -> None:
    page = signed_in.leave()

    assert signed_in.confirm(page, csrf_token=token).status_code == 403
    assert signed_in.is_signed_in()


def test_a_foreign_form_is_asked_about_too(signed_in: SignedIn) -> None:
    """It comes without our cookies, so it comes again by GET, and then it is a request like any."""
    foreign = signed_in.provider.browser().post(
        signed_in.provider.url("/oauth2/logout"), data={"state": "x"}
    )
    assert foreign.status_code == 303

    page = signed_in.browser.get(foreign.headers["Location"])

    assert page.status_code == 200
    assert signed_in.is_signed_in()


def test_a_hint_of_somebody_else_is_asked_about(signed_in: SignedIn) -> None:
    other = signed_in.provider.browser()
    signed_in.provider.sign_in(other, signed_in.provider.person("bob@example.com"))
    hint = signed_in.provider.tokens(other, signed_in.party)["id_token"]

    page = signed_in.leave(id_token_hint=hint, post_logout_redirect_uri=SIGNED_OUT_URI, state="s")
    assert page.status_code == 200
    assert signed_in.is_signed_in()
    done = signed_in.confirm(page)

    assert done.status_code == 200
    assert f"{SIGNED_OUT_URI}?state=s" in done.text
    assert not signed_in.is_signed_in()


def test_the_hint_signs_out_its_own_person_only(signed_in: SignedIn) -> None:
    bob = signed_in.provider.person("bob@example.com")
    signed_in.provider.sign_in(signed_in.browser, bob)

    signed_in.leave(id_token_hint=signed_in.hint)

    claims = signed_in.provider.claims(
        signed_in.provider.tokens(signed_in.browser, signed_in.party, prompt="none")["id_token"]
    )
    assert claims["sub"] == bob


def test_nobody_signed_in_is_signed_out_at_once(signed_in: SignedIn) -> None:
    stranger = signed_in.provider.browser()
    url = signed_in.provider.url

    plain = stranger.get(url("/oauth2/logout"))
    back = stranger.get(
        url(
            "/oauth2/logout",
            {"id_token_hint": signed_in.hint, "post_logout_redirect_uri": SIGNED_OUT_URI},
        )
    )

    assert plain.status_code == 200
    assert back.headers["Location"] == SIGNED_OUT_URI
    assert signed_in.is_signed_in()


def test_c11_head_signs_nobody_out(signed_in: SignedIn) -> None:
    url = signed_in.provider.url("/oauth2/logout", {"id_token_hint": signed_in.hint})

    assert signed_in.browser.head(url).status_code == 405
    assert signed_in.is_signed_in()
