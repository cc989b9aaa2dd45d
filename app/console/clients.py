"""Applications: the list, a new one, what is known of one, and its changes."""

from typing import Any

from flask import request
from werkzeug.wrappers import Response

from app.console import client_form, quick_starts
from app.console.client_form import KINDS, CreateClient, EditClient
from app.console.client_secrets import shown_once
from app.console.door import Admin, blueprint, confirm, done, draw, for_admin
from app.database import read, write
from app.directory import client_secrets, clients, idempotency, names
from app.directory.clients import ClientView
from app.directory.errors import BadValue, NotFound
from app.directory.idempotency import Answer
from app.flow.screen import Text
from app.security import random_token

SECTION = "clients"


@blueprint.get("/<tenant_slug>/applications")
@for_admin("client.read")
def list_clients(admin: Admin) -> Response:
    """The applications of the tenant, newest first."""
    search = names.clean(request.args.get("q", ""), most=80)
    with read(admin.tenant.id) as session:
        page = clients.list_page(session, request.args.get("after"), search=search)
    return draw(admin, "clients/list", section=SECTION, page=page, search=search)


@blueprint.route("/<tenant_slug>/applications/new", methods=["GET", "POST"])
@for_admin("client.create", fresh=True)
def create_client(admin: Admin) -> Response:
    """Ask what kind of application it is, then for what it cannot do without; a secret is shown
    with the answer and never again."""
    kind = request.args.get("kind", "")
    if kind not in KINDS:
        return draw(admin, "clients/kinds", section=SECTION, kinds=KINDS)
    form = client_form.creating(kind, request.form, random_token())
    if request.method == "POST" and form.validate():
        made = _created(admin, form)
        if made is not None:
            client_id, secret = made
            return shown_once(admin, client_id, secret, is_new=True)
    status = 422 if request.method == "POST" else 200
    return draw(admin, "clients/new", section=SECTION, form=form, kind=kind, status=status)


@blueprint.get("/<tenant_slug>/applications/<client_id>")
@for_admin("client.read")
def client(admin: Admin, client_id: str) -> Response:
    """What an application is registered with, and its secrets without their values."""
    with read(admin.tenant.id) as session:
        view = _found(clients.find(session, client_id))
        good = client_secrets.list_good(session, client_id)
    return draw(
        admin,
        "clients/one",
        section=SECTION,
        title=Text("console.clients.one.title", {"name": view.name}),
        client=view,
        secrets=good,
    )


@blueprint.route("/<tenant_slug>/applications/<client_id>/edit", methods=["GET", "POST"])
@for_admin("client.update")
def edit_client(admin: Admin, client_id: str) -> Response:
    """Change what an application is registered with."""
    with read(admin.tenant.id) as session:
        view = _found(clients.find(session, client_id))
    form = client_form.editing(view, request.form if request.method == "POST" else None)
    if request.method == "POST" and form.validate() and _is_changed(admin, client_id, form):
        return done(admin, f"/applications/{client_id}", "console.clients.changed")
    status = 422 if request.method == "POST" else 200
    title = Text("console.clients.edit.title", {"name": view.name})
    return draw(
        admin,
        "clients/edit",
        section=SECTION,
        title=title,
        status=status,
        form=form,
        client=view,
    )


@blueprint.get("/<tenant_slug>/applications/<client_id>/quick-start")
@for_admin("client.read")
def quick_start(admin: Admin, client_id: str) -> Response:
    """A few files for the library that was chosen, with the values of the application."""
    with read(admin.tenant.id) as session:
        view = _found(clients.find(session, client_id))
    libraries = quick_starts.fitting(view)
    chosen = request.args.get("library", libraries[0].key)
    library = next((each for each in libraries if each.key == chosen), libraries[0])
    return draw(
        admin,
        "clients/quick_start",
        section=SECTION,
        title=Text("console.clients.quick_start.title", {"name": view.name}),
        client=view,
        libraries=libraries,
        start=quick_starts.of(admin.tenant, view, library),
    )


@blueprint.route("/<tenant_slug>/applications/<client_id>/disable", methods=["GET", "POST"])
@for_admin("client.disable")
def disable_client(admin: Admin, client_id: str) -> Response:
    """Ask once, then serve the application no more."""
    return _asked(admin, client_id, "disable", clients.disable)


@blueprint.post("/<tenant_slug>/applications/<client_id>/enable")
@for_admin("client.enable")
def enable_client(admin: Admin, client_id: str) -> Response:
    """Serve a disabled application again."""
    with write(admin.tenant.id) as session:
        clients.enable(session, admin.actor, client_id)
    return done(admin, f"/applications/{client_id}", "console.clients.enabled")


@blueprint.route("/<tenant_slug>/applications/<client_id>/remove", methods=["GET", "POST"])
@for_admin("client.remove", fresh=True)
def remove_client(admin: Admin, client_id: str) -> Response:
    """Ask once, then remove the application for good."""
    return _asked(admin, client_id, "remove", clients.remove)


def _found(view: ClientView | None) -> ClientView:
    if view is None:
        raise NotFound("client")
    return view


def _asked(admin: Admin, client_id: str, verb: str, act: Any) -> Response:
    with read(admin.tenant.id) as session:
        view = _found(clients.find(session, client_id))
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            act(session, admin.actor, client_id)
        path = "/applications" if verb == "remove" else f"/applications/{client_id}"
        return done(admin, path, f"console.clients.{verb}d")
    about = Text(f"console.clients.{verb}", {"name": view.name})
    return confirm(admin, SECTION, about, back=f"/applications/{client_id}")


def _created(admin: Admin, form: CreateClient) -> tuple[str, str | None] | None:
    """Id and secret; no secret where the same form was sent before. None where the form now says
    what is wrong."""
    secrets: list[str] = []

    def create() -> Answer:
        with_kind: Any = {"kind": form.kind, **form.registration()}
        view, secret = clients.create(session, admin.actor, **with_kind)
        secrets.extend([secret] if secret else [])
        return Answer(200, {"client_id": view.id})

    try:
        with write(admin.tenant.id) as session:
            asked = {"act": "create_client", "kind": form.kind}
            made = idempotency.once(
                session, admin.actor, form.once.data or random_token(), asked, create
            )
    except BadValue as refusal:
        form.refuse_as(refusal)
        return None
    return str(made.body["client_id"]), next(iter(secrets), None)


def _is_changed(admin: Admin, client_id: str, form: EditClient) -> bool:
    changed: Any = form.registration()
    version = form.row_version.data or ""
    try:
        with write(admin.tenant.id) as session:
            clients.update(
                session,
                admin.actor,
                client_id,
                row_version=int(version) if version.isdigit() else 0,
                **changed,
            )
    except BadValue as refusal:
        form.refuse_as(refusal)
        return False
    return True
