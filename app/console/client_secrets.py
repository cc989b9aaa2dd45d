"""The secrets of an application: shown once, replaced with an overlap, ended."""

from flask import request
from werkzeug.wrappers import Response
from wtforms import HiddenField, RadioField

from app.console.door import Admin, blueprint, confirm, done, draw, for_admin
from app.console.form import Form, OneOf, choices
from app.database import Session, read, write
from app.directory import client_secrets, clients, idempotency
from app.directory.clients import ClientView
from app.directory.errors import NotFound
from app.directory.idempotency import Answer
from app.flow.screen import Text
from app.security import random_token

_SECTION = "clients"
_OVERLAPS = ("0", "3600", "86400", "604800", "2592000")


class RotateSecret(Form):
    """How long the old secret stays good."""

    overlap = RadioField(
        "console.clients.overlap",
        description="console.clients.overlap_hint",
        choices=choices((each, f"console.clients.overlap.{each}") for each in _OVERLAPS),
        default="86400",
        validators=[OneOf(_OVERLAPS)],
    )
    once = HiddenField()


def shown_once(admin: Admin, client_id: str, secret: str | None, *, is_new: bool) -> Response:
    """The page with the secret; where there is none to show, the application's own."""
    if secret is None:
        return done(admin, f"/applications/{client_id}", "console.clients.made" if is_new else None)
    with read(admin.tenant.id) as session:
        view = _found(session, client_id)
    title = Text("console.clients.secret.title", {"name": view.name})
    return draw(
        admin,
        "clients/secret",
        section=_SECTION,
        title=title,
        client=view,
        secret=secret,
        is_new=is_new,
    )


@blueprint.route("/<tenant_slug>/applications/<client_id>/secret", methods=["GET", "POST"])
@for_admin("client.rotate_secret", fresh=True)
def rotate_secret(admin: Admin, client_id: str) -> Response:
    """Ask how long the old secret stays good, then show the new one, once."""
    with read(admin.tenant.id) as session:
        view = _found(session, client_id)
        good = client_secrets.list_good(session, client_id)
    form = RotateSecret(request.form, data={"once": random_token()})
    if request.method == "POST" and form.validate():
        secret = _rotated(admin, client_id, form)
        return shown_once(admin, client_id, secret, is_new=False)
    status = 422 if request.method == "POST" else 200
    title = Text("console.clients.rotate.title", {"name": view.name})
    return draw(
        admin,
        "clients/rotate",
        section=_SECTION,
        title=title,
        status=status,
        form=form,
        client=view,
        secrets=good,
    )


@blueprint.route("/<tenant_slug>/applications/<client_id>/old-secret/end", methods=["GET", "POST"])
@for_admin("client.end_secret", fresh=True)
def end_old_secret(admin: Admin, client_id: str) -> Response:
    """Ask once, then end the secret that was replaced."""
    with read(admin.tenant.id) as session:
        view = _found(session, client_id)
        old = client_secrets.list_good(session, client_id)[1:]
    if not old:
        raise NotFound("secret")
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            client_secrets.end(session, admin.actor, client_id, old[0].id)
        return done(admin, f"/applications/{client_id}", "console.clients.old_secret_ended")
    about = Text("console.clients.end_secret", {"name": view.name})
    return confirm(admin, _SECTION, about, back=f"/applications/{client_id}")


def _rotated(admin: Admin, client_id: str, form: RotateSecret) -> str | None:
    """The new secret; None where the same form was sent before, which must not end another."""
    secrets: list[str] = []

    def rotate() -> Answer:
        overlap = int(str(form.overlap.data))
        secrets.append(client_secrets.rotate(session, admin.actor, client_id, overlap))
        return Answer(200, {})

    with write(admin.tenant.id) as session:
        asked = {"act": "rotate_secret", "client_id": client_id}
        idempotency.once(session, admin.actor, form.once.data or random_token(), asked, rotate)
    return next(iter(secrets), None)


def _found(session: Session, client_id: str) -> ClientView:
    view = clients.find(session, client_id)
    if view is None:
        raise NotFound("client")
    return view
