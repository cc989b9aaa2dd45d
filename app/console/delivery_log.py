"""The delivery log: what went to whom and how it went, never what it said."""

from urllib.parse import urlencode

from flask import request, url_for
from werkzeug.wrappers import Response

from app.console.door import Admin, blueprint, done, draw, for_admin
from app.console.message_frame import SECTION, draw_tab
from app.database import read, write
from app.delivery import delivery_log as log
from app.delivery import message_catalogue, trouble
from app.delivery.delivery_log import Filter
from app.delivery.message_catalogue import MESSAGES
from app.directory.errors import Refused
from app.flow.screen import Text

_ALL = "/<tenant_slug>/messages/log"
_PURPOSES = tuple(dict.fromkeys(each.purpose for each in MESSAGES.values()))
_A_PAGE = 50


@blueprint.get(_ALL)
@for_admin("delivery.read")
def delivery_log(admin: Admin) -> Response:
    """The messages, newest first: by state, kind and recipient."""
    given = request.args
    wanted = Filter(
        state=_among(log.STATES, given.get("state", "")),
        purpose=_among(_PURPOSES, given.get("kind", "")),
        recipient=given.get("q", "")[:320].strip(),
    )
    with read(admin.tenant.id) as session:
        page = log.page(session, wanted, after=given.get("after"), limit=_A_PAGE)
    here = url_for("console.delivery_log", tenant_slug=admin.tenant.slug)
    asked = {"state": wanted.state, "kind": wanted.purpose, "q": wanted.recipient}
    kept = {name: value for name, value in asked.items() if value}
    further = {**kept, "after": page.next_cursor}
    return draw_tab(
        admin,
        "log",
        "log",
        wanted=wanted,
        items=page.items,
        states=log.STATES,
        kinds=[(each, name_of("mail", each)) for each in _PURPOSES],
        name_of=name_of,
        is_narrowed=bool(kept),
        here=here,
        next_url=f"{here}?{urlencode(further)}" if page.next_cursor else "",
        first_url=f"{here}?{urlencode(kept)}" if given.get("after") else "",
    )


@blueprint.get(f"{_ALL}/<message_id>")
@for_admin("delivery.read")
def sent_message(admin: Admin, message_id: str) -> Response:
    """One message with every attempt to deliver it."""
    return _draw_one(admin, message_id)


@blueprint.post(f"{_ALL}/<message_id>/resend")
@for_admin("delivery.resend")
def resend_message(admin: Admin, message_id: str) -> Response:
    """Let a message that was given up be tried again; one that carries a secret never is."""
    try:
        with write(admin.tenant.id) as session:
            log.resend(session, admin.actor, message_id)
    except (log.PersonMustAsk, log.NothingToSend) as refusal:
        return _draw_one(admin, message_id, refusal)
    return done(admin, f"/messages/log/{message_id}", "console.delivery.queued_again")


def name_of(channel: str, purpose: str) -> str:
    """The text id of a message's name."""
    key = f"sms_{purpose}" if channel == "sms" else purpose
    known = message_catalogue.find(key) or message_catalogue.find(f"sms_{purpose}")
    return f"console.messages.name.{known.key if known else 'other'}"


def _draw_one(admin: Admin, message_id: str, refusal: Refused | None = None) -> Response:
    with read(admin.tenant.id) as session:
        message = log.get(session, message_id)
        attempts = log.attempts(session, message_id)
    remedy = trouble.remedy_for(message.last_error) if message.last_error else ""
    return draw(
        admin,
        "messages/sent",
        section=SECTION,
        title=Text(name_of(message.channel, message.purpose)),
        name=name_of(message.channel, message.purpose),
        message=message,
        attempts=attempts,
        remedy=remedy if message.state != "sent" and attempts else "",
        refusal=str(refusal) if refusal else "",
        status=422 if refusal else 200,
    )


def _among(known: tuple[str, ...], wanted: str) -> str:
    return wanted if wanted in known else ""
