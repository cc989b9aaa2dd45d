"""Authorization requests that are wrong, and what becomes of them."""

from urllib.parse import urlencode, urlsplit

import pytest
from werkzeug.test import TestResponse

from tests.protocol.provider import NATIVE_URI, REDIRECT_URI, Party, Provider, answer_of


def is_page(response: TestResponse) -> bool:
    """Whether the answer is an error page that sends nobody anywhere."""
    return (
        response.status_code == 400
        and "Location" not in response.headers
        and response.mimetype == "text/html"
        and 'http-equiv="refresh"' not in response.text
    )


@pytest.mark.parametrize(
    "uri",
    [
        f"{REDIRECT_URI}/more",
        f"{REDIRECT_URI}?more=1",
        f"{REDIRECT_URI}#more",
        "https://app.example@evil.example/callback",
        "https://app.example\\@evil.example/callback",
        "https://APP.example/callback",
        "https://app.example:443/callback",
        "https://app.example./callback",
        "https://app.example/%2e%2e/callback",
        "https://app.example/call\tback",
        "https://аpp.example/callback",  # noqa: RUF001 - a Cyrillic twin
        'https://app.example/callback"',
        "javascript:alert(1)",
        "",
        None,
    ],
)
def test_r01_an_unregistered_redirect_uri_gets_a_page(provider: Provider, uri: str | None) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())

    assert is_page(provider.authorize(browser, party.request(redirect_uri=uri)))


@pytest.mark.parametrize(
    "changes",
    [
        {"response_type": "token"},
        {"response_type": 'to"ken'},
        {"scope": "("},
        {"response_mode": "form_post"},
        {"prompt": "none"},
        {"request": "x"},
    ],
)
def test_r03_other_mistakes_do_not_open_an_unregistered_uri(
    provider: Provider, changes: dict[str, str]
) -> None:
    party = provider.party()
    request = party.request(redirect_uri="https://evil.example/", **changes)

    assert is_page(provider.authorize(provider.browser(), request))


@pytest.mark.parametrize("client_id", ["nobody", "cli_" + "0" * 26, "x" * 5_000, None])
def test_an_unknown_client_gets_a_page(provider: Provider, client_id: str | None) -> None:
    party = provider.party()

    assert is_page(provider.authorize(provider.browser(), party.request(client_id=client_id)))


def test_a_client_of_another_tenant_is_unknown(provider: Provider) -> None:
    other = Provider(provider.app).party()

    assert is_page(provider.authorize(provider.browser(), other.request()))


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"response_type": None}, "invalid_request"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"response_type": "code id_token"}, "unsupported_response_type"),
        ({"response_type": "none"}, "unsupported_response_type"),
        ({"scope": 'openid "'}, "invalid_request"),
        ({"scope": None}, "invalid_scope"),
        ({"scope": "unknown"}, "invalid_scope"),
        ({"scope": "openid " + "a" * 4_000}, "invalid_request"),
        ({"code_challenge": None}, "invalid_request"),
        ({"code_challenge": None, "code_challenge_method": None}, "invalid_request"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
        ({"code_challenge_method": None}, "invalid_request"),
        ({"code_challenge": "a" * 42}, "invalid_request"),
        ({"code_challenge": "a" * 129}, "invalid_request"),
        ({"code_challenge": "é" * 43}, "invalid_request"),
        ({"prompt": "none login"}, "invalid_request"),
        ({"prompt": "dance"}, "invalid_request"),
        ({"max_age": "-1"}, "invalid_request"),
        ({"max_age": "soon"}, "invalid_request"),
        ({"response_mode": "fragment"}, "invalid_request"),
        ({"claims": "[]"}, "invalid_request"),
        ({"claims": "{"}, "invalid_request"),
        ({"claims": '{"userinfo":3}'}, "invalid_request"),
        ({"id_token_hint": "not.a.token"}, "invalid_request"),
        ({"request": "eyJhbGciOiJub25lIn0.e30."}, "request_not_supported"),
        ({"request": "x", "scope": None}, "request_not_supported"),
        ({"request_uri": "https://evil.example/r"}, "request_uri_not_supported"),
        ({"registration": "{}"}, "registration_not_supported"),
    ],
)
def test_r10_mistakes_go_to_the_client_with_state_and_issuer(
    provider: Provider, changes: dict[str, str | None], error: str
) -> None:
    """R08, R13 and R22 at this endpoint, too."""
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())

    answer = answer_of(provider.authorize(browser, party.request(**changes)))

    assert answer["error"] == error
    assert answer["state"] == "the state"
    assert answer["iss"] == provider.issuer
    assert "code" not in answer


