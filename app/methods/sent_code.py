"""One-time codes that are sent: issuing, comparing and landing, the same for mail and SMS."""

import secrets
from abc import ABC, abstractmethod
from dataclasses import dataclass

from sqlalchemy.orm import Session

from app import clock, limits, single_use
from app.audit.log import record
from app.database import read
from app.directory import people
from app.directory.people import Person
from app.flow.screen import Action, Field, Message, Screen, Text
from app.identifiers import Identifier, IdentifierKind
from app.ids import new_id
from app.limits import Exceeded
from app.methods.base import (
    Answers,
    Begun,
    Category,
    Challenge,
    Effect,
    Proved,
    Refused,
    Situation,
    Spent,
)
from app.methods.digits import digits as digits_of
from app.methods.sending_limits import of_guessing, of_sending
from app.security import keyring, random_token


@dataclass(frozen=True)
class Events:
    """The audit events of one method."""

    started: str
    succeeded: str
    failed: str
    limited: str


@dataclass(frozen=True)
class Target:
    """Whom a code is about, and where it goes."""

    person: Person | None
    place: Identifier | None
    """None when there is nothing that a message could go to."""
    is_typed: bool
    """Whether it goes to what was typed, and so proves that."""
    is_for_real: bool
    """Whether there is anybody whom the code could prove."""


