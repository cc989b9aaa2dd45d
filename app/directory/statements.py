"""Statements of the directory that are hot, or that look across tenants."""

from typing import Any

from sqlalchemy import JSON, Boolean, LargeBinary, bindparam, insert

from app.database import named
from app.models import Base

_tables = Base.metadata.tables

TENANT_BY_HOST = named(
    """SELECT t.id, t.slug, t.name, t.kind, t.status, t.issuer, t.rp_id,
         t.epoch + i.epoch AS epoch
       FROM tenant_host h JOIN tenant t ON t.id = h.tenant_id CROSS JOIN installation i
       WHERE h.host = :host AND h.stopped_at IS NULL""",
    everywhere=True,
)
TENANT_BY_SLUG = named(
    """SELECT t.id, t.slug, t.name, t.kind, t.status, t.issuer, t.rp_id,
         t.epoch + i.epoch AS epoch
       FROM tenant t CROSS JOIN installation i WHERE t.slug = :slug""",
    everywhere=True,
)
TENANT_BY_ID = named(
    """SELECT t.id, t.slug, t.name, t.kind, t.status, t.issuer, t.rp_id,
         t.epoch + i.epoch AS epoch
       FROM tenant t CROSS JOIN installation i WHERE t.id = :id""",
    everywhere=True,
)
ADD_HOST = named(
    """INSERT INTO tenant_host (host, tenant_id, created_at) VALUES (:host, :of_tenant, :now)
       ON CONFLICT DO NOTHING RETURNING host""",
    everywhere=True,
)
HOSTS = named(
    """SELECT host FROM tenant_host
       WHERE tenant_id = :of_tenant AND stopped_at IS NULL ORDER BY host""",
    everywhere=True,
)
RAISE_INSTALLATION_EPOCH = named(
    "UPDATE installation SET epoch = epoch + 1 WHERE id = 1 RETURNING epoch", everywhere=True
)
ADD_ROLE = named(
    """INSERT INTO role (tenant_id, id, created_at, key, name)
       VALUES (:of_tenant, :id, :now, :key, :name)""",
    everywhere=True,
)

_PERSON = """SELECT u.id AS user_id, u.status, u.display_name, u.locale, e.value AS email,
         e.key AS email_key, e.id AS identifier_id, e.verified_at IS NOT NULL AS email_verified,
         c.secret AS password_hash, p.key AS phone, p.id AS phone_id,
         p.verified_at IS NOT NULL AS phone_verified, n.value AS username,
         u.is_anonymous, u.handle"""
_NAMED_AND_PROVEN = """
       LEFT JOIN credential c
         ON c.tenant_id = u.tenant_id AND c.user_id = u.id AND c.kind = 'password'
       LEFT JOIN identifier n
         ON n.tenant_id = u.tenant_id AND n.user_id = u.id AND n.kind = 'username'"""
