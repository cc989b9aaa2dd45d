"""Builds a text message from its purpose and values, in the person's language.

It begins with the code, which lock screens show first, and ends with the line by which browsers
know which site a code is for (origin-bound one-time codes). Two segments are the most that it may
take: each costs the tenant as much as a whole message.
"""

import re
from urllib.parse import urlsplit

from app import text
from app.branding import brand_of
from app.delivery.mail_content import MailTenant, called
from app.delivery.outbox import Payload
from app.text import Overrides

MOST_SEGMENTS = 2
_LONGEST_NAME = 30
_JOINED = re.compile("[.:]\u2060")
# 3GPP TS 23.038, sections 6.2.1 and 6.2.1.1: the default alphabet, and what takes two places in it.
_GSM = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡"
    "ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_GSM_PAIRS = frozenset("\f^{}\\[~]|€")


def build(tenant: MailTenant, purpose: str, payload: Payload) -> str:
    """The text; needs an application context.

    Values: `code` and `minutes` for the codes, none for the others; `tenant_name` is added. A
    tenant's own sentence counts only where it fits into two segments, and the last line is left
    out where it does not.
    """
    values = {**payload.values, "tenant_name": _name(tenant, payload)}
    own, code = tenant.settings.texts.overrides, payload.values.get("code")
    plain = _sentence(payload.locale, purpose, values, {})
    for sentence in (_sentence(payload.locale, purpose, values, own), plain):
        for candidate in (_bound(sentence, tenant.base_url, code), sentence):
            if segments(candidate) <= MOST_SEGMENTS:
                return candidate
    return plain


def segments(message: str) -> int:
    """How many messages the network makes of it: 160 characters of its own alphabet fill one, or
    70 of any other; of longer ones 153 or 67 each."""
    if set(message) <= _GSM | _GSM_PAIRS:
        length, alone, joined = sum(1 + (c in _GSM_PAIRS) for c in message), 160, 153
    else:
        length, alone, joined = len(message.encode("utf-16-le")) // 2, 70, 67
    return 1 if length <= alone else -(-length // joined)


def _sentence(locale: str, purpose: str, values: dict[str, str], overrides: Overrides) -> str:
    written = text.translate(locale, f"sms.{purpose}", values, overrides)
    return re.sub(r"\s+", " ", written).strip()


def _bound(sentence: str, base_url: str, code: str | None) -> str:
    if code is None:
        return sentence
    return f"{sentence}\n\n@{urlsplit(base_url).hostname} #{code}"


def _name(tenant: MailTenant, payload: Payload) -> str:
    """Cut to what it may take of a segment, where a rare character is as long as two. A stranger's
    link is broken by spaces, as the joiners of mails would double the segments."""
    brand = brand_of(tenant, payload.organization_id, payload.client_id)
    name = " ".join(_JOINED.sub(" ", called(tenant, brand)).split())
    return name.encode("utf-16-le")[: 2 * _LONGEST_NAME].decode("utf-16-le", "ignore")
