"""What guesses at a second factor cost: counted for the account, whichever factor is guessed at."""

from sqlalchemy.orm import Session

from app import limits
from app.audit import events
from app.audit.log import record
from app.flow.screen import Message, Text
from app.limits import Exceeded, Limit
from app.methods.base import Effect, Refused, Situation


def count(situation: Situation) -> Refused | None:
    """Count one guess, before anything is compared; the refusal when there were too many."""
    exceeded = limits.count(situation.tenant.id, _limit(situation))
    return _limited(situation, exceeded) if exceeded else None


def forgotten(situation: Situation) -> Effect:
    """The effect of a right code: what this browser guessed before does not count any more."""

    def clear(session: Session) -> None:
        limits.clear(session, _limit(situation))

    return clear


def wrong(situation: Situation, method: str, text_id: str) -> Refused:
    """The refusal of a wrong code, tied to its field."""

    def note(session: Session) -> None:
        data = {"method": method}
        record(
            session,
            events.SECOND_FACTOR_FAILED,
            situation.actor,
            subject_id=situation.user_id,
            data=data,
        )

    return Refused(errors={"code": Text(text_id)}, effects=(note,), code="wrong_code")


def _limit(situation: Situation) -> Limit:
    """A browser that its owner has signed in on before counts on its own, so that a stranger who
    knows the first factor locks nobody out."""
    user_id = situation.user_id
    assert user_id is not None
    key = f"{user_id} known" if situation.is_known_device(user_id) else user_id
    most = situation.tenant.settings.limits.wrong_codes_per_account
    return Limit("second_factor.guess", key, most)


def _limited(situation: Situation, exceeded: Exceeded) -> Refused:
    def note(session: Session) -> None:
        record(
            session,
            events.SECOND_FACTOR_LIMITED,
            situation.actor,
            subject_id=situation.user_id,
            data={"limit": exceeded.limit.name},
        )

    minutes = -(-exceeded.retry_after // 60)
    return Refused(
        message=Message("error.too_many_tries", {"count": minutes}),
        effects=(note,),
        retry_after=exceeded.retry_after,
        code="rate_limited",
    )
