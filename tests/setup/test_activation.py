"""Nobody is sent to a provider that was not tried as it is, or for a domain that nobody proved; and
a secret that is kept goes to nobody but whom it was made for."""

from typing import Any

import pytest
from flask import Flask

from app.actor import CLI
from app.database import write
from app.directory import connections
from app.directory.connections import Connection
from app.directory.tenants import Tenant
from app.federation import provider as real_provider
from tests.doubles.dns_server import DnsServer
from tests.doubles.oidc_provider import CLIENT_ID, SECRET, OidcProvider
from tests.setup.admin import Admin, connections_of
from tests.setup.oidc_steps import connect, enter, try_out


def only(tenant: Tenant, corp: str) -> Connection:
    (found,) = connections_of(tenant, corp)
    return found


def activate(admin: Admin, path: str) -> str | None:
    """Press the button, or send what it would; what is said then."""
    admin.press(f"{path}/status", status="active")
    return admin.told or admin.message


def test_without_a_proven_domain_nothing_is_activated(
    admin: Admin, provider: OidcProvider, dns: DnsServer, tenant: Tenant, corp: str
) -> None:
    path = connect(admin, provider)
    assert try_out(admin, path) == "email_not_theirs"
    assert activate(admin, path) == "setup.prove_first"
    claim_id = admin.prove(dns, "acme.example")
    assert activate(admin, path) == "setup.test_first"
    assert (admin.status, only(tenant, corp).status) == (422, "draft")
    assert try_out(admin, path) == "ok"
    admin.press(f"/setup/domains/{claim_id}/remove")
    admin.go(f"{path}/test")
    assert 'value="active"' not in admin.text, "There is no button that cannot work."
    assert activate(admin, path) == "setup.prove_first"
    assert only(tenant, corp).status == "draft"


def test_a_failed_test_and_a_test_before_a_change_count_for_nothing(
    admin: Admin, provider: OidcProvider, dns: DnsServer, tenant: Tenant, corp: str
) -> None:
    path = connect(admin, provider, client_secret="wrong")
    admin.prove(dns, "acme.example")
    assert try_out(admin, path) == "client_refused"
    assert activate(admin, path) == "setup.test_first"
    enter(admin, path, provider)
    assert try_out(admin, path) == "ok"
    enter(admin, path, provider, name="Work", client_secret="")
    admin.go(f"{path}/test")
    assert admin.diagnoses[0] == "ok", "Another name changes nothing."
    enter(admin, path, provider, groups_claim="teams", client_secret="")
    admin.go(f"{path}/test")
    assert admin.diagnoses[0] == "ok_before"
    assert activate(admin, path) == "setup.test_first"
    assert try_out(admin, path) == "ok"
    assert activate(admin, path) == "setup.told_active"
    assert only(tenant, corp).is_usable


def test_another_issuer_is_a_draft_until_it_was_tried(
    app: Flask,
    admin: Admin,
    provider: OidcProvider,
    dns: DnsServer,
    tenant: Tenant,
    corp: str,
) -> None:
    path = connect(admin, provider)
    admin.prove(dns, "acme.example")
    assert try_out(admin, path) == "ok"
    assert activate(admin, path) == "setup.told_active"
    enter(admin, path, provider, client_secret="renewed")
    assert only(tenant, corp).is_usable, "A new secret must not lock anybody out."
    enter(admin, path, provider, issuer="https://other.example")
    assert only(tenant, corp).status == "draft"
    assert activate(admin, path) == "setup.test_first"


def test_what_is_saved_while_a_test_is_under_way_was_not_tested(
    admin: Admin,
    provider: OidcProvider,
    dns: DnsServer,
    tenant: Tenant,
    corp: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    path = connect(admin, provider)
    admin.prove(dns, "acme.example")
    real = real_provider.finish

    def change_meanwhile(*given: Any) -> Any:
        answered = real(*given)
        with write(tenant.id) as session:
            connections.update(session, CLI, only(tenant, corp).id, secret="other")
        return answered

    monkeypatch.setattr(real_provider, "finish", change_meanwhile)
    assert try_out(admin, path) == "ok_before"
    assert activate(admin, path) == "setup.test_first"


def test_a_kept_secret_is_told_to_no_other_issuer(
    admin: Admin, provider: OidcProvider, tenant: Tenant, corp: str
) -> None:
    path = connect(admin, provider)
    with OidcProvider("oidc") as evil:
        enter(admin, path, provider, issuer=evil.issuer, client_secret="")
        assert (admin.status, admin.errors) == (422, {"client_secret": "setup.secret_again"})
        elsewhere = {
            "authorization_endpoint": f"{provider.url}/authorize",
            "token_endpoint": f"{evil.url}/token",
            "jwks_uri": f"{provider.url}/jwks",
        }
        enter(admin, path, provider, client_secret="", **elsewhere)
        assert admin.errors == {"client_secret": "setup.secret_again"}
        assert evil.asked == []
    assert only(tenant, corp).settings.issuer == provider.issuer
    assert SECRET not in admin.text


def test_choosing_a_provider_twice_begins_once_and_can_be_given_up(
    admin: Admin, provider: OidcProvider
) -> None:
    admin.press("/setup/providers", provider="okta")
    first = admin.path
    admin.press("/setup/providers", provider="okta")
    assert admin.path == first
    admin.press(f"{first}/drop")
    assert admin.told == "setup.told_removed"
    admin.go(first)
    assert admin.status == 404
    saved = connect(admin, provider, client_id=CLIENT_ID)
    admin.go("/setup/home")
    assert admin.post(f"{saved}/drop").status_code == 404, "A connection is no draft of an id."
