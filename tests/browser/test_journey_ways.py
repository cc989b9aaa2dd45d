"""The same way without scripts, by keys, in other languages, on a phone, and by form post."""

import pytest
from playwright.sync_api import expect

from app.ids import new_id
from tests.browser.conftest import OpenBrowser
from tests.browser.person import Person
from tests.browser.portal import Portal
from tests.browser.receiver import Receiver

PHONE = {"width": 360, "height": 740}
WEIGHT = 20_000
"""Bytes over the wire of the first page with what it cannot do without (not its font)."""


def test_everything_works_without_scripts(
    portal: Portal, somebody: OpenBrowser, receiver: Receiver
) -> None:
    jane = portal.member("Northwind", "Contoso")
    person = somebody(portal, java_script_enabled=False)
    person.open_app()
    person.identify(jane)
    person.see("Enter your password")
    person.press("Email me a code")
    person.give_code(portal.code(jane.email))
    person.press("Verify")
    person.see("Choose an organization")
    person.press("Contoso")
    person.is_in_app("Robin Roe", "Contoso")

    client = receiver.register(portal)
    person.open("/oauth2/authorize", **receiver.request(client, response_mode="form_post"))
    person.press("Contoso")
    person.see("Globex wants to use your account")
    person.press("Allow")
    person.see("Back to Globex")
    person.press("Continue to Globex")
    person.see("Landed")
    assert receiver.received[-1][0] == "POST"
    assert receiver.exchange(portal, client)["token_type"] == "Bearer"

    person.open_app("/dashboard")
    person.press("Sign out")
    person.is_signed_out_of_app()


def test_a_person_signs_up_without_scripts(portal: Portal, somebody: OpenBrowser) -> None:
    address = f"{new_id('u').replace('_', '.')}@example.com"
    person = somebody(portal, java_script_enabled=False)
    person.open_app("/")
    person.press("Create account")
    person.see("Create your account")
    person.fill(display_name="Kim Poe", email=address)
    person.press("Create account")
    person.give_code(portal.code(address))
    person.press("Verify")
    person.is_in_app("Kim Poe", "none")


def test_a_form_post_sends_itself(
    portal: Portal, somebody: OpenBrowser, receiver: Receiver
) -> None:
    jane, person = portal.member(), somebody(portal)
    client = receiver.register(portal, is_first_party=True)
    person.open("/oauth2/authorize", **receiver.request(client, response_mode="form_post"))
    person.sign_in(jane)
    person.see("Landed")
    method, answer = receiver.received[-1]
    assert (method, answer["state"], answer["iss"]) == ("POST", "state-of-globex", portal.url)
    assert answer["code"]
    assert len(receiver.received) == 1


def test_who_denies_is_sent_back_to_the_app_with_that(
    portal: Portal, somebody: OpenBrowser, receiver: Receiver
) -> None:
    jane, person = portal.member(), somebody(portal)
    person.open("/oauth2/authorize", **receiver.request(receiver.register(portal)))
    person.sign_in(jane)
    person.see("Globex wants to use your account")
    person.press("Deny")
    person.see("Landed")
    assert receiver.received[-1][1]["error"] == "access_denied"
    assert "code" not in receiver.received[-1][1]


def test_keys_are_enough(portal: Portal, somebody: OpenBrowser) -> None:
    jane, person = portal.member("Contoso", "Northwind"), somebody(portal)
    keys = person.page.keyboard
    person.open_app()
    person.see("Sign in to Acme")
    ways = ["Continue", "Use a passkey", "Continue with Demo ID", "Create an account"]
    stops = [*ways, "Privacy", "Terms", "English"]
    assert _stops(person, len(stops)) == stops
    person.page.reload()
    keys.type(jane.email)
    keys.press("Enter")
    person.see("Enter your password")
    keys.type(jane.password or "")
    keys.press("Enter")
    person.see("Choose an organization")
    keys.press("Tab")
    while "Northwind" not in _focused(person):
        keys.press("Tab")
    keys.press("Enter")
    person.is_in_app("Robin Roe", "Northwind")


