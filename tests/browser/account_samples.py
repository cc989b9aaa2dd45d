"""The account portal as a person with a full life would see it, without a database."""

from collections.abc import Callable
from typing import Any

from flask import flash
from werkzeug.wrappers import Response

from app import clock
from app.account.activity import Happening
from app.directory.authenticators import Authenticator
from app.directory.contacts import Contact
from app.directory.grants import ListedGrant
from app.directory.memberships import MembershipView
from app.directory.passkeys import ListedPasskey
from app.directory.pending_contacts import PendingContact
from app.directory.people import Person
from app.directory.sessions import ListedSession
from app.directory.settings import Identifiers, Organizations
from app.directory.trusted_devices import TrustedDevice
from app.pages.account import forms
from tests.browser import account_form_samples, invitation_samples, samples, upstream_samples
from tests.browser.account_owner import DAY, owner

_CODES = (
    "K7QD-2MPA",
    "9XTR-4HBE",
    "W3FV-8NJC",
    "5ZYG-6SKT",
    "B2HM-7QRW",
    "D8PX-3VAN",
    "T4CJ-9EFG",
    "M6WK-5DYS",
    "R1BN-2XZH",
    "F9AE-8TQV",
)


def _person(*, bare: bool = False) -> Person:
    return Person(
        user_id="usr_1",
        status="active",
        display_name=None if bare else "Jane Doe",
        locale=None if bare else "en",
        email="jane@example.com",
        email_key="jane@example.com",
        identifier_id="idn_1",
        email_verified=True,
        password_hash=None if bare else "$argon2id$",
        username=None if bare else "jane.doe",
    )


def _profile() -> Response:
    now = clock.now()
    return _listing(
        "profile",
        person=_person(),
        contacts=[
            Contact("idn_1", "email", "jane@example.com", "jane@example.com", True, now),
            Contact("idn_2", "email", samples.LONG_EMAIL, samples.LONG_EMAIL, False, now),
            Contact("idn_3", "phone", "+1 415-555-0123", "+14155550123", True, now),
            Contact("idn_4", "username", "jane.doe", "jane.doe", True, None),
        ],
        pending=[PendingContact("otc_1", "email", "jane@new.example", now, now + DAY)],
        kinds=Identifiers(phone="optional", username="optional"),
        takes_phones=True,
        deletion_due=now + 14 * DAY,
    )


def _bare_profile() -> Response:
    address = Contact("idn_1", "email", "jane@example.com", "jane@example.com", True, None)
    return _listing(
        "profile",
        person=_person(bare=True),
        contacts=[address],
        pending=[],
        kinds=Identifiers(username="optional"),
        takes_phones=True,
        deletion_due=None,
    )


def _told() -> Response:
    """The page after a change, which says so once."""
    flash("account.told.contact_added")
    return _bare_profile()


def _security() -> Response:
    now = clock.now()
    return _listing(
        "security",
        person=_person(),
        offers_password=True,
        offers_passkeys=True,
        passkeys=[
            ListedPasskey("crd_1", "iCloud Keychain", "YWJj", {"backed_up": True}, now, now),
            ListedPasskey("crd_2", samples.LONG_NAME, "ZGVm", {}, now - 90 * DAY, None),
        ],
        known={"rpId": "localhost", "userId": "dXNy", "allAcceptedCredentialIds": ["YWJj"]},
        offers_authenticators=True,
        authenticators=[
            Authenticator("crd_3", "Work phone", now - 30 * DAY, now),
            Authenticator("crd_4", None, now - 60 * DAY, None),
        ],
        codes_of_use=True,
        codes_left=8,
        linked=upstream_samples.linked(),
        linkable=upstream_samples.linkable(),
    )


