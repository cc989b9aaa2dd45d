"""Somebody at a real browser, who notices whatever a page does wrong."""

import json
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from playwright.sync_api import Browser, Cookie, Page, expect

from tests.browser.portal import Portal
from tests.factories import MadeUser
from tests.inspection import faults_of

_LOCAL = ("localhost", "127.0.0.1")
_REFUSAL = re.compile(r"responded with a status of (401|403|422)")
"""A refusal is a page with such a status, of which Chromium also tells on its console."""
_REPORT = """
  document.addEventListener("securitypolicyviolation", (event) =>
    console.error(`policy: ${event.violatedDirective} ${event.blockedURI}`));
"""

_SIGNALS = """
  const signalled = (window.signalled = []);
  const heard = (window.heard = []);
  for (const name of Object.getOwnPropertyNames(PublicKeyCredential)) {
    if (!name.startsWith("signal")) continue;
    const real = PublicKeyCredential[name];
    PublicKeyCredential[name] = function (given) {
      signalled.push([name, given]);
      heard.push(real.call(this, given));
      return heard.at(-1);
    };
  }
"""


class Person:
    """A browser of its own, at the demo app or at AuthPage."""

    def __init__(self, browser: Browser, portal: Portal, **options: Any) -> None:
        options.setdefault("locale", "en-GB")
        self.portal = portal
        self.context = browser.new_context(**options)
        self.context.set_default_timeout(20_000)
        self.context.add_init_script(_REPORT)
        self.faults: list[str] = []
        self.context.on("console", lambda said: self._note(said.type, said.text))
        self.context.on("weberror", lambda error: self.faults.append(str(error.error)))
        self.context.on("request", lambda request: self._look_at(request.url))
        self.page = self.context.new_page()

    def new_tab(self) -> Page:
        """One more tab, which is the one looked at from now on."""
        self.page = self.context.new_page()
        return self.page

    def open_app(self, path: str = "/auth/login", **query: str) -> None:
        """Go to an address of the demo app; by default the one that asks to sign in."""
        self.page.goto(f"{self.portal.demo_url}{path}?{urlencode(query)}")

    def open(self, path: str, **query: str) -> None:
        """Go to an address of AuthPage."""
        self.page.goto(f"{self.portal.url}{path}{'?' if query else ''}{urlencode(query)}")

    def fill(self, **fields: str) -> None:
        """Fill fields in by their names."""
        for name, value in fields.items():
            self.page.locator(f"main input[name={name}]").fill(value)

    def value(self, label: str) -> str:
        """What the field with this label holds."""
        return self.page.get_by_role("textbox", name=label, exact=True).input_value()

    def press(self, button: str) -> None:
        """Press the button, or follow the link, with these words."""
        words = re.compile(rf"^\s*{re.escape(button)}")
        found = self.page.get_by_role("button", name=button).or_(
            self.page.get_by_role("link", name=words)
        )
        found.first.click()

    def see(self, heading: str) -> None:
        """Wait for the page with that heading, and look at how it is made."""
        expect(self.page.get_by_role("heading", level=1)).to_have_text(heading, timeout=20_000)
        self.page.wait_for_load_state("domcontentloaded")
        if self.page.url.startswith(self.portal.url):
            assert list(faults_of(self.page.content())) == []
            self._fits()

    def tells_signals(self) -> None:
        """Note from now on what pages tell the password manager, beside telling it."""
        self.context.add_init_script(_SIGNALS)

    @property
    def signals(self) -> list[tuple[str, dict[str, Any]]]:
        """What this page has told the password manager, once that has listened: the function's
        name, and what with."""
        self.page.wait_for_load_state("domcontentloaded")
        told = self.page.evaluate("Promise.allSettled(heard).then(() => signalled)")
        return [(name, given) for name, given in told]

    def identify(self, user: MadeUser | str) -> None:
        """Say who one is."""
        self.see("Sign in to Acme")
        self.fill(email=user if isinstance(user, str) else user.email)
        self.press("Continue")

    def sign_in(self, user: MadeUser) -> None:
        """Say who one is, and prove it by password."""
        assert user.password is not None
        self.identify(user)
        self.see("Enter your password")
        self.fill(password=user.password)
        self.press("Sign in")

    def give_code(self, code: str) -> None:
        """Type a code; with scripts it is sent by itself."""
        self.see("Check your email")
        self.page.locator("main input[name=code]").press_sequentially(code)

    def is_in_app(self, name: str, organization: str) -> None:
        """Wait for the dashboard of the demo app, signed in by that name for that organization."""
        self.page.wait_for_url(f"{self.portal.demo_url}/**")
        self.see(f"Welcome, {name}")
        expect(self.page.locator(".facts")).to_contain_text(f"Organization{organization}")

    def is_signed_out_of_app(self) -> None:
        """Wait for the front page of the demo app, which offers to sign in."""
        self.page.wait_for_url(f"{self.portal.demo_url}/")
        expect(self.page.locator("header").get_by_role("link", name="Sign in")).to_be_visible()

    def cookies(self) -> dict[str, Cookie]:
        """The cookies that the browser keeps, by name."""
        return {each["name"]: each for each in self.context.cookies()}

    def close(self) -> None:
        """End the browser; fails when anything was wrong on the way."""
        self.context.close()
        assert self.faults == []

    def _note(self, kind: str, text: str) -> None:
        if kind in ("error", "warning") and not _REFUSAL.search(text):
            self.faults.append(f"{kind}: {text}")

    def _look_at(self, url: str) -> None:
        host = urlsplit(url).hostname or ""
        if host not in _LOCAL and not host.endswith(".localhost"):
            self.faults.append(f"asks a third party: {url}")

    def _fits(self) -> None:
        sizes = self.page.evaluate(
            "JSON.stringify([document.documentElement.scrollWidth, window.innerWidth])"
        )
        width, room = json.loads(sizes)
        assert width <= room, f"{self.page.url} is {width} px wide in {room} px"
