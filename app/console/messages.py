"""The words of mails and text messages: every one of them, each in its languages."""

from dataclasses import dataclass, replace
from typing import Any

from flask import make_response, request
from werkzeug.wrappers import Response
from wtforms import StringField, TextAreaField

from app import headers, text
from app.branding import brand_of
from app.console.door import Admin, blueprint, confirm, demand, done, for_admin
from app.console.form import Form
from app.console.message_frame import SECTION, draw_tab, languages, trouble_of
from app.database import write
from app.delivery import message_catalogue, sms_message, trial
from app.delivery.message_catalogue import LONGEST, MESSAGES, Message
from app.delivery.outbox import Payload
from app.delivery.sender import Failure
from app.directory import message_texts
from app.directory.errors import NotFound
from app.directory.message_texts import BadTexts, PartText
from app.directory.tenants import Tenant
from app.flow.screen import Text

_ONE = "/<tenant_slug>/messages/<message_key>/<locale>"
_GROUPS = ("sign_in", "account", "organizations", "notices", "sms")
_LONG = frozenset({"body", "advice", "footer", "sms"})
_EXAMPLE_NUMBER = "+14155550123"


@dataclass(frozen=True)
class Listed:
    """A message in the list."""

    message: Message
    subject: str
    own: tuple[str, ...]
    """The languages in which the tenant has words of its own."""


@blueprint.get("/<tenant_slug>/messages")
@for_admin("message.read")
def list_messages(admin: Admin) -> Response:
    """Every message, with its subject in one language and where it was worded anew."""
    offered = languages(admin.tenant)
    wanted = request.args.get("language", "")
    locale = wanted if wanted in offered else offered[0]
    groups = [
        (
            group,
            [
                _listed(admin.tenant, each, locale)
                for each in MESSAGES.values()
                if each.group == group
            ],
        )
        for group in _GROUPS
    ]
    return draw_tab(
        admin, "messages", "list", groups=groups, locale=locale, offered=_named(offered)
    )


@blueprint.route(_ONE, methods=["GET", "POST"])
@for_admin("message.read")
def edit_message(admin: Admin, message_key: str, locale: str) -> Response:
    """The parts of a message, each with what it may name, beside the message as it looks."""
    message = _message(admin, message_key, locale)
    parts = _parts(admin.tenant, message, locale)
    form = _form(parts, locale, can_edit=admin.may("message.edit"))
    if request.method == "POST":
        demand(admin.actor, "message.edit")
        if _is_saved(admin, message, locale, form):
            return done(admin, f"/messages/{message.key}/{locale}", "console.messages.saved")
    return _draw(admin, message, locale, form, parts, status=_status())


@blueprint.route(f"{_ONE}/html", methods=["GET", "POST"])
@for_admin("message.read")
def preview_message(admin: Admin, message_key: str, locale: str) -> Response:
    """The mail with made-up values, with words that were sent or else those that count; for a frame
    that can do nothing."""
    message = _message(admin, message_key, locale)
    if message.channel != "mail":
        raise NotFound("message")
    return _previewed(admin, message, locale, "html")


@blueprint.route(f"{_ONE}/text", methods=["GET", "POST"])
@for_admin("message.read")
def preview_message_text(admin: Admin, message_key: str, locale: str) -> Response:
    """The same as plain text: what programs show that draw no HTML, and what phones get."""
    return _previewed(admin, _message(admin, message_key, locale), locale, "plain")


@blueprint.route(f"{_ONE}/reset", methods=["GET", "POST"])
@for_admin("message.edit")
def reset_message(admin: Admin, message_key: str, locale: str) -> Response:
    """Ask once, then give the message its default words back in this language."""
    message = _message(admin, message_key, locale)
    back = f"/messages/{message.key}/{locale}"
    if request.method != "POST":
        language = text.language_name(locale)
        return confirm(
            admin, SECTION, Text("console.messages.reset", {"language": language}), back=back
        )
    with write(admin.tenant.id) as session:
        message_texts.reset(session, admin.actor, message, locale)
    return done(admin, back, "console.messages.was_reset")


