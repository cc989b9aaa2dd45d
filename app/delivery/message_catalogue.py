"""Every message that AuthPage sends: its editable parts, their limits, and the placeholders.

A part is one sentence with an id of gettext. A tenant's own sentence is kept in the settings
`texts.overrides` under `mail.<message>.<part>`, as every other sentence of its own is.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from app import text
from app.directory.errors import BadValue

Part = Literal[
    "subject", "heading", "body", "action", "until", "advice", "footer", "sender_name", "sms"
]
Group = Literal["sign_in", "account", "notices", "organizations", "sms"]

LONGEST: Mapping[str, int] = {
    "subject": 150,
    "heading": 150,
    "body": 2_000,
    "action": 60,
    "until": 300,
    "advice": 600,
    "footer": 600,
    "sender_name": 80,
    "sms": 300,
}
"""Characters that a part may have."""
MEANINGS: Mapping[str, str] = {
    "tenant_name": "Acme",
    "when": "Nov 21, 2026, 10:00 AM UTC",
    "app": "Acme Dashboard",
    "minutes": "10",
    "code": "123456",
    "device": "Firefox 144 on Linux",
    "label": "My phone",
    "address": "jane@example.com",
    "phone": "+1 415-555-0123",
    "name": "Google",
    "due": "Dec 5, 2026",
    "left": "7",
    "organization": "Northwind Labs",
    "until": "Dec 12, 2026, 10:00 AM UTC",
}
"""Placeholder -> an example of what stands in its place."""
_ALWAYS = ("tenant_name", "when")
_ONE_LINE = frozenset({"subject", "heading", "action", "sender_name", "sms"})
_PLAIN_PARTS: tuple[Part, ...] = ("subject", "heading", "body")
_LAST_PARTS: tuple[Part, ...] = ("footer", "sender_name")
_OF_TEMPLATE: Mapping[str, tuple[Part, ...]] = {
    "code": (),
    "link": ("action",),
    "no_account": ("action",),
    "notice": ("advice", "action"),
    "support_recovery": ("action", "advice"),
    "invitation": ("action", "until", "advice"),
    "welcome": ("action", "advice"),
}
_SHARED = {"footer": "mail.footer", "sender_name": None}
_BRACES = re.compile(r"\{\{|\}\}|\{%|%\}|\{#|#\}")
_WRITTEN = re.compile(r"\{\{\s*[a-z][a-z0-9_]*\s*\}\}")
_UNSEEN = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
_LINK_IN_NAME = re.compile(r"://|@|\bwww\.", re.IGNORECASE)


@dataclass(frozen=True)
class Message:
    """One message; `key` is its name in URLs."""

    key: str
    channel: Literal["mail", "sms"]
    purpose: str
    """What the outbox calls it."""
    group: Group
    template: str
    """Below `templates/mail`; empty for a text message."""
    values: tuple[str, ...]
    """The placeholders that it knows beside those of every message."""

    @property
    def parts(self) -> tuple[Part, ...]:
        """What can be edited, in the order in which it is read."""
        if self.channel == "sms":
            return ("sms",)
        return (*_PLAIN_PARTS, *_OF_TEMPLATE[self.template], *_LAST_PARTS)

    def text_id(self, part: str) -> str:
        """Where a tenant's own sentence of this part is kept."""
        return f"sms.{self.purpose}" if part == "sms" else f"mail.{self.key}.{part}"

    def default_id(self, part: str) -> str | None:
        """The sentence that counts without an own one; None where the brand's name does."""
        if part in _SHARED:
            return _SHARED[part]
        if part == "action" and self.template == "notice":
            return "mail.account"
        return self.text_id(part)

    def placeholders(self, part: str) -> tuple[str, ...]:
        """The names that may stand in `{{ }}` in this part."""
        if part in ("footer", "sender_name"):
            return ("tenant_name", *(name for name in self.values if name == "app"))
        known = (*(("tenant_name",) if self.channel == "sms" else _ALWAYS), *self.values)
        hides_code = self.channel == "mail" and part in ("subject", "heading", "action")
        return tuple(name for name in known if not (hides_code and name == "code"))

    @property
    def examples(self) -> dict[str, str]:
        """A value for each placeholder, for previews and tests."""
        return {name: MEANINGS[name] for name in self.values}


