"""What the pages about messages have in common: their tabs, and the sentence of a failed try."""

from dataclasses import dataclass
from typing import Any

from flask import url_for
from werkzeug.wrappers import Response

from app.console.door import Admin, draw
from app.delivery import trouble
from app.delivery.sender import Failure
from app.directory.tenants import Tenant
from app.flow.screen import Text
from app.language import switched_on

SECTION = "messages"
_TABS = (
    ("messages", "console.messages.tab.words", "console.list_messages", "message.read"),
    ("senders", "console.messages.tab.senders", "console.message_senders", "message.read"),
    ("doctor", "console.messages.tab.doctor", "console.mail_doctor", "message.read"),
    ("log", "console.messages.tab.log", "console.delivery_log", "delivery.read"),
)


@dataclass(frozen=True)
class Trouble:
    """Why a try failed, and what mends it."""

    reason: str
    remedy: str
    """A text id."""


def trouble_of(failure: Failure) -> Trouble:
    """What to say of a failed try."""
    remedy = trouble.remedy_for(failure.reason)
    return Trouble(failure.reason, f"console.messages.trouble.{remedy}")


def draw_tab(
    admin: Admin, tab: str, template: str, *, title: Text | None = None, **context: Any
) -> Response:
    """A page of the section, with the tabs that its admin may see."""
    slug = admin.tenant.slug
    entries = [
        (url_for(endpoint, tenant_slug=slug), label, key == tab)
        for key, label, endpoint, permission in _TABS
        if admin.may(permission)
    ]
    return draw(
        admin, f"messages/{template}", section=SECTION, title=title, entries=entries, **context
    )


def languages(tenant: Tenant) -> tuple[str, ...]:
    """The languages in which the tenant's messages can be worded, its default one first."""
    texts = tenant.settings.texts
    return tuple(sorted(switched_on(texts), key=lambda each: each != texts.default_locale))
