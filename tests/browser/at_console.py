"""Somebody at the console with a real browser."""

from collections.abc import Iterable
from typing import Any

from playwright.sync_api import Browser, ViewportSize

from app.actor import CLI, SYSTEM
from app.addresses import parse_email
from app.database import EVERYWHERE, write
from app.directory import admins, console, people
from app.directory.tenants import Tenant
from app.ids import new_id
from tests.browser.axe import violations
from tests.browser.person import Person
from tests.browser.portal import Portal
from tests.console.staff import console_session

_SCREEN: ViewportSize = {"width": 1400, "height": 900}
_PHONE: ViewportSize = {"width": 390, "height": 844}


def console_of(portal: Portal, tenant: Tenant) -> str:
    """Where the console's pages about the tenant begin, below the portal's address."""
    return f"/t/{console.SLUG}{console.HOME}/{tenant.slug}"


def owner(browser: Browser, portal: Portal, tenant: Tenant, **options: Any) -> Person:
    """A new owner of the tenant, signed in at the console of a portal whose database is open."""
    here = console.prepare()
    email = f"{new_id('a').replace('_', '.')}@staff.example"
    with write(here.id) as session:
        user_id = people.create(
            session, SYSTEM, email=parse_email(email), email_verified=True, display_name="Ada"
        )
    with write(EVERYWHERE) as session:
        admins.grant(session, CLI, here, email, "owner", administered_id=tenant.id)
    _, value = console_session(here, user_id)
    person = Person(browser, portal, **options)
    person.context.add_cookies(
        [{"name": "authpage_console", "value": value, "url": f"{portal.url}/t/{console.SLUG}/"}]
    )
    return person


def faults_of_pages(ada: Person, base: str, paths: Iterable[str]) -> list[str]:
    """What axe-core finds on these pages below `base`, each looked at once, every second one in the
    dark on a phone; and which of them are too wide for a phone."""
    found: list[str] = []
    for number, path in enumerate(paths):
        is_dark = number % 2 == 1
        ada.page.set_viewport_size(_PHONE if is_dark else _SCREEN)
        ada.page.emulate_media(color_scheme="dark" if is_dark else "light")
        ada.page.goto(f"{base}{path}")
        found += [f"{path}: {each}" for each in violations(ada.page)]
        ada.page.set_viewport_size(_PHONE)
        width = ada.page.evaluate("document.documentElement.scrollWidth - innerWidth")
        found += [f"{path}: {width} px too wide"] if width > 0 else []
    return found
