"""Who may come into the console, and who may let others in."""

import pytest
from flask import Flask, Response

from app import clock
from app.actor import CLI, SYSTEM
from app.console import sign_in
from app.database import EVERYWHERE, read, write
from app.directory import (
    admins,
    connections,
    contacts,
    people_status,
    sessions,
    setup_access,
    tenants,
)
from app.directory.connection_settings import OidcSettings
from app.directory.errors import BadValue
from app.directory.tenants import Tenant
from app.identifiers import parse_as
from tests.console.staff import Staff
from tests.factories import Factory


def _roles(staff: Staff) -> dict[str, str]:
    with read(EVERYWHERE) as session:
        found = admins.list_of(session, staff.console, staff.tenant.id)
    return {each.email: each.role for each in found}


def test_an_owner_gives_a_role_and_takes_it_back(staff: Staff) -> None:
    staff.press("/admins/new", email="sam@staff.example", role="support")
    assert staff.told == "console.admins.granted"
    assert "sam@staff.example" in staff.words
    assert "Invited" in staff.words
    with read(EVERYWHERE) as session:
        found = admins.list_of(session, staff.console, staff.tenant.id)
    role = next(each for each in found if each.email == "sam@staff.example")
    staff.get(f"/admins/{role.id}/revoke")
    assert "Remove this admin?" in staff.words
    staff.press(f"/admins/{role.id}/revoke", confirmed="yes")
    assert staff.told == "console.admins.revoked"
    assert "sam@staff.example" not in _roles(staff)


def test_x04_nobody_gives_a_role_above_their_own_or_changes_their_own(staff: Staff) -> None:
    deputy = staff("admin")
    assert deputy.post("/admins/new", email="eve@staff.example", role="owner").status_code == 403
    assert deputy.post("/admins/new", email=deputy.email, role="admin").status_code == 403
    assert deputy.post("/admins/new", email="eve@staff.example", role="viewer").status_code == 303
    assert (
        staff("support").post("/admins/new", email="e@s.example", role="viewer").status_code == 403
    )
    with read(EVERYWHERE) as session:
        of = {e.email: e.id for e in admins.list_of(session, staff.console, staff.tenant.id)}
    assert deputy.post(f"/admins/{of[staff.email]}/revoke").status_code == 403
    assert deputy.post(f"/admins/{of[deputy.email]}/revoke").status_code == 403
    assert _roles(staff)[staff.email] == "owner"


def test_x01_a_role_at_another_tenant_is_no_role_here(
    app: Flask, staff: Staff, make: Factory
) -> None:
    stranger = Staff(app, make.tenant())
    with read(EVERYWHERE) as session:
        theirs = admins.list_of(session, staff.console, stranger.tenant.id)
    role_id = next(each.id for each in theirs if each.email == stranger.email)
    missing = staff.get("/admins/adm_missing/revoke")
    assert staff.get(f"/admins/{role_id}/revoke").status_code == 404 == missing.status_code
    assert staff.post(f"/admins/{role_id}/revoke").status_code == 404
    assert staff.http.get(f"{stranger.base}/admins").status_code == 404


@pytest.mark.parametrize("how", ["signed_out", "disabled", "epoch", "revoked", "old"])
def test_the_session_ends_with_what_it_hangs_on(staff: Staff, how: str) -> None:
    assert staff.get("/admins").status_code == 200
    _end(staff, how)
    answer = staff.get("/admins")
    if how == "revoked":
        assert answer.status_code == 404
    else:
        assert answer.status_code == 303
        assert "/oauth2/authorize" in answer.headers["Location"]


def _end(staff: Staff, how: str) -> None:
    with write(staff.console.id) as session:
        if how == "signed_out":
            sessions.end(session, SYSTEM, staff.session_id, sessions.SIGNED_OUT)
        if how == "disabled":
            people_status.disable(session, SYSTEM, staff.user_id)
    if how == "epoch":
        with write(EVERYWHERE) as session:
            tenants.end_everything(session, SYSTEM, staff.console.id)
    if how == "revoked":
        with write(EVERYWHERE) as session:
            for each in admins.list_of(session, staff.console, staff.tenant.id):
                if each.email == staff.email:
                    admins.revoke(
                        session, SYSTEM, staff.console, each.id, administered_id=staff.tenant.id
                    )
    if how == "old":
        staff.grow_old(13 * 3_600)


def test_a_sign_in_of_long_ago_is_not_fresh_enough_to_name_admins(staff: Staff) -> None:
    clock.move(1_200)
    assert staff.get("/admins").status_code == 200
    answer = staff.get("/admins/new")
    assert answer.status_code == 303
    assert "max_age=900" in answer.headers["Location"]


def test_users_of_a_tenant_are_nobody_at_the_console(app: Flask, tenant: Tenant) -> None:
    http = app.test_client()
    assert http.get(f"{tenant.base_url}/console").status_code == 404
    assert http.get(f"{tenant.base_url}/console/{tenant.slug}/admins").status_code == 404


