"""Statements of the token endpoint: each answers with the family and with all that is known today
of its user, so that a token costs one statement more than its code or refresh token."""

from typing import Any

from sqlalchemy import JSON, BigInteger, Boolean, bindparam

from app.database import named

_FAMILY = """token_family.tenant_id, token_family.id, token_family.user_id,
  token_family.client_id, token_family.grant_id,
  token_family.session_id, token_family.organization_id, token_family.scopes, token_family.claims,
  token_family.audience, token_family.auth_time, token_family.amr, token_family.acr,
  token_family.nonce, token_family.generation, token_family.rotated_at, token_family.idle_until,
  token_family.expires_at, token_family.revoked_at, token_family.epoch"""


_FACTS = """
  (SELECT u.status FROM "user" u WHERE u.tenant_id = token_family.tenant_id
     AND u.id = token_family.user_id) AS user_status,
  (SELECT u.is_anonymous FROM "user" u WHERE u.tenant_id = token_family.tenant_id
     AND u.id = token_family.user_id) AS is_anonymous,
  (SELECT u.display_name FROM "user" u WHERE u.tenant_id = token_family.tenant_id
     AND u.id = token_family.user_id) AS display_name,
  (SELECT u.locale FROM "user" u WHERE u.tenant_id = token_family.tenant_id
     AND u.id = token_family.user_id) AS locale,
  (SELECT u.updated_at FROM "user" u WHERE u.tenant_id = token_family.tenant_id
     AND u.id = token_family.user_id) AS user_updated_at,
  (SELECT i.value FROM identifier i WHERE i.tenant_id = token_family.tenant_id
     AND i.user_id = token_family.user_id AND i.kind = 'email' AND i.is_primary) AS email,
  (SELECT i.verified_at FROM identifier i WHERE i.tenant_id = token_family.tenant_id
     AND i.user_id = token_family.user_id AND i.kind = 'email' AND i.is_primary
  ) AS email_verified_at,
  (SELECT m.roles FROM membership m
     JOIN organization o ON o.tenant_id = m.tenant_id AND o.id = m.organization_id
     WHERE m.tenant_id = token_family.tenant_id AND m.user_id = token_family.user_id
       AND m.organization_id = token_family.organization_id AND o.status = 'active') AS roles"""
# Named, because columns given by position would be matched by position.
_TYPES: dict[str, Any] = {
    "is_anonymous": Boolean,
    **dict.fromkeys(("scopes", "claims", "audience", "amr", "roles"), JSON),
    **dict.fromkeys(
        (
            "auth_time",
            "rotated_at",
            "idle_until",
            "expires_at",
            "revoked_at",
            "user_updated_at",
            "email_verified_at",
        ),
        BigInteger,
    ),
}


def _answering(sql: str) -> Any:
    """The statement, answering with the family that it touched."""
    return named(f"{sql} RETURNING {_FAMILY}, {_FACTS}")


OPEN_FAMILY = (
    _answering(
        """INSERT INTO token_family (tenant_id, id, created_at, user_id, client_id, grant_id,
             session_id, organization_id, scopes, claims, audience, auth_time, amr, acr, nonce,
             generation, rotated_at, idle_until, expires_at, revoked_at, revoked_because, epoch)
           SELECT :tenant_id, :id, :now, :user_id, :client_id, :grant_id, :session_id,
             :organization_id, :scopes, :claims, :audience, :auth_time, :amr, :acr, :nonce,
             0, :now, :idle_until, :expires_at, NULL, NULL, :epoch
           FROM "user" person
           WHERE person.tenant_id = :tenant_id AND person.id = :user_id
             AND person.status = 'active'
             AND (CAST(:session_id AS TEXT) IS NULL OR EXISTS (
               SELECT 1 FROM session earlier
               JOIN session live ON live.tenant_id = earlier.tenant_id
                 AND live.browser_id = earlier.browser_id AND live.user_id = earlier.user_id
                 AND live.ended_at IS NULL
               WHERE earlier.tenant_id = :tenant_id AND earlier.id = :session_id))"""
    )
    .bindparams(*(bindparam(name, type_=JSON) for name in ("scopes", "claims", "audience", "amr")))
    .columns(**_TYPES)
)
"""Opens a family, unless the user is disabled or has signed out since the code was issued. Another
session of the same person on the same browser will do: a sign-in in another tab replaces the first.
"""

ROTATE_FAMILY = _answering(
    """UPDATE token_family
       SET generation = generation + 1, rotated_at = :now, idle_until = :idle_until
       WHERE tenant_id = :tenant_id AND id = :id AND client_id = :client_id
         AND generation = :generation AND revoked_at IS NULL AND idle_until > :now
         AND expires_at > :now AND epoch = :epoch"""
).columns(**_TYPES)
SWITCH_ORGANIZATION = _answering(
    """UPDATE token_family SET organization_id = (
         SELECT o.id FROM organization o
         JOIN membership m ON m.tenant_id = o.tenant_id AND m.organization_id = o.id
         WHERE o.tenant_id = :tenant_id AND (o.id = :organization OR o.slug = :organization)
           AND o.status = 'active' AND m.user_id = token_family.user_id)
       WHERE tenant_id = :tenant_id AND id = :id"""
).columns(**_TYPES)
FIND_FAMILY = named(
    f"""SELECT {_FAMILY}, {_FACTS} FROM token_family
        WHERE tenant_id = :tenant_id AND id = :id"""  # noqa: S608 - constants of this module
).columns(**_TYPES)
REVOKE_FAMILY = named(
    """UPDATE token_family SET revoked_at = :now, revoked_because = :because
       WHERE tenant_id = :tenant_id AND id = :id AND client_id = :client_id
         AND revoked_at IS NULL
       RETURNING user_id, session_id"""
)

LAST_ORGANIZATION = named(
    """SELECT organization_id FROM token_family
       WHERE tenant_id = :tenant_id AND session_id = :session_id
       ORDER BY rotated_at DESC, created_at DESC LIMIT 1"""
)
METHODS_OF_SESSION = named(
    "SELECT methods FROM session WHERE tenant_id = :tenant_id AND id = :session_id"
).columns(methods=JSON())
ORIGINS = named(
    "SELECT origins FROM client WHERE tenant_id = :tenant_id AND status = 'active'"
).columns(origins=JSON)
