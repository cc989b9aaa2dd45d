"""What an organization asks of its members beyond what its tenant asks of everybody."""

from typing import Any, get_args

import wtforms
from flask import request
from werkzeug.wrappers import Response
from wtforms import RadioField, SelectMultipleField

from app.console.door import Admin, blueprint, demand, done, for_admin
from app.console.form import Form, OneOf, choices
from app.console.organization_frame import draw_within, organization_of, path_of
from app.database import read, write
from app.directory import connections, members, memberships, organizations_policy
from app.directory.errors import BadValue
from app.directory.organizations import Organization
from app.directory.settings import OrganizationPolicy, Sso

_PATH = "/<tenant_slug>/organizations/<organization_id>/policy"
_TICKS: dict[str, Any] = {
    "widget": wtforms.widgets.ListWidget(prefix_label=False),
    "option_widget": wtforms.widgets.CheckboxInput(),
}


class Policy(Form):
    """The organization's wishes. Nothing ticked under methods or owners is no wish."""

    mfa = RadioField(
        "console.organization_policy.mfa",
        choices=choices(
            (
                ("", "console.organization_policy.mfa_tenant"),
                ("required", "console.organization_policy.mfa_required"),
            )
        ),
        validators=[OneOf(("", "required"))],
    )
    methods = SelectMultipleField(
        "console.organization_policy.methods",
        description="console.organization_policy.methods_hint",
        **_TICKS,
    )
    sso = RadioField(
        "console.organization_policy.sso",
        choices=choices((mode, f"setup.sso_{mode}") for mode in get_args(Sso)),
        validators=[OneOf(get_args(Sso))],
    )
    break_glass = SelectMultipleField(
        "console.organization_policy.break_glass",
        description="console.organization_policy.break_glass_hint",
        **_TICKS,
    )


@blueprint.route(_PATH, methods=["GET", "POST"])
@for_admin("organization.read")
def organization_policy(admin: Admin, organization_id: str) -> Response:
    """What it asks, and what those above it ask already."""
    organization = organization_of(admin, organization_id)
    if request.method == "POST":
        demand(admin.actor, "organization.set_policy")
    with read(admin.tenant.id) as session:
        asked = organizations_policy.load(session, organization.id)
        above = memberships.above(session, organization.id)
        there = connections.list_all(session, organization.id)
    form = _form(admin, organization, asked)
    if request.method == "POST" and form.validate() and _is_saved(admin, organization, form):
        return done(admin, f"{path_of(organization)}/policy", "console.organization_policy.saved")
    return draw_within(
        admin,
        organization,
        "policy",
        "organizations/policy",
        form=form,
        above_it=above,
        can_ask_sso=any(each.is_usable for each in there),
        status=422 if request.method == "POST" else 200,
    )


def _form(admin: Admin, organization: Organization, asked: OrganizationPolicy) -> Policy:
    kept = {
        "mfa": asked.mfa or "",
        "methods": list(asked.methods or ()),
        "sso": asked.sso,
        "break_glass": list(asked.break_glass),
    }
    form = Policy(request.form if request.method == "POST" else None, data=kept)
    offered = dict.fromkeys((*admin.tenant.settings.methods.sign_in, *kept["methods"]))
    form.methods.choices = choices((key, f"console.method.{key}") for key in offered)
    form.break_glass.choices = choices(_owners(admin, organization, asked.break_glass))
    if not admin.may("organization.set_policy"):
        for each in form:
            each.render_kw = {"disabled": True}
    return form


def _owners(
    admin: Admin, organization: Organization, named: tuple[str, ...]
) -> list[tuple[str, str]]:
    """Who may be named, and who is."""
    role = admin.tenant.settings.organizations.creator_role
    with read(admin.tenant.id) as session:
        owners = members.with_role(session, organization.id, role)
    shown = {each.user_id: each.email or each.display_name or each.user_id for each in owners}
    return [*shown.items(), *((each, each) for each in named if each not in shown)]


def _is_saved(admin: Admin, organization: Organization, form: Policy) -> bool:
    wishes = {
        "mfa": form.mfa.data or None,
        "methods": form.methods.data or None,
        "sso": form.sso.data,
        "break_glass": form.break_glass.data or [],
    }
    try:
        with write(admin.tenant.id) as session:
            organizations_policy.set_policy(
                session, admin.actor, organization.id, organizations_policy.parse(wishes)
            )
    except BadValue as refusal:
        form.refuse_as(refusal)
        return False
    return True
