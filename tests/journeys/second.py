"""Moves of people who have a second factor."""

import html
import re

import pyotp

from app import clock
from app.methods.totp import STEP
from tests.factories import MadeClient, MadeUser
from tests.visitors import HtmlVisitor, Visit, Visitor


def code_of(secret: str, steps: int = 0) -> str:
    """The code that an app with this secret shows now, or so many steps later."""
    return pyotp.TOTP(secret).at(clock.now_seconds() + steps * STEP)


def new_step() -> None:
    """Wait for the next time step to begin, so that what follows happens within it."""
    clock.move(STEP - clock.now_seconds() % STEP)


def after_password(visit: Visit, client: MadeClient, user: MadeUser, **asked: str) -> Visitor:
    """A visitor who has typed address and password."""
    visitor = visit(client, **asked)
    visitor.submit(email=user.email)
    if visitor.screen != "password":
        visitor.submit("use:password")
    visitor.submit(password=user.password or "")
    return visitor


def shown_secret(visitor: Visitor) -> str:
    """The secret on the screen that sets up an authenticator, as it would be typed."""
    if isinstance(visitor, HtmlVisitor):
        found = re.search(r'<p class="secret" dir="ltr"><code>([^<]*)</code>', visitor.text)
        assert found is not None
        return html.unescape(found[1]).replace(" ", "")
    return str(visitor.shown["display"]["secret"]).replace(" ", "")


def shown_codes(visitor: Visitor) -> list[str]:
    """The recovery codes on the screen."""
    if isinstance(visitor, HtmlVisitor):
        return re.findall(r'<li dir="ltr"><code>([^<]*)</code>', visitor.text)
    return list(visitor.shown["display"]["codes"])
