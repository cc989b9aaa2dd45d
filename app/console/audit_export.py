"""The audit log as a file, how long it is kept, and how far it is sealed."""

import json
from typing import Any

from flask import make_response, request
from werkzeug.wrappers import Response
from wtforms import IntegerField
from wtforms.validators import NumberRange
from wtforms.validators import Optional as MayBeEmpty

from app.audit import chain_row, events, head, retention, search, tables
from app.audit.chain_row import Chain, ChainBroken
from app.audit.events import REGISTRY
from app.audit.log import record
from app.audit.tables import MOST_DAYS, MOST_ROWS
from app.config import settings
from app.console import audit_filter
from app.console.audit import SECTION, people_named
from app.console.audit_filter import Filter
from app.console.door import Admin, blueprint, done, draw, for_admin
from app.console.form import Form
from app.database import read, write
from app.directory import permissions, settings_store
from app.directory.settings_store import BadSettings
from app.security import keyring

_TYPES = {"csv": "text/csv; charset=utf-8", "json": "application/json"}
_LEAST, _MOST = 30, 3_650


@blueprint.post("/<tenant_slug>/audit/export")
@for_admin("audit.export", fresh=True)
def export_events(admin: Admin) -> Response:
    """What the filter finds as CSV or JSON, the newest; that it was exported is an event too."""
    permissions.demand(admin.actor, "audit.export")
    kind = "json" if request.form.get("format") == "json" else "csv"
    wanted = audit_filter.of_request().since(MOST_DAYS)
    days = wanted.days() or 0
    if wanted.wrong or days > MOST_DAYS:
        wrong = wanted.wrong or "console.audit.export_too_long"
        return draw(admin, "audit/refused", section=SECTION, wrong=wrong, status=422)
    content = _content(admin, wanted, kind)
    response = make_response(content)
    response.headers["Content-Type"] = _TYPES[kind]
    name = f"audit-{admin.tenant.slug}-{wanted.first_day}.{kind}"
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/<tenant_slug>/audit/retention", methods=["GET", "POST"])
@for_admin("audit.read")
def keep_events(admin: Admin) -> Response:
    """For how many days each family of events is kept."""
    current = {str(name): days for name, days in admin.tenant.settings.audit.kept.items()}
    form = _form()(request.form, data=current)
    if request.method == "POST":
        permissions.demand(admin.actor, "settings.publish")
        if form.validate() and _is_kept(admin, form):
            return done(admin, "/audit/retention", "console.audit.kept_set")
    return draw(
        admin,
        "audit/retention",
        section=SECTION,
        form=form,
        by_default=settings().audit_kept,
        in_force=retention.kept_days(admin.tenant),
        status=422 if request.method == "POST" else 200,
    )


@blueprint.get("/<tenant_slug>/audit/chain")
@for_admin("audit.read")
def show_chain(admin: Admin) -> Response:
    """How far the log is sealed, and the signed end of its chain, to be kept elsewhere."""
    is_broken, chain = False, Chain(admin.tenant.id)
    try:
        with read(admin.tenant.id) as session:
            chain = chain_row.load(session)
    except ChainBroken:
        is_broken = True
    return draw(
        admin,
        "audit/chain",
        section=SECTION,
        chain=chain,
        is_broken=is_broken,
        keys=json.dumps({"keys": head.public_keys(keyring())}),
    )


def _content(admin: Admin, wanted: Filter, kind: str) -> str:
    with_personal = admin.may("audit.read_personal")
    with read(admin.tenant.id) as session:
        sought = wanted.sought(people_named(session, admin, wanted.words))
        found = list(search.everything(session, sought, MOST_ROWS))
    data = {"format": kind, "events": len(found), "filter": sorted(wanted.query())}
    with write(admin.tenant.id) as session:
        record(session, events.AUDIT_EXPORTED, admin.actor, data=data)
    made = tables.as_json if kind == "json" else tables.as_csv
    return made(found, with_personal=with_personal)


def _form() -> type[Form]:
    """One field for each family; an empty one leaves it to the server's setting."""
    families = sorted({each.family for each in REGISTRY.values()})
    fields: dict[str, Any] = {
        family: IntegerField(
            f"console.audit.family.{family}",
            validators=[
                MayBeEmpty(),
                NumberRange(_LEAST, _MOST, message="console.audit.days_wrong"),
            ],
        )
        for family in families
    }
    made: type[Form] = type("KeptForm", (Form,), fields)
    return made


def _is_kept(admin: Admin, form: Form) -> bool:
    kept = {name: days for name, days in form.data.items() if days is not None}
    try:
        with write(admin.tenant.id) as session:
            settings_store.publish(session, admin.actor, "audit", {"kept": kept}, owner="console")
    except BadSettings as refusal:
        form.refuse(None, str(refusal))
        return False
    return True
