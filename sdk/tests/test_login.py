"""Login from the app to the provider and back."""

import hashlib
from urllib.parse import parse_qsl, urlsplit

import pytest
from authpage import Client, ConfigurationError, InvalidResponse, SessionStore
from authpage.flask import AuthPage, User
from flask import Flask

from sdk.tests.conftest import Browser
from sdk.tests.provider_double import CLIENT_ID, SUBJECT, Claims, ProviderDouble


def test_a_login_ends_on_the_page_that_asked_for_it(browser: Browser) -> None:
    asked = browser.get("/private?tab=2")
    assert asked.headers["Location"] == "/auth/login?return_to=/private?tab%3D2"
    done = browser.finish(browser.at_provider(browser.get(asked.headers["Location"])))
    assert (done.status_code, done.headers["Location"]) == (303, "/private?tab=2")
    assert browser.get("/private").json == {
        "name": "Jane Doe",
        "id": SUBJECT,
        "org_id": "org_northwind",
        "roles": ["admin"],
    }


def test_the_authorization_request_carries_state_nonce_and_pkce(
    browser: Browser, provider: ProviderDouble
) -> None:
    browser.sign_in("?organization=org_1&prompt=create&login_hint=jane@example.com&scope=evil")
    query = provider.authorize_query
    assert query["client_id"] == CLIENT_ID
    assert query["scope"] == "openid profile email offline_access"
    assert query["code_challenge_method"] == "S256"
    assert len(query["state"]) == len(query["nonce"]) == len(query["code_challenge"]) == 43
    assert (query["organization"], query["prompt"]) == ("org_1", "create")
    assert query["login_hint"] == "jane@example.com"


def test_tokens_stay_on_the_server_and_the_store_holds_only_a_hash(
    browser: Browser, store: SessionStore
) -> None:
    done = browser.sign_in()
    cookies = "\n".join(done.headers.getlist("Set-Cookie"))
    session_id = browser.cookie("app_session") or ""
    session = store.load(hashlib.sha256(session_id.encode()).hexdigest())
    assert session is not None
    assert store.load(session_id) is None
    assert session.tokens.access_token not in cookies
    assert str(session.tokens.refresh_token) not in cookies
    assert f"app_session={session_id}" in cookies
    line = next(line for line in cookies.splitlines() if line.startswith("app_session="))
    assert "HttpOnly" in line
    assert "SameSite=Lax" in line
    assert "Secure" not in line


def test_f09_the_session_id_changes_at_login_and_the_old_one_dies(browser: Browser) -> None:
    browser.sign_in()
    before = browser.cookie("app_session") or ""
    browser.sign_in()
    assert browser.cookie("app_session") not in ("", before)
    browser.app.set_cookie("app_session", before)
    assert browser.get("/private").status_code == 303


@pytest.mark.parametrize("name", ["state", "iss", "code"])
def test_r10_an_answer_with_a_wrong_or_missing_part_signs_nobody_in(
    browser: Browser, provider: ProviderDouble, name: str
) -> None:
    for value in ("https://evil.example", None):
        provider.answer_changes = {name: value}
        refused = browser.sign_in()
        assert refused.status_code == 400
        assert "Try again" in refused.text
        assert browser.cookie("app_session") is None


def test_r10_a_provider_that_promises_no_iss_may_leave_it_out_but_not_lie(
    browser: Browser, provider: ProviderDouble
) -> None:
    provider.sends_iss = False
    provider.answer_changes = {"iss": "https://evil.example"}
    assert browser.sign_in().status_code == 400
    provider.answer_changes = {}
    assert browser.sign_in().status_code == 303


def test_r09_a_code_of_another_login_is_refused(browser: Browser, provider: ProviderDouble) -> None:
    theirs = browser.at_provider(Browser(browser.app.application).get("/auth/login"))
    code = theirs.partition("code=")[2].partition("&")[0]
    provider.answer_changes = {"code": code}
    assert browser.sign_in().status_code == 400
    assert browser.cookie("app_session") is None


