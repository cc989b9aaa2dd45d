"""Sessions: one for each person on each browser, which a cookie names that changes at sign-in."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from app import clock
from app.actor import SYSTEM, Actor
from app.audit import events
from app.audit.log import record
from app.audit.personal import remember_key
from app.database import Session, tenant_of
from app.directory import (
    devices,
    families,
    permissions,
    statements,
    support_recovery,
    trusted_devices,
)
from app.directory.errors import NotFound, Refused
from app.directory.tenants import Tenant
from app.ids import new_id
from app.security import keyring, random_token

_COOKIE_LENGTH = 43
_TOUCH_AFTER = clock.MINUTE
Here = Mapping[str, str | None]
"""What a browser's row says of the browser."""
SIGNED_OUT = "signed_out"
"""Why a session ended: the person asked for it."""


class NotActive(Refused):
    """The user was disabled or erased in the meantime, or has to choose another password first."""

    def __init__(self) -> None:
        super().__init__("The user is not active.")


@dataclass(frozen=True)
class LiveSession:
    """A session that is good now, and whose it is. Times in milliseconds."""

    id: str
    user_id: str
    browser_id: str
    auth_time: int
    amr: tuple[str, ...]
    acr: str | None
    email: str | None
    display_name: str | None
    user_status: str
    last_seen_at: int
    expires_at: int
    methods: tuple[str, ...] = ()
    """The keys of the methods that proved the person."""
    mfa_required: bool = False
    """Whether this very person needs a second factor."""
    enrolments_put_off: int = 0
    has_totp: bool = False
    has_passkey: bool = False
    is_anonymous: bool = False
    """Whether its user has not said who they are."""

    @property
    def factors(self) -> tuple[str, ...]:
        """The factors that this person set up, by the keys of their methods."""
        has = {"totp": self.has_totp, "passkey": self.has_passkey}
        return tuple(key for key, is_there in has.items() if is_there)

    @property
    def needs_touch(self) -> bool:
        """Whether it was last seen so long ago that `touch` would write."""
        return self.last_seen_at <= clock.now() - _TOUCH_AFTER


@dataclass(frozen=True)
class SignedIn:
    """A known browser and the sessions that live on it, the newest sign-in first; maybe none."""

    browser_id: str
    sessions: tuple[LiveSession, ...]
    anonymous: LiveSession | None = None
    """The newest session of an anonymous user, who is nobody to choose or to show."""
    last_method: str | None = None
    """How somebody came in on this browser last, whoever that was: a method's key, a provider's
    with its connection behind a colon. It outlives the sessions."""

    @property
    def everybody(self) -> tuple[LiveSession, ...]:
        """Every session that signing out ends."""
        return (*self.sessions, *((self.anonymous,) if self.anonymous else ()))


@dataclass(frozen=True)
class Opened:
    """A session just opened."""

    session_id: str
    cookie_value: str
    """The browser's new cookie; its former value is worth nothing from now on."""
    browser_id: str
    is_new_browser: bool
    """Whether this person never signed in on the browser before, whoever else did."""


@dataclass(frozen=True)
class ListedSession:
    """A live session in its owner's device list. Times in milliseconds."""

    id: str
    browser_id: str
    software: str | None
    system: str | None
    address: str | None
    auth_time: int
    amr: tuple[str, ...]
    created_at: int
    last_seen_at: int
    expires_at: int


def of_browser(session: Session, tenant: Tenant, cookie_value: str | None) -> SignedIn | None:
    """The browser that the cookie names, with its live sessions; None for no or an unknown cookie.

    Live means not ended, within idle and absolute life, of today's epoch, and of an active user.
    One statement.
    """
    if cookie_value is None or not _is_cookie(cookie_value):
        return None
    values = {
        "tenant_id": tenant_of(session),
        "digests": _digests(cookie_value),
        "epoch": tenant.epoch,
        "now": clock.now(),
    }
    rows = session.execute(statements.SESSIONS_OF_BROWSER, values).all()
    if not rows:
        return None
    live = tuple(_live(row) for row in rows if row.id is not None and row.user_status is not None)
    named = tuple(each for each in live if not each.is_anonymous)
    anonymous = next((each for each in live if each.is_anonymous), None)
    return SignedIn(rows[0].browser_id, named, anonymous, rows[0].last_method)


