"""The link opens once, in one browser, for one organization, for a while."""

import pytest
from flask import Flask

from app import clock
from app.actor import CLI
from app.audit import log
from app.database import read, write
from app.directory import domain_claims, organizations, setup_access
from app.directory.connections import Connection
from app.directory.tenants import Tenant
from tests.factories import Factory
from tests.setup.admin import Admin, connections_of, link_for

OIDC = {"protocol": "oidc", "issuer": "https://idp.corp.example", "client_id": "authpage"}


def events_of(tenant: Tenant) -> list[tuple[str, str]]:
    with read(tenant.id) as session:
        found = log.list_page(session)
    return [
        (each.event, each.actor_kind) for each in found.items if each.event.startswith("setup_link")
    ]


def test_a_look_changes_nothing_and_the_button_opens(app: Flask, tenant: Tenant, corp: str) -> None:
    token = link_for(tenant, corp)
    scanner, admin = Admin(app, tenant), Admin(app, tenant)
    scanner.go(f"/setup?token={token}")
    assert "Corp" in scanner.text
    assert token.partition(".")[2] not in scanner.url
    admin.open(token)
    assert (admin.status, admin.path) == (200, "/setup/home")
    assert events_of(tenant) == [("setup_link.opened", "admin"), ("setup_link.created", "cli")]


def test_a_second_browser_cannot_use_the_link(app: Flask, tenant: Tenant, corp: str) -> None:
    token = link_for(tenant, corp)
    first, second = Admin(app, tenant), Admin(app, tenant)
    first.go(f"/setup?token={token}")
    second.go(f"/setup?token={token}")
    first.press("/setup")
    second.press("/setup")
    assert (first.status, second.status) == (200, 410)
    second.go("/setup/home")
    assert second.status == 403
    first.go(f"/setup?token={token}")
    assert first.path == "/setup/home", "The browser that opened it goes on where it was."


@pytest.mark.parametrize("token", ["", "x", "otc_00000000000000000000000000.x", "a.b.c"])
def test_what_is_no_link_opens_nothing(app: Flask, tenant: Tenant, token: str) -> None:
    admin = Admin(app, tenant)
    admin.go(f"/setup?token={token}")
    assert admin.status == 410


def test_a_wrong_secret_opens_nothing(app: Flask, tenant: Tenant, corp: str) -> None:
    row_id = link_for(tenant, corp).partition(".")[0]
    admin = Admin(app, tenant)
    admin.go(f"/setup?token={row_id}.{'x' * 43}")
    assert admin.status == 410


def test_links_and_sessions_end(app: Flask, tenant: Tenant, corp: str) -> None:
    late, admin = Admin(app, tenant), Admin(app, tenant)
    token = link_for(tenant, corp)
    admin.open(link_for(tenant, corp))
    clock.move(3_601)
    late.go(f"/setup?token={token}")
    assert late.status == 410
    admin.go("/setup/home")
    assert admin.status == 200
    clock.move(setup_access.SESSION_LIVES)
    admin.go("/setup/home")
    assert admin.status == 403


def test_another_tenants_link_opens_nothing(
    app: Flask, make: Factory, tenant: Tenant, corp: str
) -> None:
    token = link_for(tenant, corp)
    stranger = Admin(app, make.tenant())
    stranger.go(f"/setup?token={token}")
    assert stranger.status == 410
    admin = Admin(app, tenant)
    admin.open(token)
    assert admin.status == 200, "It was not spent elsewhere."


def test_a_session_ends_with_its_link_its_organization_and_by_leaving(
    app: Flask, tenant: Tenant, corp: str
) -> None:
    revoked, left = Admin(app, tenant), Admin(app, tenant)
    token = link_for(tenant, corp)
    revoked.open(token)
    left.open(link_for(tenant, corp))
    left.press("/setup/leave")
    assert left.status == 200
    left.go("/setup/home")
    assert left.status == 403
    with write(tenant.id) as session:
        setup_access.revoke_link(session, CLI, tenant, token.partition(".")[0])
    revoked.go("/setup/home")
    assert revoked.status == 403
    closed = Admin(app, tenant)
    closed.open(link_for(tenant, corp))
    with write(tenant.id) as session:
        organizations.disable(session, CLI, corp)
    closed.go("/setup/home")
    assert closed.status == 403


def test_nothing_is_done_without_the_pages_own_token(app: Flask, tenant: Tenant, corp: str) -> None:
    admin, token = Admin(app, tenant), link_for(tenant, corp)
    admin.go(f"/setup?token={token}")
    assert admin.post("/setup", token="x").status_code == 400
    admin.press("/setup")
    assert admin.post("/setup/providers", token="", provider="okta").status_code == 400
    assert admin.post("/setup/domains", token="", domain="corp.example").status_code == 400
    foreign = admin.http.post(
        f"{admin.base}/setup/providers",
        data={"csrf_token": admin.page.csrf_token, "provider": "okta"},
        headers={"Origin": "https://evil.example", "Sec-Fetch-Site": "cross-site"},
    )
    assert foreign.status_code == 403


def foreign_connection(make: Factory, tenant: Tenant) -> Connection:
    return make.connection(tenant, OIDC, make.organization(tenant, "Umbrella"))


def test_another_organizations_things_do_not_exist(
    app: Flask, make: Factory, tenant: Tenant, corp: str
) -> None:
    theirs, social = foreign_connection(make, tenant), make.connection(tenant, OIDC)
    make.domain(tenant, str(theirs.organization_id), "umbrella.example")
    admin = Admin(app, tenant)
    admin.open(link_for(tenant, corp))
    for connection in (theirs, social):
        path = f"/setup/connections/{connection.id}"
        for look in (path, f"{path}/test", f"{path}/metadata.xml"):
            admin.go(look)
            assert admin.status == 404, look
        admin.go("/setup/home")
        assert connection.id not in admin.text
        assert admin.page.csrf_token
        assert admin.post(path, issuer="https://evil.example", client_id="x").status_code == 404
        assert admin.post(f"{path}/status", status="disabled").status_code == 404
        assert admin.post(f"{path}/test").status_code == 404
    with read(tenant.id) as session:
        claim = domain_claims.list_all(session)[0]
    for act in ("check", "remove"):
        assert admin.post(f"/setup/domains/{claim.id}/{act}").status_code == 404
    admin.go("/setup/domains")
    assert "umbrella.example" not in admin.text
    assert [each.status for each in connections_of(tenant, str(theirs.organization_id))] == [
        "active"
    ]


def test_an_id_that_is_kept_for_one_organization_is_nothing_to_another(
    app: Flask, make: Factory, tenant: Tenant, corp: str
) -> None:
    first, second = Admin(app, tenant), Admin(app, tenant)
    first.open(link_for(tenant, corp))
    second.open(link_for(tenant, make.organization(tenant, "Umbrella")))
    first.press("/setup/providers", provider="okta")
    assert first.path.startswith("/setup/connections/con_")
    token = second.page.csrf_token
    second.go(first.path)
    assert second.status == 404
    assert (
        second.post(first.path, token, issuer="https://x.example", client_id="x").status_code == 404
    )
