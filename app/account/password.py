"""The password of one's own account: set, changed, removed."""

from app import limits
from app.account import recent
from app.account.owner import Owner
from app.account.refused import Refused, in_words
from app.audit import events
from app.audit.log import record
from app.database import read, write
from app.delivery import notices
from app.directory import contacts, people, ways_in
from app.directory.errors import NotFound
from app.directory.people import Person
from app.flow.screen import Text
from app.hashing import MAX_BYTES, hashing
from app.limits import Limit
from app.methods.password import objection, prepared


def is_offered(owner: Owner) -> bool:
    """Whether the tenant signs anybody in by password."""
    return "password" in owner.tenant.settings.methods.sign_in


def change(owner: Owner, new: str, *, current: str | None = None) -> None:
    """Set or replace the password, by the current one or after a recent sign-in.

    Ends every other session and every token family of every client (SECURITY P09). Raises
    `Refused` and `NotRecent`.
    """
    person = _person(owner)
    if not is_offered(owner):
        raise NotFound("password")
    if person.password_hash is None or not current or not recent.is_strong(owner):
        recent.demand(owner)
    else:
        _demand_current(owner, person, current)
    password = prepared(new)
    problem = objection(
        password,
        min_length=owner.tenant.settings.passwords.min_length,
        context=_words_of(owner, person),
    )
    if problem:
        raise Refused("weak_password", problem, "password")
    hashed = hashing().hash(password)
    with write(owner.tenant.id) as session:
        people.set_password(
            session, owner.actor, owner.user_id, hashed, keep_session_id=owner.session_id
        )
        notices.tell(session, owner.tenant, owner.user_id, "password_changed", {}, owner.locale)


def remove(owner: Owner) -> None:
    """Take the password away, unless it is the last way in. Raises `Refused`, `NotRecent`, and
    `NotFound` where there is none."""
    recent.demand(owner)
    with in_words(), write(owner.tenant.id) as session:
        credential_id = people.password_id(session, owner.user_id)
        if credential_id is None:
            raise NotFound("password")
        ways_in.demand_another(session, owner.tenant, owner.user_id, credential_id)
        people.remove_password(session, owner.actor, owner.user_id)
        notices.tell(session, owner.tenant, owner.user_id, "password_removed", {}, owner.locale)


def _demand_current(owner: Owner, person: Person, current: str) -> None:
    """Count, then verify, as at sign-in; outside any transaction. Raises `Refused`."""
    limit = Limit(
        "account.password",
        owner.user_id,
        owner.tenant.settings.limits.passwords_per_account_and_network,
    )
    exceeded = limits.count(owner.tenant.id, limit)
    if exceeded:
        text = Text("error.too_many_tries", {"count": -(-exceeded.retry_after // 60)})
        raise Refused("rate_limited", text, retry_after=exceeded.retry_after)
    typed = prepared(current)
    is_too_long = len(typed.encode()) > MAX_BYTES
    if is_too_long or not hashing().verify(person.password_hash, typed):
        with write(owner.tenant.id) as session:
            record(session, events.PASSWORD_FAILED, owner.actor, subject_id=owner.user_id)
        raise Refused("wrong_password", Text("error.current_password_wrong"), "current_password")
    with write(owner.tenant.id) as session:
        limits.clear(session, limit)


def _words_of(owner: Owner, person: Person) -> tuple[str, ...]:
    """What names the person, which no password may be."""
    with read(owner.tenant.id) as session:
        mine = contacts.list_of_user(session, owner.user_id)
    names = [each.value for each in mine] + [each.value.partition("@")[0] for each in mine]
    return (*names, person.display_name or "", owner.tenant.name)


def _person(owner: Owner) -> Person:
    with read(owner.tenant.id) as session:
        person = people.snapshot_of(session, owner.user_id)
    if person is None:
        raise NotFound("user")
    return person
