"""The mail doctor: what the DNS says about the sender's domain, and which record to add."""

from flask import request
from werkzeug.wrappers import Response

from app.console.door import Admin, blueprint, for_admin
from app.console.message_frame import draw_tab
from app.delivery import mail_doctor as doctor


@blueprint.get("/<tenant_slug>/messages/doctor")
@for_admin("message.read")
def mail_doctor(admin: Admin) -> Response:
    """The domain that mails come from; with `?look=now`, the findings about it."""
    sender = doctor.sender_of(admin.tenant)
    has_looked = request.args.get("look") == "now"
    return draw_tab(
        admin,
        "doctor",
        "doctor",
        sender=sender,
        findings=doctor.examine(sender) if has_looked else None,
        guide=doctor.guide(sender.domain) if sender.kind == "azure" else (),
    )
