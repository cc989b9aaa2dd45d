"""Whose account the samples of the portal show: somebody with three accounts in this browser."""

from flask import g

from app import clock
from app.account.owner import Owner
from app.actor import Actor
from app.directory.sessions import LiveSession, SignedIn
from tests.browser import samples

DAY = 86_400_000


def owner() -> Owner:
    """The one who is in front of the page, signed in beside two others."""
    everybody = (
        _live(1, "Jane Doe", "jane@example.com"),
        _live(2, "ليلى حداد", "layla@example.com"),
        _live(3, None, samples.LONG_EMAIL),
    )
    g.signed_in = SignedIn("brw_1", everybody)
    return Owner(g.tenant, Actor("user", "usr_1"), "usr_1", "ses_1", clock.now(), None, "en")


def _live(number: int, name: str | None, email: str) -> LiveSession:
    now = clock.now()
    return LiveSession(
        id=f"ses_{number}",
        user_id=f"usr_{number}",
        browser_id="brw_1",
        auth_time=now - number,
        amr=("pwd",),
        acr=None,
        email=email,
        display_name=name,
        user_status="active",
        last_seen_at=now,
        expires_at=now + DAY,
    )
