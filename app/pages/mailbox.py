"""The mailbox page of development: what would have been sent. Everywhere else it does not exist."""

from flask import Blueprint, Response, abort, make_response

from app.config import settings
from app.delivery import mailbox
from app.delivery.mailbox import StoredMail
from app.pages.rendering import page

blueprint = Blueprint("mailbox", __name__, url_prefix="/mailbox")

_MAIL_POLICY = (
    "sandbox allow-popups allow-top-navigation-by-user-activation; default-src 'none'; "
    "style-src 'unsafe-inline'; img-src 'self'; frame-ancestors 'none'"
)
"""A mail brings its style along; it runs no script, posts no form and has no origin."""


@blueprint.before_request
def only_in_development() -> None:
    """Answer 404 unless this is a development machine without a mail server."""
    if settings().environment != "development" or settings().smtp_url:
        abort(404)


@blueprint.get("")
def inbox() -> Response:
    """The mails, newest first."""
    return page("mailbox/inbox.html", mails=mailbox.messages(settings()))


@blueprint.get("/<name>")
def mail(name: str) -> Response:
    """One mail as text."""
    found = _found(name)
    return page("mailbox/mail.html", title=found.subject, mail=found)


@blueprint.get("/<name>/html")
def html_part(name: str) -> Response:
    """The HTML part as it was sent, under a policy that lets it do nothing."""
    found = _found(name)
    if not found.html:
        abort(404)
    response = make_response(found.html)
    response.headers["Content-Security-Policy"] = _MAIL_POLICY
    return response


def _found(name: str) -> StoredMail:
    found = mailbox.find(settings(), name)
    if found is None:
        abort(404)
    return found