def check(message: Message, part: str, sentence: str) -> str:
    """`sentence` as it may be kept; raises `BadValue` that says what is wrong.

    It is no template of any engine: what stands in braces must be one of the names that the part
    knows (B01), and a name that people see beside an address holds no link (B06).
    """
    clean = _UNSEEN.sub(" ", sentence.replace("\r\n", "\n")).strip()
    if part in _ONE_LINE:
        clean = " ".join(clean.split())
    if len(clean) > LONGEST[part]:
        raise BadValue(part, f"At most {LONGEST[part]} characters; these are {len(clean)}.")
    known = message.placeholders(part)
    unknown = sorted(text.placeholders(clean) - {*known})
    if unknown or _BRACES.search(_WRITTEN.sub("", clean)):
        named = ", ".join(f"{{{{ {name} }}}}" for name in known)
        what = (
            f"There is no {{{{ {unknown[0]} }}}} here" if unknown else "These braces mean nothing"
        )
        raise BadValue(part, f"{what}. You can use {named}.")
    if part == "sender_name" and _LINK_IN_NAME.search(clean):
        raise BadValue(part, "A sender's name holds no address and no link.")
    if part == "sms" and "code" in message.values and "code" not in text.placeholders(clean):
        raise BadValue(part, "Without {{ code }} nobody can use this message.")
    return clean


def find(key: str) -> Message | None:
    """The message of this key; None when there is none."""
    return MESSAGES.get(key)


def of(purpose: str, values: Mapping[str, str]) -> Message:
    """The mail that the outbox calls `purpose`: to a newcomer whose address has an account, who
    is told so, another one than to others."""
    if "exists" not in values:
        return MESSAGES[purpose]
    return MESSAGES["account_exists_link" if "link" in values else "account_exists"]


def is_own_text(text_id: str) -> bool:
    """Whether a tenant may have a sentence under this id, although no catalogue has one."""
    return text_id in _OWN_IDS


def _mail(key: str, group: Group, template: str, *values: str, purpose: str = "") -> Message:
    return Message(key, "mail", purpose or key, group, template, values)


def _sms(purpose: str, *values: str) -> Message:
    return Message(f"sms_{purpose}", "sms", purpose, "sms", "", values)


_SENT = ("code", "minutes", "app")
_MESSAGES = (
    _mail("sign_in_code", "sign_in", "code", *_SENT),
    _mail("sign_in_link", "sign_in", "link", *_SENT),
    _mail("sign_up_code", "sign_in", "code", *_SENT),
    _mail("sign_up_link", "sign_in", "link", *_SENT),
    _mail("account_exists", "sign_in", "code", *_SENT, purpose="sign_up_code"),
    _mail("account_exists_link", "sign_in", "link", *_SENT, purpose="sign_up_link"),
    _mail("no_account", "sign_in", "no_account", "app"),
    _mail("second_code", "sign_in", "code", *_SENT),
    _mail("second_link", "sign_in", "link", *_SENT),
    _mail("recovery_code", "account", "code", *_SENT),
    _mail("recovery_link", "account", "link", *_SENT),
    _mail("verify_email_code", "account", "code", *_SENT),
    _mail("verify_email_link", "account", "link", *_SENT),
    _mail("support_recovery", "account", "support_recovery"),
    _mail("welcome", "account", "welcome"),
    _mail("invitation", "organizations", "invitation", "organization", "until"),
    _mail("new_device", "notices", "notice", "device", "app"),
    _mail("password_changed", "notices", "notice"),
    _mail("password_removed", "notices", "notice"),
    _mail("breached", "notices", "notice", "app"),
    _mail("factor_added", "notices", "notice", "label"),
    _mail("factor_removed", "notices", "notice", "label"),
    _mail("passkey_added", "notices", "notice", "label"),
    _mail("passkey_removed", "notices", "notice", "label"),
    _mail("identity_added", "notices", "notice", "name"),
    _mail("identity_removed", "notices", "notice", "name"),
    _mail("recovery_codes_made", "notices", "notice"),
    _mail("recovery_codes_removed", "notices", "notice"),
    _mail("recovery_code_used", "notices", "notice", "left"),
    _mail("email_added", "notices", "notice", "address"),
    _mail("email_removed", "notices", "notice", "address"),
    _mail("email_primary", "notices", "notice", "address"),
    _mail("phone_added", "notices", "notice", "phone"),
    _mail("phone_removed", "notices", "notice", "phone"),
    _mail("username_changed", "notices", "notice"),
    _mail("deletion_asked", "notices", "notice", "due"),
    _mail("deletion_cancelled", "notices", "notice"),
    _mail("recovery_started", "notices", "notice", "due"),
    _mail("recovery_used", "notices", "notice"),
    _sms("sign_in_code", "code", "minutes"),
    _sms("sign_up_code", "code", "minutes"),
    _sms("verify_phone_code", "code", "minutes"),
    _sms("recovery_code", "code", "minutes"),
    _sms("second_code", "code", "minutes"),
    _sms("recovery_started"),
    _sms("test"),
)
MESSAGES: Mapping[str, Message] = {message.key: message for message in _MESSAGES}
"""By key: first the mails, then the text messages."""
_OWN_IDS = frozenset(
    message.text_id(part)
    for message in _MESSAGES
    for part in message.parts
    if message.default_id(part) != message.text_id(part)
)
