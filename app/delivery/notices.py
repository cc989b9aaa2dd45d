"""Notices: mails that tell a person of a change to their account, wherever it came from.

Each carries a link that undoes it with one click (`app.delivery.not_me`).
"""

from collections.abc import Mapping

from app.database import Session, named, tenant_of
from app.delivery import not_me
from app.delivery.not_me import Owner
from app.delivery.outbox import Purpose, queue_mail

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
    *,
    about: str | None = None,
) -> int:
    """Queue the notice to every verified address of the person, in the caller's transaction;
    returns to how many. `about` is the id of the credential or contact that was added, which the
    notice's link takes away again.

    Tell of a removed address before it is gone, so that it hears of it too.
    """
    found = {"tenant_id": tenant_of(session), "user_id": user_id}
    addresses = list(session.scalars(_VERIFIED_ADDRESSES, found))
    if not addresses:
        return 0
    undo = {"not_me": not_me.issue(session, tenant, user_id, purpose, about)}
    for address in addresses:
        queue_mail(
            session,
            tenant,
            purpose,
            to=address,
            values={**values, **undo},
            locale=locale,
            carries_secret=False,  # Its link opens nothing, so the mail may be tried again.
            lives=_LIVES,
        )
    return len(addresses)
