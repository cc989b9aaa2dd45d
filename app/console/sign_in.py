"""The console as a client of AuthPage: it sends people to the authorization endpoint of its own
tenant, and turns the code in for an ID token like any other client.

Only the way of the token request is shorter: it is answered by the same provider in this process.
"""

from dataclasses import dataclass
from hmac import compare_digest
from typing import Any
from urllib.parse import urlencode

from flask import redirect, request, session
from werkzeug.wrappers import Response

from app import tenancy, visitor
from app.database import EVERYWHERE, write
from app.directory import admins, console, console_sessions
from app.directory.tenants import Tenant
from app.federation.authorization import challenge
from app.keys import signing
from app.oidc.requests import ProviderRequest
from app.oidc.server import Provider
from app.security import random_token

_KEPT = "console"
_MOST = 5
"""Sign-ins that one browser may have begun at once, in as many tabs."""


class NotSignedIn(Exception):
    """The answer belongs to no sign-in that this browser began, or proves nobody."""


@dataclass(frozen=True)
class Returned:
    """Somebody who came back: the value of their console cookie, and where they wanted to go."""

    cookie: str
    path: str


def begin(path: str, max_age: int | None = None, hint: str | None = None) -> Response:
    """Off to the sign-in, and from there back to `path` below the console tenant's base URL. With
    `max_age` (seconds) a sign-in that is older does not do."""
    here = tenancy.current()
    state, nonce, verifier = random_token(), random_token(), random_token()
    kept = dict(session.get(_KEPT) or {})
    for old in [*kept][: max(0, len(kept) - _MOST + 1)]:
        del kept[old]
    visitor.binding()  # The flow cookie says whose it is.
    session[_KEPT] = {**kept, state: [nonce, verifier, path]}
    asked = {
        "client_id": console.CLIENT_ID,
        "response_type": "code",
        "redirect_uri": _callback(here),
        "scope": "openid profile email",
        "state": state,
        "nonce": nonce,
        **challenge(verifier),
        **({"max_age": str(max_age)} if max_age is not None else {}),
        **({"login_hint": hint} if hint else {}),
    }
    return redirect(f"{here.base_url}/oauth2/authorize?{urlencode(asked)}", 303)


def finish() -> Returned:
    """Turn in the code of this request; raises `NotSignedIn`."""
    here, state = tenancy.current(), request.args.get("state", "")
    kept = dict(session.get(_KEPT) or {})
    if state not in kept or request.args.get("iss") != here.issuer:
        raise NotSignedIn
    nonce, verifier, path = kept.pop(state)
    session[_KEPT] = kept
    claims = _redeemed(here, request.args.get("code", ""), verifier)
    if not compare_digest(str(claims.get("nonce")), nonce) or not claims.get("sid"):
        raise NotSignedIn
    return Returned(_opened(here, claims), path)


def _redeemed(here: Tenant, code: str, verifier: str) -> dict[str, Any]:
    """The claims of the ID token that the token endpoint gives for the code."""
    form = {
        "grant_type": "authorization_code",
        "client_id": console.CLIENT_ID,
        "code": code,
        "redirect_uri": _callback(here),
        "code_verifier": verifier,
    }
    incoming = ProviderRequest(
        "POST", {name: [value] for name, value in form.items()}, {}, visitor.actor()
    )
    answer = Provider(here).create_token_response(incoming)
    token = answer.body.get("id_token") if isinstance(answer.body, dict) else None
    if answer.status != 200 or not token:
        raise NotSignedIn
    claims = signing.verify(here, str(token), "JWT")
    if claims.get("aud") not in (console.CLIENT_ID, [console.CLIENT_ID]):
        raise NotSignedIn
    return claims


def _opened(here: Tenant, claims: dict[str, Any]) -> str:
    actor = visitor.acting(str(claims["sub"]))
    with write(EVERYWHERE) as database:
        admins.take_up(database, actor, here, str(claims["sub"]))
    with write(here.id) as database:
        return console_sessions.open(
            database,
            actor,
            here,
            user_id=str(claims["sub"]),
            session_id=str(claims["sid"]),
            auth_time=int(claims["auth_time"]),
        )


def _callback(here: Tenant) -> str:
    return f"{here.base_url}{console.CALLBACK}"