def open(  # noqa: A001 - sessions.open reads as what it does.
    session: Session,
    actor: Actor,
    tenant: Tenant,
    *,
    cookie_value: str | None,
    user_id: str,
    amr: Sequence[str],
    acr: str | None,
    auth_time: int,
    methods: Sequence[str] = (),
    last_method: str | None = None,
    proven_since: int | None = None,
) -> Opened:
    """Open a session for a person who has just proven who they are; the caller records the event.
    The browser remembers `last_method`, which is how they came in.

    The browser's cookie always gets a new value. A session of the same person on this browser ends
    quietly, its token families live on. Three statements, or four on a known browser. Raises
    `NotActive` for a user who was disabled in the meantime, or of whom another password is required
    since the first of the proofs was given (`proven_since`, milliseconds; now where it is None).
    """
    permissions.demand(actor, "session.open", user_id)
    _note_sign_in(session, actor, user_id, clock.now() if proven_since is None else proven_since)
    cookie = random_token()
    here = {**_device(actor), "last_method": last_method}
    known, is_theirs = _rotate_browser(session, here, cookie_value, cookie, user_id)
    browser_id = known or _add_browser(session, here, cookie)
    if known:
        _replace(session, browser_id, user_id)
    proof = {"amr": list(amr), "methods": list(methods), "acr": acr, "auth_time": auth_time}
    session_id = _add_session(session, tenant, browser_id, user_id, proof)
    return Opened(session_id, cookie, browser_id, not is_theirs)


def has_signed_in(session: Session, browser_id: str, user_id: str) -> bool:
    """Whether the user ever had a session on this browser, live or ended."""
    values = {"tenant_id": tenant_of(session), "browser_id": browser_id, "user_id": user_id}
    return session.execute(statements.HAS_SIGNED_IN, values).first() is not None


def touch(session: Session, actor: Actor, tenant: Tenant, live: LiveSession) -> None:
    """Prolong a session that is in use, at most once a minute and never past its absolute life."""
    permissions.demand(actor, "session.touch", live.user_id)
    now = clock.now()
    idle_until = now + tenant.settings.lifetimes.session_idle * clock.SECOND
    session.execute(
        statements.TOUCH_SESSION,
        {
            "tenant_id": tenant_of(session),
            "id": live.id,
            "now": now,
            "idle_until": min(idle_until, live.expires_at),
            "unless_after": now - _TOUCH_AFTER,
        },
    )


def end(session: Session, actor: Actor, session_id: str, because: str) -> bool:
    """End a session, and the token families that came from it; False when it had ended before.

    Raises `NotFound`; to a user `Forbidden` for any session but their own.
    """
    key = {"tenant_id": tenant_of(session), "id": session_id}
    owner = session.execute(statements.OWNER_OF_SESSION, key).first()
    permissions.demand(actor, "session.end", owner.user_id if owner else None)
    if owner is None:
        raise NotFound("session")
    ended = session.execute(statements.END_SESSION, {**key, "now": clock.now()}).first()
    families.revoke_of_browser_and_user(session, actor, owner.browser_id, owner.user_id, because)
    if ended is not None:
        _record_end(session, actor, owner.user_id, [session_id], because)
    return ended is not None


def end_all_of_user(
    session: Session,
    actor: Actor,
    user_id: str,
    because: str,
    except_session_id: str | None = None,
) -> int:
    """End every session of a user and revoke every token family, but for those of one session, and
    trust none of the user's browsers any more; returns how many sessions ended."""
    permissions.demand(actor, "session.end", user_id)
    keep = except_session_id or ""
    values = {
        "tenant_id": tenant_of(session),
        "user_id": user_id,
        "keep": keep,
        "now": clock.now(),
    }
    ended = list(session.scalars(statements.END_SESSIONS_OF_USER, values))
    families.revoke_of_user(session, actor, user_id, because, except_session_id=keep)
    trusted_devices.end_all_of_user(session, actor, user_id, because)
    if because == SIGNED_OUT:
        record(
            session,
            events.USER_SIGNED_OUT_EVERYWHERE,
            actor,
            subject_id=user_id,
            targets=[("session", each) for each in ended],
        )
    elif ended:
        _record_end(session, actor, user_id, ended, because)
    return len(ended)


