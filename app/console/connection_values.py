"""One connection: the guide, our values to copy, and the form for the provider's."""

from flask import abort, request
from werkzeug.wrappers import Response

from app import bodies
from app.account.refused import Refused
from app.console.connection_form import ALL_LABELS, OUR_LABELS, form_of, refuse, values_of
from app.console.connection_frame import OF_ORGANIZATION, OF_TENANT, Desk, desk_of, place_of
from app.console.connections import STATUSES
from app.console.door import Admin, blueprint, demand, done, for_admin
from app.console.form import Form
from app.flow.screen import Text
from app.setup import connecting
from app.setup.connecting import Place

_ONE = "/<connection_id>"


@blueprint.route(f"{OF_TENANT}{_ONE}", methods=["GET", "POST"])
@blueprint.route(f"{OF_ORGANIZATION}{_ONE}", methods=["GET", "POST"])
@bodies.takes_documents("metadata_too_large")
@for_admin("connection.read", fresh="connection.update")
def edit_connection(
    admin: Admin, connection_id: str, organization_id: str | None = None
) -> Response:
    """What is entered there and here; saving leads on to a test."""
    desk = desk_of(admin, organization_id)
    where = place_of(desk, connection_id)
    form = form_of(where)
    if request.method != "POST":
        return _page(desk, where, form)
    demand(admin.actor, "connection.update")
    if form.validate() and _is_saved(desk, where, form):
        return done(admin, f"{desk.path}/{connection_id}/test", "console.connections.saved")
    return _page(desk, where, form, 422)


@blueprint.get(f"{OF_TENANT}{_ONE}/metadata.xml")
@blueprint.get(f"{OF_ORGANIZATION}{_ONE}/metadata.xml")
@for_admin("connection.read")
def our_metadata(admin: Admin, connection_id: str, organization_id: str | None = None) -> Response:
    """Our metadata as a file, for providers that import it."""
    from app.federation import saml_sp  # noqa: PLC0415 (loads libxml2, which few need)

    where = place_of(desk_of(admin, organization_id), connection_id)
    if where.guide.protocol != "saml":
        abort(404)
    tenant = admin.tenant
    sp = saml_sp.service_provider(tenant.id, tenant.base_url, where.id)
    ours = saml_sp.metadata_of(sp, where.connection)
    response = Response(ours, mimetype="application/samlmetadata+xml")
    response.headers["Content-Disposition"] = 'attachment; filename="authpage-metadata.xml"'
    return response


def _is_saved(desk: Desk, where: Place, form: Form) -> bool:
    try:
        connecting.save(desk.acting, where, values_of(form))
    except Refused as refusal:
        refuse(form, refusal)
        return False
    return True


def _page(desk: Desk, where: Place, form: Form, status: int = 200) -> Response:
    name = where.name or where.guide.name
    return desk.draw(
        "one",
        title=Text("console.connections.one", {"name": name}),
        status=status,
        where=where,
        form=form,
        here_of_it=f"{desk.path}/{where.id}",
        ours=connecting.our_values(desk.acting, where),
        our_labels=OUR_LABELS,
        labels=ALL_LABELS,
        statuses=STATUSES,
    )