@pytest.mark.parametrize(
    ("language", "direction", "first", "then", "way_on"),
    [
        ("de-AT", "ltr", "Bei Acme anmelden", "Geben Sie Ihr Passwort ein", "Anmelden"),
        ("ar", "rtl", "", "", ""),
    ],
)
def test_other_languages_on_a_phone(
    portal: Portal,
    somebody: OpenBrowser,
    language: str,
    direction: str,
    first: str,
    then: str,
    way_on: str,
) -> None:
    jane = portal.member("Northwind")
    person = somebody(portal, locale=language, viewport=PHONE, has_touch=True)
    page, heading = person.page, person.page.get_by_role("heading", level=1)
    person.open_app()
    for words, field, value in ((first, "email", jane.email), (then, "password", jane.password)):
        page.locator(f"main input[name={field}]").wait_for()
        if words:
            expect(heading).to_have_text(words)
        person.see(heading.inner_text())
        assert page.locator("html").get_attribute("dir") == direction
        assert page.locator("html").get_attribute("lang") == language[:2]
        person.fill(**{field: value or ""})
        page.locator("main button.primary").tap()
    person.is_in_app("Robin Roe", "Northwind")


def test_every_page_fits_a_small_phone(portal: Portal, somebody: OpenBrowser) -> None:
    """`see` fails for a page that must be scrolled sideways."""
    jane = portal.member("Northwind", "Donaudampfschifffahrtselektrizitätenhauptbetriebswerk")
    person = somebody(portal, viewport={"width": 320, "height": 640})
    person.open_app(prompt="create")
    person.see("Create your account")
    person.press("Sign in")
    person.identify(jane)
    person.see("Enter your password")
    person.press("Email me a code")
    person.give_code(portal.code(jane.email))
    person.see("Choose an organization")
    person.press("New organization")
    person.see("Create an organization")
    person.open("/account")
    person.see("Sign in to Acme")
    person.open("/mailbox")
    person.see("Mailbox")


def test_cookies_are_out_of_the_reach_of_scripts_and_other_sites(
    portal: Portal, somebody: OpenBrowser
) -> None:
    jane, person = portal.member("Northwind"), somebody(portal)
    person.open_app()
    person.sign_in(jane)
    person.is_in_app("Robin Roe", "Northwind")
    cookies = person.cookies()
    ours, its = {"authpage_flow_root", "authpage_session_root"}, {"app_session", "app_csrf"}
    assert {*cookies} == ours | its
    assert all(cookies[name]["httpOnly"] for name in (*ours, "app_session"))
    # A form of the app sends its token beside the cookie; a script of the app's own may read it.
    assert cookies["app_csrf"]["httpOnly"] is False
    assert {each["sameSite"] for each in cookies.values()} == {"Lax"}
    before = cookies["authpage_session_root"]["value"]

    person.open_app(prompt="login")
    person.sign_in(jane)
    person.is_in_app("Robin Roe", "Northwind")
    assert person.cookies()["authpage_session_root"]["value"] != before


def test_the_first_page_is_light(portal: Portal, somebody: OpenBrowser) -> None:
    person = somebody(portal)
    devtools = person.context.new_cdp_session(person.page)
    asked: dict[str, str] = {}
    weights: dict[str, float] = {}
    devtools.send("Network.enable")
    devtools.on(
        "Network.responseReceived",
        lambda event: asked.update({event["requestId"]: event["type"]}),
    )
    devtools.on(
        "Network.loadingFinished",
        lambda event: weights.update({event["requestId"]: event["encodedDataLength"]}),
    )
    person.open("/sign-in")
    person.see("Sign in to Acme")
    person.page.wait_for_load_state("networkidle")
    needed = [kind for kind in asked.values() if kind not in ("Font", "Other")]
    assert sorted(needed) == ["Document", "Script", "Stylesheet"]
    assert sum(weights[each] for each, kind in asked.items() if kind != "Font") <= WEIGHT


def _stops(person: Person, count: int) -> list[str]:
    """The words of the next stops of the tabulator key."""
    stops = []
    for _ in range(count):
        person.page.keyboard.press("Tab")
        stops.append(_focused(person))
    return stops


def _focused(person: Person) -> str:
    words: str = person.page.evaluate("document.activeElement.innerText")
    return words.strip()
