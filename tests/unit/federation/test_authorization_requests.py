"""What the browser is sent to a provider with, and what its answer says before any token."""

import base64
import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from app.federation import oidc_rp
from app.federation.identity import UpstreamRefused
from app.federation.request import Request
from tests.doubles.oidc_browser import Returned, visit
from tests.doubles.oidc_party import CALLBACK, Meeting
from tests.doubles.oidc_provider import CLIENT_ID

Refusal = Callable[..., UpstreamRefused]
Meet = Callable[..., Meeting]


def _sent(request: Request) -> dict[str, str]:
    given = parse_qs(urlsplit(request.url).query)
    assert all(len(values) == 1 for values in given.values())
    return {name: values[0] for name, values in given.items()}


def test_a_request_asks_for_a_code_with_nonce_and_pkce(met: Meeting) -> None:
    request = met.party.start(
        login_hint="jane@acme.example",
        prompt="login consent",
        acr_values=("phr", "mfa"),
        max_age=300,
        locale="de",
    )
    sent = _sent(request)
    digest = hashlib.sha256(request.keep["code_verifier"].encode()).digest()
    assert sent == {
        "response_type": "code",
        "client_id": CLIENT_ID,
        "redirect_uri": CALLBACK,
        "scope": "openid email profile",
        "state": "st4te",
        "nonce": request.keep["nonce"],
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
        "login_hint": "jane@acme.example",
        "prompt": "login consent",
        "acr_values": "phr mfa",
        "max_age": "300",
        "ui_locales": "de",
    }
    assert request.form is None
    assert request.keep["issuer"] == met.provider.issuer


def test_nonce_and_verifier_are_new_each_time_or_the_callers(met: Meeting) -> None:
    made = [met.party.start().keep for _ in range(2)]
    assert made[0]["nonce"] != made[1]["nonce"]
    assert made[0]["code_verifier"] != made[1]["code_verifier"]
    given = met.party.start(nonce="n" * 64, code_verifier="v" * 64)
    assert (given.keep["nonce"], given.keep["code_verifier"]) == ("n" * 64, "v" * 64)
    assert met.party.finish(given, visit(given.url)).subject


@pytest.mark.parametrize(
    ("preset", "expected"),
    [
        ("google", {"prompt": "select_account", "login_hint": "jane@acme.example"}),
        ("google_workspace", {"prompt": "select_account", "hd": "acme.example"}),
        ("github", {"prompt": "select_account", "login": "jane@acme.example"}),
        ("facebook", {"auth_type": "reauthenticate"}),
        ("microsoft", {"prompt": "login", "login_hint": "jane@acme.example"}),
        ("apple", {"response_mode": "form_post"}),
        ("linkedin", {}),
        ("discord", {}),
    ],
)
def test_wishes_are_put_in_the_providers_words_or_left_out(
    meet: Meet, preset: str, expected: dict[str, str]
) -> None:
    wishes = {"prompt": "login", "login_hint": "jane@acme.example", "max_age": 60}
    sent = _sent(meet(preset).party.start(**wishes))
    assert ("max_age" in sent) is (preset == "microsoft")
    about = ("prompt", "login_hint", "login", "hd", "auth_type", "response_mode")
    found = {name: sent[name] for name in about if name in sent}
    assert expected.items() <= found.items()
    assert "prompt" not in found or "prompt" in expected


def test_a_hosted_domain_is_named_only_where_there_is_one(meet: Meet) -> None:
    met = meet("google_workspace", directories=("acme.example", "beta.example"))
    assert _sent(met.party.start())["hd"] == "*"


def _answered(met: Meeting, **changed: str) -> tuple[Request, Returned]:
    request = met.party.start()
    returned = visit(request.url)
    return request, Returned(CALLBACK, {**returned.parameters, **changed}, is_posted=False)


def test_i01_a_foreign_issuer_in_the_answer_is_refused_before_the_code_is_sent(
    met: Meeting,
) -> None:
    for iss in ("https://honest.example", "", met.provider.issuer + "/"):
        request, returned = _answered(met, iss=iss)
        with pytest.raises(UpstreamRefused) as caught:
            met.party.finish(request, returned)
        assert caught.value.diagnosis == "issuer_mismatch"
    assert met.provider.counts["token"] == 0
    request, returned = _answered(met, iss=met.provider.issuer)
    assert met.party.finish(request, returned).subject


