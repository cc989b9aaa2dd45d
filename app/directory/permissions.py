"""Who may write what: one table in front of every write of the directory, and of keys and looks."""

from dataclasses import dataclass

from app.actor import Actor

_EVERY_TIME = ("system", "cli")
"""AuthPage itself, and whoever holds the machine, may do anything."""


class Forbidden(Exception):
    """The actor may not do this."""

    def __init__(self, actor: Actor, permission: str) -> None:
        super().__init__(f"{actor.kind} may not {permission}")
        self.permission = permission


@dataclass(frozen=True)
class Rule:
    """Who has a permission, beside the system and the command line."""

    admin_roles: frozenset[str] = frozenset()
    """Console roles that have it."""
    own: bool = False
    """Whether users have it for what belongs to them."""


ROLES = ("owner", "admin", "support", "developer", "viewer")
"""What an admin of a tenant may be, the strongest first."""
ORGANIZATION_ADMIN = "organization_admin"
"""An admin of one organization, who sees nothing else."""
PLATFORM = "platform"
"""Beside the role of the owners of every tenant."""

_ADMINS = frozenset({"owner", "admin"})
_SUPPORT = _ADMINS | {"support"}
_DEVELOPERS = _ADMINS | {"developer"}
_READERS = frozenset(ROLES)
_OF_ORGANIZATION = _ADMINS | {ORGANIZATION_ADMIN}
_SETUP = _OF_ORGANIZATION | {"setup"}
"""With whoever opened a setup link: an admin of one organization's single sign-on alone."""

