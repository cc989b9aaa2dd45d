"""Where one's own account is signed in, and where no second factor is asked for."""

from app.account.owner import Owner
from app.database import read, write
from app.directory import last_methods, sessions, trusted_devices
from app.directory.errors import NotFound
from app.directory.permissions import Forbidden
from app.directory.sessions import SIGNED_OUT, ListedSession
from app.directory.trusted_devices import TrustedDevice


def sessions_of(owner: Owner) -> list[ListedSession]:
    """The live sessions, last seen first."""
    with read(owner.tenant.id) as session:
        return sessions.list_of_user(session, owner.user_id)


def trusted_of(owner: Owner) -> tuple[TrustedDevice, ...]:
    """The browsers that are trusted now."""
    with read(owner.tenant.id) as session:
        return trusted_devices.list_of_user(session, owner.tenant, owner.user_id)


def end(owner: Owner, session_id: str) -> None:
    """End one session with the tokens that came of it; harmless when it has ended. That device
    forgets how one signs in there. Raises `NotFound` for any session but the owner's."""
    try:
        with write(owner.tenant.id) as session:
            sessions.end(session, owner.actor, session_id, SIGNED_OUT)
            last_methods.forget_at(session, owner.actor, owner.user_id, session_id)
    except Forbidden:
        raise NotFound("session") from None


def end_others(owner: Owner) -> int:
    """End every session but the owner's own, with all their tokens; returns how many ended. The
    other devices forget how one signs in there."""
    user_id = owner.user_id
    with write(owner.tenant.id) as session:
        last_methods.forget_elsewhere(session, owner.actor, user_id, owner.session_id)
        return sessions.end_all_of_user(
            session, owner.actor, owner.user_id, SIGNED_OUT, except_session_id=owner.session_id
        )


def end_all(owner: Owner) -> int:
    """End every session, this one too, and every token; returns how many sessions ended. All those
    devices forget how one signs in there."""
    with write(owner.tenant.id) as session:
        last_methods.forget_elsewhere(session, owner.actor, owner.user_id)
        return sessions.end_all_of_user(session, owner.actor, owner.user_id, SIGNED_OUT)


def trust_no_more(owner: Owner, device_id: str) -> None:
    """Ask for the second factor on that browser again. Raises `NotFound`."""
    with write(owner.tenant.id) as session:
        trusted_devices.end(session, owner.actor, owner.user_id, device_id)


def trust_none(owner: Owner) -> int:
    """Ask for the second factor everywhere; returns how many browsers were trusted."""
    with write(owner.tenant.id) as session:
        return trusted_devices.end_all_of_user(session, owner.actor, owner.user_id, "revoked")
