"""The link in a notice by which a person says that it was somebody else: one click undoes it.

The link signs nobody in and can only take away, so it may live in a mailbox for days.
"""

from typing import Protocol

from app import single_use
from app.database import Session
from app.security import random_token

KIND = "not_me"
_LIVES = 7 * 86_400


class Owner(Protocol):
    """Whose notice it is: a tenant snapshot."""

    @property
    def id(self) -> str:
        """The tenant's id."""

    @property
    def epoch(self) -> int:
        """What ends everything short-lived when it rises."""


def issue(
    session: Session, tenant: Owner, user_id: str, purpose: str, about: str | None = None
) -> str:
    """The token of a new link, for seven days and one use; `about` is the id of the credential or
    identifier that the notice tells of, if one came to be."""
    secret = random_token()
    row_id = single_use.issue(
        session,
        KIND,
        subject=user_id,
        binding=purpose,
        secret=secret,
        lives=_LIVES,
        epoch=tenant.epoch,
        payload={"about": about},
    )
    return f"{row_id}.{secret}"
