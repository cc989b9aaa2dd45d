"""Signing keys: which there are, and the next one. No private part is ever read here."""

from flask import request
from werkzeug.wrappers import Response

from app.console.door import Admin, blueprint, confirm, done, draw, for_admin
from app.database import read, write
from app.directory.errors import NotFound
from app.flow.screen import Text
from app.keys import rotation
from app.keys.key_pair import ALGORITHMS, Algorithm

_SECTION = "keys"


@blueprint.get("/<tenant_slug>/keys")
@for_admin("key.read")
def list_signing_keys(admin: Admin) -> Response:
    """The published keys with their states, and where applications find them."""
    with read(admin.tenant.id) as session:
        keys = rotation.list_keys(session)
    return draw(
        admin,
        "keys",
        section=_SECTION,
        keys=keys,
        algorithms=sorted({each.alg for each in keys}, key=lambda alg: alg != "RS256"),
        waiting={each.alg for each in keys if each.state == "next"},
        jwks_url=f"{admin.tenant.issuer}/oauth2/jwks",
    )


@blueprint.route("/<tenant_slug>/keys/rotate", methods=["GET", "POST"])
@for_admin("key.rotate", fresh=True)
def rotate_key(admin: Admin) -> Response:
    """Ask once, then publish the next key of an algorithm."""
    alg = _algorithm(request.values.get("alg", "RS256"))
    with read(admin.tenant.id) as session:
        keys = [each for each in rotation.list_keys(session) if each.alg == alg]
    if not keys:
        raise NotFound("key")
    if any(each.state == "next" for each in keys):
        return done(admin, "/keys", "console.keys.waiting_already")
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            rotation.rotate(session, admin.actor, alg)
        return done(admin, "/keys", "console.keys.rotated")
    about = Text("console.keys.rotate", {"alg": alg})
    return confirm(admin, _SECTION, about, back="/keys", danger=False, fields={"alg": alg})


def _algorithm(text: str) -> Algorithm:
    for known in ALGORITHMS:
        if known == text:
            return known
    raise NotFound("key")
