"""Codes of authenticator apps (RFC 6238), as a second factor only."""

import hmac
from dataclasses import replace

import pyotp
from sqlalchemy.orm import Session

from app import clock
from app.audit import events
from app.audit.log import record
from app.database import read
from app.directory import authenticators, recovery_codes
from app.directory.authenticators import Seed
from app.flow.screen import Action, Field, Screen, Text
from app.identifiers import IdentifierKind
from app.methods import guesses, recovery_code
from app.methods.base import Answers, Begun, Category, Effect, Proved, Refused, Situation, Spent
from app.methods.digits import digits

DIGITS = 6
STEP = 30
"""Seconds."""
_DRIFT = (0, -1, 1)
"""Steps by which an app's clock may differ from ours."""


class Totp:
    """The code that an authenticator app shows right now, or a recovery code in its place."""

    key = "totp"
    amr = ("otp",)
    category: Category = "app"
    kinds: frozenset[IdentifierKind] = frozenset()
    sends_challenge = False

    def begin(self, situation: Situation) -> Begun | Refused:
        """There is no challenge to prepare; raises TypeError."""
        raise TypeError("An authenticator app needs no challenge.")

    def screen(self, situation: Situation) -> Screen:
        """Asks for the code of the app."""
        return Screen(
            name="totp",
            title=Text("totp.title"),
            subtitle=Text("totp.subtitle"),
            fields=(
                Field(
                    "code", "one_time_code", "field.totp_code", "", "one-time-code", length=DIGITS
                ),
            ),
            actions=(Action("continue", Text("action.verify")),),
            display={"digits": DIGITS},
        )

    def check(self, situation: Situation, answers: Answers) -> Proved | Refused:
        """Count one guess, however many authenticators it is then compared with."""
        typed = answers.get("code", "")
        code = digits(typed, DIGITS)
        spare = recovery_codes.normal(typed) if code is None else None
        if code is None and spare is None:
            error = Text("error.totp_form", {"count": DIGITS})
            return Refused(errors={"code": error}, code="malformed_code")
        refused = guesses.count(situation)
        if refused:
            return refused
        if spare is not None:
            return recovery_code.redeem(situation, spare)
        assert code is not None
        return _by_app(situation, code)


def matching_steps(secret: str, code: str) -> list[int]:
    """The time steps around now whose code is `code`: none, or nearly always one. Compares in
    constant time."""
    now = clock.now_seconds() // STEP
    app = pyotp.TOTP(secret, digits=DIGITS, interval=STEP)
    compared = [(step, hmac.compare_digest(app.generate_otp(step), code)) for step in _near(now)]
    return [step for step, is_equal in compared if is_equal]


def _near(now: int) -> list[int]:
    return [now + drift for drift in _DRIFT]


def _by_app(situation: Situation, code: str) -> Proved | Refused:
    assert situation.user_id is not None
    with read(situation.tenant.id) as session:
        seeds = authenticators.seeds_of_user(session, situation.user_id)
    matches = [(seed, step) for seed in seeds for step in matching_steps(seed.secret, code)]
    fresh = [(seed, step) for seed, step in matches if step > seed.counter]
    if not fresh:
        text_id = "error.totp_used" if matches else "error.totp_wrong"
        return guesses.wrong(situation, Totp.key, text_id)
    return Proved(situation.find(), (_accepting(situation, *fresh[0]),))


def _accepting(situation: Situation, seed: Seed, step: int) -> Effect:
    forget = guesses.forgotten(situation)

    def accept(session: Session) -> None:
        if not authenticators.accept_step(session, seed.id, step):
            raise Spent
        forget(session)
        record(
            session,
            events.TOTP_SUCCEEDED,
            replace(situation.actor, id=situation.user_id),
            subject_id=situation.user_id,
            targets=[("credential", seed.id)],
        )

    return accept
