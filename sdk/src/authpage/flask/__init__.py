"""AuthPage for Flask: `AuthPage(app)`, route guards, and the person of the request."""

from authpage.flask.current import (
    Organization,
    User,
    access_token,
    current_session,
    current_user,
    refresh_session,
)
from authpage.flask.extension import AuthPage
from authpage.flask.guards import (
    bearer_required,
    current_token,
    login_required,
    organization_required,
    role_required,
    scope_required,
)
from authpage.flask.protection import csrf_exempt, csrf_field, csrf_token

__all__ = [
    "AuthPage",
    "Organization",
    "User",
    "access_token",
    "bearer_required",
    "csrf_exempt",
    "csrf_field",
    "csrf_token",
    "current_session",
    "current_token",
    "current_user",
    "login_required",
    "organization_required",
    "refresh_session",
    "role_required",
    "scope_required",
]