class SentCode(ABC):
    """A short code that is sent; whoever types it reads what was sent to that place."""

    key: str
    amr: tuple[str, ...] = ("otp",)
    category: Category
    kinds: frozenset[IdentifierKind]
    reaches: IdentifierKind
    """The kind of identifier that its messages go to."""
    channel: str
    """The kind of its rows and the name of its limits: what came one way is worth nothing on
    another."""
    events: Events
    subtitles: tuple[str, str]
    """What its screen says where the place is shown, and where it is not."""
    sends_challenge = True

    def begin(self, situation: Situation) -> Begun | Refused:
        """Count, then prepare a code and its message. Where nobody could be proven the challenge
        is one that nothing opens, so that both look and cost the same."""
        if self._is_locked(situation):
            return Refused(message=Message("error.code_locked"), code="code_locked")
        target = self.target(situation)
        counted = of_sending(self.channel, situation, target.person, target.place)
        exceeded = limits.count(situation.tenant.id, *counted)
        if exceeded:
            return self.limited(situation, exceeded)
        admitted = self.admitted(situation, target)
        if isinstance(admitted, Refused):
            return admitted
        target = admitted
        code = _new_code(situation) if target.is_for_real else random_token()
        challenge = self.challenge(situation, target, code)
        return Begun(challenge, self.issuing(situation, target, challenge, code))

    def screen(self, situation: Situation) -> Screen:
        """Asks for the code that was sent."""
        challenge = situation.challenge
        assert challenge is not None
        digits = situation.tenant.settings.codes.digits
        display = {
            "masked": challenge.destination,
            "digits": digits,
            "expires_at": challenge.expires_at,
            "resend_at": challenge.resend_at,
        }
        if challenge.echo:
            display["echo"] = challenge.echo
        named, unnamed = self.subtitles
        subtitle = named if challenge.destination else unnamed
        code = Field("code", "one_time_code", "field.code", "", "one-time-code", length=digits)
        resend = Action(
            "resend",
            Text("action.resend"),
            "link",
            sends_fields=False,
            waits_until=challenge.resend_at,
        )
        return Screen(
            name=self.key,
            title=Text(f"{self.key}.title"),
            subtitle=Text(subtitle, {"count": digits}),
            fields=(code,),
            actions=(Action("continue", Text("action.verify")), resend),
            display=display,
        )

    def check(self, situation: Situation, answers: Answers) -> Proved | Refused:
        """Count the guess for the account, then the attempt for the code, then compare."""
        digits = situation.tenant.settings.codes.digits
        code = digits_of(answers.get("code", ""), digits)
        if code is None:
            error = Text("error.code_form", {"count": digits})
            return Refused(errors={"code": error}, code="malformed_code")
        target = self.target(situation)
        exceeded = limits.count(situation.tenant.id, of_guessing(situation, target.person))
        if exceeded:
            return self.limited(situation, exceeded)
        return self._compare(situation, target, code)

    def target(self, situation: Situation) -> Target:
        """To what was typed, when messages go there; else only to the proven address or number
        that the person has."""
        typed = situation.identifier
        if typed is not None and typed.kind == self.reaches and not _is_settled(situation):
            with read(situation.tenant.id) as session:
                person = people.find(session, typed)
            return Target(person, typed, True, _is_for_real(situation, typed, person))
        person = situation.find()
        place = self.stored(person) if person else None
        is_for_real = place is not None and person is not None and person.is_active
        return Target(person, place, False, is_for_real)

    @abstractmethod
    def stored(self, person: Person) -> Identifier | None:
        """The proven address or number of a person; None when there is none."""

    @abstractmethod
    def sends(
        self, session: Session, situation: Situation, target: Target, values: dict[str, str]
    ) -> None:
        """Queue the message with these values, or one that tells an address that nobody has it."""

    def admitted(self, situation: Situation, target: Target) -> Target | Refused:
        """The target if a message may go there, beyond the limits; else the refusal, or a target
        that is not for real where a refusal would tell of an account."""
        return target

    def landed(  # noqa: B027 (most have nothing to add)
        self, session: Session, situation: Situation, target: Target
    ) -> None:
        """What else a right answer means; nothing by itself."""

    def challenge(self, situation: Situation, target: Target, code: str) -> Challenge:
        """What is known of the code that is out. Where it goes is shown when it was typed, or to
        the person whom it belongs to; else it would tell whether there is an account."""
        codes = situation.tenant.settings.codes
        is_shown = target.is_typed or situation.user_id is not None
        is_echoed = situation.tenant.is_test and codes.echo and target.is_for_real
        now = clock.now()
        return Challenge(
            method=self.key,
            purpose=situation.purpose,
            row_id=new_id("otc"),
            destination=target.place.masked if target.place and is_shown else None,
            resend_at=now + codes.resend_after * clock.SECOND,
            expires_at=now + codes.lives * clock.SECOND,
            echo=code if is_echoed else None,
        )

    def issuing(
        self, situation: Situation, target: Target, challenge: Challenge, code: str
    ) -> tuple[Effect, ...]:
        """The effects that make the code and send it."""
        made = self.making(situation, target, challenge, code)
        return (made, self.sending(situation, target, {"code": code}))

    def making(
        self, situation: Situation, target: Target, challenge: Challenge, code: str
    ) -> Effect:
        """The effect that makes the code, in place of the one that is out."""
        codes = situation.tenant.settings.codes

        def make(session: Session) -> None:
            about = subject(situation, target)
            spent = single_use.supersede(
                session, self.channel, subject=about, binding=binding(situation)
            )
            single_use.issue(
                session,
                self.channel,
                id=challenge.row_id,
                subject=about,
                binding=binding(situation),
                secret=code,
                lives=codes.lives,
                epoch=situation.tenant.epoch,
                max_attempts=codes.tries,
                attempts=_carried(situation, spent),
                payload=place_of(target),
            )
            self.note(session, situation, self.events.started, target)

        return make

    def sending(self, situation: Situation, target: Target, values: dict[str, str]) -> Effect:
        """The effect that sends the message, where anything is sent at all."""

        def send(session: Session) -> None:
            codes = situation.tenant.settings.codes
            is_silent = situation.tenant.is_test and bool(codes.fixed or codes.echo)
            if target.place is not None and not is_silent:
                self.sends(session, situation, target, values)

        return send

    def landing(
        self, situation: Situation, challenge: Challenge, target: Target, by: str
    ) -> tuple[Effect, ...]:
        """The effects of a right answer: the row of kind `by` is spent, and the account's own
        counter is cleared."""

        def land(session: Session) -> None:
            self.consume(session, situation, challenge, by)
            limits.clear(session, of_guessing(situation, target.person))
            self.landed(session, situation, target)
            self.note(session, situation, self.events.succeeded, target)

        return (land,)

    def consume(
        self, session: Session, situation: Situation, challenge: Challenge, by: str
    ) -> None:
        """Spend what proved; raises `Spent` when somebody was first."""
        if spend(session, by, challenge.row_id, situation) is None:
            raise Spent

    def note(self, session: Session, situation: Situation, event: str, target: Target) -> None:
        """Write `event` to the audit log."""
        record(
            session,
            event,
            situation.actor,
            subject_id=target.person.user_id if target.person else None,
            data={"purpose": situation.purpose},
        )

    def failure(self, situation: Situation, reason: str) -> Effect:
        """The effect that writes a wrong answer to the audit log."""

        def note(session: Session) -> None:
            data = {"purpose": situation.purpose, "reason": reason}
            record(session, self.events.failed, situation.actor, data=data)

        return note

    def limited(self, situation: Situation, exceeded: Exceeded) -> Refused:
        """The refusal when a limit was reached."""

        def note(session: Session) -> None:
            data = {"purpose": situation.purpose, "limit": exceeded.limit.name}
            record(session, self.events.limited, situation.actor, data=data)

        minutes = -(-exceeded.retry_after // 60)
        return Refused(
            message=Message("error.too_many_tries", {"count": minutes}),
            effects=(note,),
            retry_after=exceeded.retry_after,
            code="rate_limited",
        )

    def _compare(self, situation: Situation, target: Target, code: str) -> Proved | Refused:
        challenge = situation.challenge
        assert challenge is not None
        row = single_use.try_once(
            situation.tenant.id,
            self.channel,
            challenge.row_id,
            binding=binding(situation),
            epoch=situation.tenant.epoch,
        )
        if row is None or not is_about(row, situation, target):
            return self._dead(situation, challenge)
        if not row.is_secret(code):
            return self._wrong(situation, row.max_attempts - row.attempts)
        effects = self.landing(situation, challenge, target, self.channel)
        return Proved(target.person, effects, proves_address=target.is_typed)

    def _is_locked(self, situation: Situation) -> bool:
        """Whether the code that is out had all its tries; another in its place has none."""
        challenge = situation.challenge
        if challenge is None or challenge.purpose != situation.purpose:
            return False
        row = single_use.find(situation.tenant.id, self.channel, challenge.row_id)
        return row is not None and row.consumed_at is None and row.attempts >= row.max_attempts

    def _dead(self, situation: Situation, challenge: Challenge) -> Refused:
        row = single_use.find(situation.tenant.id, self.channel, challenge.row_id)
        exhausted = row is not None and row.attempts >= row.max_attempts
        code = "code_locked" if exhausted else "code_expired"
        message = Message("error.code_locked" if exhausted else "error.code_expired")
        return Refused(message=message, effects=(self.failure(situation, code),), code=code)

    def _wrong(self, situation: Situation, left: int) -> Refused:
        code = "code_locked" if left <= 0 else "wrong_code"
        message = Message("error.code_locked")
        if left > 0:
            message = Message("error.code_wrong", {"count": left})
        return Refused(message=message, effects=(self.failure(situation, code),), code=code)


def binding(situation: Situation) -> str:
    """What a code is good for: this flow, for this purpose."""
    return f"{situation.flow_id} {situation.purpose}"


def spend(
    session: Session, kind: str, row_id: str, situation: Situation
) -> single_use.OneTimeRow | None:
    """Spend one of the flow's rows; None when it was spent before, or never there."""
    return single_use.consume(
        session, kind, row_id, binding=binding(situation), epoch=situation.tenant.epoch
    )


def _new_code(situation: Situation) -> str:
    codes = situation.tenant.settings.codes
    if situation.tenant.is_test and codes.fixed:
        return codes.fixed
    return f"{secrets.randbelow(10**codes.digits):0{codes.digits}d}"


def _is_settled(situation: Situation) -> bool:
    """Whether the person is known, and no new address is being proven."""
    return situation.user_id is not None and situation.purpose not in ("sign_up", "verify")


def _is_for_real(situation: Situation, typed: Identifier, person: Person | None) -> bool:
    """Whether a code to what was typed may prove anybody: there is an active person, or one may be
    made of whoever reads it. An address or number that nobody proved opens no account that has
    a proven one: its owner may be somebody else."""
    if situation.purpose == "sign_up":
        return True
    methods = situation.tenant.settings.methods
    creates = methods.create_on_first_sign_in and methods.sign_up_open
    if person is None:
        return creates and situation.purpose == "sign_in"
    is_proven = person.email_verified or person.phone_verified
    is_own = person.has_proven(typed.kind) or not is_proven or situation.purpose == "verify"
    return person.is_active and is_own


def _carried(situation: Situation, spent: int) -> int:
    """The tries that a new code has lost already: those of the code that it replaces. Who starts
    again after a lock gets a code that can work; the account's own budget goes on."""
    tries = situation.tenant.settings.codes.tries
    is_locked = spent >= tries
    return 0 if is_locked and situation.challenge is None else min(spent, tries)


def subject(situation: Situation, target: Target) -> str:
    """Whom a row is about: the account, or what names nobody, as a keyed hash."""
    return keyring().hash("sent code", situation.account(target.person))


def place_of(target: Target) -> dict[str, str]:
    """What a row remembers of where its message went: a keyed hash."""
    return {"place": keyring().hash("sent to", *_place(target))}


def is_about(row: single_use.OneTimeRow, situation: Situation, target: Target) -> bool:
    """Whether a row's message went where one would go now, and is about the same account. A
    username may have another owner since, and a person another address; what was typed is proven
    whosever it is."""
    account = situation.account(target.person)
    return keyring().matches(row.payload.get("place", ""), "sent to", *_place(target)) and (
        target.is_typed or keyring().matches(row.subject, "sent code", account)
    )


def _place(target: Target) -> tuple[str, ...]:
    return (target.place.kind, target.place.key) if target.place else ()