def test_r09_an_answer_opened_in_another_browser_is_refused(browser: Browser) -> None:
    theirs = browser.at_provider(browser.get("/auth/login"))
    victim = Browser(browser.app.application)
    assert victim.finish(theirs).status_code == 400
    assert victim.cookie("app_session") is None


def test_c03_a_login_cookie_under_the_name_of_another_state_is_refused(browser: Browser) -> None:
    first = browser.at_provider(browser.get("/auth/login"))
    theirs = browser.cookie(_login_cookie(first))
    second = browser.at_provider(browser.get("/auth/login"))
    browser.app.set_cookie(_login_cookie(second), theirs or "")
    assert browser.finish(second).status_code == 400


def test_r09_a_client_compares_the_state_itself(client: Client) -> None:
    with pytest.raises(InvalidResponse, match="another request"):
        client.code_from_response({"state": "another", "code": "c"}, "state")


@pytest.mark.parametrize(
    ("token_changes", "userinfo_changes"),
    [
        ({"id_token": None}, {}),
        ({"access_token": None}, {}),
        ({"token_type": "DPoP"}, {}),
        ({"expires_in": -1}, {}),
        ({"expires_in": "300"}, {}),
        ({}, {"sub": "usr_eve"}),
    ],
    ids=str,
)
def test_a_wrong_answer_of_the_provider_signs_nobody_in(
    browser: Browser, provider: ProviderDouble, token_changes: Claims, userinfo_changes: Claims
) -> None:
    provider.token_changes = token_changes
    provider.userinfo_changes = userinfo_changes
    assert browser.sign_in().status_code == 400
    assert browser.cookie("app_session") is None


def test_an_answer_counts_once_and_going_back_to_it_does_no_harm(
    browser: Browser, provider: ProviderDouble
) -> None:
    answer = browser.at_provider(browser.get("/auth/login"))
    browser.finish(answer)
    again = browser.finish(answer)
    assert (again.status_code, again.headers["Location"]) == (303, "/")
    assert provider.requests["/token"] == 1


def test_two_tabs_can_sign_in_side_by_side(browser: Browser) -> None:
    first = browser.at_provider(browser.get("/auth/login?return_to=/one"))
    second = browser.at_provider(browser.get("/auth/login?return_to=/two"))
    assert browser.finish(second).headers["Location"] == "/two"
    assert browser.finish(first).headers["Location"] == "/one"
    assert browser.get("/private").status_code == 200


def test_at_most_five_logins_are_under_way_and_the_newest_stay(browser: Browser) -> None:
    answers = [browser.at_provider(browser.get("/auth/login")) for _ in range(7)]
    cookies = browser.app._cookies or {}
    assert sum("app_login_" in str(key) for key in cookies) == 5
    assert browser.finish(answers[-1]).status_code == 303


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        ("access_denied", 403, "cancelled"),
        ("login_required", 401, "need to sign in"),
        ("temporarily_unavailable", 503, "does not answer"),
        ("<script>", 400, "Sign-in did not work"),
    ],
)
def test_an_oauth_error_becomes_a_page_with_a_way_on(
    browser: Browser, provider: ProviderDouble, error: str, status: int, words: str
) -> None:
    provider.authorize_error = error
    page = browser.sign_in("?return_to=/private")
    assert page.status_code == status
    assert words in page.text
    assert "/auth/login?return_to=/private" in page.text
    assert "<script>" not in page.text


def test_while_the_provider_is_away_pages_work_and_login_explains(
    browser: Browser, provider: ProviderDouble
) -> None:
    provider.is_down = True
    assert browser.get("/").status_code == 200
    page = browser.get("/auth/login")
    assert (page.status_code, page.headers["Retry-After"]) == (503, "30")
    provider.is_down = False
    assert browser.sign_in().status_code == 303


@pytest.mark.parametrize("path", ["/auth/login", "/auth/callback?state=a&code=b"])
def test_c11_head_does_nothing(browser: Browser, provider: ProviderDouble, path: str) -> None:
    response = browser.app.head(path)
    assert response.status_code == 200
    assert "Set-Cookie" not in response.headers
    assert not provider.requests


