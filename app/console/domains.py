"""Mail domains: claimed by organizations, proven by DNS, and where each leads."""

from dataclasses import dataclass

from flask import request
from werkzeug.wrappers import Response
from wtforms import BooleanField, StringField

from app.addresses import BadAddress, parse_email
from app.console.door import Admin, blueprint, confirm, demand, done, draw, for_admin
from app.console.form import AtMost, Form, Needed
from app.console.organization_frame import SECTION, draw_within, organization_of, path_of
from app.database import read, write
from app.directory import connections, domain_claims
from app.directory.domain_claims import Claim, NameServerAway, RecordMissing
from app.directory.errors import BadValue, NotFound, Taken
from app.directory.organizations import Organization
from app.flow import realm
from app.flow.claimed import every_claim_to
from app.flow.realm import Realm
from app.flow.screen import Text

_OF_ALL = "/<tenant_slug>/domains"
_ALL = "/<tenant_slug>/organizations/<organization_id>/domains"
_ONE = f"{_ALL}/<domain_id>"


@dataclass(frozen=True)
class Explained:
    """Where an address that was typed in would sign in."""

    address: str
    realm: Realm | None
    """None for what is no address."""


class NewDomain(Form):
    """A domain to claim."""

    domain = StringField(
        "console.domains.domain",
        validators=[Needed(), AtMost(253)],
        description="console.domains.domain_hint",
    )
    has_subdomains = BooleanField("console.domains.has_subdomains")


@blueprint.get(_OF_ALL)
@for_admin("organization.read")
def list_all_domains(admin: Admin) -> Response:
    """Every claim of the tenant, and where an address would sign in."""
    sought = request.args.get("q", "").strip()[:320]
    with read(admin.tenant.id) as session:
        claims = domain_claims.list_all(session)
    return draw(
        admin,
        "domains/list",
        section=SECTION,
        claims=claims,
        sought=sought,
        explained=_explained(admin, sought) if sought else None,
    )


@blueprint.route(_ALL, methods=["GET", "POST"])
@for_admin("organization.read")
def organization_domains(admin: Admin, organization_id: str) -> Response:
    """The organization's claims with their records, and the form for one more."""
    organization, form = organization_of(admin, organization_id), NewDomain(request.form)
    if request.method == "POST":
        demand(admin.actor, "domain.claim")
    if request.method == "POST" and form.validate() and _is_claimed(admin, organization, form):
        return done(admin, f"{path_of(organization)}/domains", "console.domains.claimed")
    return _page(admin, organization, form, 422 if request.method == "POST" else 200)


@blueprint.post(f"{_ONE}/verify")
@for_admin("domain.verify")
def verify_domain(admin: Admin, organization_id: str, domain_id: str) -> Response:
    """Look at the record now."""
    organization, found = _claim(admin, organization_id, domain_id)
    try:
        domain_claims.verify(admin.tenant.id, admin.actor, found.id)
    except (RecordMissing, NameServerAway) as refusal:
        return _page(admin, organization, NewDomain(), 422, wrong=(found.id, str(refusal)))
    except Taken:
        taken = "console.domains.taken"
        return _page(admin, organization, NewDomain(), 422, wrong=(found.id, taken))
    return done(admin, f"{path_of(organization)}/domains", "console.domains.verified")


@blueprint.post(f"{_ONE}/subdomains")
@for_admin("domain.claim")
def cover_subdomains(admin: Admin, organization_id: str, domain_id: str) -> Response:
    """Let the claim hold below its domain too, or not."""
    organization, found = _claim(admin, organization_id, domain_id)
    covered = request.form.get("covered") == "yes"
    with write(admin.tenant.id) as session:
        domain_claims.cover_subdomains(session, admin.actor, found.id, covered=covered)
    return done(admin, f"{path_of(organization)}/domains", "console.domains.changed")


@blueprint.route(f"{_ONE}/remove", methods=["GET", "POST"])
@for_admin("domain.remove")
def remove_domain(admin: Admin, organization_id: str, domain_id: str) -> Response:
    """Ask once, then give it up."""
    organization, found = _claim(admin, organization_id, domain_id)
    back = f"{path_of(organization)}/domains"
    if request.method == "POST":
        with write(admin.tenant.id) as session:
            domain_claims.remove(session, admin.actor, found.id)
        return done(admin, back, "console.domains.removed")
    return confirm(
        admin, SECTION, Text("console.domains.remove", {"domain": found.domain}), back=back
    )


def _page(
    admin: Admin,
    organization: Organization,
    form: NewDomain,
    status: int = 200,
    wrong: tuple[str, str] = ("", ""),
) -> Response:
    with read(admin.tenant.id) as session:
        claims = domain_claims.list_all(session, organization.id)
        there = connections.list_all(session, organization.id)
    return draw_within(
        admin,
        organization,
        "domains",
        "organizations/domains",
        form=form,
        claims=claims,
        leads_to=[each for each in there if each.is_usable],
        wrong=wrong,
        status=status,
    )


def _is_claimed(admin: Admin, organization: Organization, form: NewDomain) -> bool:
    try:
        with write(admin.tenant.id) as session:
            domain_claims.claim(
                session,
                admin.actor,
                organization.id,
                str(form.domain.data).strip(),
                has_subdomains=bool(form.has_subdomains.data),
            )
    except BadValue as refusal:
        form.refuse_as(refusal)
        return False
    return True


def _claim(admin: Admin, organization_id: str, domain_id: str) -> tuple[Organization, Claim]:
    """The claim of just this organization; raises `NotFound` (X02)."""
    organization = organization_of(admin, organization_id)
    with read(admin.tenant.id) as session:
        found = domain_claims.get(session, domain_id)
    if found is None or found.organization_id != organization.id:
        raise NotFound("domain")
    return organization, found


def _explained(admin: Admin, text: str) -> Explained:
    try:
        address = parse_email(text)
    except BadAddress:
        return Explained(text, None)
    with read(admin.tenant.id) as session:
        found = realm.discover(address.domain, every_claim_to(session, address.domain))
    return Explained(address.value, found)
