"""Takes the pictures of README and docs anew, from the running product: `make picture`."""

import io
import re
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, Page, expect, sync_playwright

from tests.browser import at_console
from tests.browser.portal import Portal, running
from tests.services.chromium import ARGUMENTS, find_chromium

FOLDER = Path(__file__).parent / "images"
SIGN_IN_SIZE = {"width": 960, "height": 640}
CONSOLE_SIZE = {"width": 1400, "height": 854}
COLOURS = 128
_LINK = re.compile(r"http://\S+/first\?token=\S+")


def take(folder: Path) -> None:
    """Start the product with its demo, walk the way of docs/branding-in-five-minutes.md, and
    photograph what a person sees there."""
    folder.mkdir(exist_ok=True)
    with (
        tempfile.TemporaryDirectory() as data,
        running("", Path(data)) as portal,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=list(ARGUMENTS), headless=True
        )
        _photograph(_at_sign_in(browser, portal), folder / "sign-in.png")
        _photograph(_at_first_admin(browser, portal), folder / "console-first.png")
        _take_console(browser, portal, folder)
        _photograph(_at_sign_in(browser, portal), folder / "console-published.png")
        browser.close()


def _at_sign_in(browser: Browser, portal: Portal) -> Page:
    page = _opened(browser, SIGN_IN_SIZE)
    page.goto(f"{portal.demo_url}/auth/login")
    page.get_by_label("Email address").fill("jane@example.com")
    return page


def _at_first_admin(browser: Browser, portal: Portal) -> Page:
    found = _LINK.search(portal.log)
    assert found, "The product printed no link for the first admin."
    page = _opened(browser, SIGN_IN_SIZE)
    page.goto(found[0])
    page.get_by_label("Your name").fill("Ada Admin")
    page.get_by_label("Your email address").fill("ada@acme.example")
    return page


def _take_console(browser: Browser, portal: Portal, folder: Path) -> None:
    """Make a draft, look at every screen, publish."""
    with portal.database():
        ada = at_console.owner(
            browser,
            portal,
            portal.tenant,
            viewport=CONSOLE_SIZE,
            device_scale_factor=1.25,
        )
        start = f"{portal.url}{at_console.console_of(portal, portal.tenant)}"
    page = ada.page
    page.goto(f"{start}/branding")
    page.get_by_label("Accent color").fill("#0f766e")
    page.get_by_label("Split").check()
    button = page.frame_locator("iframe").get_by_role("button", name="Continue", exact=True)
    expect(button).to_have_css("background-color", "rgb(15, 118, 110)")
    _photograph(page, folder / "console-branding.png")
    page.goto(f"{start}/gallery")
    _photograph(page, folder / "console-gallery.png")
    page.goto(f"{start}/branding")
    page.get_by_role("button", name="Publish").click()
    page.wait_for_load_state("networkidle")
    ada.context.close()


def _opened(browser: Browser, size: dict[str, int]) -> Page:
    return browser.new_page(viewport=size, device_scale_factor=1.5, locale="en-GB")  # type: ignore[arg-type]


def _photograph(page: Page, target: Path) -> None:
    """What the window shows, in few colours: a picture of a page needs no more, and weighs less."""
    page.wait_for_load_state("networkidle")
    taken = page.screenshot(animations="disabled", caret="hide")
    few = Image.open(io.BytesIO(taken)).convert("RGB").quantize(COLOURS, dither=Image.Dither.NONE)
    few.save(target, optimize=True)


if __name__ == "__main__":
    take(FOLDER)
