"""Statements about signing keys."""

from sqlalchemy import JSON, BigInteger, LargeBinary

from app.database import named

KEYS = named(
    """SELECT id, created_at, alg, public_jwk, sealed_private_key, active_from, retired_at,
         remove_at
       FROM signing_key
       WHERE tenant_id = :tenant_id AND (remove_at IS NULL OR remove_at > :now)
       ORDER BY active_from DESC, id DESC"""
).columns(
    public_jwk=JSON,
    sealed_private_key=LargeBinary,
    created_at=BigInteger,
    active_from=BigInteger,
    retired_at=BigInteger,
    remove_at=BigInteger,
)
RETIRE = named(
    """UPDATE signing_key SET retired_at = :at, remove_at = :remove_at
       WHERE tenant_id = :tenant_id AND alg = :alg AND id <> :successor AND retired_at IS NULL
       RETURNING id"""
)