@blueprint.post(f"{_ONE}/test")
@for_admin("message.test")
def test_message(admin: Admin, message_key: str, locale: str) -> Response:
    """Send the mail as it is saved to the admin's own address."""
    message = _message(admin, message_key, locale)
    if message.channel != "mail":
        raise NotFound("message")
    try:
        trial.send(admin.tenant, admin.actor, message, admin.email, locale)
    except Failure as failure:
        parts = _parts(admin.tenant, message, locale)
        form = _form(parts, locale, can_edit=admin.may("message.edit"), is_sent=False)
        found = trouble_of(failure)
        return _draw(admin, message, locale, form, parts, status=422, trouble=found)
    return done(admin, f"/messages/{message.key}/{locale}", "console.messages.test_sent")


def _previewed(admin: Admin, message: Message, locale: str, kind: str) -> Response:
    tenant = admin.tenant
    try:
        if request.method == "POST":
            said = message_texts.preview(tenant.settings, message, locale, request.form)
            tenant = replace(tenant, settings=said)
        shown = _shown(tenant, message, locale, kind)
    except BadTexts as refusal:
        kind, shown = "plain", "\n".join(refusal.faults.values())
    answer = make_response(shown)
    answer.content_type = f"text/{kind}; charset=utf-8"
    return headers.contain(answer, is_mail=True)


def _message(admin: Admin, key: str, locale: str) -> Message:
    found = message_catalogue.find(key)
    if found is None or locale not in languages(admin.tenant):
        raise NotFound("message")
    return found


def _parts(tenant: Tenant, message: Message, locale: str) -> list[PartText]:
    return message_texts.parts(tenant.settings, brand_of(tenant).name, message, locale)


def _form(parts: list[PartText], locale: str, *, can_edit: bool, is_sent: bool = True) -> Form:
    fields: dict[str, Any] = {
        each.part: (TextAreaField if each.part in _LONG else StringField)(
            f"console.messages.part.{each.part}",
            description=f"console.messages.part.{each.part}_hint",
            render_kw={
                "lang": locale,
                "dir": text.direction(locale),
                **({"maxlength": LONGEST[each.part]} if can_edit else {"disabled": True}),
            },
        )
        for each in parts
    }
    made: type[Form] = type("MessageForm", (Form,), fields)
    sent = request.form if is_sent and request.method == "POST" else None
    return made(sent, data={each.part: each.shown for each in parts})


def _is_saved(admin: Admin, message: Message, locale: str, form: Form) -> bool:
    given = {name: str(field.data or "") for name, field in form._fields.items()}
    try:
        with write(admin.tenant.id) as session:
            message_texts.save(session, admin.actor, message, locale, given)
    except BadTexts as refusal:
        for name, sentence in refusal.faults.items():
            form.refuse(name, sentence)
        return False
    return True


def _draw(
    admin: Admin,
    message: Message,
    locale: str,
    form: Form,
    parts: list[PartText],
    status: int,
    **context: Any,
) -> Response:
    names = {
        part.part: [
            (f"{{{{ {name} }}}}", message_catalogue.MEANINGS[name])
            for name in message.placeholders(part.part)
        ]
        for part in parts
    }
    return draw_tab(
        admin,
        "messages",
        "edit",
        title=Text(f"console.messages.name.{message.key}"),
        message=message,
        locale=locale,
        language=text.language_name(locale),
        offered=_named(languages(admin.tenant)),
        form=form,
        names=names,
        is_changed=message_texts.is_changed(admin.tenant.settings, message, locale),
        default_of={part.part: part.default for part in parts if part.own is not None},
        as_text=request.args.get("as") == "text",
        status=status,
        **context,
    )


def _listed(tenant: Tenant, message: Message, locale: str) -> Listed:
    settings = tenant.settings
    first = message_texts.parts(settings, tenant.name, message, locale)[0].shown
    values = {**message.examples, "tenant_name": brand_of(tenant).name}
    own = tuple(
        each for each in languages(tenant) if message_texts.is_changed(settings, message, each)
    )
    return Listed(message, text.fill(first, values), own)


def _shown(tenant: Tenant, message: Message, locale: str, kind: str) -> str:
    if message.channel == "sms":
        values = Payload(_EXAMPLE_NUMBER, message.examples, locale)
        return sms_message.build(tenant, message.purpose, values)
    said = trial.preview(tenant, message, locale)
    return said.html if kind == "html" else f"{said.subject}\n\n{said.text}"


def _named(locales: tuple[str, ...]) -> list[tuple[str, str]]:
    return [(each, text.language_name(each)) for each in locales]


def _status() -> int:
    return 422 if request.method == "POST" else 200
