"""One-time codes by mail: for sign-in, sign-up, verification and recovery."""

import secrets
import unicodedata

from sqlalchemy.orm import Session

from app import clock, limits, single_use
from app.addresses import mask_email
from app.audit import events
from app.audit.log import record
from app.database import read
from app.delivery.outbox import Purpose as MailPurpose
from app.delivery.outbox import queue_mail
from app.directory import people
from app.directory.people import Person
from app.flow.screen import Action, Field, Message, Screen, Text
from app.identifiers import IdentifierKind
from app.ids import new_id
from app.limits import Exceeded, Limit
from app.methods.base import (
    Answers,
    Begun,
    Category,
    Challenge,
    Effect,
    Proved,
    Purpose,
    Refused,
    Situation,
    Spent,
)
from app.security import keyring, random_token

KIND = "email_code"
_LONGEST = 100
_MAILS: dict[Purpose, MailPurpose] = {
    "sign_in": "sign_in_code",
    "sign_up": "sign_up_code",
    "verify": "verify_email_code",
    "recover": "recovery_code",
}


class EmailCode:
    """A short code, mailed to the address; whoever types it reads that mailbox."""

    key = "email_code"
    amr = ("otp",)
    category: Category = "mailbox"
    kinds: frozenset[IdentifierKind] = frozenset(("email", "username"))
    sends_challenge = True

    def begin(self, situation: Situation) -> Begun | Refused:
        """Count, then prepare a code and its mail. An unknown address gets a mail without a code
        and a challenge that nothing opens, so that both look and cost the same."""
        if _is_locked(situation):
            return Refused(message=Message("error.code_locked"), code="code_locked")
        with read(situation.tenant.id) as session:
            person = people.find_by_email(session, situation.email.key)
        exceeded = limits.count(situation.tenant.id, *_sending_limits(situation, person))
        if exceeded:
            return _limited(situation, exceeded)
        is_for_real = situation.purpose == "sign_up" or (
            person is not None and person.status == "active"
        )
        code = _new_code(situation) if is_for_real else random_token()
        challenge = _challenge(situation, code if is_for_real else None)
        return Begun(challenge, _issuing(situation, challenge, code, is_for_real, person))

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
        return Screen(
            name="email_code",
            title=Text("email_code.title"),
            subtitle=Text("email_code.subtitle", {"count": digits}),
            fields=(
                Field("code", "one_time_code", "field.code", "", "one-time-code", length=digits),
            ),
            actions=(
                Action("continue", Text("action.verify")),
                Action(
                    "resend",
                    Text("action.resend"),
                    "link",
                    sends_fields=False,
                    waits_until=challenge.resend_at,
                ),
            ),
            display=display,
        )

    def check(self, situation: Situation, answers: Answers) -> Proved | Refused:
        """Count the guess for the account, then the attempt for the code, then compare."""
        digits = situation.tenant.settings.codes.digits
        code = _digits(answers.get("code", ""), digits)
        if code is None:
            error = Text("error.code_form", {"count": digits})
            return Refused(errors={"code": error}, code="malformed_code")
        with read(situation.tenant.id) as session:
            person = people.find_by_email(session, situation.email.key)
        exceeded = limits.count(situation.tenant.id, _guessing_limit(situation, person))
        if exceeded:
            return _limited(situation, exceeded)
        return self._compare(situation, code, person)

    def _compare(self, situation: Situation, code: str, person: Person | None) -> Proved | Refused:
        challenge = situation.challenge
        assert challenge is not None
        row = single_use.try_once(
            situation.tenant.id,
            KIND,
            challenge.row_id,
            binding=_binding(situation),
            epoch=situation.tenant.epoch,
        )
        if row is None:
            return _dead(situation, challenge)
        if not row.is_secret(code):
            return _wrong(situation, row.max_attempts - row.attempts)
        return Proved(person, _landing(situation, challenge, person), proves_address=True)


def _new_code(situation: Situation) -> str:
    codes = situation.tenant.settings.codes
    if situation.tenant.is_test and codes.fixed:
        return codes.fixed
    return f"{secrets.randbelow(10**codes.digits):0{codes.digits}d}"


def _is_silent(situation: Situation) -> bool:
    """Whether no mail is sent: only in a test tenant whose codes are fixed or echoed."""
    codes = situation.tenant.settings.codes
    return situation.tenant.is_test and bool(codes.fixed or codes.echo)


def _challenge(situation: Situation, code: str | None) -> Challenge:
    codes = situation.tenant.settings.codes
    now = clock.now()
    return Challenge(
        method=KIND,
        purpose=situation.purpose,
        row_id=new_id("otc"),
        destination=mask_email(situation.email.value),
        resend_at=now + codes.resend_after * clock.SECOND,
        expires_at=now + codes.lives * clock.SECOND,
        echo=code if situation.tenant.is_test and codes.echo else None,
    )


def _issuing(
    situation: Situation, challenge: Challenge, code: str, is_for_real: bool, person: Person | None
) -> tuple[Effect, ...]:
    codes = situation.tenant.settings.codes

    def issue(session: Session) -> None:
        spent = single_use.supersede(
            session, KIND, subject=_subject(situation), binding=_binding(situation)
        )
        single_use.issue(
            session,
            KIND,
            id=challenge.row_id,
            subject=_subject(situation),
            binding=_binding(situation),
            secret=code,
            lives=codes.lives,
            epoch=situation.tenant.epoch,
            max_attempts=codes.tries,
            attempts=_carried(situation, spent),
        )
        record(
            session,
            events.EMAIL_CODE_STARTED,
            situation.actor,
            subject_id=person.user_id if person else None,
            data={"purpose": situation.purpose},
        )

    def mail(session: Session) -> None:
        if not _is_silent(situation):
            _queue(session, situation, code if is_for_real else None, exists=person is not None)

    return (issue, mail)


