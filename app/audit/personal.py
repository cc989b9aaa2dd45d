"""Personal data of the audit log: sealed under a key of each person, whose erasure is theirs.

What belongs to no user that we know is sealed under the root key alone.
"""

import json
import os
from collections.abc import Mapping

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.database import EVERYWHERE, Session, named, tenant_of
from app.security import CannotUnseal, keyring

Personal = dict[str, str]

_NONCE_BYTES = 12
_OF_USER, _OF_NOBODY = b"u", b"n"
_FIND_KEY = named('SELECT personal_key FROM "user" WHERE tenant_id = :tenant_id AND id = :user_id')
_KNOWN = "authpage_personal_keys"
_NOBODY = ""


def new_key(tenant_id: str, user_id: str) -> bytes:
    """A fresh key for one person's data, sealed as the user's row keeps it."""
    return keyring().seal(AESGCM.generate_key(256), _key_context(tenant_id, user_id))


def remember_key(session: Session, user_id: str, sealed_key: bytes | None) -> None:
    """Spare the session a look-up, when a statement has brought the user's key along anyhow."""
    session.info.setdefault(_KNOWN, {})[user_id] = sealed_key


def seal(
    session: Session, tenant_id: str, event_id: str, subject_id: str | None, data: Mapping[str, str]
) -> bytes | None:
    """`data` for one event's row; None when there is none, or its subject was erased."""
    if not data:
        return None
    plain = json.dumps(dict(data), separators=(",", ":")).encode()
    found, sealed_key = _key_of(session, tenant_id, subject_id)
    if not found or subject_id is None:
        return _OF_NOBODY + keyring().seal(plain, _event_context(tenant_id, event_id))
    if sealed_key is None:
        return None
    nonce = os.urandom(_NONCE_BYTES)
    cipher = AESGCM(keyring().unseal(sealed_key, _key_context(tenant_id, subject_id)))
    context = _event_context(tenant_id, event_id).encode()
    return _OF_USER + nonce + cipher.encrypt(nonce, plain, context)


def unseal(
    session: Session, event_id: str, subject_id: str | None, sealed: bytes | None
) -> Personal:
    """What `seal` was given; empty when there was nothing, or its subject has been erased since."""
    tenant_id = tenant_of(session)
    if sealed is None:
        return {}
    kind, body = sealed[:1], sealed[1:]
    try:
        if kind == _OF_NOBODY:
            plain = keyring().unseal(body, _event_context(tenant_id, event_id))
        else:
            plain = _open_of_user(session, tenant_id, event_id, subject_id, body)
    except (CannotUnseal, InvalidTag):
        return {}
    opened: Personal = json.loads(plain) if plain else {}
    return opened


def _open_of_user(
    session: Session, tenant_id: str, event_id: str, subject_id: str | None, body: bytes
) -> bytes:
    _, sealed_key = _key_of(session, tenant_id, subject_id)
    if sealed_key is None or subject_id is None:
        return b""
    cipher = AESGCM(keyring().unseal(sealed_key, _key_context(tenant_id, subject_id)))
    context = _event_context(tenant_id, event_id).encode()
    return cipher.decrypt(body[:_NONCE_BYTES], body[_NONCE_BYTES:], context)


def _key_of(session: Session, tenant_id: str, user_id: str | None) -> tuple[bool, bytes | None]:
    """Whether there is such a user, and the sealed key unless it was erased.

    Nobody is looked up like somebody, so that an unknown address costs what a known one costs.
    """
    wanted = user_id or _NOBODY
    known: dict[str, bytes | None] = session.info.setdefault(_KNOWN, {})
    if user_id is None and tenant_of(session) == EVERYWHERE:
        return False, None
    if wanted in known:
        return wanted != _NOBODY, known[wanted]
    row = session.execute(_FIND_KEY, {"tenant_id": tenant_id, "user_id": wanted}).first()
    if row is not None or wanted == _NOBODY:
        known[wanted] = row.personal_key if row else None
    return row is not None, row.personal_key if row else None


def _key_context(tenant_id: str, user_id: str) -> str:
    return f"{tenant_id}/user/{user_id}/personal_key"


def _event_context(tenant_id: str, event_id: str) -> str:
    return f"{tenant_id}/audit_event/{event_id}/personal"
