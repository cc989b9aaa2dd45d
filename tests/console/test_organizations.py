"""Organizations at the console: found, made, changed, moved, disabled and removed."""

import pytest
from sqlalchemy import select

from app.actor import CLI
from app.database import read, write
from app.directory import (
    connections,
    domain_claims,
    members,
    organizations,
    organizations_policy,
    roles,
)
from app.directory.connection_settings import OidcSettings
from app.directory.tenants import Tenant
from app.models import AuditEvent, OutboxMessage
from tests.console.staff import Staff
from tests.factories import Factory

IDP = OidcSettings(issuer="https://idp.example", client_id="authpage", email_is_proof="domain")


def named(tenant: Tenant, slug: str) -> organizations.Organization:
    with read(tenant.id) as session:
        found = organizations.by_slug_or_id(session, slug)
    assert found is not None
    return found


def test_an_organization_is_made_found_and_changed(staff: Staff, tenant: Tenant) -> None:
    staff.press("/organizations/new", {"name": "Northwind Traders"})
    assert staff.told == "console.organizations.created"
    made = named(tenant, "northwind-traders")
    staff.press("/organizations/new", {"name": "Northwind Berlin", "parent": made.slug})
    branch = named(tenant, "northwind-berlin")
    assert branch.parent_id == made.id
    staff.get("/organizations", q="BERLIN")
    assert "Northwind Berlin" in staff.words
    assert "below Northwind Traders" in staff.words
    staff.get("/organizations", q="nothing-like-it")
    assert "Nothing matches “nothing-like-it”." in staff.words
    staff.get(f"/organizations/{branch.id}/edit")
    version = staff.page.by_id("row_version").get("value")
    changed = {
        "name": "Northwind GmbH",
        "slug": "northwind-de",
        "parent": "",
        "is_joinable": "y",
        "public_metadata": '{"plan": "gold"}',
        "row_version": version,
    }
    staff.press(f"/organizations/{branch.id}/edit", changed)
    assert staff.told == "console.organizations.changed"
    now = named(tenant, "northwind-de")
    assert (now.name, now.parent_id, now.is_joinable) == ("Northwind GmbH", None, True)
    assert now.public_metadata == {"plan": "gold"}
    staff.get(f"/organizations/{branch.id}/edit")
    assert staff.page.by_id("is_joinable").get("checked") is not None
    staff.post(f"/organizations/{branch.id}/edit", changed)
    assert staff.status == 409  # Somebody saved since this form was read.


def test_what_an_organization_cannot_be_is_said_at_its_field(staff: Staff, tenant: Tenant) -> None:
    staff.press("/organizations/new", {"name": "Acme"})
    staff.post("/organizations/new", {"name": "", "slug": "acme"})
    assert staff.status == 422
    assert staff.errors == {"name": "console.form.needed"}
    staff.post("/organizations/new", {"name": "Other", "slug": "acme"})
    assert staff.errors == {"slug": "This slug is taken."}
    staff.post("/organizations/new", {"name": "Other", "parent": "nobody"})
    assert staff.errors == {"parent": "There is no such organization."}
    acme = named(tenant, "acme")
    fields = {"name": "Acme", "slug": "acme", "parent": "acme", "row_version": "1"}
    staff.post(f"/organizations/{acme.id}/edit", fields | {"private_metadata": "[1]"})
    assert staff.errors == {"private_metadata": "console.form.not_json"}
    staff.post(f"/organizations/{acme.id}/edit", fields)
    assert staff.errors == {"parent": "An organization cannot stand below itself."}


def test_an_end_says_what_goes_with_it_and_asks_once(
    staff: Staff, tenant: Tenant, make: Factory
) -> None:
    acme = make.organization(tenant, "Acme", make.user(tenant))
    below = make.organization(tenant, "Below")
    with write(tenant.id) as session:
        organizations.update(session, CLI, below, parent_id=acme)
    path = f"/organizations/{acme}"
    staff.post(f"{path}/remove")
    assert "Acme has organizations below it" in staff.words
    staff.get(f"{path}/disable")
    assert named(tenant, acme).is_active
    staff.press(f"{path}/disable")
    assert not named(tenant, acme).is_active
    staff.press(f"{path}/enable")
    assert named(tenant, acme).is_active
    with write(tenant.id) as session:
        organizations.remove(session, CLI, below)
    staff.get(f"{path}/remove")
    assert "memberships (1)" in staff.words
    staff.press(f"{path}/remove")
    assert staff.told == "console.organizations.removed"
    assert staff.get(path).status_code == 404


