"""Somebody at the console with a real browser."""

from typing import Any

from playwright.sync_api import Browser

from app.actor import CLI, SYSTEM
from app.addresses import parse_email
from app.database import EVERYWHERE, write
from app.directory import admins, console, people
from app.directory.tenants import Tenant
from app.ids import new_id
from tests.browser.person import Person
from tests.browser.portal import Portal
from tests.console.staff import console_session


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
