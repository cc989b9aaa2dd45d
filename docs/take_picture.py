"""Takes the picture of the README anew, from the running product: `make picture`."""

import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.browser.portal import running
from tests.services.chromium import ARGUMENTS, find_chromium

PICTURE = Path(__file__).parent / "images" / "sign-in.png"
SIZE = {"width": 960, "height": 640}


def take(target: Path) -> None:
    """Start the product with its demo, come from the demo app, and photograph the sign-in page."""
    with (
        tempfile.TemporaryDirectory() as folder,
        running("", Path(folder)) as portal,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(
            executable_path=find_chromium(), args=list(ARGUMENTS), headless=True
        )
        page = browser.new_page(viewport=SIZE, device_scale_factor=2, locale="en-GB")  # type: ignore[arg-type]
        page.goto(f"{portal.demo_url}/auth/login")
        page.get_by_label("Email address").fill("jane@example.com")
        page.wait_for_load_state("networkidle")
        target.parent.mkdir(exist_ok=True)
        page.screenshot(path=target, animations="disabled", caret="hide")
        browser.close()


if __name__ == "__main__":
    take(PICTURE)
