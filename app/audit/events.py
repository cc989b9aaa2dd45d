"""Every event that the audit log can hold, known by a stable id; later also what webhooks send."""

from dataclasses import dataclass
from typing import Literal

Family = Literal[
    "user",
    "session",
    "organization",
    "role",
    "client",
    "token",
    "key",
    "setting",
    "tenant",
    "mail",
    "admin",
    "audit",
]


@dataclass(frozen=True)
class Event:
    """A kind of thing that happens."""

    id: str
    family: Family
    description: str
    is_public: bool = False
    """Whether a tenant's webhooks may receive it."""


REGISTRY: dict[str, Event] = {}


def _event(id: str, family: Family, description: str, *, public: bool = False) -> str:
    REGISTRY[id] = Event(id, family, description, public)
    return id


USER_CREATED = _event("user.created", "user", "A user was created.", public=True)
USER_UPDATED = _event("user.updated", "user", "A user's profile was changed.", public=True)
USER_DISABLED = _event("user.disabled", "user", "A user was disabled.", public=True)
USER_ENABLED = _event("user.enabled", "user", "A user was enabled again.", public=True)
USER_ERASED = _event("user.erased", "user", "A user's personal data was erased.", public=True)
USER_SIGNED_UP = _event("user.signed_up", "user", "A person signed up.", public=True)
USER_SIGNED_IN = _event("user.signed_in", "user", "A user signed in.", public=True)
USER_UPGRADED = _event(
    "user.upgraded", "user", "An anonymous user signed up and kept the id.", public=True
)
USER_MERGED = _event(
    "user.merged", "user", "An anonymous user turned out to be another user.", public=True
)
USER_REFUSED = _event(
    "user.refused", "user", "A person was proven whose account is disabled or gone."
)
USER_SIGNED_OUT = _event("user.signed_out", "user", "A user signed out.", public=True)
USER_SIGNED_OUT_EVERYWHERE = _event(
    "user.signed_out_everywhere", "user", "All sessions of a user were ended.", public=True
)
USER_EMAIL_VERIFIED = _event(
    "user.email.verified", "user", "A user's email address was verified.", public=True
)
USER_PHONE_VERIFIED = _event(
    "user.phone.verified", "user", "A user's phone number was verified.", public=True
)
USER_EVICTED = _event(
    "user.evicted", "user", "The owner of an address took it from whoever had used it unverified."
)
USER_PASSWORD_SET = _event("user.password.set", "user", "A password was set.", public=True)
USER_PASSWORD_REHASHED = _event(
    "user.password.rehashed", "user", "A password's hash was made anew with today's parameters."
)
BREACHED_PASSWORD_KEPT = _event(
    "user.password.breach_put_off", "user", "A password known from a breach was kept for now."
)
ENROLMENT_PUT_OFF = _event(
    "user.enrolment_put_off", "user", "A user put off a second factor that is required."
)
NEW_PASSWORD_REQUIRED = _event(
    "user.password.required", "user", "A user must choose another password.", public=True
)
NEW_PASSWORD_NOT_REQUIRED = _event(
    "user.password.not_required", "user", "A user may keep the password after all."
)
USER_PASSWORD_REMOVED = _event(
    "user.password.removed", "user", "A password was removed.", public=True
)
CONTACT_ASKED = _event("contact.asked", "user", "A code was sent to a contact to be added.")
CONTACT_FAILED = _event("contact.failed", "user", "The code of a contact to be added was wrong.")
CONTACT_ADDED = _event("contact.added", "user", "A proven contact was added.", public=True)
CONTACT_ADDED_UNPROVEN = _event(
    "contact.added_unproven", "user", "A contact was noted that nobody has proven.", public=True
)
CONTACT_PRIMARY_SET = _event(
    "contact.primary_set", "user", "Another contact became the primary one.", public=True
)
CONTACT_REMOVED = _event("contact.removed", "user", "A contact was removed.", public=True)
USERNAME_SET = _event("username.set", "user", "A username was chosen.", public=True)
USER_RECOVERED = _event("user.recovered", "user", "A user recovered the account.")
PASSWORD_FAILED = _event("password.failed", "user", "A wrong password was given.")
PASSWORD_LIMITED = _event("password.limited", "user", "A password was refused unseen: too many.")
EMAIL_CODE_STARTED = _event("email_code.started", "user", "A one-time code was issued.")
EMAIL_CODE_SEND_FAILED = _event("email_code.send_failed", "user", "A code could not be sent.")
EMAIL_CODE_SUCCEEDED = _event("email_code.succeeded", "user", "A one-time code was right.")
EMAIL_CODE_FAILED = _event("email_code.failed", "user", "A one-time code was wrong.")
EMAIL_CODE_LIMITED = _event("email_code.limited", "user", "A code was refused: too many.")
SMS_CODE_STARTED = _event("sms_code.started", "user", "A one-time code by SMS was issued.")
SMS_CODE_SUCCEEDED = _event("sms_code.succeeded", "user", "A one-time code by SMS was right.")
SMS_CODE_FAILED = _event("sms_code.failed", "user", "A one-time code by SMS was wrong.")
SMS_CODE_LIMITED = _event("sms_code.limited", "user", "A code by SMS was refused: too many.")
MAGIC_LINK_STARTED = _event("magic_link.started", "user", "A link with a code was issued.")
MAGIC_LINK_SUCCEEDED = _event("magic_link.succeeded", "user", "A link or its code was right.")
MAGIC_LINK_FAILED = _event("magic_link.failed", "user", "A link or its code was wrong.")
MAGIC_LINK_LIMITED = _event("magic_link.limited", "user", "A link was refused: too many.")
MAGIC_LINK_RELEASED = _event(
    "magic_link.released", "user", "A link was confirmed in another browser than the flow's."
)
FACTOR_ADDED = _event("factor.added", "user", "A second factor was added.", public=True)
FACTOR_RENAMED = _event("factor.renamed", "user", "A second factor was given another name.")
FACTOR_REMOVED = _event("factor.removed", "user", "A second factor was removed.", public=True)
SECOND_FACTOR_FAILED = _event("second_factor.failed", "user", "A second factor's code was wrong.")
SECOND_FACTOR_LIMITED = _event(
    "second_factor.limited", "user", "A second factor's code was refused unseen: too many."
)
TOTP_SUCCEEDED = _event("totp.succeeded", "user", "The code of an authenticator app was right.")
RECOVERY_CODES_MADE = _event(
    "recovery_codes.made",
    "user",
    "A new set of recovery codes replaced any older one.",
    public=True,
)
RECOVERY_CODE_USED = _event("recovery_code.used", "user", "A recovery code was used.", public=True)
PASSKEY_ADDED = _event("passkey.added", "user", "A passkey was added.", public=True)
PASSKEY_RENAMED = _event("passkey.renamed", "user", "A passkey was given another name.")
PASSKEY_REMOVED = _event("passkey.removed", "user", "A passkey was removed.", public=True)
PASSKEY_SUCCEEDED = _event("passkey.succeeded", "user", "A passkey proved its owner.")
PASSKEY_FAILED = _event("passkey.failed", "user", "The answer of a passkey was refused.")
PASSKEY_COPIED = _event(
    "passkey.copied", "user", "A passkey's counter went back: there may be a copy of it."
)
DEVICE_TRUSTED = _event(
    "user.device.trusted", "user", "A user chose to be asked for no second factor on a browser."
)
DEVICE_TRUST_ENDED = _event(
    "user.device.trust_ended", "user", "Browsers are trusted no more not to need a second factor."
)
USER_MFA_REQUIRED = _event(
    "user.mfa_required", "user", "It was changed whether a user needs a second factor."
)