def _is_locked(situation: Situation) -> bool:
    """Whether the code that is out had all its tries; another in its place has none."""
    challenge = situation.challenge
    if challenge is None or challenge.purpose != situation.purpose:
        return False
    row = single_use.find(situation.tenant.id, KIND, challenge.row_id)
    return row is not None and row.consumed_at is None and row.attempts >= row.max_attempts


def _carried(situation: Situation, spent: int) -> int:
    """The tries that a new code has lost already: those of the code that it replaces. Who starts
    again after a lock gets a code that can work; the account's own budget goes on."""
    tries = situation.tenant.settings.codes.tries
    is_locked = spent >= tries
    return 0 if is_locked and situation.challenge is None else min(spent, tries)


def _queue(session: Session, situation: Situation, code: str | None, *, exists: bool) -> None:
    lives = situation.tenant.settings.codes.lives
    purpose: MailPurpose = _MAILS[situation.purpose] if code else "no_account"
    values = {"minutes": str(lives // 60), "app": situation.client_name or situation.tenant.name}
    if code:
        values["code"] = code
    if situation.purpose == "sign_up" and exists:
        values["exists"] = "yes"
    queue_mail(
        session,
        situation.tenant,
        purpose,
        to=situation.email.value,
        values=values,
        locale=situation.locale,
        carries_secret=code is not None,
        lives=lives,
    )


def _landing(
    situation: Situation, challenge: Challenge, person: Person | None
) -> tuple[Effect, ...]:
    def consume(session: Session) -> None:
        row = single_use.consume(
            session,
            KIND,
            challenge.row_id,
            binding=_binding(situation),
            epoch=situation.tenant.epoch,
        )
        if row is None:
            raise Spent
        limits.clear(session, _guessing_limit(situation, person))
        record(
            session,
            events.EMAIL_CODE_SUCCEEDED,
            situation.actor,
            subject_id=person.user_id if person else None,
            data={"purpose": situation.purpose},
        )

    return (consume,)


def _dead(situation: Situation, challenge: Challenge) -> Refused:
    row = single_use.find(situation.tenant.id, KIND, challenge.row_id)
    exhausted = row is not None and row.attempts >= row.max_attempts
    if exhausted:
        message, code = Message("error.code_locked"), "code_locked"
    else:
        message, code = Message("error.code_expired"), "code_expired"
    return Refused(message=message, effects=(_failure(situation, code),), code=code)


def _wrong(situation: Situation, left: int) -> Refused:
    if left <= 0:
        message, code = Message("error.code_locked"), "code_locked"
    else:
        message, code = Message("error.code_wrong", {"count": left}), "wrong_code"
    return Refused(message=message, effects=(_failure(situation, code),), code=code)


def _failure(situation: Situation, reason: str) -> Effect:
    def note(session: Session) -> None:
        data = {"purpose": situation.purpose, "reason": reason}
        record(session, events.EMAIL_CODE_FAILED, situation.actor, data=data)

    return note


def _limited(situation: Situation, exceeded: Exceeded) -> Refused:
    def note(session: Session) -> None:
        data = {"purpose": situation.purpose, "limit": exceeded.limit.name}
        record(session, events.EMAIL_CODE_LIMITED, situation.actor, data=data)

    minutes = -(-exceeded.retry_after // 60)
    return Refused(
        message=Message("error.too_many_tries", {"count": minutes}),
        effects=(note,),
        retry_after=exceeded.retry_after,
        code="rate_limited",
    )


def _sending_limits(situation: Situation, person: Person | None) -> list[Limit]:
    figures = situation.tenant.settings.limits
    network = limits.network(situation.actor.address)
    counted = [
        Limit("email_code.address", _account(situation, person), figures.codes_per_address),
        Limit("email_code.network", network, figures.codes_per_network),
    ]
    if situation.client_id:
        counted.append(Limit("email_code.client", situation.client_id, figures.codes_per_client))
    return counted


def _guessing_limit(situation: Situation, person: Person | None) -> Limit:
    most = situation.tenant.settings.limits.wrong_codes_per_account
    return Limit("email_code.guess", _account(situation, person), most)


def _account(situation: Situation, person: Person | None) -> str:
    """What an account is counted by. A browser that its owner has signed in on before counts on
    its own, so that a stranger's guesses elsewhere lock nobody out."""
    if situation.is_known(person):
        return f"{situation.email.key} known"
    return situation.email.key


def _subject(situation: Situation) -> str:
    return keyring().hash("email", situation.email.key)


def _binding(situation: Situation) -> str:
    return f"{situation.flow_id} {situation.purpose}"


def _digits(text: str, count: int) -> str | None:
    """The code as ASCII digits, in whatever script it was typed; None when it is none."""
    if len(text) > _LONGEST:
        return None
    kept = [c for c in text if not c.isspace() and c != "-"]
    try:
        code = "".join(str(unicodedata.decimal(c)) for c in kept)
    except ValueError:
        return None
    return code if len(code) == count else None
