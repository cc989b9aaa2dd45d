"""A new tenant, made by whoever administers every tenant."""

from typing import Literal

from flask import request
from werkzeug.wrappers import Response
from wtforms import RadioField, StringField

from app import visitor
from app.actor import Actor
from app.console import door
from app.console.door import blueprint, for_session
from app.console.form import AtMost, Form, Needed, OneOf, choices
from app.database import EVERYWHERE, write
from app.directory import console, tenants
from app.directory.console_sessions import ConsoleSession
from app.directory.errors import Refused
from app.directory.permissions import PLATFORM
from app.keys import rotation
from app.pages import leaving, rendering

_KINDS = ("live", "test")


class NewTenant(Form):
    """What a tenant begins with."""

    name = StringField("console.new_tenant.name", validators=[Needed(), AtMost(80)])
    slug = StringField(
        "console.new_tenant.slug",
        validators=[Needed(), AtMost(63)],
        description="console.new_tenant.slug_hint",
    )
    kind = RadioField(
        "console.new_tenant.kind",
        choices=choices((kind, f"console.kind.{kind}") for kind in _KINDS),
        default="live",
        validators=[OneOf(_KINDS)],
        description="console.new_tenant.kind_hint",
    )


@blueprint.route("/tenants/new", methods=["GET", "POST"])
@for_session
def create_tenant(found: ConsoleSession) -> Response:
    """Make a tenant with its roles and signing key, and begin to work on it."""
    actor = _actor(found)
    if actor is None:
        return rendering.error_page("fault.console_forbidden", 403)
    form = NewTenant(request.form)
    if request.method == "POST" and form.validate() and _is_made(actor, form):
        return leaving.to_path(f"{console.HOME}/{form.slug.data}")
    return rendering.page(
        "console/new_tenant.html",
        title=rendering.translate("console.new_tenant.title"),
        status=422 if request.method == "POST" else 200,
        form=form,
        **door.frame(),
    )


def _actor(found: ConsoleSession) -> Actor | None:
    """The admin, where they own every tenant; else None."""
    reaching = [each for each in found.standings if each.administered_id is None]
    names = frozenset(name for each in reaching for name in each.names)
    if PLATFORM not in names:
        return None
    who = visitor.actor()
    return Actor("admin", found.user_id, who.address, who.user_agent, who.request_id, names)


def _is_made(actor: Actor, form: NewTenant) -> bool:
    kind: Literal["live", "test"] = "test" if form.kind.data == "test" else "live"
    try:
        with write(EVERYWHERE) as session:
            tenant_id = tenants.create(
                session, actor, str(form.slug.data), str(form.name.data), kind
            )
    except Refused as refusal:
        form.refuse_as(refusal)
        return False
    with write(tenant_id) as session:
        rotation.create_first(session)
    return True