def end_browser(session: Session, actor: Actor, browser_id: str, because: str = SIGNED_OUT) -> int:
    """End every session on a browser, with their token families; returns how many ended.

    A user may end a browser on which they have or had a session.
    """
    key = {"tenant_id": tenant_of(session), "browser_id": browser_id}
    users = set(session.scalars(statements.USERS_OF_BROWSER, key))
    permissions.demand(actor, "browser.end", actor.id if actor.id in users else None)
    rows = session.execute(statements.END_SESSIONS_OF_BROWSER, {**key, "now": clock.now()}).all()
    # Whoever holds the browser ends it whole, so also what belongs to the others on it.
    families.revoke_of_browser(session, SYSTEM, browser_id, because)
    for user_id in sorted(users):
        ended = [row.id for row in rows if row.user_id == user_id]
        if ended:
            _record_end(session, actor, user_id, ended, because)
    return len(rows)


def list_of_user(session: Session, user_id: str) -> list[ListedSession]:
    """The live sessions of a user, last seen first."""
    values = {"tenant_id": tenant_of(session), "user_id": user_id, "now": clock.now()}
    return [
        ListedSession(**{**row._mapping, "amr": tuple(row.amr)})
        for row in session.execute(statements.SESSIONS_OF_USER, values)
    ]


def _live(row: Any) -> LiveSession:
    values = {**row._mapping, "amr": tuple(row.amr), "methods": tuple(row.methods)}
    del values["last_method"]
    return LiveSession(**values)


def _is_cookie(value: str) -> bool:
    return len(value) == _COOKIE_LENGTH and value.isascii()


def _digests(cookie_value: str) -> list[str]:
    return list(keyring().hashes("browser", cookie_value))


def _note_sign_in(session: Session, actor: Actor, user_id: str, proven_since: int) -> None:
    """Who can sign in needs no recovery by support: one that waits is void."""
    values = {
        "tenant_id": tenant_of(session),
        "user_id": user_id,
        "now": clock.now(),
        "proven_since": proven_since,
    }
    row = session.execute(statements.NOTE_SIGN_IN, values).first()
    if row is None:
        raise NotActive
    remember_key(session, user_id, row.personal_key)
    if row.is_being_recovered:
        support_recovery.void(session, actor, user_id, "signed_in")


def _device(actor: Actor) -> dict[str, str | None]:
    device = devices.of_user_agent(actor.user_agent)
    return {"software": device.software, "system": device.system, "address": actor.address}


def _rotate_browser(
    session: Session, here: Here, former: str | None, cookie: str, user_id: str
) -> tuple[str | None, bool]:
    """The id of a browser that is known, and whether the user ever had a session on it."""
    if former is None or not _is_cookie(former):
        return None, False
    values = {
        "tenant_id": tenant_of(session),
        "digests": _digests(former),
        "digest": keyring().hash("browser", cookie),
        "user_id": user_id,
        "now": clock.now(),
        **here,
    }
    row = session.execute(statements.ROTATE_BROWSER, values).first()
    return (row.id, row.is_theirs) if row else (None, False)


def _add_browser(session: Session, here: Here, cookie: str) -> str:
    browser_id, now = new_id("brw"), clock.now()
    session.execute(
        statements.ADD_BROWSER,
        {
            "tenant_id": tenant_of(session),
            "id": browser_id,
            "created_at": now,
            "digest": keyring().hash("browser", cookie),
            "last_seen_at": now,
            **here,
        },
    )
    return browser_id


def _replace(session: Session, browser_id: str, user_id: str) -> None:
    values = {
        "tenant_id": tenant_of(session),
        "browser_id": browser_id,
        "user_id": user_id,
        "now": clock.now(),
    }
    session.execute(statements.REPLACE_SESSION, values)


def _add_session(
    session: Session,
    tenant: Tenant,
    browser_id: str,
    user_id: str,
    proof: dict[str, Any],
) -> str:
    session_id, now, lives = new_id("ses"), clock.now(), tenant.settings.lifetimes
    expires_at = now + lives.session_absolute * clock.SECOND
    values: dict[str, Any] = {
        "tenant_id": tenant_of(session),
        "id": session_id,
        "created_at": now,
        "browser_id": browser_id,
        "user_id": user_id,
        **proof,
        "last_seen_at": now,
        "idle_until": min(now + lives.session_idle * clock.SECOND, expires_at),
        "expires_at": expires_at,
        "epoch": tenant.epoch,
    }
    session.execute(statements.ADD_SESSION, values)
    return session_id


def _record_end(
    session: Session, actor: Actor, user_id: str, ended: Sequence[str], because: str
) -> None:
    record(
        session,
        events.USER_SIGNED_OUT if because == SIGNED_OUT else events.SESSION_ENDED,
        actor,
        subject_id=user_id,
        targets=[("session", each) for each in ended],
        data={"because": because},
    )
