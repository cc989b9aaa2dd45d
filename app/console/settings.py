"""The tenant itself: its name, what never changes, who owns which settings, the last resorts."""

import json
from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response
from wtforms import StringField

from app.console.door import Admin, blueprint, confirm, done, draw, for_admin
from app.console.form import AtMost, Form, Needed
from app.database import EVERYWHERE, read, write
from app.directory import settings_store, tenants
from app.directory.errors import BadValue
from app.directory.settings import SECTIONS
from app.directory.settings_store import Revision
from app.flow.screen import Text

_SECTION = "settings"


class Rename(Form):
    """The tenant's name."""

    name = StringField(
        "console.tenant.name",
        description="console.tenant.name_hint",
        validators=[Needed(), AtMost(80)],
    )


class EndEverything(Form):
    """The tenant's slug, typed, so that nobody ends everything by a slip of the hand."""

    typed = StringField("console.tenant.typed", validators=[Needed(), AtMost(80)])


@dataclass(frozen=True)
class Owned:
    """A section, and who owns it."""

    section: str
    published: Revision | None
    """None where everything in it is a default."""


@blueprint.get("/<tenant_slug>/settings")
@for_admin("settings.read")
def settings(admin: Admin) -> Response:
    """What the tenant is, and who owns each section of its settings."""
    with read(admin.tenant.id) as session:
        owned = [
            Owned(each, _published(settings_store.history(session, each))) for each in SECTIONS
        ]
    return draw(admin, "settings/page", section=_SECTION, owned=owned, tenant=admin.tenant)


@blueprint.route("/<tenant_slug>/settings/name", methods=["GET", "POST"])
@for_admin("tenant.update")
def rename_tenant(admin: Admin) -> Response:
    """Give the tenant another name."""
    form = Rename(request.form if request.method == "POST" else None, obj=admin.tenant)
    if request.method == "POST" and form.validate() and _is_renamed(admin, form):
        return done(admin, "/settings", "console.tenant.renamed")
    status = 422 if request.method == "POST" else 200
    return draw(admin, "settings/name", section=_SECTION, form=form, status=status)


@blueprint.get("/<tenant_slug>/settings/export")
@for_admin("settings.read")
def export_settings(admin: Admin) -> Response:
    """Every section as far as it was set, as a JSON file; no secret is among them."""
    with read(admin.tenant.id) as session:
        document = settings_store.load(session).model_dump(mode="json", exclude_unset=True)
    text = json.dumps(document, indent=2, ensure_ascii=False)
    return Response(
        f"{text}\n",
        mimetype="application/json",
        headers={
            "Content-Disposition": f'attachment; filename="{admin.tenant.slug}-settings.json"',
            "Cache-Control": "no-store",
        },
    )


@blueprint.route("/<tenant_slug>/settings/end-everything", methods=["GET", "POST"])
@for_admin("tenant.end_everything", fresh=True)
def end_everything(admin: Admin) -> Response:
    """Ask for the tenant's slug, then end every session, flow, code and token at once."""
    form = EndEverything(request.form if request.method == "POST" else None)
    if request.method == "POST" and form.validate():
        if str(form.typed.data).strip() == admin.tenant.slug:
            with write(EVERYWHERE) as session:
                tenants.end_everything(session, admin.actor, admin.tenant.id)
            return done(admin, "/settings", "console.tenant.ended")
        form.refuse("typed", "console.tenant.typed_wrong")
    status = 422 if request.method == "POST" else 200
    return draw(admin, "settings/end", section=_SECTION, form=form, status=status)


@blueprint.route("/<tenant_slug>/settings/disable", methods=["GET", "POST"])
@for_admin("tenant.update", fresh=True)
def disable_tenant(admin: Admin) -> Response:
    """Ask once, then serve nobody of the tenant any more; or, where it is disabled, serve again."""
    verb = "disable" if admin.tenant.is_active else "enable"
    if request.method == "POST":
        with write(EVERYWHERE) as session:
            tenants.update(
                session,
                admin.actor,
                admin.tenant.id,
                status="disabled" if verb == "disable" else "active",
            )
        return done(admin, "/settings", f"console.tenant.{verb}d")
    about = Text(f"console.tenant.{verb}", {"name": admin.tenant.name})
    return confirm(admin, _SECTION, about, back="/settings", danger=verb == "disable")


def _published(history: list[Revision]) -> Revision | None:
    return next((each for each in history if each.state == "published"), None)


def _is_renamed(admin: Admin, form: Rename) -> bool:
    try:
        with write(EVERYWHERE) as session:
            tenants.update(session, admin.actor, admin.tenant.id, name=str(form.name.data))
    except BadValue as refusal:
        form.refuse_as(refusal)
        return False
    return True