PERMISSIONS: dict[str, Rule] = {
    # What a page of the console shows.
    "overview.read": Rule(_READERS),
    "brand.read": Rule(_READERS | {ORGANIZATION_ADMIN}),
    "text.read": Rule(_READERS),
    "message.read": Rule(_READERS),
    "delivery.read": Rule(_SUPPORT),
    "settings.read": Rule(_READERS),
    "host.read": Rule(_READERS),
    "connection.read": Rule(_READERS | {ORGANIZATION_ADMIN}),
    "organization.read": Rule(_READERS | {ORGANIZATION_ADMIN}),
    "member.read": Rule(_SUPPORT | {"viewer", ORGANIZATION_ADMIN}),
    "role.read": Rule(_READERS),
    "user.read": Rule(_SUPPORT | {"viewer"}),
    "client.read": Rule(_READERS),
    "key.read": Rule(_READERS),
    "audit.read": Rule(_SUPPORT | {"viewer"}),
    "audit.read_personal": Rule(_SUPPORT),
    "audit.export": Rule(_ADMINS),
    "flow.read": Rule(_SUPPORT),
    "admin.read": Rule(_ADMINS),
    # What changes something.
    "admin.grant": Rule(_ADMINS),
    "admin.revoke": Rule(_ADMINS),
    "admin.begin": Rule(),
    "admin.take_up": Rule(own=True),
    "admin.sign_in": Rule(own=True),
    "admin.sign_out": Rule(own=True),
    "tenant.create": Rule(frozenset({PLATFORM})),
    "tenant.apply_file": Rule(),
    "tenant.update": Rule(frozenset({"owner"})),
    "tenant.add_host": Rule(),
    "host.claim": Rule(_ADMINS),
    "host.verify": Rule(_ADMINS),
    "host.remove": Rule(_ADMINS),
    "tenant.move": Rule(),
    "tenant.end_everything": Rule(frozenset({"owner"})),
    "brand.draft": Rule(_OF_ORGANIZATION),
    "brand.publish": Rule(_OF_ORGANIZATION),
    "settings.draft": Rule(_ADMINS),
    "settings.publish": Rule(_ADMINS),
    "user.create": Rule(_SUPPORT, own=True),
    "user.update": Rule(_SUPPORT, own=True),
    "user.update_metadata": Rule(_ADMINS),
    "user.verify_email": Rule(_ADMINS, own=True),
    "user.set_password": Rule(own=True),
    "user.rehash_password": Rule(own=True),
    "user.remove_password": Rule(own=True),
    "contact.add": Rule(own=True),
    "contact.add_unproven": Rule(_ADMINS),
    "contact.set_username": Rule(_ADMINS, own=True),
    "contact.set_primary": Rule(own=True),
    "contact.remove": Rule(_ADMINS, own=True),
    "user.keep_breached_password": Rule(own=True),
    "user.upgrade": Rule(own=True),
    "user.merge": Rule(own=True),
    "factor.add": Rule(own=True),
    "factor.rename": Rule(own=True),
    "factor.remove": Rule(own=True),
    "passkey.add": Rule(own=True),
    "passkey.use": Rule(own=True),
    "passkey.rename": Rule(own=True),
    "passkey.remove": Rule(own=True),
    "recovery_codes.replace": Rule(own=True),
    "recovery_codes.spend": Rule(own=True),
    "user.put_off_enrolment": Rule(own=True),
    "user.require_mfa": Rule(_ADMINS),
    "user.require_password": Rule(_SUPPORT),
    "user.welcome": Rule(_SUPPORT),
    "user.export": Rule(_ADMINS, own=True),
    "user.disable": Rule(_SUPPORT),
    "user.enable": Rule(_SUPPORT),
    "user.erase": Rule(_ADMINS, own=True),
    "user.ask_deletion": Rule(_ADMINS, own=True),
    "user.cancel_deletion": Rule(_ADMINS, own=True),
    "user.start_recovery": Rule(_SUPPORT),
    "user.void_recovery": Rule(_SUPPORT, own=True),
    "user.use_recovery": Rule(own=True),
    "session.open": Rule(own=True),
    "session.touch": Rule(own=True),
    "session.end": Rule(_SUPPORT, own=True),
    "browser.end": Rule(own=True),
    "device.trust": Rule(own=True),
    "device.end_trust": Rule(_SUPPORT, own=True),
    "organization.create": Rule(_ADMINS, own=True),
    "organization.update": Rule(_ADMINS),
    "organization.set_policy": Rule(_SETUP),
    "organization.disable": Rule(_ADMINS),
    "organization.enable": Rule(_ADMINS),
    "organization.remove": Rule(_ADMINS),
    "organization.join": Rule(_ADMINS, own=True),
    "organization.leave": Rule(_OF_ORGANIZATION, own=True),
    "organization.change_roles": Rule(_OF_ORGANIZATION),
    "connection.create": Rule(_SETUP),
    "connection.update": Rule(_SETUP),
    "connection.set_status": Rule(_SETUP),
    "connection.test": Rule(_OF_ORGANIZATION),
    "connection.remove": Rule(_OF_ORGANIZATION),
    "domain.claim": Rule(_SETUP),
    "domain.verify": Rule(_SETUP),
    "domain.remove": Rule(_SETUP),
    "setup_link.create": Rule(_OF_ORGANIZATION),
    "invitation.create": Rule(_OF_ORGANIZATION),
    "invitation.revoke": Rule(_OF_ORGANIZATION),
    "invitation.accept": Rule(own=True),
    "invitation.decline": Rule(own=True),
    "identity.link": Rule(own=True),
    "identity.unlink": Rule(_SUPPORT, own=True),
    "role.create": Rule(_ADMINS),
    "role.delete": Rule(_ADMINS),
    "role.require_mfa": Rule(_ADMINS),
    "client.create": Rule(_DEVELOPERS),
    "client.update": Rule(_DEVELOPERS),
    "client.rotate_secret": Rule(_DEVELOPERS),
    "client.end_secret": Rule(_DEVELOPERS),
    "client.disable": Rule(_DEVELOPERS),
    "client.enable": Rule(_DEVELOPERS),
    "client.remove": Rule(_ADMINS),
    "grant.remember": Rule(own=True),
    "grant.revoke": Rule(_SUPPORT, own=True),
    "family.revoke": Rule(_SUPPORT, own=True),
    "secret.put": Rule(_ADMINS),
    "secret.remove": Rule(_ADMINS),
    "message.edit": Rule(_ADMINS),
    "text.edit": Rule(_ADMINS),
    "message.test": Rule(_ADMINS),
    "delivery.resend": Rule(_SUPPORT),
    "key.create": Rule(),
    "key.rotate": Rule(_ADMINS),
    "preview.share": Rule(_ADMINS),
    "preview.revoke": Rule(_ADMINS),
    "logo.store": Rule(_OF_ORGANIZATION),
}


def demand(
    actor: Actor,
    permission: str,
    owner_id: str | None = None,
    *,
    organization_id: str | None = None,
) -> None:
    """Return when `actor` has `permission` for what belongs to `owner_id`; raises `Forbidden`.

    An actor of one organization has it only where `organization_id` says that it is about that
    one. Raises KeyError for a permission that the table does not know.
    """
    is_elsewhere = actor.organization_id not in (None, organization_id)
    if is_elsewhere or not _may(actor, PERMISSIONS[permission], owner_id):
        raise Forbidden(actor, permission)


def _may(actor: Actor, rule: Rule, owner_id: str | None) -> bool:
    if actor.kind in _EVERY_TIME:
        return True
    if actor.kind == "admin":
        return bool(actor.roles & rule.admin_roles)
    if actor.kind == "user":
        return rule.own and actor.id is not None and actor.id == owner_id
    return False
