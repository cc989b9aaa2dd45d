"""What browsers do by themselves with passkeys: forget one that is gone, and make one silently."""

from base64 import b64decode

import pytest
from playwright.sync_api import expect

from app.actor import CLI
from app.database import read, write
from app.directory import passkeys
from app.directory.tenants import Tenant
from tests.browser.conftest import OpenBrowser
from tests.browser.person import Person
from tests.browser.portal import Portal
from tests.browser.virtual import VirtualAuthenticator
from tests.doubles.authenticator import b64
from tests.factories import MadeUser
from tests.journeys.passkeys import device, equip

UNKNOWN = "That passkey belongs to no account here. Choose another way."
OFFER = "Sign in faster next time"
# Chromium upgrades passwords with its maker's own password manager alone, and says so of itself.
# The virtual authenticator takes that one's place here, or refuses as it would.
_AS_ITS_MAKERS = """
  window.created = [];
  const create = navigator.credentials.create.bind(navigator.credentials);
  navigator.credentials.create = ({ mediation, ...options }) => {
    window.created.push(mediation ?? "asked");
    sessionStorage.setItem("created", JSON.stringify(window.created));
    return create(options);
  };
"""
_AS_NOBODY = """
  const create = navigator.credentials.create.bind(navigator.credentials);
  navigator.credentials.create = (options) =>
    options.mediation ? Promise.reject(new DOMException("", "NotAllowedError")) : create(options);
"""


def _with_a_removed_passkey(
    portal: Portal, person: Person, tenant: Tenant
) -> tuple[MadeUser, VirtualAuthenticator]:
    """A user whose authenticator still has a passkey that was removed from the account."""
    user, authenticator = portal.make.user(tenant), VirtualAuthenticator(person)
    authenticator.take(equip(tenant, user, device(tenant)))
    with read(tenant.id) as session:
        [kept] = passkeys.list_of_user(session, user.id)
    with write(tenant.id) as session:
        passkeys.remove(session, CLI, user.id, kept.id)
    # Autofill would go on answering by itself.
    person.context.add_init_script("delete PublicKeyCredential.isConditionalMediationAvailable")
    person.tells_signals()
    return user, authenticator


def test_an_unknown_passkey_is_never_signalled_where_the_rp_id_is_shared(
    portal: Portal, somebody: OpenBrowser
) -> None:
    person, tenant = somebody(portal), portal.make.tenant()
    user, authenticator = _with_a_removed_passkey(portal, person, tenant)
    assert tenant.rp_id == portal.tenant.rp_id
    person.open(f"/t/{tenant.slug}/account")
    person.see("Sign in to Acme")
    person.press("Use a passkey")
    expect(person.page.locator("#message")).to_have_text(UNKNOWN)
    assert person.signals == []
    assert len(authenticator.credentials) == 1, "It may be known to the neighbour."
    person.fill(email=user.email)
    person.press("Continue")
    person.see("Enter your password")
    person.press("Use a passkey")
    person.see("Use your passkey")
    person.press("Use a passkey")
    expect(person.page.locator("#message")).to_be_visible()
    assert person.signals == []


def test_an_unknown_passkey_is_forgotten_where_the_tenant_is_alone(
    portal: Portal, somebody: OpenBrowser
) -> None:
    person, port = somebody(portal), portal.url.rpartition(":")[2]
    tenant = portal.make.tenant(host=f"acme.localhost:{port}")
    user, authenticator = _with_a_removed_passkey(portal, person, tenant)
    person.page.goto(f"{tenant.base_url}/account")
    person.see("Sign in to Acme")
    person.press("Use a passkey")
    expect(person.page.locator("#message")).to_have_text(UNKNOWN)
    [(name, given)] = person.signals
    assert (name, given["rpId"]) == ("signalUnknownCredential", "acme.localhost")
    assert authenticator.credentials == []
    person.fill(email=user.email)
    person.press("Continue")
    person.see("Enter your password")


@pytest.mark.parametrize("is_willing", [True, False], ids=["willing", "unwilling"])
def test_after_a_password_the_browser_may_make_one_by_itself(
    portal: Portal, somebody: OpenBrowser, is_willing: bool
) -> None:
    user, person = portal.member("Northwind"), somebody(portal)
    authenticator = VirtualAuthenticator(person)
    person.context.add_init_script(_AS_ITS_MAKERS if is_willing else _AS_NOBODY)
    person.open_app()
    person.sign_in(user)
    if not is_willing:
        person.see(OFFER)
        expect(person.page.locator(".passkey-said")).to_be_hidden()
        assert authenticator.credentials == []
        person.press("Create a passkey")
    person.is_in_app("Robin Roe", "Northwind")
    [credential] = authenticator.credentials
    with read(portal.tenant.id) as session:
        [kept] = passkeys.list_of_user(session, user.id)
    assert kept.external_id == b64(b64decode(credential["credentialId"]))
    if is_willing:
        person.open("/account")
        assert person.page.evaluate("sessionStorage.getItem('created')") == '["conditional"]'
        person.see("Profile")
