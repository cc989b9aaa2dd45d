"""Passkeys of one's own account in a real browser: made, named, used, renamed, removed, and what
the password manager hears of it."""

from playwright.sync_api import expect

from app.database import read
from app.directory import passkeys
from app.directory.passkeys import ListedPasskey
from app.directory.tenants import Tenant
from tests.browser.conftest import OpenBrowser
from tests.browser.person import Person
from tests.browser.portal import Portal
from tests.browser.virtual import VirtualAuthenticator
from tests.factories import MadeUser
from tests.journeys.passkeys import device, equip
from tests.visitors import CHROME

SECURITY = "Sign-in and security"
REFUSED = "No passkey was used. Try again, or choose another way."
EXISTS = "This device already has a passkey for your account."
LAST = "Without it you could not sign in any more. Add another way first."
PASSKEYS_ONLY = {"sign_in": ["passkey"], "sign_up": ["passkey"]}


def _kept(tenant: Tenant, user: MadeUser) -> list[ListedPasskey]:
    with read(tenant.id) as session:
        return passkeys.list_of_user(session, user.id)


def _resident(portal: Portal, person: Person) -> MadeUser:
    """Somebody new, signed in to the portal by password."""
    user = portal.member()
    person.open("/account")
    person.sign_in(user)
    person.see("Profile")
    return user


def _row(person: Person, label: str, way: str) -> None:
    """Press a button of the row with that name."""
    row = person.page.locator(".row", has_text=label)
    row.get_by_role("link", name=way).click()


def test_a_passkey_is_made_used_renamed_and_removed(portal: Portal, somebody: OpenBrowser) -> None:
    person = somebody(portal)
    person.tells_signals()
    user = _resident(portal, person)
    authenticator = VirtualAuthenticator(person)
    portal.let_age(user)
    person.open("/account/passkeys/new")
    person.see("Enter your password")
    person.fill(password=str(user.password))
    person.press("Sign in")
    person.see("Add a passkey")

    person.fill(label="Blue laptop")
    authenticator.recognises(False)
    person.press("Create a passkey")
    expect(person.page.get_by_text(REFUSED)).to_be_focused()
    expect(person.page.get_by_role("link", name="Cancel")).to_be_visible()
    authenticator.recognises(True)
    person.press("Create a passkey")
    person.see(SECURITY)
    expect(person.page.locator("#told")).to_have_text("Your passkey is ready.")
    [kept], [credential] = _kept(portal.tenant, user), authenticator.credentials
    assert (kept.label, credential["userName"]) == ("Blue laptop", user.email)
    expected = {"rpId": "localhost", "userId": person.signals[0][1]["userId"]}
    names = {"name": user.email, "displayName": "Robin Roe"}
    assert person.signals == [
        (
            "signalAllAcceptedCredentials",
            {**expected, "allAcceptedCredentialIds": [kept.external_id]},
        ),
        ("signalCurrentUserDetails", {**expected, **names}),
    ]

    _row(person, "Blue laptop", "Rename")
    person.see("Rename the passkey")
    person.fill(label="Grey laptop")
    person.press("Save")
    person.see(SECURITY)
    expect(person.page.locator("#told")).to_have_text("Renamed.")
    assert person.signals[0][1]["allAcceptedCredentialIds"] == [kept.external_id]

    person.context.clear_cookies()
    person.open("/account/profile")  # The identifier field fills in the passkey by itself.
    person.see("Name and language")
    person.fill(display_name="Robin Poe")
    person.press("Save")
    person.see("Profile")
    assert person.signals[1] == (
        "signalCurrentUserDetails",
        {**expected, "name": user.email, "displayName": "Robin Poe"},
    )
    [renamed] = authenticator.credentials
    assert renamed["userDisplayName"] == "Robin Poe"

    person.open("/account/security")
    _row(person, "Grey laptop", "Remove")
    person.see("Remove the passkey?")
    person.press("Remove")
    person.see(SECURITY)
    expect(person.page.locator("#told")).to_have_text("The passkey was removed.")
    assert person.signals[0][1]["allAcceptedCredentialIds"] == []
    assert _kept(portal.tenant, user) == []
    assert authenticator.credentials == [], "The password manager has forgotten it too."


def test_a_passkey_without_a_name_is_named_and_a_device_keeps_only_one(
    portal: Portal, somebody: OpenBrowser
) -> None:
    person = somebody(portal, user_agent=CHROME)
    user = _resident(portal, person)
    VirtualAuthenticator(person)
    person.open("/account/passkeys/new")
    person.see("Add a passkey")
    person.press("Create a passkey")
    person.see(SECURITY)
    # The virtual authenticator's AAGUID names nobody, so the device does.
    [kept] = _kept(portal.tenant, user)
    assert kept.label == "Chrome 156, Linux"
    person.press("Add a passkey")
    person.see("Add a passkey")
    person.press("Create a passkey")
    expect(person.page.get_by_text(EXISTS)).to_be_focused()
    person.press("Cancel")
    person.see(SECURITY)
    assert len(_kept(portal.tenant, user)) == 1


def test_m09_the_last_way_in_stays(portal: Portal, somebody: OpenBrowser) -> None:
    person = somebody(portal)
    authenticator = VirtualAuthenticator(person)
    tenant = portal.make.tenant(methods=PASSKEYS_ONLY)
    user = portal.make.user(tenant, password=None)
    authenticator.take(equip(tenant, user, device(tenant)))
    person.open(f"/t/{tenant.slug}/account/security")
    person.see(SECURITY)
    _row(person, "iCloud Keychain", "Remove")
    person.see("Remove the passkey?")
    person.press("Remove")
    expect(person.page.locator("#message")).to_have_text(LAST)
    person.press("Cancel")
    person.see(SECURITY)
    assert len(_kept(tenant, user)) == len(authenticator.credentials) == 1


def test_without_scripts_the_page_says_that_it_cannot(
    portal: Portal, somebody: OpenBrowser
) -> None:
    person = somebody(portal, java_script_enabled=False)
    _resident(portal, person)
    person.open("/account/passkeys/new")
    person.see("Add a passkey")
    expect(person.page.get_by_text("This browser cannot use passkeys here.")).to_be_visible()
    expect(person.page.get_by_role("button", name="Create a passkey")).to_have_count(0)
    person.press("Cancel")
    person.see(SECURITY)