_PERSON_TYPES: dict[str, Any] = {
    "email_verified": Boolean(),
    "phone_verified": Boolean(),
    "is_anonymous": Boolean(),
    "handle": LargeBinary(),
}
PERSON_BY_IDENTIFIER = named(
    f"""{_PERSON}
       FROM identifier i
       JOIN "user" u ON u.tenant_id = i.tenant_id AND u.id = i.user_id
       LEFT JOIN identifier e
         ON e.tenant_id = u.tenant_id AND e.user_id = u.id AND e.kind = 'email'
         AND (e.id = i.id OR (i.kind <> 'email' AND e.is_primary))
       LEFT JOIN identifier p
         ON p.tenant_id = u.tenant_id AND p.user_id = u.id AND p.kind = 'phone'
         AND (p.id = i.id OR (i.kind <> 'phone' AND p.is_primary))
       {_NAMED_AND_PROVEN}
       WHERE i.tenant_id = :tenant_id AND i.kind = :kind AND i.key = :key"""
).columns(**_PERSON_TYPES)
PERSON_BY_ID = named(
    f"""{_PERSON}
       FROM "user" u
       LEFT JOIN identifier e
         ON e.tenant_id = u.tenant_id AND e.user_id = u.id AND e.kind = 'email' AND e.is_primary
       LEFT JOIN identifier p
         ON p.tenant_id = u.tenant_id AND p.user_id = u.id AND p.kind = 'phone' AND p.is_primary
       {_NAMED_AND_PROVEN}
       WHERE u.tenant_id = :tenant_id AND u.id = :user_id"""
).columns(**_PERSON_TYPES)
ADD_USER = insert(_tables["user"])
ADD_IDENTIFIER = named(
    """INSERT INTO identifier
         (tenant_id, id, created_at, user_id, kind, value, key, is_primary, verified_at)
       VALUES (:tenant_id, :id, :now, :user_id, :kind, :value, :key, :is_primary, :verified_at)
       ON CONFLICT DO NOTHING RETURNING id"""
)
VERIFY_IDENTIFIER = named(
    """UPDATE identifier SET verified_at = :now
       WHERE tenant_id = :tenant_id AND id = :id AND user_id = :user_id AND verified_at IS NULL
       RETURNING id"""
)
REMOVE_OTHER_IDENTIFIERS = named(
    """DELETE FROM identifier
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND id <> :keep"""
)
KEEP_AS_PRIMARY = named(
    """UPDATE identifier SET is_primary = TRUE
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND id = :id"""
)
REMOVE_IDENTIFIERS = named(
    "DELETE FROM identifier WHERE tenant_id = :tenant_id AND user_id = :user_id"
)
REMOVE_CREDENTIALS = named(
    "DELETE FROM credential WHERE tenant_id = :tenant_id AND user_id = :user_id"
)
REMOVE_GRANTS = named('DELETE FROM "grant" WHERE tenant_id = :tenant_id AND user_id = :user_id')
REMOVE_MEMBERSHIPS = named(
    "DELETE FROM membership WHERE tenant_id = :tenant_id AND user_id = :user_id"
)
REMOVE_INVITATIONS = named(
    """DELETE FROM invitation WHERE tenant_id = :tenant_id AND (accepted_by = :user_id
         OR email_key IN (SELECT i.key FROM identifier i WHERE i.tenant_id = :tenant_id
           AND i.user_id = :user_id AND i.kind = 'email' AND i.verified_at IS NOT NULL))"""
)
REMOVE_TRUSTED_DEVICES = named(
    "DELETE FROM trusted_device WHERE tenant_id = :tenant_id AND user_id = :user_id"
)
REMOVE_ONE_TIME_ROWS = named(
    "DELETE FROM one_time WHERE tenant_id = :tenant_id AND subject = :user_id"
)
FORGET_DEVICES = named(
    """UPDATE browser SET software = NULL, system = NULL, address = NULL
       WHERE tenant_id = :tenant_id AND id IN (
         SELECT browser_id FROM session WHERE tenant_id = :tenant_id AND user_id = :user_id)"""
)
SET_PASSWORD = named(
    """INSERT INTO credential
         (tenant_id, id, created_at, user_id, kind, label, secret, last_used_at, row_version)
       VALUES (:tenant_id, :id, :now, :user_id, 'password', NULL, :secret, NULL, 1)
       ON CONFLICT (tenant_id, user_id) WHERE kind = 'password'
       DO UPDATE SET secret = :secret, row_version = credential.row_version + 1"""
)
PASSWORD_ID = named(
    """SELECT id FROM credential
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND kind = 'password'"""
)
REMOVE_PASSWORD = named(
    """DELETE FROM credential
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND kind = 'password' RETURNING id"""
)
REHASH_PASSWORD = named(
    """UPDATE credential SET secret = :secret
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND kind = 'password'
         AND secret = :replaces RETURNING id"""
)
SET_STATUS = named(
    """UPDATE "user" SET status = :status, updated_at = :now, row_version = row_version + 1
       WHERE tenant_id = :tenant_id AND id = :user_id AND status = :earlier RETURNING id"""
)
ERASE_USER = named(
    """UPDATE "user" SET status = 'erased', display_name = NULL, name_key = NULL,
         family_key = NULL, locale = NULL, new_password_required_at = NULL,
         public_metadata = '{}', private_metadata = '{}', personal_key = NULL,
         last_signed_in_at = NULL, deletion_due_at = NULL, updated_at = :now, erased_at = :now,
         row_version = row_version + 1
       WHERE tenant_id = :tenant_id AND id = :user_id AND status <> 'erased' RETURNING id"""
)

