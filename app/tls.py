"""For which hosts a proxy may make certificates: asked before the first handshake (on-demand TLS).

A proxy that makes one for any name that somebody points at it is soon out of its authority's
limits. So it asks here, and only for a host that is proven and served the answer is yes.
"""

import hmac
import ipaddress

from flask import Blueprint, Response, abort, make_response, request

from app.config import settings
from app.directory import tenants
from app.extensions import limiter

blueprint = Blueprint("tls", __name__)
limiter.exempt(blueprint)


@blueprint.get("/internal/tls-ask")
def ask() -> Response:
    """200 where the host in `domain` is one of an active tenant's own, else 404.

    Answers this machine, or whoever knows TLS_ASK_TOKEN (as `token`); all others get 404 too.
    """
    if not (_is_this_machine() or _knows_token()):
        abort(404)
    found = tenants.by_host(request.args.get("domain", "").lower())
    if found is None or not found.is_active:
        abort(404)
    return make_response("yes\n", {"Content-Type": "text/plain; charset=utf-8"})


def _is_this_machine() -> bool:
    """By the peer's address; what a proxy passed on from elsewhere is not from here."""
    if {"X-Forwarded-For", "Forwarded"} & set(request.headers.keys()):
        return False
    try:
        return ipaddress.ip_address(request.remote_addr or "").is_loopback
    except ValueError:
        return False


def _knows_token() -> bool:
    wanted, given = settings().tls_ask_token, request.args.get("token", "")
    return bool(wanted) and hmac.compare_digest(wanted.encode(), given.encode())
