"""How commands name an organization: by id or by slug."""

from app.database import Session
from app.directory import organizations
from app.directory.errors import NotFound
from app.directory.organizations import Organization


def organization_called(session: Session, text: str) -> Organization:
    """The organization whose id or slug this is; raises `NotFound`."""
    found = organizations.by_slug_or_id(session, text)
    if found is None:
        raise NotFound("organization")
    return found
