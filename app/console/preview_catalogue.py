"""Every page that can be previewed: the flow engine's screens, the pages around them, mails."""

from dataclasses import dataclass, replace
from typing import Any, Literal

from app.delivery import message_catalogue
from app.directory.settings import Identifiers, Methods, TenantSettings
from app.directory.tenants import Tenant
from app.flow import gallery
from app.flow.screen import Screen
from app.pages import link

Group = Literal["sign_in", "sign_up", "second", "organizations", "around", "mails"]

FIRST = "identify"
TABS = ("identify", "email_code", "sign_up", "totp", "choose_organization", "mail-sign_in_code")
"""What stands as tabs beside a form; everything else is in the list of all screens."""
LABELS: dict[Group, dict[str, str]] = {
    "sign_in": {
        "identify": "console.preview.identify",
        "choose_account": "console.preview.choose_account",
        "realm": "console.preview.realm",
        "password": "console.preview.password",
        "passkey": "console.preview.passkey",
        "email_code": "console.preview.email_code",
        "sms_code": "console.preview.sms_code",
        "magic_link": "console.preview.magic_link",
        "open_link": "console.preview.open_link",
        "match_number": "console.preview.match_number",
        "upstream": "console.preview.upstream",
        "consent": "console.preview.consent",
        "notice": "console.preview.notice",
    },
    "sign_up": {
        "sign_up": "console.preview.sign_up",
        "new_password": "console.preview.new_password",
        "change_breached": "console.preview.change_breached",
    },
    "second": {
        "totp": "console.preview.totp",
        "recovery_code": "console.preview.recovery_code",
        "enrol": "console.preview.enrol",
        "enrol_totp": "console.preview.enrol_totp",
        "recovery_codes": "console.preview.recovery_codes",
        "create_passkey": "console.preview.create_passkey",
        "offer_passkey": "console.preview.offer_passkey",
    },
    "organizations": {
        "choose_organization": "console.preview.choose_organization",
        "new_organization": "console.preview.new_organization",
        "invitation_gone": "console.preview.invitation_gone",
        "invitation_refused": "console.preview.invitation_refused",
    },
    "around": {
        "sign_out": "console.preview.sign_out",
        "signed_out": "console.preview.signed_out",
        "link_confirmed": "console.preview.link_confirmed",
        "error_not_found": "console.preview.error_not_found",
        "error_expired": "console.preview.error_expired",
        "error_spent_link": "console.preview.error_spent_link",
        "error_ours": "console.preview.error_ours",
    },
}
"""Group -> name of a page -> the text id of its label. Mails are named by their subjects."""
HEADINGS: dict[Group, str] = {
    "sign_in": "console.preview.group.sign_in",
    "sign_up": "console.preview.group.sign_up",
    "second": "console.preview.group.second",
    "organizations": "console.preview.group.organizations",
    "around": "console.preview.group.around",
    "mails": "console.preview.group.mails",
}
_MAIL = "mail-"
_EVERYTHING = TenantSettings(
    methods=Methods(sign_in=("passkey", "password", "email_code", "magic_link", "sms_code")),
    identifiers=Identifiers(phone="optional", username="optional"),
)
"""Settings that lead to every screen there is."""


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


def names() -> list[str]:
    """The names of all that can be previewed, in the order in which people meet it."""
    pages = [name for group in LABELS.values() for name in group]
    return [*pages, *(f"{_MAIL}{key}" for key in _mails())]


def screens(tenant: Tenant, locale: str) -> dict[str, Screen]:
    """Every screen of the flow: as this tenant's settings make it, and where it switched a method
    off, as it would look with that method on."""
    shown = {"brand": tenant.settings.brand, "texts": tenant.settings.texts}
    possible = replace(tenant, settings=_EVERYTHING.model_copy(update=shown))
    everything = gallery.screens(possible, locale)
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


def is_known(name: str) -> bool:
    """Whether there is a preview of this name."""
    return message_of(name) is not None or any(name in group for group in LABELS.values())


def mails() -> dict[str, message_catalogue.Message]:
    """The mails, by the names of their previews."""
    return {f"{_MAIL}{key}": each for key, each in _mails().items()}


def _mails() -> dict[str, message_catalogue.Message]:
    messages = message_catalogue.MESSAGES
    return {key: each for key, each in messages.items() if each.channel == "mail"}
