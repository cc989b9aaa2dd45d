"""Recovery codes as a second factor: for whoever has lost everything else."""

from dataclasses import replace

from sqlalchemy.orm import Session

from app.database import read
from app.delivery import notices
from app.directory import recovery_codes
from app.directory.recovery_codes import KIND, CodeSet
from app.flow.screen import Action, Field, Screen, Text
from app.identifiers import IdentifierKind
from app.methods import guesses
from app.methods.base import Answers, Begun, Category, Effect, Proved, Refused, Situation, Spent


class RecoveryCode:
    """One of ten codes that were shown once."""

    key = KIND
    amr = ("otp",)
    category: Category = "app"
    kinds: frozenset[IdentifierKind] = frozenset()
    sends_challenge = False

    def begin(self, situation: Situation) -> Begun | Refused:
        """There is no challenge to prepare; raises TypeError."""
        raise TypeError("A recovery code needs no challenge.")

    def screen(self, situation: Situation) -> Screen:
        """Asks for one of the codes."""
        return Screen(
            name="recovery_code",
            title=Text("recovery_code.title"),
            subtitle=Text("recovery_code.subtitle"),
            fields=(Field("code", "text", "field.recovery_code", "", "off"),),
            actions=(Action("continue", Text("action.verify")),),
        )

    def check(self, situation: Situation, answers: Answers) -> Proved | Refused:
        """Count the guess, then stretch it once and compare it with every code that is left."""
        code = recovery_codes.normal(answers.get("code", ""))
        if code is None:
            error = Text("error.recovery_code_form")
            return Refused(errors={"code": error}, code="malformed_code")
        return guesses.count(situation) or redeem(situation, code)


def redeem(situation: Situation, code: str) -> Proved | Refused:
    """The proof that `code` (in its normal form) is, where the guess has been counted."""
    assert situation.user_id is not None
    with read(situation.tenant.id) as session:
        left = recovery_codes.of_user(session, situation.user_id)
    row_id = left.match(code) if left else None
    if left is None or row_id is None:
        return guesses.wrong(situation, KIND, "error.recovery_code_wrong")
    return Proved(situation.find(), (_spending(situation, left, row_id),))


def _spending(situation: Situation, left: CodeSet, row_id: str) -> Effect:
    user_id = situation.user_id
    assert user_id is not None
    forget = guesses.forgotten(situation)

    def spend(session: Session) -> None:
        actor = replace(situation.actor, id=user_id)
        if not recovery_codes.spend(session, actor, user_id, left.id, row_id):
            raise Spent
        forget(session)
        values = {"left": str(recovery_codes.count(session, user_id))}
        notices.tell(
            session, situation.tenant, user_id, "recovery_code_used", values, situation.locale
        )

    return spend
