"""The account portal in a real browser, without scripts and on a phone."""

from pathlib import Path

import pyotp
from playwright.sync_api import expect

from tests.browser.conftest import OpenBrowser
from tests.browser.portal import Portal

PHONE = {"width": 360, "height": 740}


def test_an_authenticator_app_brings_codes_for_paper_and_for_a_file(
    portal: Portal, somebody: OpenBrowser
) -> None:
    user, person = portal.member(), somebody(portal, java_script_enabled=False, viewport=PHONE)
    page = person.page
    person.open("/account/authenticators/new")
    person.sign_in(user)
    person.see("Add an authenticator app")
    person.press("Continue")
    person.see("Set up your authenticator app")
    expect(page.get_by_role("img", name="QR code for your authenticator app")).to_be_visible()
    secret = (page.locator(".secret").text_content() or "").replace(" ", "").strip()
    person.fill(code=pyotp.TOTP(secret).now(), label="Work phone")
    person.press("Verify")
    person.see("Save your recovery codes")
    codes = page.locator(".codes li").all_inner_texts()
    assert len({*codes}) == 10

    page.emulate_media(media="print")
    expect(page.locator(".codes li").first).to_be_visible()
    expect(page.locator(".codes-of")).to_have_text(user.email)
    for hidden in ("header.top", "nav.sections", "footer", ".button"):
        expect(page.locator(hidden).first).to_be_hidden()
    page.emulate_media(media="screen")

    with page.expect_download() as download:
        page.locator("form[action$='/recovery-codes/file'] button").click()
    assert download.value.suggested_filename == "recovery-codes.txt"
    lines = Path(download.value.path()).read_text().splitlines()
    assert [line for line in lines if line in codes] == codes

    person.press("Done")
    person.see("Sign-in and security")
    expect(page.get_by_text("Work phone")).to_be_visible()
    expect(page.get_by_text("10 codes")).to_be_visible()
    assert not any(code in page.content() for code in codes)
