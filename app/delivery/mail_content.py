"""What a mail says: subject, HTML and text, in the tenant's brand, words and language."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from flask import current_app

from app import text
from app.branding import Brand, brand_of
from app.branding.cascade import Branded
from app.delivery import message_catalogue, plain_text
from app.delivery.message_catalogue import Message, Part
from app.delivery.outbox import Payload

_LONGEST_VALUE = 120
_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]+")
_LINK_LIKE = re.compile(r"(?<=\w)(\.(?=\w)|:(?=//))")
_ISOLATE, _END_ISOLATE, _WORD_JOINER = "\u2068", "\u2069", "\u2060"
_PARAGRAPHS = re.compile(r"\n\s*\n")


class MailTenant(Branded, Protocol):
    """Whose mail it is: a tenant snapshot."""

    @property
    def id(self) -> str:
        """The tenant's id."""

    @property
    def is_test(self) -> bool:
        """Whether it may fix or echo codes."""

    @property
    def base_url(self) -> str:
        """Where its pages begin; the only base of links (never a request's host)."""


@dataclass(frozen=True)
class Content:
    """A mail without its headers."""

    subject: str
    html: str
    text: str
    sender_name: str


def compose(tenant: MailTenant, purpose: str, payload: Payload, queued_at: int) -> Content:
    """What the mail says; needs an application context.

    Values: `code` and `minutes` for the codes, and `link` for the links (a `sign_up_code` with
    `exists` says that there is an account already), `device` for `new_device`, `label`, `address`,
    `phone` or `due` for the notices whose sentence names one, `organization` and `until` for the
    `invitation`, and `not_me` for the token that undoes it; `when` is added.
    """
    message = message_catalogue.of(purpose, payload.values)
    brand = brand_of(tenant, payload.organization_id, payload.client_id)
    words = _Words(message, tenant, brand, payload, queued_at)
    subject = one_line(words.part("subject"))
    html = current_app.jinja_env.get_template(f"mail/{message.template}.html").render(
        subject=subject,
        values=payload.values,
        part=words.part,
        paragraphs=words.paragraphs,
        t=words.t,
        brand=brand,
        base_url=tenant.base_url,
        sign_up_open=tenant.settings.methods.sign_up_open,
        locale=payload.locale,
        direction=text.direction(payload.locale),
    )
    return Content(subject, html, plain_text.of_html(html), one_line(words.part("sender_name")))


def one_line(value: str) -> str:
    """`value` on one line, without anything that would end a header."""
    return re.sub(r"\s+", " ", _CONTROLS.sub(" ", value)).strip()


def called(tenant: Branded, brand: Brand) -> str:
    """What a message calls itself, on one line. A name that only an organization or client took is
    a stranger's: no link comes of it, and no address of a sender."""
    if brand.name == brand_of(tenant).name:
        return one_line(brand.name)
    return _harmless(brand.name).replace("@", " ")


class _Words:
    """The sentences of one mail."""

    def __init__(
        self, message: Message, tenant: MailTenant, brand: Brand, payload: Payload, queued_at: int
    ) -> None:
        self._message = message
        self._locale = payload.locale
        self._overrides = tenant.settings.texts.overrides
        name = called(tenant, brand)
        self._sender_name = tenant.settings.mail.sender_name or name
        given = {name: _harmless(payload.values.get(name, "")) for name in message.values}
        given |= {"tenant_name": name, "when": text.moment(queued_at, self._locale)}
        self._values = {name: self._isolated(value) for name, value in given.items()}

    def t(self, text_id: str, **values: Any) -> str:
        """The sentence with this id; the template escapes it."""
        return text.translate(self._locale, text_id, {**self._values, **values}, self._overrides)

    def part(self, name: Part) -> str:
        """A part of the message: the tenant's own, or else what stands there by default."""
        own = self._overrides.get(self._locale, {}).get(self._message.text_id(name))
        if own is not None:
            return text.fill(own, self._known(name))
        default = self._message.default_id(name)
        return self._sender_name if default is None else self.t(default)

    def paragraphs(self, name: Part) -> list[str]:
        """The same, where it stands in the mail as paragraphs."""
        return [each for each in _PARAGRAPHS.split(self.part(name)) if each.strip()]

    def _known(self, part: Part) -> Mapping[str, str]:
        """Only what the part may name: a sentence may be older than the rule that refuses it."""
        return {name: self._values[name] for name in self._message.placeholders(part)}

    def _isolated(self, value: str) -> str:
        """A Latin name must not disturb the order of a sentence that runs leftwards."""
        if text.direction(self._locale) == "ltr" or not value:
            return value
        return f"{_ISOLATE}{value}{_END_ISOLATE}"


def _harmless(value: str) -> str:
    """A stranger's words: one short line that no mail program makes a link of."""
    return _LINK_LIKE.sub(rf"\1{_WORD_JOINER}", one_line(value)[:_LONGEST_VALUE])
