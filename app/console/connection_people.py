"""What a connection makes of the people whom it brings: names of claims, roles by group, and how
far the provider is believed."""

from typing import Any, get_args

from flask import request
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField, SelectField, StringField, TextAreaField

from app.console.connection_frame import (
    OF_ORGANIZATION,
    OF_TENANT,
    Desk,
    connection_of,
    desk_of,
    place_of,
)
from app.console.connections import STATUSES
from app.console.door import Admin, blueprint, demand, done, for_admin
from app.console.form import AtMost, Form, Needed, OneOf, choices
from app.database import read, write
from app.directory import connections, reach, roles, upstream_reports
from app.directory.connection_settings import ClaimMapping, Common, SamlSettings
from app.directory.connections import Connection, parse_settings
from app.directory.errors import BadValue
from app.federation import saml_certificates
from app.flow.screen import Text

_PATH = "/<connection_id>/people"
_PROOFS = get_args(Common.model_fields["email_is_proof"].annotation)
_MODEST = ("never", "domain")
_CLAIMS = tuple(name for name in ClaimMapping.model_fields if name != "answers")
_SWITCHES = ("creates_users", "trusts_mfa", "logs_out_upstream")
_OF_SAML = ("signs_requests", "wants_encryption", "takes_unsolicited")


class Groups(TextAreaField):
    """`group = role` on each line."""

    def pairs(self) -> dict[str, str]:
        """Group -> role; raises `BadValue` for a line that is no pair."""
        lines = [line for line in (self.data or "").splitlines() if line.strip()]
        pairs = [line.rpartition("=") for line in lines]
        if not all(sign and group.strip() and role.strip() for group, sign, role in pairs):
            raise BadValue("role_of_group", "Write each line as: group = role.")
        return {group.strip(): role.strip() for group, _, role in pairs}


class People(Form):
    """What becomes of the people. Claims that a provider does not tell may stay empty."""

    subject = StringField("console.people.subject", validators=[Needed(), AtMost(300)])
    email = StringField("console.people.email", validators=[Needed(), AtMost(300)])
    email_verified = StringField("console.people.email_verified", validators=[AtMost(300)])
    name = StringField("console.people.name", validators=[AtMost(300)])
    given_name = StringField("console.people.given_name", validators=[AtMost(300)])
    family_name = StringField("console.people.family_name", validators=[AtMost(300)])
    groups = StringField("console.people.groups", validators=[AtMost(300)])
    email_is_proof = RadioField("console.people.proof", description="console.people.proof_hint")
    creates_users = BooleanField("console.people.creates_users")
    default_role = SelectField("console.people.default_role")
    role_of_group = Groups(
        "console.people.role_of_group", description="console.people.role_of_group_hint"
    )
    trusts_mfa = BooleanField(
        "console.people.trusts_mfa", description="console.people.trusts_mfa_hint"
    )
    logs_out_upstream = BooleanField("console.people.logs_out_upstream")


class SamlPeople(People):
    """The same where SAML has more to say."""

    signs_requests = BooleanField("console.people.signs_requests")
    wants_encryption = BooleanField("console.people.wants_encryption")
    takes_unsolicited = BooleanField(
        "console.people.takes_unsolicited", description="console.people.takes_unsolicited_hint"
    )


@blueprint.route(f"{OF_TENANT}{_PATH}", methods=["GET", "POST"])
@blueprint.route(f"{OF_ORGANIZATION}{_PATH}", methods=["GET", "POST"])
@for_admin("connection.read", fresh="connection.update")
def connection_people(
    admin: Admin, connection_id: str, organization_id: str | None = None
) -> Response:
    """Names of claims, provisioning, and the provider's certificates."""
    desk = desk_of(admin, organization_id)
    found = connection_of(desk, connection_id)
    form = _form(desk, found)
    if request.method == "POST":
        demand(admin.actor, "connection.update")
        if form.validate() and _is_saved(desk, found, form):
            return done(admin, f"{desk.path}/{found.id}/people", "console.people.saved")
    return desk.draw(
        "people",
        title=Text("console.connections.one", {"name": found.name}),
        status=422 if request.method == "POST" else 200,
        where=place_of(desk, connection_id),
        form=form,
        claims=_CLAIMS,
        certificates=_certificates(found),
        here_of_it=f"{desk.path}/{found.id}",
        statuses=STATUSES,
    )


