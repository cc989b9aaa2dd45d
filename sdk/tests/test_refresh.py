"""Refreshing: one refresher at a time, whatever happens to it, in one process and in several."""

import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx2
import pytest
from authpage import Client, MemorySessionStore, Session, SessionStore, SqliteSessionStore
from authpage.sessions import session_key
from flask import Flask
from werkzeug.test import TestResponse

from sdk.tests.conftest import Browser, make_app
from sdk.tests.provider_double import CLIENT_ID, CLIENT_SECRET, Clock, ProviderDouble


@pytest.fixture(params=["memory", "sqlite"])
def store(request: pytest.FixtureRequest, clock: Clock, tmp_path: Path) -> SessionStore:
    if request.param == "memory":
        return MemorySessionStore(clock)
    return SqliteSessionStore(tmp_path / "sessions.sqlite3", clock)


@pytest.fixture
def second_app(
    provider: ProviderDouble, clock: Clock, store: SessionStore, http: httpx2.Client
) -> Flask:
    """The same app in another process: everything of its own, but the store."""
    client = Client(
        issuer=provider.issuer,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_uri="http://localhost:8001/auth/callback",
        http=http,
        clock=clock,
    )
    return make_app(client, store)


def _in_parallel(apps: list[Flask], cookie: str, path: str = "/token") -> list[TestResponse]:
    """One request to each of the apps, all let go at once."""
    start = threading.Barrier(len(apps))

    def request(app: Flask) -> TestResponse:
        start.wait()
        return Browser(app).get_with_cookies(path, f"app_session={cookie}")

    with ThreadPoolExecutor(len(apps)) as pool:
        return list(pool.map(request, apps))


def _signed_in(browser: Browser) -> str:
    browser.sign_in()
    return browser.cookie("app_session") or ""


def test_a_token_with_half_a_minute_left_is_used_as_it_is(
    browser: Browser, provider: ProviderDouble, clock: Clock
) -> None:
    _signed_in(browser)
    first = browser.get("/token").text
    clock.advance(270)
    assert browser.get("/token").text == first
    clock.advance(1)
    assert browser.get("/token").text != first
    assert provider.requests["/token"] == 2


def test_f01_f03_eight_parallel_requests_refresh_once_and_touch_no_cookie(
    browser: Browser, app: Flask, provider: ProviderDouble, clock: Clock
) -> None:
    cookie = _signed_in(browser)
    for _ in range(5):
        clock.advance(280)
        before = provider.requests["/token"]
        answers = _in_parallel([app] * 8, cookie)
        assert [answer.status_code for answer in answers] == [200] * 8
        assert len({answer.text for answer in answers}) == 1
        assert provider.requests["/token"] == before + 1
        assert not any("Set-Cookie" in answer.headers for answer in answers)


def test_f01_two_processes_with_eight_requests_refresh_once(
    browser: Browser, app: Flask, second_app: Flask, provider: ProviderDouble, clock: Clock
) -> None:
    cookie = _signed_in(browser)
    clock.advance(280)
    answers = _in_parallel([app, second_app] * 4, cookie)
    assert [answer.status_code for answer in answers] == [200] * 8
    assert len({answer.text for answer in answers}) == 1
    assert provider.requests["/token"] == 2


def test_f04_a_lost_answer_is_asked_for_again(
    browser: Browser, provider: ProviderDouble, client: Client, store: SessionStore
) -> None:
    _signed_in(browser)
    tokens = _session_of(store, browser).tokens
    provider.losses = 1
    assert client.refresh(tokens).access_token != tokens.access_token
    assert provider.losses == 0


def test_a_request_whose_session_ends_under_it_sees_nobody(
    browser: Browser, provider: ProviderDouble, clock: Clock
) -> None:
    _signed_in(browser)
    assert browser.get("/name").text == "Jane Doe"
    provider.revoke_everything()
    clock.advance(301)
    assert browser.get("/name").text == "nobody"


def test_invalid_grant_ends_the_session_and_asks_to_sign_in(
    browser: Browser, provider: ProviderDouble, clock: Clock
) -> None:
    _signed_in(browser)
    provider.revoke_everything()
    clock.advance(301)
    ended = browser.get("/private?a=b")
    assert ended.status_code == 303
    assert ended.headers["Location"] == "/auth/login?return_to=/private?a%3Db"
    assert browser.get("/").text.startswith("<input")
    assert provider.requests["/token"] == 2


def test_f03_a_request_that_finds_its_session_ended_clears_no_cookie(
    browser: Browser, app: Flask, provider: ProviderDouble, clock: Clock
) -> None:
    cookie = _signed_in(browser)
    provider.revoke_everything()
    clock.advance(301)
    answers = _in_parallel([app] * 8, cookie, "/private")
    assert [answer.status_code for answer in answers] == [303] * 8
    assert not any("Set-Cookie" in answer.headers for answer in answers)
    assert provider.requests["/token"] == 2


def test_f03_a_late_page_of_an_old_session_leaves_the_new_ones_csrf_token_alone(
    browser: Browser,
) -> None:
    old = _signed_in(browser)
    browser.sign_in()
    late = browser.get_with_cookies("/", f"app_session={old}")
    for line in late.headers.getlist("Set-Cookie"):
        assert line.startswith("app_csrf_guest=")
    assert browser.post("/change").status_code == 200