ACCOUNT_EXPORTED = _event("user.exported", "user", "All data of an account was downloaded.")
USER_WELCOMED = _event("user.welcomed", "user", "A user was sent the mail that begins an account.")
DELETION_ASKED = _event(
    "user.deletion.asked", "user", "A user is to be erased after a time.", public=True
)
DELETION_CANCELLED = _event(
    "user.deletion.cancelled", "user", "A user is not to be erased after all.", public=True
)
NOT_ME = _event(
    "user.not_me", "user", "A person said by the link in a notice that it was somebody else."
)
SUPPORT_RECOVERY_STARTED = _event(
    "user.support_recovery.started", "user", "Support started to restore access to an account."
)
SUPPORT_RECOVERY_VOIDED = _event(
    "user.support_recovery.voided", "user", "A recovery that support had started was called off."
)
SUPPORT_RECOVERY_USED = _event(
    "user.support_recovery.used", "user", "A person used the recovery that support had started."
)

SESSION_ENDED = _event("session.ended", "session", "A session was ended.", public=True)

ORGANIZATION_CREATED = _event(
    "organization.created", "organization", "An organization was created.", public=True
)
ORGANIZATION_UPDATED = _event(
    "organization.updated", "organization", "An organization was changed.", public=True
)
CONNECTION_CREATED = _event("connection.created", "organization", "A connection was made.")
CONNECTION_UPDATED = _event("connection.updated", "organization", "A connection was changed.")
CONNECTION_STATUS_SET = _event(
    "connection.status_set", "organization", "A connection was activated or disabled."
)
CONNECTION_REMOVED = _event(
    "connection.removed", "organization", "A connection was removed, with everybody's ties to it."
)
CONNECTION_METADATA_REFRESHED = _event(
    "connection.metadata_refreshed", "organization", "A provider's new metadata was taken over."
)
CONNECTION_METADATA_FAILED = _event(
    "connection.metadata_failed", "organization", "A provider's metadata could not be used."
)
CONNECTION_CERTIFICATE_EXPIRING = _event(
    "connection.certificate_expiring",
    "organization",
    "A provider's last certificate ends within thirty days, or has ended.",
)
DOMAIN_CLAIMED = _event("domain.claimed", "organization", "An organization claimed a domain.")
DOMAIN_VERIFIED = _event(
    "domain.verified", "organization", "A claim to a domain was proven by DNS.", public=True
)
DOMAIN_LAPSED = _event(
    "domain.lapsed", "organization", "The DNS record of a claimed domain is gone.", public=True
)
DOMAIN_REMOVED = _event("domain.removed", "organization", "A claim to a domain was given up.")
SETUP_LINK_CREATED = _event(
    "setup_link.created", "organization", "A link to set up a connection was made."
)
SETUP_LINK_OPENED = _event(
    "setup_link.opened", "organization", "A link to set up a connection was used."
)
SETUP_LINK_REVOKED = _event(
    "setup_link.revoked", "organization", "A link to set up a connection was taken back."
)
INVITATION_CREATED = _event(
    "invitation.created", "organization", "Somebody was invited to an organization.", public=True
)
INVITATION_REVOKED = _event("invitation.revoked", "organization", "An invitation was taken back.")
INVITATION_DECLINED = _event(
    "invitation.declined", "organization", "An invitation was declined.", public=True
)
INVITATION_ACCEPTED = _event(
    "invitation.accepted", "organization", "An invitation was accepted.", public=True
)
IDENTITY_LINKED = _event(
    "identity.linked", "user", "A user was tied to a subject at a connection.", public=True
)
IDENTITY_UNLINKED = _event(
    "identity.unlinked", "user", "A tie to a subject at a connection was undone.", public=True
)
UPSTREAM_SUCCEEDED = _event("upstream.succeeded", "session", "A provider proved somebody.")
UPSTREAM_FAILED = _event(
    "upstream.failed", "session", "A provider's answer was refused; the report says why."
)
UPSTREAM_LOGGED_OUT = _event(
    "upstream.logged_out", "session", "A provider ended a person's sessions."
)
ORGANIZATION_POLICY_SET = _event(
    "organization.policy_set", "organization", "What an organization asks of its members changed."
)
ORGANIZATION_DISABLED = _event(
    "organization.disabled", "organization", "An organization was disabled.", public=True
)
ORGANIZATION_ENABLED = _event(
    "organization.enabled", "organization", "An organization was enabled again.", public=True
)
ORGANIZATION_REMOVED = _event(
    "organization.removed", "organization", "An organization was removed.", public=True
)
ORGANIZATION_JOINED = _event(
    "organization.joined", "organization", "A user became a member.", public=True
)
ORGANIZATION_LEFT = _event(
    "organization.left", "organization", "A user's membership ended.", public=True
)
ORGANIZATION_ROLES_CHANGED = _event(
    "organization.roles_changed", "organization", "A member's roles were changed.", public=True
)
ROLE_CREATED = _event("role.created", "role", "A role was created.")
ROLE_MFA_REQUIRED = _event(
    "role.mfa_required", "role", "It was changed whether a role needs a second factor."
)
ROLE_RENAMED = _event("role.renamed", "role", "A role was given another name.")
ROLE_DELETED = _event("role.deleted", "role", "A role was deleted.")

