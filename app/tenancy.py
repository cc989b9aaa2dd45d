"""From the address of a request to its tenant.

The base host serves the default tenant at its root and the others under `/t/<slug>`; a tenant with
hosts of its own answers there. The prefix moves into SCRIPT_NAME before routing, so that URLs come
out right everywhere. Forwarded host headers are never read.
"""

from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

from flask import Flask, g, request
from werkzeug.exceptions import MisdirectedRequest, NotFound

from app.config import settings
from app.directory import tenants
from app.directory.tenants import Tenant

PREFIX = "/t/"
_METADATA = "/.well-known/oauth-authorization-server"
_EVERY_HOST = frozenset({"health.healthz", "health.readyz", "health.metrics", "tls.ask", "static"})
_SLUG = "authpage.tenant_slug"

Environ = dict[str, Any]
WsgiApp = Callable[[Environ, Any], Iterable[bytes]]


class TenantPaths:
    """WSGI middleware that takes `/t/<slug>` off the path and puts it into SCRIPT_NAME."""

    def __init__(self, app: WsgiApp) -> None:
        self._app = app

    def __call__(self, environ: Environ, start_response: Any) -> Iterable[bytes]:
        """Rewrite the path of a tenant that lives under one, then go on."""
        path = environ.get("PATH_INFO", "")
        if path.startswith(f"{_METADATA}{PREFIX}"):
            # RFC 8414, section 3: the well-known part stands before the issuer's path.
            slug = path.removeprefix(f"{_METADATA}{PREFIX}")
            path = f"{PREFIX}{slug}{_METADATA}"
        if path.startswith(PREFIX):
            slug, slash, rest = path.removeprefix(PREFIX).partition("/")
            environ[_SLUG] = slug
            environ["SCRIPT_NAME"] = f"{environ.get('SCRIPT_NAME', '')}{PREFIX}{slug}"
            environ["PATH_INFO"] = f"{slash}{rest}"
        return self._app(environ, start_response)


def init_app(app: Flask) -> None:
    """Let no request reach a view without its tenant."""
    app.wsgi_app = TenantPaths(app.wsgi_app)  # type: ignore[method-assign]
    app.before_request(_demand)


def current() -> Tenant:
    """The tenant of this request."""
    tenant: Tenant = g.tenant
    return tenant


def resolve() -> None:
    """Look the tenant up; called when the request's cookies are opened, which is before routing.

    Raises nothing: what went wrong is raised by `_demand`, where errors become answers.
    """
    try:
        tenant = _tenant_of_request()
    except Exception as error:
        g.tenant_problem = error
        return
    if tenant is not None and tenant.is_active:
        g.tenant = tenant


def _demand() -> None:
    if request.endpoint in _EVERY_HOST or "tenant" in g:
        return
    raise g.get("tenant_problem") or NotFound


def _tenant_of_request() -> Tenant | None:
    base_host = settings().base_host
    host, slug = request.host.lower(), request.environ.get(_SLUG)
    if host == base_host:
        found = tenants.by_slug(slug) if slug is not None else tenants.default()
        return found if found and _lives_here(found, slug) else None
    found = tenants.by_host(host)
    if found is None:
        raise MisdirectedRequest
    return _served_at(found, host) if slug is None else None


def _served_at(tenant: Tenant, host: str) -> Tenant:
    """The tenant, with the host of its own that the request came to where its issuer is elsewhere:
    cookies and redirects keep to that host, tokens and RP ID to the issuer."""
    issuer = urlsplit(tenant.issuer)
    if host == issuer.netloc:
        return tenant
    return replace(tenant, served_at=f"{issuer.scheme}://{host}")


def _lives_here(tenant: Tenant, slug: str | None) -> bool:
    """The default tenant has no second address, and a tenant on its own host none under a path."""
    if slug is None:
        return tenant.is_default
    return not tenant.is_default and tenant.issuer.endswith(f"{PREFIX}{slug}")
