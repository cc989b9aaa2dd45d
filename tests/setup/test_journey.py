"""From a link to a connection that people sign in by, without JavaScript."""

import pytest
from flask import Flask
from sqlalchemy import select

from app.database import read
from app.directory import organizations_policy
from app.directory.connection_settings import OidcSettings
from app.directory.connections import Connection
from app.directory.tenants import Tenant
from app.models import LinkedIdentity, Session, User
from tests.doubles import oidc_browser
from tests.doubles.dns_server import DnsServer
from tests.doubles.oidc_provider import CLIENT_ID, SECRET, OidcProvider
from tests.setup.admin import Admin, connections_of, link_for
from tests.setup.oidc_steps import bring, connect, to_provider


def only(tenant: Tenant, corp: str) -> Connection:
    (found,) = connections_of(tenant, corp)
    return found


def nobody_signed_in(tenant: Tenant) -> bool:
    with read(tenant.id) as session:
        return not any(
            session.scalars(select(model.id).where(model.tenant_id == tenant.id)).first()
            for model in (User, Session, LinkedIdentity)
        )


def test_from_the_link_to_an_active_connection(
    admin: Admin, provider: OidcProvider, dns: DnsServer, tenant: Tenant, corp: str
) -> None:
    path = connect(admin, provider)
    assert (admin.told, admin.path) == ("setup.told_saved", "/setup/domains")
    assert only(tenant, corp).status == "draft"
    assert f"{path.rpartition('/')[2]}" == only(tenant, corp).id
    admin.prove(dns, "acme.example")
    bring(admin, oidc_browser.visit(to_provider(admin, path)))
    assert (admin.path, admin.diagnoses) == (f"{path}/test", ["ok"])
    assert "jane@acme.example" in admin.text
    assert nobody_signed_in(tenant)
    assert "authpage_session" not in str(admin.http._cookies)
    admin.press(f"{path}/status", status="active")
    assert admin.told == "setup.told_active"
    assert only(tenant, corp).is_usable
    admin.press("/setup/policy", sso="domain")
    assert admin.told == "setup.told_policy"
    with read(tenant.id) as session:
        assert organizations_policy.load(session, corp).sso == "domain"


def test_the_guide_shows_the_values_that_the_provider_needs(admin: Admin, tenant: Tenant) -> None:
    admin.press("/setup/providers", provider="entra")
    base = f"{tenant.base_url}{admin.path.removeprefix('/setup')}"
    assert admin.value("our-redirect_uri") == f"{base}/callback"
    drawings = [each.get("aria-label") for each in admin.page.all("div") if each.get("role")]
    assert len(drawings) == 6
    assert "Redirect URI: paste our Redirect URI here." in drawings[1]
    assert "Value: copy it, and enter it here as Client secret." in drawings[4]
    admin.press("/setup/providers", provider="okta_saml")
    base = f"{tenant.base_url}{admin.path.removeprefix('/setup')}"
    assert admin.value("our-acs_url") == f"{base}/acs"
    assert admin.value("our-entity_id") == f"{base}/metadata"


def test_what_was_begun_is_there_after_another_link(
    app: Flask, admin: Admin, provider: OidcProvider, tenant: Tenant, corp: str
) -> None:
    admin.press("/setup/providers", provider="okta")
    begun = admin.path
    saved = connect(admin, provider)
    later = Admin(app, tenant)
    later.open(link_for(tenant, corp))
    assert begun in later.text
    later.go(saved)
    assert later.value("issuer") == provider.issuer
    assert later.value("client_secret") == ""
    assert SECRET not in later.text
    later.press(saved, issuer=provider.issuer, client_id=CLIENT_ID, client_secret="", name="Work")
    assert later.told == "setup.told_saved"
    assert only(tenant, corp).name == "Work"
    kept = only(tenant, corp).settings
    assert isinstance(kept, OidcSettings)
    assert kept.authentication == "client_secret_basic"
    bring(later, oidc_browser.visit(to_provider(later, saved)))
    assert later.diagnoses == ["email_not_theirs"], "The domain is not proven yet."


