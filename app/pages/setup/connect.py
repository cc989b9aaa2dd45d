"""One connection: the guide, our values to copy, and the form for theirs."""

from collections.abc import Mapping

from flask import abort, request
from werkzeug.wrappers import Response

from app import bodies
from app.account.refused import Refused
from app.federation.providers import Field as Asked
from app.flow.screen import Action, Field, FieldKind, Screen, Text
from app.pages.account.forms import typed
from app.pages.setup import door
from app.pages.setup.door import blueprint, for_access
from app.setup import connecting
from app.setup.access import Access
from app.setup.connecting import Place
from app.setup.progress import DOMAINS, TEST

_SAVE = Action("continue", Text("setup.save"))
_PATH = "/connections/<connection_id>"
_UPLOAD = "metadata_file"
_PASTED = "metadata"
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

_ALL_LABELS = {**_OUR_LABELS, **_LABELS, _UPLOAD: "setup.metadata_file"}


@blueprint.route(_PATH, methods=["GET", "POST"])
@bodies.takes_documents("metadata_too_large")
@for_access
def connect(found: Access, connection_id: str) -> Response:
    """The guide and its form; saving leads on to the domains, or to a test when there is one."""
    where = connecting.place(found, connection_id)
    screen = _screen(where)
    if request.method != "POST":
        return _page(found, where, screen)
    answers, uploaded = typed(), _uploaded()
    try:
        connecting.save(found, where, answers | uploaded)
    except Refused as refusal:
        return _refused(found, where, screen, refusal, answers, is_file=bool(uploaded))
    following = DOMAINS if DOMAINS not in found.progress.done else TEST
    return door.done(door.path_of(following, where.id), "setup.told_saved")


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
    ours = saml_sp.metadata_of(sp, where.connection)
    response = Response(ours, mimetype="application/samlmetadata+xml")
    response.headers["Content-Disposition"] = 'attachment; filename="authpage-metadata.xml"'
    return response


@blueprint.post(f"{_PATH}/drop")
@for_access
def drop(found: Access, connection_id: str) -> Response:
    """Give up what was begun only."""
    connecting.drop(found, connection_id)
    return door.done("/home", "setup.told_removed")


def _refused(
    found: Access,
    where: Place,
    screen: Screen,
    refusal: Refused,
    answers: dict[str, str],
    *,
    is_file: bool,
) -> Response:
    """The form once more, with what was wrong at its field."""
    pasted = answers.get(_PASTED, "")
    if refusal.field != _PASTED:
        again = door.refused(screen, refusal, answers)
        return _page(found, where, _missing(again, answers), 422, pasted=pasted)
    at = {_UPLOAD if is_file else _PASTED: refusal.text}
    return _page(found, where, screen.with_errors({}, answers), 422, pasted=pasted, of_metadata=at)


def _missing(screen: Screen, answers: dict[str, str]) -> Screen:
    """The screen with all that is missing said at once, beside what was refused."""
    empty = [each for each in screen.fields if not answers.get(each.name, "").strip()]
    needed = {each.name: Text("setup.needed") for each in empty if each.required}
    refused = {each.name: each.error for each in screen.fields if each.error}
    return screen.with_errors(needed | refused, answers)


def _page(
    found: Access,
    where: Place,
    screen: Screen,
    status: int = 200,
    pasted: str = "",
    of_metadata: Mapping[str, Text] | None = None,
) -> Response:
    """The page; it takes the focus to what was wrong only, as the guide stands above the form."""
    return door.draw(
        found,
        "connect",
        "provider",
        status=status,
        title=screen.title,
        where=where,
        ours=connecting.our_values(found, where),
        labels=_ALL_LABELS,
        pasted=pasted,
        of_metadata=of_metadata or {},
        **door.form_context(screen),
    )


def _title(where: Place) -> Text:
    if where.guide.is_general:
        return Text("setup.next_provider")
    return Text("setup.connect.title", {"name": where.guide.name})


def _screen(where: Place) -> Screen:
    theirs = connecting.their_values(where)
    fields = [_field(each, where, theirs) for each in where.guide.fields]
    name = Field("name", "text", "setup.field_name", where.name, "off", required=False)
    return Screen(
        name="connect",
        title=_title(where),
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
        return {_PASTED: raw.decode("utf-8-sig")} if raw else {}
    except UnicodeDecodeError:
        return {_PASTED: "?"}  # No XML either; said at the field.
