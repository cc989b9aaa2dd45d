"""What browsers, password managers and phones ask for at fixed addresses.

All of them belong to a whole host, so a tenant under a path of a shared host has none.
"""

from functools import wraps
from typing import Any, Protocol
from urllib.parse import urlsplit

from flask import Blueprint, abort, jsonify, redirect
from werkzeug.wrappers import Response

from app import tenancy
from app.directory.tenants import Tenant
from app.methods import passkey_origins

blueprint = Blueprint("well_known", __name__, url_prefix="/.well-known")

_KEPT_SECONDS = 3_600


class _View(Protocol):
    def __call__(self, tenant: Tenant) -> Response: ...


def _of_host(view: _View) -> Any:
    """Gives a view its tenant; 404 under a path. What it answers may be kept for an hour."""

    @wraps(view)
    def guarded() -> Response:
        tenant = tenancy.current()
        if urlsplit(tenant.base_url).path:
            abort(404)
        response = view(tenant)
        response.headers["Cache-Control"] = f"public, max-age={_KEPT_SECONDS}"
        return response

    return guarded


@blueprint.get("/change-password")
@_of_host
def change_password(tenant: Tenant) -> Response:
    """To the page where the password is changed (W3C, A Well-Known URL for Changing Passwords)."""
    return redirect(f"{tenant.base_url}/account/password", 303)


@blueprint.get("/passkey-endpoints")
@_of_host
def passkey_endpoints(tenant: Tenant) -> Response:
    """Where passkeys are made and managed (W3C, A Well-Known URL for Relying Party Passkey
    Endpoints)."""
    return jsonify(
        enroll=f"{tenant.base_url}/account/passkeys/new",
        manage=f"{tenant.base_url}/account/security",
    )


@blueprint.get("/webauthn")
@_of_host
def related_origins(tenant: Tenant) -> Response:
    """The other origins that may use this tenant's passkeys (WebAuthn Level 3, section 5.11): the
    tenant's own hosts alone, five at most."""
    return jsonify(origins=passkey_origins.related(tenant))


@blueprint.get("/apple-app-site-association")
@_of_host
def ios_apps(tenant: Tenant) -> Response:
    """The iOS apps that may use this tenant's passkeys and passwords."""
    return jsonify(webcredentials={"apps": list(tenant.settings.passkeys.ios_apps)})


@blueprint.get("/assetlinks.json")
@_of_host
def android_apps(tenant: Tenant) -> Response:
    """The Android apps that may use this tenant's passkeys and passwords (Digital Asset Links)."""
    statements = [
        {
            "relation": ["delegate_permission/common.get_login_creds"],
            "target": {
                "namespace": "android_app",
                "package_name": app.package,
                "sha256_cert_fingerprints": list(app.fingerprints),
            },
        }
        for app in tenant.settings.passkeys.android_apps
    ]
    return jsonify(statements)
