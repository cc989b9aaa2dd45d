"""What happened to the account lately, in plain words."""

from dataclasses import dataclass

from app.account.owner import Owner
from app.audit import events, log
from app.audit.log import Entry
from app.database import read
from app.directory import devices
from app.directory.listing import LARGEST, Page

SENTENCES: dict[str, str] = {
    events.USER_CREATED: "activity.created",
    events.USER_SIGNED_UP: "activity.signed_up",
    events.USER_SIGNED_IN: "activity.signed_in",
    events.USER_SIGNED_OUT: "activity.signed_out",
    events.USER_SIGNED_OUT_EVERYWHERE: "activity.signed_out_everywhere",
    events.SESSION_ENDED: "activity.session_ended",
    events.USER_UPDATED: "activity.profile_changed",
    events.USER_DISABLED: "activity.disabled",
    events.USER_ENABLED: "activity.enabled",
    events.USER_EMAIL_VERIFIED: "activity.email_verified",
    events.USER_PHONE_VERIFIED: "activity.phone_verified",
    events.USER_EVICTED: "activity.evicted",
    events.USER_PASSWORD_SET: "activity.password_set",
    events.NEW_PASSWORD_REQUIRED: "activity.password_required",
    events.USER_PASSWORD_REMOVED: "activity.password_removed",
    events.USER_RECOVERED: "activity.recovered",
    events.PASSWORD_FAILED: "activity.password_failed",
    events.PASSWORD_LIMITED: "activity.password_limited",
    events.EMAIL_CODE_FAILED: "activity.code_failed",
    events.SMS_CODE_FAILED: "activity.code_failed",
    events.MAGIC_LINK_FAILED: "activity.code_failed",
    events.SECOND_FACTOR_FAILED: "activity.second_factor_failed",
    events.EMAIL_CODE_LIMITED: "activity.code_limited",
    events.SMS_CODE_LIMITED: "activity.code_limited",
    events.MAGIC_LINK_LIMITED: "activity.code_limited",
    events.SECOND_FACTOR_LIMITED: "activity.code_limited",
    events.CONTACT_ADDED: "activity.contact_added",
    events.CONTACT_ADDED_UNPROVEN: "activity.contact_noted",
    events.CONTACT_PRIMARY_SET: "activity.contact_primary_set",
    events.CONTACT_REMOVED: "activity.contact_removed",
    events.USERNAME_SET: "activity.username_set",
    events.FACTOR_ADDED: "activity.factor_added",
    events.FACTOR_REMOVED: "activity.factor_removed",
    events.RECOVERY_CODES_MADE: "activity.recovery_codes_made",
    events.RECOVERY_CODE_USED: "activity.recovery_code_used",
    events.PASSKEY_ADDED: "activity.passkey_added",
    events.PASSKEY_REMOVED: "activity.passkey_removed",
    events.PASSKEY_COPIED: "activity.passkey_copied",
    events.IDENTITY_LINKED: "activity.identity_linked",
    events.IDENTITY_UNLINKED: "activity.identity_unlinked",
    events.DEVICE_TRUSTED: "activity.device_trusted",
    events.DEVICE_TRUST_ENDED: "activity.device_trust_ended",
    events.ORGANIZATION_JOINED: "activity.organization_joined",
    events.ORGANIZATION_LEFT: "activity.organization_left",
    events.CONSENT_GRANTED: "activity.app_allowed",
    events.CONSENT_REVOKED: "activity.app_removed",
    events.REFRESH_REUSED: "activity.token_reused",
    events.ACCOUNT_EXPORTED: "activity.exported",
    events.DELETION_ASKED: "activity.deletion_asked",
    events.DELETION_CANCELLED: "activity.deletion_cancelled",
    events.NOT_ME: "activity.not_me",
    events.SUPPORT_RECOVERY_STARTED: "activity.support_recovery_started",
    events.SUPPORT_RECOVERY_VOIDED: "activity.support_recovery_voided",
    events.SUPPORT_RECOVERY_USED: "activity.support_recovery_used",
}
"""Event -> the sentence that tells its person of it; any other event is not theirs to know."""


@dataclass(frozen=True)
class Happening:
    """One thing that happened. `at` in milliseconds."""

    id: str
    at: int
    event: str
    """A stable id of `app.audit.events`."""
    text_id: str
    by: str
    """`user`, or who else did it: `admin`, `client`, `cli`, `system`."""
    software: str | None
    system: str | None
    address: str | None
    """The network address it came from."""


def recent(owner: Owner, after: str | None = None, limit: int = 50) -> Page[Happening]:
    """One page, newest first, continued `after` the cursor of the page before."""
    with read(owner.tenant.id) as session:
        found = log.list_page(
            session,
            after=after,
            limit=min(max(limit, 1), LARGEST),
            among=SENTENCES,
            subject_id=owner.user_id,
        )
    return Page(tuple(_happening(each) for each in found.items), found.next_cursor)


def _happening(entry: Entry) -> Happening:
    device = devices.of_user_agent(entry.personal.get("user_agent"))
    return Happening(
        id=entry.id,
        at=entry.at,
        event=entry.event,
        text_id=SENTENCES[entry.event],
        by=entry.actor_kind,
        software=device.software,
        system=device.system,
        address=entry.personal.get("address"),
    )
