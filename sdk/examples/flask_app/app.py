"""Acme Dashboard: the example app of the AuthPage SDK.

    OIDC_ISSUER=http://localhost:8000 OIDC_CLIENT_ID=... python sdk/examples/flask_app/app.py

Settings come from the environment: OIDC_ISSUER, OIDC_CLIENT_ID, OIDC_CLIENT_SECRET (none for a
public client), OIDC_AUDIENCE (what access tokens for our API are made out to; the issuer if
absent), SESSION_SECRET (made up at each start if absent) and PORT (8001).

Register http://localhost:8001/auth/callback as redirect URI and http://localhost:8001/ as
post-logout redirect URI of the client.
"""

import os
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click
import httpx2
from authpage import AccessTokenVerifier
from authpage.client import DEFAULT_SCOPES
from authpage.flask import (
    AuthPage,
    access_token,
    bearer_required,
    current_session,
    current_token,
    current_user,
    login_required,
    organization_required,
    refresh_session,
    role_required,
)
from flask import Flask, Response, redirect, render_template, request, url_for
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wrappers import Response as Redirect

# No script and no inline style: nothing that somebody smuggles into a page can run.
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self';"
    " base-uri 'none'; frame-ancestors 'none'"
)

REPORTS = [
    {"team": "Platform", "shipped": 18, "change": "+4"},
    {"team": "Mobile", "shipped": 12, "change": "+1"},
    {"team": "Data", "shipped": 9, "change": "-2"},
]

CLAIMS = {
    "sub": "Who you are. It never changes, and nobody else gets it",
    "name": "Your name",
    "email": "Your email address",
    "email_verified": "Whether you have shown that the address is yours",
    "org_id": "The organization that you signed in to",
    "roles": "What you are in that organization",
    "organizations": "Where you are a member",
    "iss": "Who says so",
    "aud": "Who may believe it: this app",
    "iat": "Said at",
    "exp": "Good until",
    "auth_time": "When you proved who you are",
    "amr": "How you proved it",
    "acr": "How strong that proof is",
    "sid": "Your session at AuthPage",
    "nonce": "Ties the token to this sign-in",
    "at_hash": "Ties it to the access token",
    "updated_at": "When your profile last changed",
}
TIMES = frozenset({"iat", "exp", "auth_time", "updated_at"})


def create_app(environment: Mapping[str, str]) -> Flask:
    """Make the app. AuthPage need not be reachable yet.

    Raises authpage.ConfigurationError when a setting is missing or unsafe.
    """
    app = Flask(__name__)
    port = environment.get("PORT", "8001")
    origin = f"http://localhost:{port}"
    app.config.update(
        SECRET_KEY=environment.get("SESSION_SECRET") or secrets.token_urlsafe(32),
        AUTHPAGE_ISSUER=environment.get("OIDC_ISSUER", "http://localhost:8000"),
        AUTHPAGE_CLIENT_ID=environment.get("OIDC_CLIENT_ID"),
        AUTHPAGE_CLIENT_SECRET=environment.get("OIDC_CLIENT_SECRET"),
        AUTHPAGE_REDIRECT_URI=f"{origin}/auth/callback",
        AUTHPAGE_POST_LOGOUT_REDIRECT_URI=f"{origin}/",
        AUTHPAGE_DEFAULT_PAGE="/dashboard",
        AUTHPAGE_SCOPES=[*DEFAULT_SCOPES, "organizations"],
        MAX_CONTENT_LENGTH=64 * 1024,
    )
    app.json.compact = False  # type: ignore[attr-defined]
    auth = AuthPage(app)
    provider = auth.client.provider
    audience = environment.get("OIDC_AUDIENCE", provider.issuer)
    verifier = AccessTokenVerifier(provider, audience, client_id=auth.client.client_id)
    add_pages(app, api_url=f"http://127.0.0.1:{port}/api/reports")
    add_api(app, verifier)
    app.after_request(add_security_headers)
    return app


def add_pages(app: Flask, api_url: str) -> None:
    """What people see."""

    @app.get("/")
    def landing() -> str:
        return render_template("landing.html")

    @app.get("/dashboard")
    @login_required
    def dashboard() -> str:
        return render_dashboard()

    @app.post("/refresh")
    @login_required
    def refresh() -> Redirect:
        refresh_session()
        return redirect(url_for("dashboard"), 303)

    @app.post("/switch")
    @login_required
    def switch() -> Redirect:
        refresh_session(organization=request.form["organization"])
        return redirect(url_for("dashboard"), 303)

    @app.post("/call-api")
    @login_required
    def call_api() -> str:
        bearer = {"Authorization": f"Bearer {access_token()}"}
        answer = httpx2.get(api_url, headers=bearer, timeout=5, trust_env=False)
        return render_dashboard(api_status=answer.status_code, api_answer=answer.text)

    @app.get("/admin")
    @organization_required
    @role_required("admin")
    def admin() -> str:
        return render_template("admin.html")


def add_api(app: Flask, verifier: AccessTokenVerifier) -> None:
    """What programs see: no cookie counts here, only an access token made for this API."""

    @app.get("/api/reports")
    @bearer_required(verifier, "profile")
    def reports() -> dict[str, Any]:
        shipped = {report["team"]: report["shipped"] for report in REPORTS}
        return {"for": current_token.subject, "shipped": shipped}


def render_dashboard(**api: Any) -> str:
    """The dashboard, with the answer of the API when there is one."""
    session = current_session()
    assert session is not None
    tokens = session.session.tokens
    expires_at = datetime.fromtimestamp(tokens.expires_at, UTC)
    return render_template(
        "dashboard.html",
        reports=REPORTS,
        claims=claim_rows(current_user.claims),
        expires_at=f"{expires_at:%H:%M:%S} UTC",
        can_refresh=tokens.refresh_token is not None,
        refreshes=session.session.version - 1,
        **api,
    )


def claim_rows(claims: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """Name, value and meaning of each claim: those that people ask about first."""
    order = {name: position for position, name in enumerate(CLAIMS)}
    names = sorted(claims, key=lambda name: (order.get(name, len(order)), name))
    return [(name, claim_text(name, claims[name]), CLAIMS.get(name, "")) for name in names]


def claim_text(name: str, value: Any) -> str:
    """A claim's value, as a person reads it."""
    if name in TIMES and isinstance(value, int | float):
        return f"{datetime.fromtimestamp(value, UTC):%d %b %Y, %H:%M:%S} UTC"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, list):
        return ", ".join(str(each["name"] if isinstance(each, dict) else each) for each in value)
    return str(value)


def add_security_headers(response: Response) -> Response:
    """Headers that every app should send."""
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "same-origin"
    response.headers["Cross-Origin-Opener-Policy"] = "same-origin"
    return response


class QuietHandler(WSGIRequestHandler):
    """Writes no request log: the URL of a callback carries the code."""

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        """Say nothing."""


def main() -> None:
    """Serve the app on this machine, for development."""
    if not os.environ.get("OIDC_CLIENT_ID"):
        raise SystemExit("OIDC_CLIENT_ID is not set: register a client at AuthPage first.")
    app = create_app(os.environ)
    port = int(os.environ.get("PORT", "8001"))
    server = make_server("127.0.0.1", port, app, threaded=True, request_handler=QuietHandler)
    click.echo(f"Acme Dashboard: http://localhost:{port}")
    server.serve_forever()


if __name__ == "__main__":
    main()
