"""`/sessions` and `/trusted-devices`: where one is signed in."""

from pydantic import BaseModel

from app.account import devices
from app.account.owner import Owner
from app.api.account.door import operation
from app.api.account.shapes import Moment
from app.directory.errors import NotFound
from app.directory.sessions import ListedSession


class Session(BaseModel):
    """A live session on one browser."""

    id: str
    is_current: bool
    software: str | None
    system: str | None
    address: str | None
    auth_time: Moment
    amr: list[str]
    created_at: Moment
    last_seen_at: Moment
    expires_at: Moment


class Sessions(BaseModel):
    """The live sessions, last seen first."""

    items: list[Session]


class Ended(BaseModel):
    """How many sessions ended."""

    ended: int


class TrustedDevice(BaseModel):
    """A browser that is not asked for a second factor."""

    id: str
    label: str
    created_at: Moment
    last_used_at: Moment
    expires_at: Moment


class TrustedDevices(BaseModel):
    """The browsers that are trusted now, last used first."""

    items: list[TrustedDevice]


@operation("GET", "/sessions", "Where the person is signed in", answers=Sessions)
def list_sessions(owner: Owner) -> Sessions:
    """Every live session."""
    return Sessions(items=[_shown(owner, each) for each in devices.sessions_of(owner)])


@operation(
    "GET",
    "/sessions/current",
    "The session that the token came from",
    answers=Session,
    codes=("not_found",),
)
def get_current_session(owner: Owner) -> Session:
    """None where the app signed the person in without a browser, or that session is over."""
    for each in devices.sessions_of(owner):
        if each.id == owner.session_id:
            return _shown(owner, each)
    raise NotFound("session")


@operation(
    "DELETE", "/sessions/current", "Sign out here, with this very token", codes=("not_found",)
)
def end_current_session(owner: Owner) -> None:
    """The session and every token that came of it end."""
    if owner.session_id is None:
        raise NotFound("session")
    devices.end(owner, owner.session_id)


@operation("DELETE", "/sessions/{session_id}", "End one session, with its tokens")
def end_session(owner: Owner, session_id: str) -> None:
    """Harmless when it has ended."""
    devices.end(owner, session_id)


@operation("POST", "/sessions/end-others", "End every session but this one", answers=Ended)
def end_other_sessions(owner: Owner) -> Ended:
    """This session and its tokens stay."""
    return Ended(ended=devices.end_others(owner))


@operation("POST", "/sessions/end-all", "Sign out everywhere, here too", answers=Ended)
def end_all_sessions(owner: Owner) -> Ended:
    """Every session and every token of the person ends, this one too."""
    return Ended(ended=devices.end_all(owner))


@operation("GET", "/trusted-devices", "Browsers that need no second factor", answers=TrustedDevices)
def list_trusted_devices(owner: Owner) -> TrustedDevices:
    """Last used first."""
    return TrustedDevices(
        items=[
            TrustedDevice(
                id=each.id,
                label=each.label,
                created_at=each.created_at,
                last_used_at=each.last_used_at,
                expires_at=each.expires_at,
            )
            for each in devices.trusted_of(owner)
        ]
    )


@operation("DELETE", "/trusted-devices", "Trust no browser any more")
def remove_trusted_devices(owner: Owner) -> None:
    """The second factor is asked for everywhere."""
    devices.trust_none(owner)


@operation("DELETE", "/trusted-devices/{device_id}", "Trust one browser no more")
def remove_trusted_device(owner: Owner, device_id: str) -> None:
    """The second factor is asked for there."""
    devices.trust_no_more(owner, device_id)


def _shown(owner: Owner, each: ListedSession) -> Session:
    return Session(
        id=each.id,
        is_current=each.id == owner.session_id,
        software=each.software,
        system=each.system,
        address=each.address,
        auth_time=each.auth_time,
        amr=list(each.amr),
        created_at=each.created_at,
        last_seen_at=each.last_seen_at,
        expires_at=each.expires_at,
    )
