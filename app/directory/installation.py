"""The row about the database as a whole: its epoch and the root keys that it was made with."""

from app.database import Session, named
from app.security import keyring

_ADD = named(
    """INSERT INTO installation (id, epoch, changes, key_check) VALUES (1, 0, 0, :key_check)
       ON CONFLICT DO NOTHING""",
    everywhere=True,
)
_FIND = named("SELECT epoch, key_check FROM installation WHERE id = 1", everywhere=True)


class WrongRootKey(RuntimeError):
    """The database was made with other root keys: nothing sealed in it could be opened."""


def prepare(session: Session) -> None:
    """Write the row when it is missing, else check the root keys; raises `WrongRootKey`."""
    session.execute(_ADD, {"key_check": keyring().hash("installation")})
    if not has_right_key(session):
        raise WrongRootKey


def has_right_key(session: Session) -> bool:
    """Whether the root keys of this process are those that the database was made with."""
    row = session.execute(_FIND).one()
    return keyring().matches(row.key_check, "installation")


def epoch(session: Session) -> int:
    """The epoch of the installation, a part of every tenant's."""
    found: int = session.execute(_FIND).one().epoch
    return found
