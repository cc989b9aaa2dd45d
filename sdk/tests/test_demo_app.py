"""The demo app, served as people run it, against the provider double."""

import re
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass

import httpx2
import pytest
from authpage import ConfigurationError
from joserfc.jwk import RSAKey
from werkzeug.serving import make_server

from sdk.examples.flask_app.app import QuietHandler, create_app
from sdk.tests.provider_double import CLIENT_ID, CLIENT_SECRET, Clock, ProviderDouble, running


class RealClock(Clock):
    """The demo app has no clock of its own."""

    def __call__(self) -> float:
        return time.time()


@dataclass
class Demo:
    """A browser that follows redirects, and where the app is."""

    browser: httpx2.Client
    provider: ProviderDouble

    def submit(self, path: str, **fields: str) -> httpx2.Response:
        """Post the form on the dashboard that goes to this path."""
        page = self.browser.get("/dashboard").text
        token = re.search(r'name="csrf_token" value="([^"]+)"', page)
        assert token
        assert f'action="{path}"' in page
        return self.browser.post(path, data={"csrf_token": token[1]} | fields)


@pytest.fixture
def demo(rsa_key: RSAKey) -> Iterator[Demo]:
    with running(ProviderDouble(RealClock(), rsa_key, published=[rsa_key])) as provider:
        server = make_server("127.0.0.1", 0, _not_ready, True, request_handler=QuietHandler)
        settings = {
            "PORT": str(server.server_port),
            "OIDC_ISSUER": provider.issuer,
            "OIDC_CLIENT_ID": CLIENT_ID,
            "OIDC_CLIENT_SECRET": CLIENT_SECRET,
            "OIDC_AUDIENCE": CLIENT_ID,
        }
        app = create_app(settings)
        server.app = app
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        address = f"http://localhost:{server.server_port}"
        with httpx2.Client(base_url=address, follow_redirects=True, trust_env=False) as browser:
            yield Demo(browser, provider)
        server.shutdown()
        thread.join()
        server.server_close()
        app.extensions["authpage"].client.provider.http.close()


def _not_ready(*_: object) -> list[bytes]:
    raise AssertionError("the app is put in place before the first request")


def test_the_start_page_needs_no_provider_and_login_explains(demo: Demo) -> None:
    demo.provider.is_down = True
    start = demo.browser.get("/")
    assert start.status_code == 200
    assert "Create account" in start.text
    away = demo.browser.get("/auth/login")
    assert away.status_code == 503
    assert "Sign-in is not reachable" in away.text
    assert "/auth/login?return_to=/dashboard" in away.text


def test_from_the_start_page_to_the_dashboard_and_out_again(demo: Demo) -> None:
    dashboard = demo.browser.get("/auth/login?prompt=create")
    assert dashboard.url.path == "/dashboard"
    assert "Welcome, Jane Doe" in dashboard.text
    assert '<option value="org_northwind" selected>Northwind Labs</option>' in dashboard.text
    assert demo.provider.authorize_query["prompt"] == "create"
    assert "1 time<" in demo.submit("/refresh").text
    switched = demo.submit("/switch", organization="org_contoso")
    assert '<option value="org_contoso" selected>Contoso</option>' in switched.text
    assert "The token was accepted." in demo.submit("/call-api").text
    assert "Only people with the role" in demo.browser.get("/admin").text
    assert "Signing you out" in demo.submit("/auth/logout").text
    assert "Sign in" in demo.browser.get("/").text


def test_the_api_takes_tokens_and_no_cookies(demo: Demo) -> None:
    demo.browser.get("/auth/login")
    assert demo.browser.get("/api/reports").status_code == 401
    bearer = {"Authorization": f"Bearer {demo.provider.access_token()}"}
    assert demo.browser.get("/api/reports", headers=bearer).status_code == 200


def test_pages_have_no_inline_style_or_script(demo: Demo) -> None:
    pages = [demo.browser.get(path) for path in ("/", "/auth/login", "/admin", "/auth/callback")]
    demo.provider.authorize_error = "access_denied"
    pages.append(demo.browser.get("/auth/login"))
    for page in pages:
        assert page.headers["Content-Security-Policy"].startswith("default-src 'none';")
        assert not re.search(r"<script|<style|\sstyle=|\son\w+=|javascript:", page.text)
        assert page.text.count("<h1") == 1


def test_t04_a_short_session_secret_is_refused() -> None:
    with pytest.raises(ConfigurationError):
        create_app({"OIDC_CLIENT_ID": CLIENT_ID, "SESSION_SECRET": "short"})
