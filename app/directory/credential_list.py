"""What a person is proven with, as others than they may see it: never what it is made of (X06)."""

from dataclasses import dataclass

from app.database import Session, named, tenant_of

_LIST = named(
    """SELECT id, kind, label, created_at, last_used_at FROM credential
       WHERE tenant_id = :tenant_id AND user_id = :user_id AND kind <> 'recovery_code'
       ORDER BY kind, id"""
)


@dataclass(frozen=True)
class ListedCredential:
    """A password, passkey or authenticator app. Times in milliseconds."""

    id: str
    kind: str
    """The key of its method."""
    label: str | None
    created_at: int
    last_used_at: int | None


def of_user(session: Session, user_id: str) -> tuple[ListedCredential, ...]:
    """A person's credentials, by kind; recovery codes are only counted elsewhere. One statement,
    which does not read their secrets."""
    rows = session.execute(_LIST, {"tenant_id": tenant_of(session), "user_id": user_id})
    return tuple(ListedCredential(**row._mapping) for row in rows)