def test_r08_a_confidential_client_may_be_freed_from_pkce(provider: Provider) -> None:
    party, browser = provider.party(requires_pkce=False), provider.browser()
    provider.sign_in(browser, provider.person())
    without = {"code_challenge": None, "code_challenge_method": None}

    code = provider.code(browser, party, **without)
    with_verifier = provider.token(party, party.code_form(code))
    code = provider.code(browser, party, **without)
    bare = provider.token(party, party.code_form(code, code_verifier=None))

    assert with_verifier.status_code == 400
    assert bare.status_code == 200


@pytest.mark.parametrize("name", ["state", "client_id", "redirect_uri", "scope", "nonce", "prompt"])
def test_r19_a_repeated_parameter_gets_a_page(provider: Provider, name: str) -> None:
    request: dict[str, object] = {**provider.party().request(prompt="login")}
    request[name] = [request[name], request[name]]

    assert is_page(provider.authorize(provider.browser(), request))


def test_r19_too_many_or_too_long_parameters_get_a_page(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    many = party.request() | {f"p{number}": "1" for number in range(1_000)}

    assert is_page(provider.authorize(browser, many))
    assert is_page(provider.authorize(browser, party.request(scope="openid" * 10_000)))


@pytest.mark.parametrize(
    ("registration", "changes", "ago", "error"),
    [
        ({}, {}, None, "login_required"),
        ({}, {"max_age": "60"}, 120, "login_required"),
        ({}, {"max_age": "0"}, 1, "login_required"),
        ({}, {"login_hint": "bob@example.com"}, 1, "login_required"),
        ({"is_first_party": False}, {}, 1, "consent_required"),
        (
            {},
            {"claims": '{"id_token":{"acr":{"essential":true,"values":["urn:x"]}}}'},
            1,
            "unmet_authentication_requirements",
        ),
    ],
)
def test_r18_prompt_none_answers_with_an_error(
    provider: Provider,
    registration: dict[str, object],
    changes: dict[str, str],
    ago: int | None,
    error: str,
) -> None:
    party, browser = provider.party(**registration), provider.browser()
    user_id = provider.person()
    if ago is not None:
        provider.sign_in(browser, user_id, ago=ago)

    answer = answer_of(provider.authorize(browser, party.request(prompt="none", **changes)))

    assert answer["error"] == error


def test_r18_several_accounts_need_a_hint(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    bob = provider.person("bob@example.com")
    provider.sign_in(browser, bob)

    answer = answer_of(provider.authorize(browser, party.request(prompt="none")))
    hinted = provider.tokens(browser, party, prompt="none", login_hint="BOB@example.com")

    assert answer["error"] == "account_selection_required"
    assert provider.claims(hinted["id_token"])["sub"] == bob


def test_id_token_hint_excludes_everybody_else(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    hint = provider.tokens(browser, party)["id_token"]
    other = provider.browser()
    provider.sign_in(other, provider.person("bob@example.com"))

    request = party.request(prompt="none", id_token_hint=hint)

    assert answer_of(provider.authorize(other, request))["error"] == "login_required"


@pytest.mark.parametrize("prompt", ["login", "select_account", "consent", "create"])
def test_prompts_start_a_flow_although_somebody_is_signed_in(
    provider: Provider, prompt: str
) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())

    response = provider.authorize(browser, party.request(prompt=prompt))

    assert response.status_code == 303
    assert response.headers["Location"].startswith(f"{provider.path}/")


def test_r21_an_earlier_consent_counts_only_for_an_assured_client(provider: Provider) -> None:
    user_id, browser = provider.person(), provider.browser()
    provider.sign_in(browser, user_id)
    assured = provider.party(is_first_party=False)
    native = provider.party(kind="native", is_first_party=False)
    for party in (assured, native):
        provider.consent(user_id, party, "openid", "profile", "email")

    answer = answer_of(provider.authorize(browser, assured.request(prompt="none")))
    refused = provider.authorize(browser, native.request(prompt="none"))
    wider = answer_of(
        provider.authorize(browser, assured.request(prompt="none", scope="openid organizations"))
    )

    assert "code" in answer
    assert refused.headers["Location"].startswith(f"{NATIVE_URI}?error=consent_required")
    assert wider["error"] == "consent_required"


def test_consent_covers_claims_asked_for_by_name(provider: Provider) -> None:
    user_id, browser = provider.person(), provider.browser()
    provider.sign_in(browser, user_id)
    party = provider.party(is_first_party=False)
    provider.consent(user_id, party, "openid")

    request = party.request(prompt="none", scope="openid", claims='{"userinfo":{"email":null}}')

    assert answer_of(provider.authorize(browser, request))["error"] == "consent_required"


def test_form_post_sends_nothing_in_the_query(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())

    good = provider.authorize(browser, party.request(response_mode="form_post"))
    bad = provider.authorize(browser, party.request(response_mode="form_post", max_age="x"))

    for response, name in ((good, "code"), (bad, "error")):
        assert response.status_code == 200
        assert f'action="{REDIRECT_URI}"' in response.text
        assert 'method="post"' in response.text
        assert f'name="{name}"' in response.text
        assert f'value="{provider.issuer}"' in response.text
        assert "<button" in response.text
        assert "Continue to The App" in response.text


def test_form_post_is_for_web_addresses_only(provider: Provider) -> None:
    party = provider.party(kind="native")

    response = provider.authorize(
        provider.browser(), party.request(response_mode="form_post", prompt="none")
    )

    assert response.headers["Location"].startswith(f"{NATIVE_URI}?error=invalid_request")


def test_a_registered_query_stays_as_it_is(provider: Provider) -> None:
    uri = "https://app.example/cb?a=%7e1&b"
    party, browser = provider.party(redirect_uris=[uri]), provider.browser()
    provider.sign_in(browser, provider.person())

    location = provider.authorize(browser, party.request()).headers["Location"]

    assert location.startswith(f"{uri}&code=")


def test_a_posted_request_comes_back_with_its_cookies(provider: Provider) -> None:
    """oidcc-ensure-post-request-succeeds: the browser sends no Lax cookie with a foreign form."""
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())

    stranger = provider.browser()
    again = stranger.post(provider.url("/oauth2/authorize"), data=party.request())
    assert again.status_code == 303
    answer = answer_of(browser.get(again.headers["Location"]))

    assert answer["state"] == "the state"
    assert "code" in answer


def test_a_long_posted_request_is_answered_at_once(provider: Provider) -> None:
    party = provider.party()
    request = party.request(prompt="none", login_hint="x" * 7_000)

    response = provider.browser().post(provider.url("/oauth2/authorize"), data=request)

    assert response.status_code == 200
    assert "login_required" in response.text


def test_crlf_in_state_splits_no_header(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())

    response = provider.authorize(browser, party.request(state="a\r\nSet-Cookie: evil=1"))

    assert answer_of(response)["state"] == "a\r\nSet-Cookie: evil=1"
    assert "evil" not in response.headers.get("Set-Cookie", "")


@pytest.mark.parametrize("bad", ["%00", "%ff", "%ed%a0%80"])
def test_bad_text_is_refused(provider: Provider, bad: str) -> None:
    query = f"{urlencode(provider.party().request())}&login_hint={bad}"

    response = provider.browser().get(f"{provider.issuer}/oauth2/authorize?{query}")

    assert response.status_code == 400
    assert "Location" not in response.headers


def test_c11_head_does_nothing(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())

    response = browser.head(provider.url("/oauth2/authorize", party.request()))

    assert response.status_code == 405


@pytest.mark.parametrize("value", ["", "x", "%%%", "a" * 8_192, "😀", "a=b;c", '"quoted"'])
def test_c05_a_malformed_session_cookie_is_nobody(provider: Provider, value: str) -> None:
    party, browser = provider.party(), provider.browser()
    response = browser.get(
        provider.url("/oauth2/authorize", party.request(prompt="none")),
        headers={"Cookie": f"authpage_session={value}".encode().decode("latin-1")},
    )

    assert answer_of(response)["error"] == "login_required"


def test_c02_two_session_cookies_are_none(provider: Provider) -> None:
    party, browser = provider.party(), provider.browser()
    provider.sign_in(browser, provider.person())
    cookie = browser.get_cookie("authpage_session", path=provider.path)
    assert cookie is not None
    url = provider.url("/oauth2/authorize", party.request(prompt="none"))
    doubled = f"authpage_session={cookie.value}; authpage_session=other"

    response = provider.app.test_client(use_cookies=False).get(url, headers={"Cookie": doubled})

    assert answer_of(response)["error"] == "login_required"


def test_a_disabled_client_is_unknown_at_once(provider: Provider) -> None:
    party: Party = provider.party()
    browser = provider.browser()
    assert provider.authorize(browser, party.request()).status_code == 303

    provider.disable(party)

    assert is_page(provider.authorize(browser, party.request()))


def test_somebody_else_begins_a_flow_at_this_origin(provider: Provider) -> None:
    response = provider.authorize(provider.browser(), provider.party().request())

    assert response.status_code == 303
    assert urlsplit(response.headers["Location"]).netloc in ("", "localhost:8000")
    assert response.headers["Cache-Control"] == "no-store"
