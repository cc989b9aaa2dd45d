"""Every page that can be previewed: the flow engine's screens, the pages around them, mails."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from app.delivery import message_catalogue
from app.directory.settings import Identifiers, Methods
from app.directory.tenants import Tenant
from app.flow import gallery
from app.flow.screen import Screen
from app.pages import link

Group = Literal["sign_in", "sign_up", "second", "organizations", "around", "mails"]

FIRST = "identify"
TABS = ("identify", "email_code", "sign_up", "totp", "choose_organization", "mail-sign_in_code")
"""What stands as tabs beside a form; everything else is in the list of all screens."""
_MAIL = "mail-"
_GROUPS: dict[Group, tuple[str, ...]] = {
    "sign_up": ("sign_up", "new_password", "change_breached"),
    "second": (
        *("enrol", "enrol_totp", "totp", "recovery_code", "recovery_codes"),
        *("create_passkey", "offer_passkey"),
    ),
    "organizations": (
        *("choose_organization", "new_organization"),
        *("invitation_gone", "invitation_refused"),
    ),
}
_EVERYTHING = (
    Methods(sign_in=("passkey", "password", "email_code", "magic_link", "sms_code")),
    Identifiers(phone="optional", username="optional"),
)


@dataclass(frozen=True)
class Page:
    """A page around the flow, by its template and what that template is given."""

    template: str
    context: dict[str, Any]


PAGES: dict[str, Page] = {
    "sign_out": Page("sign_out/confirm.html", {"client_name": "Acme Dashboard", "stay_url": "#"}),
    "signed_out": Page("sign_out/done.html", {"sign_in_url": "#"}),
    "link_confirmed": Page("link_confirmed.html", {}),
    **{
        f"error_{name}": Page(
            "errors/error.html",
            {
                "title_id": f"{text_id}.title",
                "body_id": f"{text_id}.body",
                "next_url": "#",
                "next_label": "page.home",
                "support_code": "req_example",
                "values": {},
            },
        )
        for name, text_id in {
            "not_found": "problem.not_found",
            "expired": "fault.unknown_flow",
            "spent_link": "fault.spent_link",
            "ours": "problem.internal_error",
        }.items()
    },
}


def names(tenant: Tenant) -> list[str]:
    """The names of all that can be previewed, in the order in which people meet it."""
    return [*screens(tenant, "en"), *PAGES, *(f"{_MAIL}{key}" for key in _mails())]


def screens(tenant: Tenant, locale: str) -> dict[str, Screen]:
    """Every screen of the flow: as this tenant's settings make it, and where it switched a method
    off, as it would look with that method on."""
    methods, identifiers = _EVERYTHING
    possible = tenant.settings.model_copy(update={"methods": methods, "identifiers": identifiers})
    everything = gallery.screens(replace(tenant, settings=possible), locale)
    opened = (link.opened("jane@example.com"), link.matching("jane@example.com"))
    own = gallery.screens(tenant, locale)
    return {**own, **{name: each for name, each in everything.items() if name not in own}} | {
        screen.name: screen for screen in opened
    }


def in_use(tenant: Tenant) -> frozenset[str]:
    """The names of the flow's screens that the tenant's own settings lead to."""
    return frozenset(gallery.screens(tenant)) | {"open_link", "match_number"}


def message_of(name: str) -> message_catalogue.Message | None:
    """The mail that this name previews; None where it is a page."""
    key = name.removeprefix(_MAIL)
    return _mails().get(key) if name.startswith(_MAIL) else None


def group_of(name: str) -> Group:
    """Under which heading a preview stands."""
    if name.startswith(_MAIL):
        return "mails"
    if name in PAGES:
        return "around"
    return next((group for group, found in _GROUPS.items() if name in found), "sign_in")


def _mails() -> dict[str, message_catalogue.Message]:
    messages = message_catalogue.MESSAGES
    return {key: each for key, each in messages.items() if each.channel == "mail"}
