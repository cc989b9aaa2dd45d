"""What is weak at a tenant: each a sentence, how much it matters, and what mends it."""

from flask import request
from werkzeug.wrappers import Response

from app import clock, tenancy
from app.console.door import Admin, blueprint, done, draw, for_admin
from app.console.posture_rules import (
    IDLE_AFTER,
    MENDS,
    SOON,
    Expiring,
    Finding,
    IdleAdmin,
    Seen,
    findings,
)
from app.database import EVERYWHERE, read, write
from app.delivery import mail_doctor
from app.directory import connections, posture_facts, settings_store
from app.directory.errors import NotFound
from app.keys import rotation


@blueprint.get("/<tenant_slug>/posture")
@for_admin("overview.read")
def posture(admin: Admin) -> Response:
    """Everything weak; with `?dns=now`, also what the DNS says of the sender's domain."""
    sender = mail_doctor.sender_of(admin.tenant)
    asks_dns = request.args.get("dns") == "now"
    return draw(
        admin,
        "posture/list",
        section="overview",
        found=of(admin, mail_doctor.examine(sender) if asks_dns else []),
        asks_dns=asks_dns,
        sender=sender,
    )


@blueprint.post("/<tenant_slug>/posture/<rule>/mend")
@for_admin("settings.publish")
def mend(admin: Admin, rule: str) -> Response:
    """Set what mends a finding; harmless where there is nothing to mend any more."""
    if rule not in MENDS:
        raise NotFound("rule")
    section, better = MENDS[rule]
    if any(each.rule == rule for each in of(admin)):
        now = getattr(admin.tenant.settings, section).model_dump(mode="json", exclude_unset=True)
        with write(admin.tenant.id) as session:
            settings_store.publish(
                session, admin.actor, section, {**now, **better}, owner="console"
            )
    return done(admin, "/posture", "console.posture.mended")


def of(admin: Admin, dns: list[mail_doctor.Finding] | None = None) -> list[Finding]:
    """Everything weak that the admin may see, what matters most first."""
    return findings(_seen(admin, tuple(dns or ())))


def _seen(admin: Admin, dns: tuple[mail_doctor.Finding, ...]) -> Seen:
    tenant = admin.tenant
    with read(tenant.id) as session:
        known = tuple(connections.list_all(session))
        keys = tuple(rotation.list_keys(session))
        ending = posture_facts.ending_secrets(session, SOON)
    staff = _staff(admin) if admin.may("admin.read") else []
    since = clock.now() - IDLE_AFTER
    return Seen(
        tenant=tenant,
        connections=known,
        keys=keys,
        idle=tuple(IdleAdmin(email, at) for email, _, at in staff if at < since),
        expiring=tuple(Expiring(*each) for each in ending),
        owners=sum(role == "owner" for _, role, _ in staff) if staff else 2,
        dns=dns,
    )


def _staff(admin: Admin) -> list[tuple[str, str, int]]:
    with read(EVERYWHERE) as session:
        return posture_facts.admins_seen(session, tenancy.current().id, admin.tenant.id)