def test_while_the_provider_is_away_people_stay_signed_in_but_tokens_run_out(
    browser: Browser, provider: ProviderDouble, clock: Clock
) -> None:
    _signed_in(browser)
    provider.is_down = True
    clock.advance(280)
    assert browser.get("/token").status_code == 200
    clock.advance(30)
    assert browser.get("/private").status_code == 200
    assert browser.get("/token").status_code == 503
    provider.is_down = False
    assert browser.get("/token").status_code == 200


def test_f06_roles_and_organization_follow_every_refresh(
    browser: Browser, provider: ProviderDouble, clock: Clock
) -> None:
    _signed_in(browser)
    provider.id_token_changes = {"roles": None}
    provider.organization = "org_contoso"
    clock.advance(301)
    person = browser.get("/private").json
    assert person is not None
    assert (person["org_id"], person["roles"]) == ("org_contoso", [])
    assert person["name"] == "Jane Doe"


def test_a_refresh_may_switch_the_organization(browser: Browser) -> None:
    _signed_in(browser)
    assert browser.post("/switch/org_fabrikam").text == "org_fabrikam"
    assert browser.get("/organization").text == "org_fabrikam"


@pytest.mark.parametrize(("error", "status"), [("access_denied", 403), ("invalid_grant", 400)])
def test_a_refused_switch_leaves_the_session_as_it_was(
    browser: Browser, provider: ProviderDouble, error: str, status: int
) -> None:
    _signed_in(browser)
    provider.refresh_error = error
    assert browser.post("/switch/org_evil").status_code == status
    assert browser.get("/organization").text == "org_northwind"


@pytest.mark.parametrize("changes", [{"sub": "usr_eve"}, {"iss": "https://evil.example"}], ids=str)
def test_a_refresh_that_brings_another_person_is_refused(
    browser: Browser, provider: ProviderDouble, clock: Clock, changes: dict[str, str]
) -> None:
    _signed_in(browser)
    clock.advance(301)
    provider.id_token_changes = dict(changes)
    assert browser.get("/private").status_code == 400
    assert "usr_eve" not in browser.get("/").text


def test_f15_signing_out_during_a_refresh_is_final(
    browser: Browser, app: Flask, provider: ProviderDouble, clock: Clock
) -> None:
    cookie = _signed_in(browser)
    clock.advance(280)
    token = browser.csrf_token()
    in_refresh, go_on = threading.Event(), threading.Event()

    def hold() -> None:
        in_refresh.set()
        go_on.wait(10)

    provider.before_refresh = hold
    with ThreadPoolExecutor(1) as pool:
        refreshing = pool.submit(_in_parallel, [app], cookie)
        assert in_refresh.wait(10)
        assert browser.post("/auth/logout", {"csrf_token": token}).status_code == 200
        go_on.set()
        assert refreshing.result()[0].status_code == 303
    again = browser.get_with_cookies("/private", f"app_session={cookie}")
    assert again.status_code == 303


def test_f15_a_refresh_revives_no_session_that_was_deleted_meanwhile(
    browser: Browser, provider: ProviderDouble, store: SessionStore, clock: Clock
) -> None:
    cookie = _signed_in(browser)
    provider.before_refresh = lambda: store.delete(session_key(cookie) or "")
    clock.advance(301)
    assert browser.get("/token").status_code == 303
    assert provider.requests["/token"] == 2
    assert browser.get("/private").status_code == 303


def test_a_dead_refresher_is_replaced_when_its_lease_ends(
    store: SessionStore, clock: Clock, browser: Browser
) -> None:
    _signed_in(browser)
    key = "0" * 64
    session = _session_of(store, browser)
    store.insert(key, session)
    assert store.claim_refresh(key, "dead", 25)
    assert not store.claim_refresh(key, "next", 25)
    store.release_refresh(key, "next")
    assert not store.claim_refresh(key, "next", 25)
    clock.advance(25)
    assert store.claim_refresh(key, "next", 25)
    store.release_refresh(key, "dead")
    assert not store.claim_refresh(key, "third", 25)
    store.release_refresh(key, "next")
    assert store.claim_refresh(key, "third", 25)


def test_stores_keep_replace_and_forget_sessions(
    store: SessionStore, clock: Clock, browser: Browser
) -> None:
    _signed_in(browser)
    session, key = _session_of(store, browser), "1" * 64
    assert store.load(key) is None
    assert not store.replace(key, session)
    store.insert(key, session)
    assert store.load(key) == session
    renewed = session.renewed(session.tokens)
    assert store.replace(key, renewed)
    assert not store.replace(key, renewed)
    assert store.load(key) == renewed
    store.delete(key)
    assert store.load(key) is None
    store.insert(key, session)
    clock.now = session.expires_at
    assert store.load(key) is None
    store.insert("2" * 64, session)


def test_f08_no_refresh_moves_the_end_of_the_session(browser: Browser, clock: Clock) -> None:
    _signed_in(browser)
    for _ in range(29):
        clock.advance(24 * 3600)
        assert browser.get("/private").status_code == 200
    clock.advance(24 * 3600)
    assert browser.get("/private").status_code == 303


def _session_of(store: SessionStore, browser: Browser) -> Session:
    key = session_key(browser.cookie("app_session") or "")
    session = store.load(key or "")
    assert session is not None
    return session
