"""Passwords: argon2id, a block list, no composition rules (NIST SP 800-63B-4, section 3.1.1)."""

import unicodedata
from dataclasses import replace

from sqlalchemy.orm import Session

from app import limits
from app.audit import events
from app.audit.log import record
from app.breaches import is_breached
from app.directory import people
from app.directory.people import Person
from app.flow.screen import Action, Field, Message, Screen, Text
from app.hashing import MAX_BYTES, hashing
from app.identifiers import IdentifierKind
from app.limits import Limit
from app.methods.base import Answers, Begun, Category, Effect, Proved, Refused, Situation


class Password:
    """A secret that the person remembers, or their password manager does."""

    key = "password"
    amr = ("pwd",)
    category: Category = "knowledge"
    kinds: frozenset[IdentifierKind] = frozenset(("email", "phone", "username"))
    sends_challenge = False

    def begin(self, situation: Situation) -> Begun | Refused:
        """There is no challenge to prepare; raises TypeError."""
        raise TypeError("A password needs no challenge.")

    def screen(self, situation: Situation) -> Screen:
        """Asks for the password of whom the identifier names."""
        named = situation.identifier.value if situation.identifier else ""
        return Screen(
            name="password",
            title=Text("password.title"),
            subtitle=Text("password.subtitle", {"identifier": named}),
            fields=(Field("password", "password", "field.password", "", "current-password"),),
            actions=(Action("continue", Text("action.sign_in")),),
            display={"identifier": named},
        )

    def check(self, situation: Situation, answers: Answers) -> Proved | Refused:
        """Count, then verify; the work and the answer are the same for an unknown address."""
        password = prepared(answers.get("password", ""))
        if not password or len(password.encode()) > MAX_BYTES:
            return Refused(errors={"password": Text("error.password_wrong")})
        person = situation.find()
        exceeded = limits.count(situation.tenant.id, *_limits(situation, person))
        if exceeded:
            return _limited(situation, person, exceeded)
        if not hashing().verify(person.password_hash if person else None, password):
            return _wrong(situation, person)
        assert person is not None
        effects = _after_success(situation, person, password)
        return Proved(person, tuple(effects), is_breached=is_breached(password))


def prepared(password: str) -> str:
    """The password as it is hashed: the OpaqueString profile of RFC 8265, section 4.2.

    Spaces of any script become the plain space, then NFC; nothing is trimmed or cut.
    """
    spaced = "".join(" " if unicodedata.category(c) == "Zs" else c for c in password)
    return unicodedata.normalize("NFC", spaced)


def objection(password: str, *, min_length: int, context: tuple[str, ...]) -> Text | None:
    """Why `password` may not be chosen, or None; asked on every path that sets one. `context` holds
    words such as the address."""
    if len(password) < min_length:
        return Text("error.password_short", {"count": min_length})
    if len(password.encode()) > MAX_BYTES:
        return Text("error.password_long")
    folded = password.casefold()
    if len(set(folded)) == 1 or is_breached(password):
        return Text("error.password_common")
    if any(word and folded == word.casefold() for word in context):
        return Text("error.password_context")
    return None


def _limits(situation: Situation, person: Person | None) -> list[Limit]:
    """Most tries are counted by account and network together, so a stranger elsewhere locks nobody
    out; the account's own total spares browsers that the person has used before."""
    figures = situation.tenant.settings.limits
    network = limits.network(situation.actor.address)
    counted = [
        _own_limit(situation, person),
        Limit("password.network", network, figures.passwords_per_network),
    ]
    if not situation.is_known(person):
        account = situation.account(person)
        counted.append(Limit("password.account", account, figures.passwords_per_account))
    return counted


def _own_limit(situation: Situation, person: Person | None) -> Limit:
    """A browser that the person has used before counts on its own, whoever shares its network."""
    figures = situation.tenant.settings.limits
    known = situation.is_known(person)
    place = "known" if known else limits.network(situation.actor.address)
    key = f"{situation.account(person)} {place}"
    return Limit("password.account_network", key, figures.passwords_per_account_and_network)


def _limited(situation: Situation, person: Person | None, exceeded: limits.Exceeded) -> Refused:
    minutes = -(-exceeded.retry_after // 60)

    def note(session: Session) -> None:
        record(
            session,
            events.PASSWORD_LIMITED,
            situation.actor,
            subject_id=person.user_id if person else None,
            data={"limit": exceeded.limit.name},
        )

    return Refused(
        message=Message("error.too_many_tries", {"count": minutes}),
        effects=(note,),
        retry_after=exceeded.retry_after,
        code="rate_limited",
    )


def _wrong(situation: Situation, person: Person | None) -> Refused:
    def note(session: Session) -> None:
        subject_id = person.user_id if person else None
        record(session, events.PASSWORD_FAILED, situation.actor, subject_id=subject_id)

    return Refused(
        errors={"password": Text("error.password_wrong")}, effects=(note,), code="wrong_password"
    )


def _after_success(situation: Situation, person: Person, password: str) -> list[Effect]:
    own = _own_limit(situation, person)

    def clear(session: Session) -> None:
        limits.clear(session, own)

    effects: list[Effect] = [clear]
    if person.password_hash and hashing().is_outdated(person.password_hash):
        renewed = hashing().hash(password)
        actor = replace(situation.actor, id=person.user_id)
        former = person.password_hash

        def rehash(session: Session) -> None:
            people.rehash_password(session, actor, person.user_id, renewed, replaces=former)

        effects.append(rehash)
    return effects