@pytest.mark.parametrize(
    "query", ["", "?state=", "?state=%00", "?state=a&state=b", "?error=x&state=%F0%28"]
)
def test_a_malformed_answer_is_a_friendly_page(browser: Browser, query: str) -> None:
    page = browser.get(f"/auth/callback{query}")
    assert page.status_code == 400
    assert "Try again" in page.text


@pytest.mark.parametrize("value", ["", "x", "ü" * 43, "A" * 43, "A" * 8192, "%%%", '"'])
def test_c05_a_malformed_session_cookie_means_signed_out(browser: Browser, value: str) -> None:
    assert browser.get_with_cookies("/private", f"app_session={value}").status_code == 303


def test_c02_a_doubled_or_look_alike_session_cookie_means_signed_out(browser: Browser) -> None:
    browser.sign_in()
    good = browser.cookie("app_session")
    doubled = f"app_session={good}; app_session=x"
    for header in (doubled, f"\u2000app_session={good}", f"\udca0app_session={good}"):
        assert browser.get_with_cookies("/private", header).status_code == 303
    assert browser.get_with_cookies("/private", f"a=b; app_session={good}").status_code == 200


def test_f13_pages_that_read_the_session_are_not_cached(browser: Browser) -> None:
    browser.sign_in()
    for path in ("/", "/private", "/auth/login"):
        response = browser.get(path)
        assert response.headers["Cache-Control"] == "no-store"
        assert "Cookie" in response.headers["Vary"]


def test_guards_let_in_whom_they_name(browser: Browser, provider: ProviderDouble) -> None:
    browser.sign_in()
    statuses = {
        path: browser.get(path).status_code
        for path in ("/organization", "/admin", "/owner", "/offline", "/payments")
    }
    assert statuses == {
        "/organization": 200,
        "/admin": 200,
        "/owner": 403,
        "/offline": 200,
        "/payments": 403,
    }
    provider.organization = None
    browser.sign_in()
    page = browser.get("/organization")
    assert page.status_code == 403
    assert "prompt=select_account" in page.text


def test_a_program_gets_401_json_instead_of_a_redirect(browser: Browser) -> None:
    response = browser.get("/private", headers={"Accept": "application/json"})
    assert response.status_code == 401
    assert response.json is not None
    assert response.json["error"] == "login_required"


def test_t04_unsafe_settings_stop_the_app_at_its_start(client: Client) -> None:
    app = Flask("unsafe")
    for secret in (None, "", "short"):
        app.config["SECRET_KEY"] = secret
        with pytest.raises(ConfigurationError):
            AuthPage(app, client=client)
    for issuer in ("http://login.example", "ftp://localhost", "https://a@b", "https://", "x"):
        with pytest.raises(ConfigurationError):
            Client(issuer=issuer, client_id="a", redirect_uri="https://app.example/auth/callback")


def test_on_https_cookies_are_secure_and_bound_to_the_host(
    provider: ProviderDouble, store: SessionStore
) -> None:
    app = Flask("secure")
    app.config["SECRET_KEY"] = "a secret of more than thirty-two characters"
    client = Client(
        issuer=provider.issuer,
        client_id=CLIENT_ID,
        redirect_uri="https://app.example/auth/callback",
    )
    AuthPage(app, client=client, store=store)
    response = app.test_client().get("/auth/login", base_url="https://app.example")
    cookie = response.headers["Set-Cookie"]
    assert cookie.startswith("__Host-app_login_")
    assert "; Secure; HttpOnly; Path=/; SameSite=Lax" in cookie
    client.provider.http.close()


@pytest.mark.parametrize("listed", [None, "x", {}, [1, None, "x", {"id": "org_1"}]], ids=str)
def test_odd_organizations_are_left_out(listed: object) -> None:
    assert User({"organizations": listed, "org_id": "org_1"}).organizations == ()
    assert User({"organizations": listed, "org_id": "org_1"}).org_name == "org_1"


def _login_cookie(answer: str) -> str:
    state = dict(parse_qsl(urlsplit(answer).query))["state"]
    return f"app_login_{hashlib.sha256(state.encode()).hexdigest()[:16]}"
