"""Notices: mails that tell a person of a change to their account, wherever it came from."""

from collections.abc import Mapping

from app.database import Session, named, tenant_of
from app.delivery.outbox import Owner, Purpose, queue_mail

_LIVES = 3 * 86_400
_VERIFIED_ADDRESSES = named(
    """SELECT value FROM identifier
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND kind = 'email'
         AND verified_at IS NOT NULL
       ORDER BY is_primary DESC, id"""
)


def tell(
    session: Session,
    tenant: Owner,
    user_id: str,
    purpose: Purpose,
    values: Mapping[str, str],
    locale: str,
) -> int:
    """Queue the notice to every verified address of the person, in the caller's transaction;
    returns to how many.

    Tell of a removed address before it is gone, so that it hears of it too.
    """
    found = {"tenant_id": tenant_of(session), "user_id": user_id}
    addresses = list(session.scalars(_VERIFIED_ADDRESSES, found))
    for address in addresses:
        queue_mail(
            session,
            tenant,
            purpose,
            to=address,
            values=values,
            locale=locale,
            carries_secret=False,
            lives=_LIVES,
        )
    return len(addresses)
