"""The Flask extension: settings in, everything else of this package put together."""

from collections.abc import Mapping
from typing import Any, cast

from flask import Flask, Response, redirect, request, url_for

from authpage.client import DEFAULT_SCOPES, Client, TokenSet
from authpage.errors import AuthPageError, ConfigurationError, LoginRequired
from authpage.flask.cookies import Cookies
from authpage.flask.csrf import Csrf, origin_of
from authpage.flask.current import SESSION_COOKIE, current_session, current_user, keep_private
from authpage.flask.logins import Login, Logins
from authpage.flask.problems import problem_of, problem_response
from authpage.flask.protection import (
    ask_to_sign_in,
    csrf_field,
    csrf_token,
    finish_response,
    refuse_forged_request,
    session_key_or_empty,
    show_problem,
)
from authpage.flask.views import blueprint
from authpage.refreshing import Refresher
from authpage.return_to import safe_return_to
from authpage.sessions import (
    MemorySessionStore,
    Session,
    SessionStore,
    new_session_id,
    session_key,
)

MIN_SECRET_LENGTH = 32
SESSION_SECONDS = 30 * 24 * 3600

PROFILE_CLAIMS = frozenset(
    {
        "name",
        "given_name",
        "family_name",
        "preferred_username",
        "picture",
        "locale",
        "zoneinfo",
        "email",
        "email_verified",
        "phone_number",
        "phone_number_verified",
        "updated_at",
        "organizations",
    }
)
"""What is taken from UserInfo (OpenID Connect Core 5.1), once, to show it. What grants rights, such
as roles, comes from the ID token alone, which every refresh renews."""