def test_x02_the_admin_of_one_organization_is_told_of_no_other(
    staff: Staff, tenant: Tenant, make: Factory
) -> None:
    acme, below = make.organization(tenant, "Acme"), make.organization(tenant, "Below")
    with write(tenant.id) as session:
        organizations.update(session, CLI, below, parent_id=acme)
    slug, it = named(tenant, acme).slug, staff("organization_admin", below)
    assert slug in staff.get(f"/organizations/{below}/policy").text
    for path in ("", "/policy", "/members", "/connections", "/domains", "/branding"):
        answer = it.get(f"/organizations/{below}{path}")
        assert answer.status_code == 200
        assert slug not in answer.text.replace(f"/console/{tenant.slug}", ""), path
        assert acme not in answer.text, path


def test_x08_the_admin_of_one_organization_gets_no_addresses_of_the_tenant_s_admins(
    staff: Staff, tenant: Tenant, make: Factory
) -> None:
    acme = make.organization(tenant, "Acme")
    it = staff("organization_admin", acme)
    for each in (staff, it):
        fields = {"accent": "#0e7490", "action": "publish", "revision": "0"}
        each.press(f"/organizations/{acme}/branding/save", fields)
    history = f"/organizations/{acme}/branding/history"
    assert staff.email in staff.get(history).text
    seen = it.get(history).text
    assert it.email in seen
    assert staff.email not in seen


def test_members_are_added_searched_changed_and_removed(
    staff: Staff, tenant: Tenant, make: Factory
) -> None:
    acme, jane = make.organization(tenant, "Acme"), make.user(tenant, "jane@acme.example")
    path = f"/organizations/{acme}/members"
    staff.press(f"{path}/add", {"who": " Jane@ACME.example ", "roles": ["member"]})
    assert staff.told == "console.members.added"
    staff.post(f"{path}/add", {"who": jane.email})
    assert staff.errors == {"who": "console.members.there_already"}
    staff.post(f"{path}/add", {"who": "nobody@acme.example"})
    assert "Invite them instead." in staff.errors["who"]
    staff.get(path, q="JANE")
    assert jane.email in staff.words
    staff.press(f"{path}/{jane.id}", {"roles": ["owner", "member"]})
    with read(tenant.id) as session:
        assert members.roles_of(session, acme, jane.id) == ("owner", "member")
    staff.get(f"{path}/{jane.id}")
    boxes = [each for each in staff.page.all("input") if each.get("name") == "roles"]
    ticked = {each.get("value") for each in boxes if each.get("checked") is not None}
    assert ticked == {"owner", "member"}
    staff.post(f"{path}/{jane.id}", {"roles": ["emperor"]})
    assert staff.errors == {"roles": "console.form.not_offered"}
    staff.press(f"{path}/{jane.id}/remove")
    with read(tenant.id) as session:
        assert members.find(session, acme, jane.id) is None


def test_the_policy_is_kept_and_what_locks_everybody_out_is_refused(
    staff: Staff, tenant: Tenant, make: Factory
) -> None:
    jane = make.user(tenant)
    acme = make.organization(tenant, "Acme", jane, roles=("owner",))
    path = f"/organizations/{acme}/policy"
    wishes = {"mfa": "required", "sso": "members", "break_glass": [jane.id]}
    staff.press(path, wishes | {"methods": ["passkey"]})
    with read(tenant.id) as session:
        asked = organizations_policy.load(session, acme)
    assert (asked.mfa, asked.methods, asked.sso) == ("required", ("passkey",), "members")
    assert asked.break_glass == (jane.id,)
    staff.post(path, wishes | {"methods": ["sms_code"]})
    assert staff.status == 422  # The tenant does not offer it, so it is no choice.
    staff.press(path, {"mfa": "", "sso": "optional"})
    with read(tenant.id) as session:
        assert organizations_policy.load(session, acme).methods is None


def test_invitations_are_sent_again_and_taken_back(
    staff: Staff, tenant: Tenant, make: Factory
) -> None:
    acme = make.organization(tenant, "Acme")
    path = f"/organizations/{acme}/invitations"
    staff.post(f"{path}/new", {"email": "no address", "days": "7", "locale": ""})
    assert staff.errors == {"email": "This is not one email address."}
    sent = {"email": "eve@example.com", "roles": ["owner"], "days": "3", "locale": "de"}
    staff.press(f"{path}/new", sent)
    assert staff.told == "console.invitations.sent"
    assert "eve@example.com owner Waiting" in staff.words
    one = _resend(staff).partition(tenant.slug)[2].removesuffix("/resend")
    staff.press(f"{one}/resend")
    with read(tenant.id) as session:
        query = select(OutboxMessage.id).where(OutboxMessage.tenant_id == tenant.id)
        assert len(session.scalars(query).all()) == 2
    staff.get("/invitations", q="EVE@")
    assert "Acme" in staff.words
    staff.get(f"{one}/revoke")
    assert "stops working at once" in staff.words
    staff.press(f"{one}/revoke")
    assert "Taken back" in staff.words
    assert staff.post(f"{one}/revoke").status_code == 404