def _bare_security() -> Response:
    return _listing(
        "security",
        person=_person(bare=True),
        offers_password=True,
        offers_passkeys=True,
        passkeys=[],
        known={"rpId": "localhost", "userId": "dXNy", "allAcceptedCredentialIds": []},
        offers_authenticators=True,
        authenticators=[],
        codes_of_use=False,
        codes_left=0,
    )


def _devices() -> Response:
    now = clock.now()
    return _listing(
        "devices",
        sessions=[
            _session("ses_1", "Firefox 140", "Linux", now),
            _session("ses_8", "Mobile Safari", "iOS", now - DAY),
            _session("ses_9", None, None, now - 3 * DAY),
        ],
        trusted=[
            TrustedDevice("trd_1", "brw_1", "Firefox 140, Linux", now, now, now + 30 * DAY),
            TrustedDevice("trd_2", "brw_2", "Mobile Safari, iOS", now, now, now + 9 * DAY),
        ],
    )


def _one_device() -> Response:
    return _listing(
        "devices", sessions=[_session("ses_1", "Firefox 140", "Linux", clock.now())], trusted=[]
    )


def _session(id: str, software: str | None, system: str | None, at: int) -> ListedSession:
    return ListedSession(id, "brw_1", software, system, "192.0.2.7", at, ("pwd",), at, at, at)


def _apps() -> Response:
    now = clock.now()
    scopes = ("openid", "profile", "email", "offline_access", "invoices:read")
    return _listing(
        "apps",
        apps=[
            ListedGrant("grt_1", "cli_1", "Northwind Reports", scopes, now - 40 * DAY),
            ListedGrant("grt_2", "cli_2", samples.LONG_NAME, ("openid",), now - 9 * DAY),
        ],
    )


def _organizations() -> Response:
    return _listing(
        "organizations",
        memberships=[
            MembershipView("org_1", "Northwind Labs", "northwind", ("owner",), 24),
            MembershipView("org_2", samples.LONG_NAME, "long", ("member", "billing"), 1),
        ],
        invitations=invitation_samples.waiting(),
        rules=Organizations(creation_open=True, joining_open=True),
    )


def _no_organizations() -> Response:
    return _listing("organizations", memberships=[], invitations=[], rules=Organizations())


def _activity() -> Response:
    now = clock.now()
    seen = [
        ("activity.signed_in", "user", "Chrome 156", "Linux"),
        ("activity.passkey_added", "user", "Mobile Safari", "iOS"),
        ("activity.password_failed", "user", None, None),
        ("activity.disabled", "admin", None, None),
    ]
    return _listing(
        "activity",
        happenings=[
            Happening(f"evt_{n}", now - n * DAY, "e", text_id, by, software, system, "192.0.2.7")
            for n, (text_id, by, software, system) in enumerate(seen)
        ],
        next_cursor="evt_3",
    )


def _listing(section: str, **context: Any) -> Response:
    return forms.draw(owner(), section, section, f"account.{section}.title", **context)


def _data(due: int | None) -> Response:
    return forms.draw(owner(), "data", "data", "account.data.title", deletion_due=due)


def _codes() -> Response:
    return forms.draw(
        owner(),
        "recovery_codes",
        "security",
        "recovery_codes.title",
        codes=_CODES,
        account="jane@example.com",
    )


PAGES: dict[str, Callable[[], Response]] = {
    "account": _profile,
    "account-told": _told,
    "account-bare": _bare_profile,
    "account-security": _security,
    "account-security-bare": _bare_security,
    "account-devices": _devices,
    "account-devices-one": _one_device,
    "account-apps": _apps,
    "account-apps-none": lambda: _listing("apps", apps=[]),
    "account-organizations": _organizations,
    "account-organizations-none": _no_organizations,
    "account-activity": _activity,
    "account-activity-none": lambda: _listing("activity", happenings=[], next_cursor=None),
    "account-data": lambda: _data(None),
    "account-data-due": lambda: _data(clock.now() + 14 * DAY),
    "account-codes": _codes,
    **account_form_samples.PAGES,
}
