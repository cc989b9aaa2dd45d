"""Forms: who may post them, and the one that signs out."""

from urllib.parse import parse_qsl, urlsplit

import pytest

from sdk.tests.conftest import ORIGIN, Browser
from sdk.tests.provider_double import CLIENT_ID, ProviderDouble


def test_a_form_of_the_app_is_accepted(browser: Browser) -> None:
    browser.sign_in()
    headers = {"Origin": ORIGIN, "Sec-Fetch-Site": "same-origin"}
    assert browser.post("/change", headers=headers).text == "changed"
    by_script = {"X-CSRF-Token": browser.csrf_token()}
    assert browser.post("/change", {}, by_script).text == "changed"


@pytest.mark.parametrize("token", ["", "x", "a.b", "é", "x" * 9000])
def test_c01_a_missing_or_forged_token_is_refused(browser: Browser, token: str) -> None:
    browser.sign_in()
    for path in ("/change", "/auth/logout"):
        refused = browser.post(path, {"csrf_token": token})
        assert refused.status_code == 403
    assert browser.get("/private").status_code == 200


def test_c01_a_token_of_another_session_is_refused_even_with_its_cookie(browser: Browser) -> None:
    browser.sign_in()
    attacker = Browser(browser.app.application)
    attacker.sign_in()
    token = attacker.csrf_token()
    browser.app.set_cookie("app_csrf", token)
    browser.app.set_cookie("app_csrf_guest", token)
    assert browser.post("/change", {"csrf_token": token}).status_code == 403


def test_c01_a_token_from_before_the_login_is_refused_after_it(browser: Browser) -> None:
    before = browser.csrf_token()
    browser.sign_in()
    browser.app.set_cookie("app_csrf", before)
    assert browser.post("/change", {"csrf_token": before}).status_code == 403


@pytest.mark.parametrize(
    "headers",
    [
        {"Origin": "https://evil.example"},
        {"Origin": "http://localhost:8002"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "same-site", "Origin": ORIGIN},
    ],
    ids=str,
)
def test_c01_a_form_of_another_origin_is_refused(browser: Browser, headers: dict[str, str]) -> None:
    browser.sign_in()
    assert browser.post("/change", headers=headers).status_code == 403


def test_a_null_origin_counts_when_the_browser_says_same_origin(browser: Browser) -> None:
    browser.sign_in()
    headers = {"Origin": "null", "Sec-Fetch-Site": "same-origin"}
    assert browser.post("/change", headers=headers).status_code == 200


def test_signed_out_people_have_tokens_too_but_not_the_right(browser: Browser) -> None:
    assert browser.post("/change", {}).status_code == 403
    assert browser.post("/change").status_code == 401


def test_f15_logout_ends_the_session_here_and_at_the_provider(
    browser: Browser, provider: ProviderDouble
) -> None:
    browser.sign_in()
    cookie = browser.cookie("app_session")
    page = browser.post("/auth/logout")
    assert page.status_code == 200
    url = page.text.partition('href="')[2].partition('"')[0].replace("&amp;", "&")
    parts = urlsplit(url)
    query = dict(parse_qsl(parts.query))
    assert f"{parts.scheme}://{parts.netloc}{parts.path}" == f"{provider.issuer}/logout"
    assert query.pop("id_token_hint").count(".") == 2
    assert query == {"client_id": CLIENT_ID, "post_logout_redirect_uri": f"{ORIGIN}/"}
    assert f"0; url={provider.issuer}/logout" in page.text
    assert len(provider.revoked) == 1
    assert browser.cookie("app_session") is None
    again = browser.get_with_cookies("/private", f"app_session={cookie}")
    assert again.status_code == 303


def test_logout_while_the_provider_is_away_signs_out_of_the_app(
    browser: Browser, provider: ProviderDouble
) -> None:
    browser.sign_in()
    provider.is_down = True
    done = browser.post("/auth/logout")
    assert (done.status_code, done.headers["Location"]) == (303, "/")
    assert browser.get("/private").status_code == 303


def test_logout_needs_a_post(browser: Browser) -> None:
    browser.sign_in()
    assert browser.get("/auth/logout").status_code == 405
    assert browser.get("/private").status_code == 200
