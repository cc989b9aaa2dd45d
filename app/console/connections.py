"""The connections of a tenant and of its organizations: the list, new ones, on and off."""

from flask import request
from werkzeug.wrappers import Response

from app.account.refused import Refused
from app.console.connection_frame import (
    OF_ORGANIZATION,
    OF_TENANT,
    connection_of,
    desk_of,
    place_of,
)
from app.console.door import Admin, blueprint, confirm, done, for_admin
from app.console.stopped import stopped
from app.database import read, write
from app.directory import connections, setup_access
from app.federation import saml_certificates
from app.flow.screen import Text
from app.pages import leaving
from app.setup import connecting, guides
from app.setup.connecting import Place

STATUSES = {
    "begun": "setup.status_begun",
    "draft": "setup.status_draft",
    "active": "setup.status_active",
    "disabled": "setup.status_disabled",
}
_ONE = "/<connection_id>"
_PROTOCOLS = {"oidc": "setup.by_oidc", "saml": "setup.by_saml"}


@blueprint.get(OF_TENANT)
@blueprint.get(OF_ORGANIZATION)
@for_admin("connection.read")
def list_connections(admin: Admin, organization_id: str | None = None) -> Response:
    """The connections; at an organization also the links to set them up."""
    desk = desk_of(admin, organization_id)
    with read(admin.tenant.id) as session:
        links = setup_access.list_links(session, admin.tenant)
    return desk.draw(
        "list",
        places=connecting.places(desk.acting),
        statuses=STATUSES,
        links=[each for each in links if each.organization_id == organization_id],
        expiring=_expiring,
    )


@blueprint.route(f"{OF_TENANT}/new", methods=["GET", "POST"])
@blueprint.route(f"{OF_ORGANIZATION}/new", methods=["GET", "POST"])
@for_admin("connection.create")
def begin_connection(admin: Admin, organization_id: str | None = None) -> Response:
    """Choose the provider, and keep an id for it: its addresses are needed over there first."""
    desk = desk_of(admin, organization_id)
    if request.method == "POST":
        connection_id = connecting.choose(desk.acting, request.form.get("provider", ""))
        return leaving.to_path(f"{admin.base}{desk.path}/{connection_id}")
    known = guides.GUIDES if organization_id else guides.SOCIAL_GUIDES
    groups = {
        label: [each for each in known.values() if each.protocol == protocol]
        for protocol, label in _PROTOCOLS.items()
    }
    return desk.draw("choose", title=Text("console.connections.add"), groups=groups)


@blueprint.post(f"{OF_TENANT}{_ONE}/status")
@blueprint.post(f"{OF_ORGANIZATION}{_ONE}/status")
@for_admin("connection.set_status", fresh=True)
def set_connection_status(
    admin: Admin, connection_id: str, organization_id: str | None = None
) -> Response:
    """Let people sign in by it, or no more."""
    desk = desk_of(admin, organization_id)
    found, status = connection_of(desk, connection_id), request.form.get("status", "")
    back = f"{desk.path}/{connection_id}/test"
    try:
        connecting.set_status(desk.acting, found.id, status)
    except Refused as refusal:
        title = Text("console.connections.not_yet", {"name": found.name})
        return stopped(admin, desk.section, title, refusal.text, back=back)
    return done(admin, desk.path, f"console.connections.told_{status}")


@blueprint.route(f"{OF_TENANT}{_ONE}/remove", methods=["GET", "POST"])
@blueprint.route(f"{OF_ORGANIZATION}{_ONE}/remove", methods=["GET", "POST"])
@for_admin("connection.remove", fresh=True)
def remove_connection(
    admin: Admin, connection_id: str, organization_id: str | None = None
) -> Response:
    """Ask once, then remove it; what was begun only is dropped."""
    desk = desk_of(admin, organization_id)
    where = place_of(desk, connection_id)
    if request.method == "POST":
        if where.connection is None:
            connecting.drop(desk.acting, connection_id)
        else:
            with write(admin.tenant.id) as session:
                connections.remove(session, admin.actor, connection_id)
        return done(admin, desk.path, "console.connections.removed")
    about = Text("console.connections.remove", {"name": where.name or where.guide.name})
    return confirm(admin, desk.section, about, back=desk.path)


def _expiring(where: Place) -> bool:
    """Whether the last certificate of a SAML connection ends soon, or has ended."""
    pems = getattr(where.connection.settings, "certificates", ()) if where.connection else ()
    found = saml_certificates.readable(pems)
    return bool(found) and found[-1].expires_soon()