def _form(desk: Desk, found: Connection) -> People:
    kind = SamlPeople if isinstance(found.settings, SamlSettings) else People
    kept = found.settings.model_dump(mode="json")
    lines = "\n".join(f"{group} = {role}" for group, role in kept["role_of_group"].items())
    form = kind(
        request.form if request.method == "POST" else None,
        data={**kept["mapping"], **kept, "role_of_group": lines},
    )
    proofs = _proofs(desk, found)
    form.email_is_proof.choices = choices((each, f"console.people.proof_{each}") for each in proofs)
    form.email_is_proof.validators = [OneOf(proofs)]
    form.default_role.choices = choices(_roles(desk, found))
    if desk.organization is None:
        del form.default_role, form.role_of_group
    if not desk.admin.may("connection.update"):
        for each in form:
            each.render_kw = {"disabled": True}
    return form


def _proofs(desk: Desk, found: Connection) -> tuple[str, ...]:
    """How far the provider may be believed, as far as this admin may say so."""
    if desk.organization is None:
        return tuple(each for each in _PROOFS if each != "domain")
    if desk.admin.organization_id is None:
        return _PROOFS
    return tuple(dict.fromkeys((*_MODEST, found.settings.email_is_proof)))


def _roles(desk: Desk, found: Connection) -> list[tuple[str, str]]:
    """The roles to give, none beyond the admin's reach but those that are given already."""
    with read(desk.admin.tenant.id) as session:
        beyond = reach.beyond(desk.admin.actor, session)
        known = roles.list_roles(session)
    given = {found.settings.default_role, *found.settings.role_of_group.values()}
    offered = [each for each in known if each.key != beyond or each.key in given]
    return [("", "console.people.default_role_tenant"), *((e.key, e.name) for e in offered)]


def _is_saved(desk: Desk, found: Connection, form: People) -> bool:
    try:
        settings = parse_settings(_document(found, form))
        _demand_offered(desk, found, settings)
        with write(desk.admin.tenant.id) as session:
            connections.update(
                session,
                desk.admin.actor,
                found.id,
                settings=settings,
                expected_version=found.row_version,
            )
            if settings != found.settings:
                upstream_reports.outdate(session, found.id)
    except BadValue as refusal:
        form.refuse(refusal.field.rpartition(".")[2], str(refusal))
        return False
    return True


def _demand_offered(desk: Desk, found: Connection, settings: Common) -> None:
    offered = {key for key, _ in _roles(desk, found)}
    unknown = {*settings.role_of_group.values()} - offered
    if unknown:
        raise BadValue("role_of_group", f"There is no role {min(unknown)} that you may give.")


def _document(found: Connection, form: People) -> dict[str, Any]:
    """The settings as they are, with what was sent in place."""
    kept = found.settings.model_dump(mode="json")
    sent = {name: field.data for name, field in form._fields.items()}
    mapping = {name: sent[name] or None for name in _CLAIMS}
    told = {name: sent[name] for name in (*_SWITCHES, *_OF_SAML) if name in sent}
    told["email_is_proof"] = sent["email_is_proof"]
    if "default_role" in sent:
        told["default_role"] = sent["default_role"] or None
        told["role_of_group"] = form.role_of_group.pairs()
    return {**kept, **told, "mapping": {**kept["mapping"], **mapping}}


def _certificates(found: Connection) -> list[saml_certificates.Certificate]:
    if not isinstance(found.settings, SamlSettings):
        return []
    return saml_certificates.readable(found.settings.certificates)