CLIENT_CREATED = _event("client.created", "client", "A client was registered.")
CLIENT_UPDATED = _event("client.updated", "client", "A client was changed.")
CLIENT_DISABLED = _event("client.disabled", "client", "A client was disabled.")
CLIENT_ENABLED = _event("client.enabled", "client", "A client was enabled again.")
CLIENT_REMOVED = _event("client.removed", "client", "A client was removed.")
CLIENT_SECRET_ROTATED = _event(
    "client.secret_rotated", "client", "A client was given a new secret."
)
CLIENT_SECRET_ENDED = _event(
    "client.secret_ended", "client", "An old secret of a client was ended."
)

CONSENT_GRANTED = _event(
    "consent.granted", "token", "A user allowed a client something.", public=True
)
CONSENT_DENIED = _event("consent.denied", "token", "A user refused a client.")
CONSENT_REVOKED = _event(
    "consent.revoked", "token", "What a client was allowed was taken back.", public=True
)
CODE_REUSED = _event("code.reused", "token", "A spent authorization code came back.")
REFRESH_REUSED = _event("refresh.reused", "token", "A spent refresh token came back.")
TOKEN_REVOKED = _event("token.revoked", "token", "A client revoked its token.")

KEY_CREATED = _event("key.created", "key", "A signing key was made.")
KEY_ROTATED = _event("key.rotated", "key", "A new signing key took over.")
SETTINGS_DRAFTED = _event("settings.drafted", "setting", "A section of settings was drafted.")
SETTINGS_PUBLISHED = _event("settings.published", "setting", "A section of settings was published.")
SETTINGS_DISCARDED = _event("settings.discarded", "setting", "A draft of settings was discarded.")
SETTINGS_SCHEDULED = _event(
    "settings.scheduled", "setting", "A draft of settings was scheduled to be published."
)
SETTINGS_UNSCHEDULED = _event(
    "settings.unscheduled", "setting", "A scheduled publication of settings was taken back."
)
SETTINGS_NOT_PUBLISHED = _event(
    "settings.not_published",
    "setting",
    "A scheduled publication could not be; it is a draft again.",
)
TENANT_CREATED = _event("tenant.created", "tenant", "The tenant was created.")
TENANT_UPDATED = _event("tenant.updated", "tenant", "The tenant was changed.")
TENANT_HOST_ADDED = _event("tenant.host_added", "tenant", "The tenant answers on another host.")
HOST_CLAIMED = _event("host.claimed", "tenant", "A host was added, to be proven by DNS.")
HOST_VERIFIED = _event("host.verified", "tenant", "A host was proven by DNS and is served.")
HOST_STOPPED = _event(
    "host.stopped", "tenant", "A host is served no more: its DNS led elsewhere for days."
)
HOST_REMOVED = _event("host.removed", "tenant", "A host was taken off the tenant.")
TENANT_EPOCH_RAISED = _event(
    "tenant.epoch_raised", "tenant", "Everything short-lived was ended at once."
)
SECRET_STORED = _event(
    "secret.stored", "setting", "A secret of the tenant was stored, in place of any older one."
)
SECRET_REMOVED = _event("secret.removed", "setting", "A secret of the tenant was removed.")
SMS_SEND_FAILED = _event("sms.send_failed", "mail", "A text message could not be sent.")
SMS_TESTED = _event("sms.tested", "mail", "A text message was sent to try the settings out.")
SMS_PREFIX_BLOCKED = _event(
    "sms.prefix_blocked", "mail", "Numbers get no text messages: too few of their codes come back."
)
SMS_DAY_FULL = _event("sms.day_full", "mail", "The tenant's text messages of one day are used up.")
PREVIEW_SHARED = _event(
    "preview.shared", "setting", "A link was made that shows a draft without an account."
)
PREVIEW_REVOKED = _event("preview.revoked", "setting", "A link that shows a draft was ended.")
OUTBOX_DEAD = _event("outbox.dead", "mail", "A message was given up.")
ADMIN_GRANTED = _event("admin.granted", "admin", "Somebody was given a role in the console.")
ADMIN_REVOKED = _event("admin.revoked", "admin", "A role in the console was taken back.")
ADMIN_TOOK_UP = _event(
    "admin.took_up", "admin", "Somebody took up a role that was kept for their address."
)
ADMIN_SIGNED_IN = _event("admin.signed_in", "admin", "An admin signed in to the console.")
ADMIN_LINK_CREATED = _event(
    "admin.link_created", "admin", "The one-time link for the first admin was made."
)
MESSAGE_RESENT = _event("message.resent", "mail", "A message that was given up was sent again.")
MAIL_TESTED = _event("mail.tested", "mail", "A mail was sent to try the settings or words out.")
AUDIT_EXPORTED = _event("audit.exported", "audit", "Events of the audit log were exported.")
CONFIGURATION_RECONCILED = _event(
    "configuration.reconciled", "setting", "A tenant was made what its file says."
)