_SESSIONS_OF_BROWSER = named(
    """SELECT b.id AS browser_id, b.last_method, s.id, s.user_id, s.auth_time, s.amr, s.acr,
         s.last_seen_at, s.expires_at, s.methods, i.value AS email, u.display_name,
         u.status AS user_status, u.is_anonymous, u.mfa_required, u.enrolments_put_off,
         EXISTS (SELECT 1 FROM credential c WHERE c.tenant_id = s.tenant_id
           AND c.user_id = s.user_id AND c.kind = 'totp') AS has_totp,
         EXISTS (SELECT 1 FROM credential c WHERE c.tenant_id = s.tenant_id
           AND c.user_id = s.user_id AND c.kind = 'passkey') AS has_passkey
       FROM browser b
       LEFT JOIN session s ON s.tenant_id = b.tenant_id AND s.browser_id = b.id
         AND s.ended_at IS NULL AND s.idle_until > :now AND s.expires_at > :now
         AND s.epoch = :epoch
       LEFT JOIN "user" u
         ON u.tenant_id = s.tenant_id AND u.id = s.user_id AND u.status = 'active'
       LEFT JOIN identifier i
         ON i.tenant_id = u.tenant_id AND i.user_id = u.id AND i.kind = 'email' AND i.is_primary
       WHERE b.tenant_id = :tenant_id AND b.digest IN :digests
       ORDER BY s.auth_time DESC, s.id DESC"""
)
SESSIONS_OF_BROWSER = _SESSIONS_OF_BROWSER.bindparams(bindparam("digests", expanding=True)).columns(
    amr=JSON(), methods=JSON(), mfa_required=Boolean(), has_totp=Boolean(), has_passkey=Boolean()
)
ROTATE_BROWSER = (
    named(
        """UPDATE browser SET digest = :digest, software = :software, system = :system,
         address = :address, last_seen_at = :now, last_method = :last_method
       WHERE tenant_id = :tenant_id AND digest IN :digests
       RETURNING id, EXISTS (
         SELECT 1 FROM session s
         WHERE s.tenant_id = browser.tenant_id AND s.browser_id = browser.id
           AND s.user_id = :user_id) AS is_theirs"""
    )
    .bindparams(bindparam("digests", expanding=True))
    .columns(is_theirs=Boolean())
)
ADD_BROWSER = insert(_tables["browser"])
ADD_SESSION = insert(_tables["session"])
NOTE_SIGN_IN = named(
    """UPDATE "user" SET last_signed_in_at = :now
       WHERE tenant_id = :tenant_id AND id = :user_id AND status = 'active'
         AND (new_password_required_at IS NULL OR new_password_required_at < :proven_since)
       RETURNING personal_key, EXISTS (
         SELECT 1 FROM one_time o
         WHERE o.tenant_id = "user".tenant_id AND o.kind = 'support_recovery'
           AND o.subject = "user".id AND o.consumed_at IS NULL) AS is_being_recovered"""
).columns(is_being_recovered=Boolean())
REPLACE_SESSION = named(
    """UPDATE session SET ended_at = :now
       WHERE tenant_id = :tenant_id AND browser_id = :browser_id AND user_id = :user_id
         AND ended_at IS NULL"""
)
TOUCH_SESSION = named(
    """UPDATE session SET last_seen_at = :now, idle_until = :idle_until
       WHERE tenant_id = :tenant_id AND id = :id AND ended_at IS NULL
         AND last_seen_at <= :unless_after RETURNING id"""
)
OWNER_OF_SESSION = named(
    """SELECT user_id, browser_id FROM session WHERE tenant_id = :tenant_id AND id = :id"""
)
END_SESSION = named(
    """UPDATE session SET ended_at = :now
       WHERE tenant_id = :tenant_id AND id = :id AND ended_at IS NULL RETURNING id"""
)
END_SESSIONS_OF_USER = named(
    """UPDATE session SET ended_at = :now
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND id <> :keep
         AND ended_at IS NULL RETURNING id"""
)
USERS_OF_BROWSER = named(
    """SELECT DISTINCT user_id FROM session
       WHERE tenant_id = :tenant_id AND browser_id = :browser_id"""
)
END_SESSIONS_OF_BROWSER = named(
    """UPDATE session SET ended_at = :now
       WHERE tenant_id = :tenant_id AND browser_id = :browser_id
         AND ended_at IS NULL RETURNING id, user_id"""
)
SESSIONS_OF_USER = named(
    """SELECT s.id, s.browser_id, s.auth_time, s.amr, s.created_at, s.last_seen_at, s.expires_at,
         b.software, b.system, b.address
       FROM session s
       JOIN browser b ON b.tenant_id = s.tenant_id AND b.id = s.browser_id
       JOIN tenant t ON t.id = s.tenant_id
       CROSS JOIN installation n
       WHERE s.tenant_id = :tenant_id AND s.user_id = :user_id AND s.ended_at IS NULL
         AND s.idle_until > :now AND s.expires_at > :now AND s.epoch = t.epoch + n.epoch
       ORDER BY s.last_seen_at DESC, s.id DESC"""
).columns(amr=JSON())

