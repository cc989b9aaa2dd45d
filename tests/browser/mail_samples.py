"""Every kind of mail as its HTML part, by the name of its purpose."""

from typing import get_args

from flask import g
from werkzeug.wrappers import Response

from app import clock, language
from app.delivery import mail_message
from app.delivery.outbox import Payload, Purpose
from tests.browser import samples

_VALUES = {
    "code": "482913",
    "minutes": "10",
    "app": "Acme Dashboard",
    "device": "Firefox 144 on Linux",
    "label": samples.LONG_NAME,
    "address": samples.LONG_EMAIL,
    "phone": "+1 415-555-0123",
    "due": "Dec 5, 2026",
    "left": "7",
    "link": "http://localhost:8000/flow/flw_1/link?token=secret",
    "not_me": "token",
    "organization": samples.LONG_NAME,
    "until": "Dec 12, 2026, 10:00 AM UTC",
}
_LINKED = ("support_recovery", "invitation", "welcome")
FEW = (
    "sign_in_code",
    "sign_in_link",
    "no_account",
    "email_added",
    "passkey_added",
    "identity_added",
    "identity_removed",
    "support_recovery",
    "invitation",
    "welcome",
)
"""One of each template, with long words where a mail has any."""
_KNOWN_ALREADY = ("sign_up_code-exists", "sign_up_link-exists")


def names() -> list[str]:
    """Every purpose, and the mails to newcomers who have an account already."""
    return [*get_args(Purpose), *_KNOWN_ALREADY]


def show(name: str) -> Response:
    """The HTML part, in the language of the request."""
    purpose, _, exists = name.partition("-")
    values = dict(_VALUES)
    if not purpose.endswith("_link") and purpose not in _LINKED:
        del values["link"]
    if exists:
        values["exists"] = "yes"
    payload = Payload("jane@example.com", values, language.current_locale())
    built = mail_message.build(
        g.tenant, purpose, payload, message_id="msg_1", queued_at=clock.now()
    )
    part = built.get_body(("html",))
    assert part is not None
    return Response(part.get_content(), mimetype="text/html")
