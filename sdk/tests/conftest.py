"""A provider, an app that relies on it, and a browser for the two."""

from collections.abc import Iterator

import httpx2
import pytest
from authpage import Client, LoginRequired, MemorySessionStore, SessionStore
from authpage.flask import (
    AuthPage,
    access_token,
    csrf_field,
    current_user,
    login_required,
    organization_required,
    refresh_session,
    role_required,
    scope_required,
)
from authpage.transport import new_http_client
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import ECKey, RSAKey
from werkzeug.test import TestResponse

from sdk.tests.provider_double import CLIENT_ID, CLIENT_SECRET, Clock, ProviderDouble, running

ORIGIN = "http://localhost:8001"


@pytest.fixture(scope="session")
def rsa_key() -> RSAKey:
    return RSAKey.generate_key(2048, {"kid": "key_1"})


@pytest.fixture(scope="session")
def ec_key() -> ECKey:
    return ECKey.generate_key("P-256", {"kid": "key_2"})


@pytest.fixture(scope="session")
def http() -> Iterator[httpx2.Client]:
    """One for all tests: reading the certificates of the system takes a while."""
    with new_http_client() as client:
        yield client


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def provider(clock: Clock, rsa_key: RSAKey) -> Iterator[ProviderDouble]:
    with running(ProviderDouble(clock, rsa_key, published=[rsa_key])) as double:
        yield double


@pytest.fixture
def client(provider: ProviderDouble, clock: Clock, http: httpx2.Client) -> Client:
    return Client(
        issuer=provider.issuer,
        client_id=CLIENT_ID,
        client_secret=CLIENT_SECRET,
        redirect_uri=f"{ORIGIN}/auth/callback",
        http=http,
        clock=clock,
    )


@pytest.fixture
def store(clock: Clock) -> SessionStore:
    return MemorySessionStore(clock)


@pytest.fixture
def app(client: Client, store: SessionStore) -> Flask:
    return make_app(client, store)


@pytest.fixture
def browser(app: Flask) -> "Browser":
    return Browser(app)


def make_app(client: Client, store: SessionStore) -> Flask:
    """An app with one page for each guard."""
    app = Flask("relying_app")
    app.config["SECRET_KEY"] = "a secret of more than thirty-two characters"
    app.config["AUTHPAGE_POST_LOGOUT_REDIRECT_URI"] = f"{ORIGIN}/"
    AuthPage(app, client=client, store=store)

    @app.get("/")
    def home() -> str:
        return f"{current_user.name}{csrf_field()}"

    @app.get("/private")
    @login_required
    def private() -> dict[str, object]:
        return {
            "name": current_user.name,
            "id": current_user.id,
            "org_id": current_user.org_id,
            "roles": sorted(current_user.roles),
        }

    @app.get("/token")
    @login_required
    def token() -> str:
        return access_token()

    @app.get("/name")
    def name() -> str:
        try:
            access_token()
        except LoginRequired:
            return current_user.name or "nobody"
        return current_user.name

    @app.get("/organization")
    @organization_required
    def organization() -> str:
        return str(current_user.org_id)

    @app.get("/admin")
    @role_required("admin")
    def admin() -> str:
        return "admin"

    @app.get("/owner")
    @role_required("owner")
    def owner() -> str:
        return "owner"

    @app.get("/offline")
    @scope_required("offline_access")
    def offline() -> str:
        return "offline"

    @app.get("/payments")
    @scope_required("payments")
    def payments() -> str:
        return "payments"

    @app.post("/change")
    @login_required
    def change() -> str:
        return "changed"

    @app.post("/switch/<organization>")
    def switch(organization: str) -> str:
        return str(refresh_session(organization).claims["org_id"])

    return app


class Browser:
    """Flask's test client for the app, real HTTP for the provider."""

    def __init__(self, app: Flask) -> None:
        self.app: FlaskClient = app.test_client()
        self.outside: httpx2.Client = app.extensions["authpage"].client.provider.http

    def get(self, path: str, headers: dict[str, str] | None = None) -> TestResponse:
        """Open a page of the app."""
        return self.app.get(path, base_url=ORIGIN, headers=headers)

    def get_with_cookies(self, path: str, header: str) -> TestResponse:
        """Open a page with exactly this Cookie header, and no other cookie. Written in
        UTF-8; a lone surrogate stands for a raw byte."""
        raw = header.encode("utf-8", "surrogateescape").decode("latin-1")
        bare = self.app.application.test_client(use_cookies=False)
        return bare.get(path, base_url=ORIGIN, environ_overrides={"HTTP_COOKIE": raw})

    def post(
        self,
        path: str,
        form: dict[str, str] | None = None,
        headers: dict[str, str] | None = None,
    ) -> TestResponse:
        """Submit a form with the CSRF token of this browser, unless one is given."""
        form = {"csrf_token": self.csrf_token()} if form is None else form
        return self.app.post(path, base_url=ORIGIN, data=form, headers=headers)

    def csrf_token(self) -> str:
        """The token in the hidden field of the home page."""
        return self.get("/").text.partition('value="')[2].partition('"')[0]

    def at_provider(self, start: TestResponse) -> str:
        """Follow the app's redirect to the provider; return where that redirects to."""
        assert start.status_code == 303, start.text
        return self.outside.get(start.headers["Location"]).headers["Location"]

    def finish(self, callback_url: str) -> TestResponse:
        """Follow the provider's redirect back to the app."""
        assert callback_url.startswith(f"{ORIGIN}/auth/callback")
        return self.get(callback_url.removeprefix(ORIGIN))

    def sign_in(self, query: str = "") -> TestResponse:
        """The whole way: login, provider, callback."""
        return self.finish(self.at_provider(self.get(f"/auth/login{query}")))

    def cookie(self, name: str) -> str | None:
        """The value of a cookie of the app."""
        cookie = self.app.get_cookie(name)
        return cookie.value if cookie else None