REVOKE_FAMILIES_OF_USER = named(
    """UPDATE token_family SET revoked_at = :now, revoked_because = :because
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND revoked_at IS NULL
         AND (session_id IS NULL OR session_id <> :keep)"""
)
REVOKE_FAMILIES_OF_BROWSER = named(
    """UPDATE token_family SET revoked_at = :now, revoked_because = :because
       WHERE tenant_id = :tenant_id AND revoked_at IS NULL AND session_id IN (
         SELECT id FROM session WHERE tenant_id = :tenant_id AND browser_id = :browser_id)"""
)
REVOKE_FAMILIES_OF_BROWSER_AND_USER = named(
    """UPDATE token_family SET revoked_at = :now, revoked_because = :because
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND revoked_at IS NULL
         AND session_id IN (
           SELECT id FROM session
           WHERE tenant_id = :tenant_id AND browser_id = :browser_id AND user_id = :user_id)"""
)
REVOKE_FAMILIES_OF_GRANT = named(
    """UPDATE token_family SET revoked_at = :now, revoked_because = :because
       WHERE tenant_id = :tenant_id AND grant_id = :grant_id AND revoked_at IS NULL"""
)
REVOKE_FAMILIES_OF_CLIENT = named(
    """UPDATE token_family SET revoked_at = :now, revoked_because = :because
       WHERE tenant_id = :tenant_id AND client_id = :client_id AND revoked_at IS NULL"""
)

MEMBERSHIPS_OF_USER = named(
    """SELECT o.id AS organization_id, o.name, o.slug, o.parent_id, m.roles, o.policy,
         r.key AS demanding_role,
         EXISTS (SELECT 1 FROM connection n WHERE n.tenant_id = o.tenant_id
           AND n.organization_id = o.id AND n.status = 'active') AS has_connection,
         (SELECT count(*) FROM membership c
          WHERE c.tenant_id = :tenant_id AND c.organization_id = o.id) AS member_count
       FROM membership m
       JOIN organization o ON o.tenant_id = m.tenant_id AND o.id = m.organization_id
       LEFT JOIN role r ON r.tenant_id = m.tenant_id AND r.mfa_required
         AND replace(CAST(m.roles AS TEXT), '"' || r.key || '"', '') <> CAST(m.roles AS TEXT)
       WHERE m.tenant_id = :tenant_id AND m.user_id = :user_id AND o.status = 'active'
       ORDER BY o.name, o.id, r.key"""
).columns(roles=JSON(), policy=JSON(), has_connection=Boolean())
ADD_MEMBERSHIP = named(
    """INSERT INTO membership
         (tenant_id, id, created_at, organization_id, user_id, roles, row_version)
       VALUES (:tenant_id, :id, :now, :organization_id, :user_id, :roles, 1)
       ON CONFLICT DO NOTHING RETURNING id"""
).bindparams(bindparam("roles", type_=JSON()))
ADD_ORGANIZATION = insert(_tables["organization"])

ADD_GRANT = named(
    """INSERT INTO "grant"
         (tenant_id, id, created_at, user_id, client_id, scopes, updated_at, row_version)
       VALUES (:tenant_id, :id, :now, :user_id, :client_id, :scopes, :now, 1)
       ON CONFLICT DO NOTHING RETURNING id"""
).bindparams(bindparam("scopes", type_=JSON()))
FIND_GRANT = named(
    """SELECT id, user_id, client_id, scopes, created_at, updated_at, row_version FROM "grant"
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND client_id = :client_id"""
).columns(scopes=JSON())
WIDEN_GRANT = named(
    """UPDATE "grant" SET scopes = :scopes, updated_at = :now, row_version = row_version + 1
       WHERE tenant_id = :tenant_id AND id = :id AND row_version = :row_version RETURNING id"""
).bindparams(bindparam("scopes", type_=JSON()))

CLAIM_KEY = named(
    """INSERT INTO idempotency_key
         (tenant_id, id, created_at, actor, request_digest, status, body, expires_at)
       VALUES (:tenant_id, :id, :now, :actor, :digest, 0, '{}', :expires_at)
       ON CONFLICT DO NOTHING RETURNING id"""
)
FIND_KEY = named(
    """SELECT request_digest, status, body FROM idempotency_key
       WHERE tenant_id = :tenant_id AND id = :id"""
).columns(body=JSON())
ANSWER_KEY = named(
    """UPDATE idempotency_key SET status = :status, body = :body, expires_at = :until
       WHERE tenant_id = :tenant_id AND id = :id"""
).bindparams(bindparam("body", type_=JSON()))
RELEASE_KEY = named(
    """DELETE FROM idempotency_key
       WHERE tenant_id = :tenant_id AND id = :id AND status = 0"""
)
REMOVE_EXPIRED_KEY = named(
    """DELETE FROM idempotency_key
       WHERE tenant_id = :tenant_id AND id = :id AND expires_at <= :now"""
)

HAS_SIGNED_IN = named(
    """SELECT 1 FROM session
       WHERE tenant_id = :tenant_id AND browser_id = :browser_id AND user_id = :user_id LIMIT 1"""
)