def test_x04_the_console_itself_is_for_the_owners_of_everything(app: Flask, staff: Staff) -> None:
    here = staff.console
    assert staff.http.get(f"{here.base_url}/console/console/admins").status_code == 404
    with write(EVERYWHERE) as session, pytest.raises(BadValue):
        admins.grant(session, CLI, here, "eve@staff.example", "admin", administered_id=here.id)
    reaching = Staff(app, here, "admin", everywhere=True)
    assert reaching.get("/admins").status_code == 403
    assert Staff(app, here, "owner", everywhere=True).get("/admins").status_code == 200


def test_an_admin_of_one_organization_sees_that_one_alone(
    app: Flask, staff: Staff, make: Factory
) -> None:
    corp, other = make.organization(staff.tenant, "Corp"), make.organization(staff.tenant, "Other")
    staff.post("/admins/new", email="it@corp.example", role="organization_admin")
    assert "organization" in staff.errors
    fields = {"email": "it@corp.example", "role": "organization_admin", "organization": corp}
    staff.press("/admins/new", fields)
    (row,) = [each.text_content() for each in staff.page.all("tr") if "it@" in each.text_content()]
    assert "Corp" in row.split("corp.example")[1]
    delegate = staff("organization_admin", corp)
    assert delegate.get("").headers["Location"].endswith(f"/organizations/{corp}")
    assert delegate.get(f"/organizations/{corp}").status_code == 200
    assert delegate.get(f"/organizations/{other}").status_code == 403
    assert delegate.get("/organizations").status_code == 403
    assert delegate.get("/admins").status_code == 403
    staff.post(f"/organizations/{corp}/remove", confirmed="yes")
    assert delegate.get("").status_code == 404
    staff.get("/admins")
    assert "it@corp.example" not in staff.words


def test_x04_nobody_takes_a_stronger_role_away_by_giving_a_weaker_one(staff: Staff) -> None:
    deputy = staff("admin")
    assert deputy.post("/admins/new", email=staff.email, role="viewer").status_code == 403
    assert _roles(staff)[staff.email] == "owner"
    staff.press("/admins/new", email="new.owner@staff.example", role="owner")
    fields = {"email": "new.owner@staff.example", "role": "viewer"}
    assert deputy.post("/admins/new", fields).status_code == 403
    assert _roles(staff)["new.owner@staff.example"] == "owner"
    staff.press("/admins/new", email=deputy.email, role="support")
    assert _roles(staff)[deputy.email] == "support"


def test_x04_a_weaker_role_kept_for_another_address_of_theirs_takes_nothing_away(
    staff: Staff,
) -> None:
    other = "second.address@staff.example"
    staff("admin").press("/admins/new", email=other, role="viewer")
    with write(staff.console.id) as session:
        contacts.add(session, SYSTEM, staff.user_id, parse_as("email", other, "US"))
    with write(EVERYWHERE) as session:
        admins.take_up(session, SYSTEM, staff.console, staff.user_id)
    assert _roles(staff)[staff.email] == "owner"
    assert other not in _roles(staff)


@pytest.mark.one_database
def test_what_is_dangerous_asks_for_a_fresh_sign_in_and_leads_back(
    staff: Staff, make: Factory, monkeypatch: pytest.MonkeyPatch
) -> None:
    of_user = f"/users/{make.user(staff.tenant).id}"
    with write(staff.tenant.id) as session:
        idp = OidcSettings(issuer="https://idp.example", client_id="authpage")
        made = connections.create(session, CLI, provider="generic", name="IdP", settings=idp)
    it, viewer = f"/connections/{made}", staff("viewer")
    back: list[str] = []

    def begin(path: str, max_age: int | None = None) -> Response:
        back.append(path.removeprefix(f"/console/{staff.tenant.slug}"))
        return Response(status=303)

    monkeypatch.setattr(sign_in, "begin", begin)
    clock.move(1_200)
    for path in ("/audit/export", f"{it}/status", it, f"{it}/people", f"{of_user}/recovery"):
        assert staff.post(path).status_code == 303
    assert back == ["/audit", it, it, f"{it}/people", f"{of_user}/recovery"]
    assert viewer.get(it).status_code == 200


def test_nobody_has_a_mailbox_filled_with_invitations(staff: Staff) -> None:
    sent = [
        staff.post("/admins/new", email="flood@victim.example", role="viewer").status_code
        for _ in range(7)
    ]
    assert sent == [303] * 5 + [422] * 2
    assert staff.errors["email"].startswith("The role waits")


def test_x04_links_of_a_former_admin_of_an_organization_end_with_the_role(
    staff: Staff, make: Factory
) -> None:
    acme = make.organization(staff.tenant, "Acme")
    it = staff("organization_admin", acme)
    for each in (it, staff):
        each.post(f"/organizations/{acme}/setup-links/new", days="7")
    with read(EVERYWHERE) as session:
        of = {e.email: e.id for e in admins.list_of(session, staff.console, staff.tenant.id)}
    staff.press(f"/admins/{of[it.email]}/revoke", confirmed="yes")
    with read(staff.tenant.id) as session:
        left = setup_access.list_links(session, staff.tenant)
    assert [each.created_by for each in left] == [f"admin:{staff.user_id}"]