class AuthPage:
    """Signs people in to one Flask app. Settings are read from `app.config`:

    AUTHPAGE_ISSUER, AUTHPAGE_CLIENT_ID, AUTHPAGE_REDIRECT_URI (required),
    AUTHPAGE_CLIENT_SECRET (absent for a public client), AUTHPAGE_SCOPES,
    AUTHPAGE_POST_LOGOUT_REDIRECT_URI, AUTHPAGE_DEFAULT_PAGE ("/"),
    AUTHPAGE_SESSION_SECONDS (30 days), AUTHPAGE_COOKIE_PREFIX ("app"),
    and SECRET_KEY, of at least 32 characters.
    """

    client: Client
    store: SessionStore
    refresher: Refresher
    cookies: Cookies
    csrf: Csrf
    logins: Logins
    default_page: str

    def __init__(
        self,
        app: Flask | None = None,
        *,
        client: Client | None = None,
        store: SessionStore | None = None,
    ) -> None:
        """A client or a store given here takes the place of the one made from the settings."""
        self._given_client = client
        self._given_store = store
        if app is not None:
            self.init_app(app)

    def init_app(self, app: Flask) -> None:
        """Read the settings and join the app. Nothing is fetched from AuthPage yet.

        Raises ConfigurationError when a setting is missing or unsafe.
        """
        settings: Mapping[str, Any] = app.config
        secret = _secret(settings)
        self.client = self._given_client or _client(settings)
        self.store = self._given_store or MemorySessionStore(self.client.provider.clock)
        self.refresher = Refresher(self.client, self.store)
        origin = origin_of(self.client.redirect_uri)
        self.cookies = Cookies(
            settings.get("AUTHPAGE_COOKIE_PREFIX", "app"), secure=origin.startswith("https:")
        )
        self.csrf = Csrf(self.cookies, secret, origin)
        self.logins = Logins(self.cookies, secret)
        self.default_page = settings.get("AUTHPAGE_DEFAULT_PAGE", "/")
        self._session_seconds = int(settings.get("AUTHPAGE_SESSION_SECONDS", SESSION_SECONDS))
        self._post_logout_redirect_uri = settings.get("AUTHPAGE_POST_LOGOUT_REDIRECT_URI")
        self._join(app)

    def login(self, return_to: str | None = None, **wishes: str) -> Response:
        """Begin a login and send the browser to AuthPage; an error page when that is away.

        `organization`, `prompt` ("create" opens sign-up), `login_hint`, `ui_locales` are passed
        on. `return_to` is a path of this app; anything else becomes the default page.
        """
        keep_private()
        return_to = safe_return_to(return_to, self.default_page)
        try:
            begun = self.client.authorization_request(**wishes)
        except AuthPageError as error:
            return problem_response(problem_of(error), self.login_url(return_to))
        response = cast(Response, redirect(begun.url, 303))
        self.logins.remember(request, response, begun, return_to)
        return response

    def login_url(self, return_to: str) -> str:
        """The page of this app that begins a login."""
        return url_for("authpage.login", return_to=return_to)

    def finish_login(self, begun: Login, parameters: Mapping[str, str]) -> Response:
        """Turn AuthPage's answer into a session, and go where the person wanted to.

        Raises OAuthError, InvalidResponse, InvalidToken, ProviderUnavailable.
        """
        code = self.client.code_from_response(parameters, begun.state)
        tokens = self.client.exchange_code(
            code, nonce=begun.nonce, code_verifier=begun.code_verifier
        )
        userinfo = self.client.userinfo(tokens)
        profile = {name: userinfo[name] for name in PROFILE_CLAIMS & userinfo.keys()}
        response = cast(Response, redirect(begun.return_to, 303))
        self._open_session(response, tokens, profile)
        return response

    def end_session(self) -> str | None:
        """End the session of this request for good, and revoke its refresh token.

        Returns the URL that ends it at AuthPage too. None when nobody was signed in, or when
        AuthPage is away: the person is signed out of this app all the same.
        """
        current = current_session()
        if current is None:
            return None
        self.store.delete(current.key)
        tokens = current.session.tokens
        try:
            if tokens.refresh_token:
                self.client.revoke(tokens.refresh_token)
            return self.client.end_session_url(
                id_token_hint=tokens.id_token,
                post_logout_redirect_uri=self._post_logout_redirect_uri,
            )
        except AuthPageError:
            return None

    def clear_cookies(self, response: Response) -> None:
        """Remove the session from the browser. Only a sign-out does this: a request that merely
        finds its session gone might clear the cookie of a newer one."""
        self.cookies.clear(response, SESSION_COOKIE)
        self.cookies.clear(response, self.csrf.cookie(session_key_or_empty()))

    def send_csrf_cookie(self, response: Response, key: str, token: str) -> None:
        """Send the token that belongs to this session key. Scripts of the app may read the
        cookie, to put the token into a header."""
        seconds, name = self._session_seconds, self.csrf.cookie(key)
        self.cookies.set(response, name, token, seconds=seconds, http_only=False)

    def _open_session(self, response: Response, tokens: TokenSet, profile: dict[str, Any]) -> None:
        """Always under a new id, so that an id from before the login is worth nothing after."""
        if previous := session_key_or_empty():
            self.store.delete(previous)
        session_id = new_session_id()
        key = cast(str, session_key(session_id))
        expires_at = self.client.provider.clock() + self._session_seconds
        self.store.insert(key, Session(tokens, profile, expires_at))
        self.cookies.set(response, SESSION_COOKIE, session_id, seconds=self._session_seconds)
        self.send_csrf_cookie(response, key, self.csrf.make(key))

    def _join(self, app: Flask) -> None:
        app.extensions["authpage"] = self
        app.register_blueprint(blueprint)
        app.before_request(refuse_forged_request)
        app.after_request(finish_response)
        app.register_error_handler(LoginRequired, ask_to_sign_in)
        app.register_error_handler(AuthPageError, show_problem)
        app.context_processor(
            lambda: {
                "current_user": current_user,
                "csrf_field": csrf_field,
                "csrf_token": csrf_token,
            }
        )


def _client(settings: Mapping[str, Any]) -> Client:
    return Client(
        issuer=_required(settings, "AUTHPAGE_ISSUER"),
        client_id=_required(settings, "AUTHPAGE_CLIENT_ID"),
        client_secret=settings.get("AUTHPAGE_CLIENT_SECRET") or None,
        redirect_uri=_required(settings, "AUTHPAGE_REDIRECT_URI"),
        scopes=settings.get("AUTHPAGE_SCOPES", DEFAULT_SCOPES),
    )


def _secret(settings: Mapping[str, Any]) -> bytes:
    secret = _required(settings, "SECRET_KEY")
    if len(secret) < MIN_SECRET_LENGTH:
        raise ConfigurationError(f"SECRET_KEY needs at least {MIN_SECRET_LENGTH} characters")
    return secret if isinstance(secret, bytes) else secret.encode()


def _required(settings: Mapping[str, Any], name: str) -> Any:
    value = settings.get(name)
    if not value:
        raise ConfigurationError(f"{name} is not set")
    return value