@pytest.mark.parametrize(
    ("changed", "error"),
    [
        ({"issuer": ""}, {"issuer": "setup.needed"}),
        ({"issuer": "idp.example"}, {"issuer": "setup.bad_value"}),
        ({"client_id": ""}, {"client_id": "setup.needed"}),
    ],
)
def test_what_cannot_be_right_is_said_at_its_field(
    admin: Admin,
    provider: OidcProvider,
    tenant: Tenant,
    corp: str,
    changed: dict[str, str],
    error: dict[str, str],
) -> None:
    connect(admin, provider, **changed)
    assert (admin.status, admin.errors) == (422, error)
    assert SECRET not in admin.text
    assert connections_of(tenant, corp) == []


def test_a_wrong_secret_is_diagnosed(admin: Admin, provider: OidcProvider) -> None:
    path = connect(admin, provider, client_secret="wrong")
    bring(admin, oidc_browser.visit(to_provider(admin, path)))
    assert admin.diagnoses == ["client_refused"]
    assert "wrong" not in admin.text.partition("<dl")[2].partition("</dl>")[0]


def test_a_provider_that_is_not_there_is_said_at_once(admin: Admin, provider: OidcProvider) -> None:
    path = connect(admin, provider, issuer="http://127.0.0.1:9")
    admin.press(f"{path}/test")
    assert admin.path == f"{path}/test"
    assert admin.diagnoses == ["discovery_unusable"]


def test_an_answer_counts_once_and_in_its_own_browser(
    app: Flask, admin: Admin, provider: OidcProvider, tenant: Tenant, corp: str
) -> None:
    path = connect(admin, provider)
    returned = oidc_browser.visit(to_provider(admin, path))
    thief = Admin(app, tenant)
    thief.open(link_for(tenant, corp))
    bring(thief, returned)
    assert thief.status == 400
    bring(admin, returned)
    assert len(admin.diagnoses) == 1
    bring(admin, returned)
    assert admin.status == 400
    admin.go(f"{path}/test")
    assert len(admin.diagnoses) == 1


def test_a_test_of_one_connection_says_nothing_at_another(
    admin: Admin, provider: OidcProvider
) -> None:
    first, second = connect(admin, provider), connect(admin, provider)
    returned = oidc_browser.visit(to_provider(admin, first))
    mixed = returned.target.replace(first.rpartition("/")[2], second.rpartition("/")[2])
    admin.follow(admin.http.get(mixed, query_string=returned.parameters))
    assert admin.status == 400


def test_nobody_is_made_to_come_by_a_connection_that_is_not_there(admin: Admin) -> None:
    admin.press("/setup/policy", sso="domain")
    assert (admin.status, admin.message) == (422, "setup.no_connection")


def test_a_domain_without_its_record_waits(admin: Admin, dns: DnsServer) -> None:
    admin.press("/setup/domains", domain="gmail.com")
    assert (admin.status, admin.errors) == (422, {"domain": "setup.bad_domain"})
    admin.press("/setup/domains", domain="acme.example")
    assert admin.told == "setup.told_claimed"
    inputs = [each.get("id") or "" for each in admin.page.all("textarea")]
    claim_id = next(each for each in inputs if each.endswith("-name")).partition("-")[0]
    admin.press(f"/setup/domains/{claim_id}/check")
    assert (admin.status, admin.message) == (422, "setup.no_record")
    dns.fails = True
    admin.press(f"/setup/domains/{claim_id}/check")
    assert admin.message == "setup.dns_away"
    admin.go("/setup/domains")
    admin.press(f"/setup/domains/{claim_id}/remove")
    assert admin.told == "setup.told_removed"
    assert "acme.example" not in admin.text
