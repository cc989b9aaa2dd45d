"""The operator's own message builder: a function that writes the mails instead of our templates.

`MESSAGE_BUILDER=module:function` names it. It is given a `Request` and returns a mapping with
`recipient`, `subject`, `html` and `text`, or None to leave this mail to AuthPage. It never costs
anybody a login: when it fails, takes too long, or returns something unusable, AuthPage's own mail
goes out and the fault is logged, without the code.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import cache
from importlib import import_module
from threading import Thread
from threading import enumerate as enumerate_threads
from typing import Any, Protocol

import structlog

from app import clock
from app.addresses import BadAddress, mask_email, parse_email
from app.branding import brand_of
from app.branding.cascade import Branded
from app.config import UnsafeSettings, settings
from app.delivery.outbox import Payload
from app.whereabouts import where

SECONDS = 5.0
"""For one mail."""
MOST_HANGING = 3
"""Calls that may hang at once: with so many nothing is asked of the builder, and nobody waits."""
LONGEST_SUBJECT = 200
LONGEST_PART = 200_000
_MEMBERS = ("recipient", "subject", "html", "text")
_NAME = re.compile(r"[A-Za-z_][\w.]*:[A-Za-z_]\w*")
_THREAD = "message-builder"
_UNSEEN = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029]")

_log = structlog.stdlib.get_logger(__name__)


class BuilderTenant(Branded, Protocol):
    """Whose mail it is: a tenant snapshot."""

    @property
    def base_url(self) -> str:
        """Where its pages begin."""


@dataclass(frozen=True)
class Branding:
    """How the tenant looks, every value decided."""

    name: str
    logo_url: str | None
    accent: str
    on_accent: str
    background: str
    """Colours of the light theme, as `#rrggbb`."""


@dataclass(frozen=True)
class Request:
    """What a message builder is given."""

    purpose: str
    """Such as `sign_in_code` or `password_changed`."""
    email: str
    masked_email: str
    code: str | None = field(repr=False)
    link: str | None = field(repr=False)
    """Where the button leads."""
    expires_at: datetime | None
    """When code and link stop working, in UTC."""
    application: str
    """The name of the app that the person is on the way to, or else the tenant's."""
    locale: str
    branding: Branding
    values: Mapping[str, str]
    """What else the message names, such as `device`."""


@dataclass(frozen=True)
class Built:
    """A mail to one recipient."""

    recipient: str
    subject: str
    html: str
    text: str


class Unusable(Exception):
    """What the builder returned is no mail."""


def load(name: str) -> Callable[[Request], Any] | None:
    """The function that MESSAGE_BUILDER names; None for an empty name. Raises `UnsafeSettings`."""
    return _loaded(name) if name else None


def build(tenant: BuilderTenant, purpose: str, payload: Payload, queued_at: int) -> Built | None:
    """The mail as the operator's builder wants it; None without one, and when AuthPage's own is to
    go out."""
    builder = load(settings().message_builder)
    if builder is None:
        return None
    request = _request(tenant, purpose, payload, queued_at)
    try:
        return _checked(_called(builder, request), request)
    except Exception as error:
        what = str(error) if isinstance(error, Unusable) else where(error)
        _log.error("message_builder_failed", purpose=purpose, error=what)
        return None


@cache
def _loaded(name: str) -> Callable[[Request], Any]:
    try:
        if not _NAME.fullmatch(name):
            raise ImportError  # noqa: TRY301 (one sentence for all that can be wrong)
        module, _, function = name.partition(":")
        found = getattr(import_module(module), function)
    except (ImportError, AttributeError):
        found = None
    if not callable(found):
        raise UnsafeSettings(["MESSAGE_BUILDER must name a function as module:function."])
    return found  # type: ignore[no-any-return]


def _request(tenant: BuilderTenant, purpose: str, payload: Payload, queued_at: int) -> Request:
    values = dict(payload.values)
    code, link = values.pop("code", None), values.pop("link", None)
    values.pop("not_me", None)
    expires_at = None
    if code is not None and values.get("minutes", "").isdigit():
        moment = queued_at // clock.SECOND + 60 * int(values["minutes"])
        expires_at = datetime.fromtimestamp(moment, UTC)
    return Request(
        purpose=purpose,
        email=payload.to,
        masked_email=mask_email(payload.to),
        code=code,
        link=link,
        expires_at=expires_at,
        application=values.get("app", tenant.name),
        locale=payload.locale,
        branding=_branding(tenant, payload),
        values=values,
    )


def _branding(tenant: BuilderTenant, payload: Payload) -> Branding:
    brand = brand_of(tenant, payload.organization_id, payload.client_id)
    return Branding(
        name=brand.name,
        logo_url=f"{tenant.base_url}{brand.logo_path}" if brand.logo_path else None,
        accent=str(brand.light.accent),
        on_accent=str(brand.light.on_accent),
        background=str(brand.light.page),
    )


def _called(builder: Callable[[Request], Any], request: Request) -> Any:
    """What the builder returns, called in a thread that is left alone when it takes too long."""
    outcome: list[Any] = []
    faults: list[Exception] = []

    def call() -> None:
        try:
            outcome.append(builder(request))
        except Exception as error:
            faults.append(error)

    if sum(each.name == _THREAD for each in enumerate_threads()) >= MOST_HANGING:
        raise Unusable(f"{MOST_HANGING} calls of it hang")
    thread = Thread(target=call, name=_THREAD, daemon=True)
    thread.start()
    thread.join(SECONDS)
    if faults:
        raise faults[0]
    if not outcome:
        raise Unusable(f"it returned nothing within {SECONDS:g} seconds")
    return outcome[0]


def _checked(returned: Any, request: Request) -> Built | None:
    """The mail that was returned; raises `Unusable`, never quoting what it says."""
    if returned is None:
        return None
    if not isinstance(returned, Mapping) or {*returned} != {*_MEMBERS}:
        raise Unusable(f"it returned no mapping with exactly {', '.join(_MEMBERS)}")
    for name in _MEMBERS:
        longest = LONGEST_SUBJECT if name == "subject" else LONGEST_PART
        value = returned[name]
        if not isinstance(value, str) or not 0 < len(value) <= longest:
            raise Unusable(f"{name} is no text of 1 to {longest} characters")
    if _UNSEEN.search(returned["subject"]):
        raise Unusable("subject has a line break or another control character")
    secret = request.link or request.code
    if secret and not all(_says(returned[part], request) for part in ("html", "text")):
        raise Unusable("html and text must both hold the code or the link")
    try:
        recipient = parse_email(returned["recipient"]).deliverable
    except BadAddress:
        raise Unusable("recipient is no single email address") from None
    return Built(recipient, returned["subject"], returned["html"], returned["text"])


def _says(part: str, request: Request) -> bool:
    link = request.link or ""
    written = (request.code, request.link, link.replace("&", "&amp;"))
    return any(each in part for each in written if each)