def test_roles_of_the_tenant(staff: Staff, tenant: Tenant, make: Factory) -> None:
    staff.press("/roles/new", {"key": "billing", "name": "Billing", "mfa_required": "y"})
    staff.post("/roles/new", {"key": "billing", "name": "Again"})
    assert staff.errors == {"key": "This role is taken."}
    staff.post("/roles/new", {"key": "No!", "name": "Wrong"})
    assert "a-z" in staff.errors["key"]
    staff.press("/roles/billing/mfa", {"required": "no"})
    jane = make.user(tenant)
    acme = make.organization(tenant, "Acme", jane, roles=("billing",))
    staff.post("/roles/billing/remove")
    assert staff.status == 422
    assert "Members have this role." in staff.words
    with write(tenant.id) as session:
        organizations.change_roles(session, CLI, acme, jane.id, ["member"])
    staff.press("/roles/billing/remove")
    with read(tenant.id) as session:
        assert [each.key for each in roles.list_roles(session) if each.key == "billing"] == []


def test_an_organization_admin_works_in_their_organization_alone(
    staff: Staff, tenant: Tenant, make: Factory
) -> None:
    """X02, X04: no other organization, nothing of the tenant, and no owners made."""
    jane, bob = make.user(tenant), make.user(tenant)
    acme = make.organization(tenant, "Acme", jane, roles=("owner",))
    other = make.organization(tenant, "Other", bob)
    with write(tenant.id) as session:
        organizations.join(session, CLI, acme, bob.id, ["member"])
    delegated = staff("organization_admin", acme)
    home, members_of = f"/organizations/{acme}", f"/organizations/{acme}/members"
    for tab in ("", "/members", "/invitations", "/domains", "/connections", "/policy"):
        assert delegated.get(f"{home}{tab}").status_code == 200, tab
        assert delegated.get(f"/organizations/{other}{tab}").status_code == 403, tab
    for path in ("/organizations", "/roles", "/connections", "/domains", "/invitations"):
        assert delegated.get(path).status_code == 403, path
    for path in ("/edit", "/disable", "/remove", "/members/add"):
        assert delegated.get(f"{home}{path}").status_code == 403, path
    delegated.press(f"{home}/invitations/new", {"email": "eve@acme.example", "days": "7"})
    assert delegated.told == "console.invitations.sent"
    delegated.post(f"{members_of}/{bob.id}", {"roles": ["owner"]})
    assert delegated.errors == {"roles": "console.form.not_offered"}
    assert delegated.post(f"{members_of}/{jane.id}", {"roles": ["member"]}).status_code == 403
    assert delegated.post(f"{members_of}/{jane.id}/remove").status_code == 403
    delegated.press(f"{members_of}/{bob.id}/remove")
    with read(tenant.id) as session:
        assert members.roles_of(session, acme, jane.id) == ("owner",)


def test_x02_ids_of_two_organizations_in_one_address_are_nothing(
    staff: Staff, tenant: Tenant, make: Factory
) -> None:
    acme = make.organization(tenant, "Acme")
    with write(tenant.id) as session:
        other = organizations.create(session, CLI, name="Other")
        claim = domain_claims.claim(session, CLI, other, "other.example")
        made = connections.create(
            session, CLI, provider="generic", name="IdP", settings=IDP, organization_id=other
        )
    staff.press(f"/organizations/{other}/invitations/new", {"email": "eve@x.example", "days": "7"})
    invitation = _resend(staff).split("/")[-2]
    before = _events(tenant)
    for path in (
        f"/domains/{claim.id}/verify",
        f"/domains/{claim.id}/remove",
        f"/connections/{made}/status",
        f"/connections/{made}/test",
        f"/connections/{made}/remove",
        f"/connections/{made}/people",
        f"/invitations/{invitation}/resend",
        f"/invitations/{invitation}/revoke",
    ):
        assert staff.post(f"/organizations/{acme}{path}").status_code == 404, path
    assert staff.get(f"/connections/{made}").status_code == 404
    assert _events(tenant) == before


@pytest.mark.parametrize("role", ["support", "developer", "viewer"])
def test_x04_who_only_looks_sees_no_button_that_changes(
    staff: Staff, tenant: Tenant, make: Factory, role: str
) -> None:
    acme = make.organization(tenant, "Acme", make.user(tenant))
    colleague = staff(role)
    colleague.get(f"/organizations/{acme}")
    assert "Danger zone" not in colleague.words
    colleague.get(f"/organizations/{acme}/policy")
    assert colleague.page.by_id("sso-0").get("disabled") is not None
    assert colleague.post(f"/organizations/{acme}/policy", {"sso": "off"}).status_code == 403


def _resend(staff: Staff) -> str:
    """Where the first button to send an invitation again leads."""
    actions = [each.get("action") or "" for each in staff.page.all("form")]
    return next(each for each in actions if each.endswith("/resend"))


def _events(tenant: Tenant) -> int:
    with read(tenant.id) as session:
        query = select(AuditEvent.id).where(AuditEvent.tenant_id == tenant.id)
        return len(session.scalars(query).all())