def test_i01_a_provider_that_says_it_names_itself_must(met: Meeting, refusal: Refusal) -> None:
    met.provider.script.discovery = {"authorization_response_iss_parameter_supported": True}
    assert refusal(met).diagnosis == "issuer_mismatch"
    assert met.provider.counts["token"] == 0
    met.provider.script.redirect = {"iss": met.provider.issuer}
    assert met.party.sign_in().subject


def test_i01_an_answer_to_a_connection_that_was_repointed_meanwhile_is_refused(
    met: Meeting,
) -> None:
    request, returned = _answered(met)
    keep = {**request.keep, "issuer": "https://before.example"}
    with pytest.raises(UpstreamRefused) as caught:
        met.party.finish(Request(request.url, keep=keep), returned)
    assert caught.value.diagnosis == "issuer_mismatch"


def test_i01_microsoft_may_answer_for_any_directory_and_nobody_else(meet: Meet) -> None:
    met = meet("microsoft")
    request, returned = _answered(met, iss=met.provider.token_issuer)
    assert met.party.finish(request, returned).subject
    for iss in (f"{met.provider.url}/a/b/v2.0", f"{met.provider.url}//v2.0", "https://x/y/v2.0"):
        request, returned = _answered(met, iss=iss)
        with pytest.raises(UpstreamRefused) as caught:
            met.party.finish(request, returned)
        assert caught.value.diagnosis == "issuer_mismatch"


@pytest.mark.parametrize(
    ("parameters", "diagnosis"),
    [
        ({"error": "access_denied"}, "access_denied_upstream"),
        ({"error": "user_cancelled_login"}, "access_denied_upstream"),
        ({"error": "user_cancelled_authorize"}, "access_denied_upstream"),
        ({"error_code": "200", "error_reason": "user_denied"}, "access_denied_upstream"),
        ({"error": "login_required"}, "provider_error"),
        ({"error": "server_error"}, "provider_error"),
        ({"error": "made up"}, "provider_error"),
        ({"error": "<script>"}, "provider_error"),
        ({}, "response_malformed"),
        ({"code": ""}, "response_malformed"),
        ({"code": "x" * 9_000}, "too_large"),
        ({"error": "access_denied", "iss": "https://other.example"}, "issuer_mismatch"),
    ],
    ids=str,
)
def test_an_answer_without_a_code_has_a_name(
    met: Meeting, parameters: dict[str, str], diagnosis: str
) -> None:
    request = met.party.start()
    with pytest.raises(UpstreamRefused) as caught:
        met.party.finish(request, Returned(CALLBACK, parameters, is_posted=False))
    assert caught.value.diagnosis == diagnosis


@pytest.mark.parametrize("who", [{}, {"id_token_hint": "abc"}])
def test_signing_out_upstream_is_asked_for_by_the_connection(
    meet: Meet, who: dict[str, str]
) -> None:
    given: dict[str, Any] = {"id_token_hint": None, **who}
    after = "https://login.acme.example/out"
    asked = {"post_logout_redirect_uri": after, "state": "s1"}
    met = meet(logs_out_upstream=True)
    url = oidc_rp.logout_url(met.party.connection, **asked, **given)
    assert url is not None
    assert url.startswith(f"{met.provider.url}/logout?")
    sent = _sent(Request(url))
    assert sent == {"client_id": CLIENT_ID, **asked, **who}
    returned = visit(url)
    assert (returned.target, returned.parameters) == (after, {"state": "s1"})
    met.provider.script.discovery = {"end_session_endpoint": None}
    object.__setattr__(met.party.connection, "row_version", 2)
    assert oidc_rp.logout_url(met.party.connection, **asked, **given) is None
    met.provider.script.answers["discovery"] = (503, "text/plain", b"")
    object.__setattr__(met.party.connection, "row_version", 3)
    assert oidc_rp.logout_url(met.party.connection, **asked, **given) is None
    silent = meet()
    assert oidc_rp.logout_url(silent.party.connection, **asked, **given) is None
    assert silent.provider.asked == []
