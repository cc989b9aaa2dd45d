"""One connection: the guide, our values to copy, and the form for theirs."""

from flask import abort, request
from werkzeug.wrappers import Response

from app.account.refused import Refused
from app.federation.providers import Field as Asked
from app.flow.screen import Action, Field, FieldKind, Screen, Text
from app.pages import rendering
from app.pages.account.forms import typed
from app.pages.setup import door
from app.pages.setup.door import blueprint, for_access
from app.setup import connecting
from app.setup.access import Access
from app.setup.connecting import Place

_SAVE = Action("continue", Text("setup.save"))
_PATH = "/connections/<connection_id>"
_UPLOAD = "metadata_file"
_OUR_LABELS = {
    "redirect_uri": "setup.our_redirect_uri",
    "acs_url": "setup.our_acs_url",
    "entity_id": "setup.our_entity_id",
    "metadata_url": "setup.our_metadata_url",
}
_LABELS = {
    "directory_id": "setup.field_directory_id",
    "issuer": "setup.field_issuer",
    "hosted_domains": "setup.field_hosted_domains",
    "client_id": "setup.field_client_id",
    "client_secret": "setup.field_client_secret",
    "groups_claim": "setup.field_groups_claim",
    "metadata_url": "setup.field_metadata_url",
}


@blueprint.route(_PATH, methods=["GET", "POST"])
@for_access
def connect(found: Access, connection_id: str) -> Response:
    """The guide and its form; saving leads on to a test."""
    where = connecting.place(found, connection_id)
    screen = _screen(where)
    if request.method != "POST":
        return _page(found, where, screen)
    answers = typed() | _uploaded()
    try:
        connecting.save(found, where, answers)
    except Refused as refusal:
        pasted = answers.get("metadata", "") if _UPLOAD not in request.files else ""
        shown = door.refused(screen, refusal, answers)
        return _page(found, where, shown, 422, pasted=pasted)
    return door.done(f"/connections/{where.id}/test", "setup.told_saved")


@blueprint.get(f"{_PATH}/metadata.xml")
@for_access
def our_metadata(found: Access, connection_id: str) -> Response:
    """Our metadata as a file, for providers that import it."""
    from app.federation import saml_sp  # noqa: PLC0415 (loads libxml2, which few need)

    where = connecting.place(found, connection_id)
    if where.guide.protocol != "saml":
        abort(404)
    tenant = found.tenant
    sp = saml_sp.service_provider(tenant.id, tenant.base_url, where.id)
    response = Response(saml_sp.metadata(sp), mimetype="application/samlmetadata+xml")
    response.headers["Content-Disposition"] = 'attachment; filename="authpage-metadata.xml"'
    return response


@blueprint.post(f"{_PATH}/status")
@for_access
def set_status(found: Access, connection_id: str) -> Response:
    """Let people sign in by it, or no more."""
    try:
        connecting.set_status(found, connection_id, typed().get("status", ""))
    except Refused:
        abort(400)
    is_on = request.form["status"] == "active"
    return door.done("/home", "setup.told_active" if is_on else "setup.told_disabled")


def _page(
    found: Access, where: Place, screen: Screen, status: int = 200, pasted: str = ""
) -> Response:
    title = rendering.translate("setup.connect.title", name=where.guide.name)
    if status != 200:
        title = rendering.translate("page.error_title", title=title)
    return door.draw(
        found,
        "connect",
        "home",
        status=status,
        title=title,
        where=where,
        ours=connecting.our_values(found, where),
        our_labels=_OUR_LABELS,
        pasted=pasted,
        **rendering.form_context(screen),
    )


def _screen(where: Place) -> Screen:
    theirs = connecting.their_values(where)
    fields = [_field(each, where, theirs) for each in where.guide.fields]
    name = Field("name", "text", "setup.field_name", where.name, "off", required=False)
    return Screen(
        name="connect",
        title=Text("setup.connect.title", {"name": where.guide.name}),
        fields=(*fields, name),
        actions=(_SAVE,),
    )


def _field(each: Asked, where: Place, theirs: dict[str, str]) -> Field:
    is_secret = each.kind == "secret"
    kind: FieldKind = "password" if is_secret else "text"
    is_kept = is_secret and where.connection is not None
    return Field(
        each.name,
        kind,
        _LABELS[each.name],
        theirs.get(each.name, ""),
        "off",
        required=each.required and not is_kept,
        hint=Text("setup.secret_kept") if is_kept else None,
    )


def _uploaded() -> dict[str, str]:
    """The uploaded file in place of what was pasted."""
    file = request.files.get(_UPLOAD)
    raw = file.read() if file else b""
    try:
        return {"metadata": raw.decode("utf-8-sig")} if raw else {}
    except UnicodeDecodeError:
        return {"metadata": "?"}  # No XML either; said at the field.
