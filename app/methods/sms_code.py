"""One-time codes by SMS. A number can be taken over, so they count as a second factor only where
the tenant says so."""

from dataclasses import replace

from sqlalchemy.orm import Session

from app.audit import events
from app.delivery import sms_guard, sms_readiness
from app.delivery.outbox import SmsPurpose, queue_sms
from app.directory.people import Person
from app.flow.screen import Message
from app.identifiers import Identifier, IdentifierKind
from app.methods.base import Category, Purpose, Refused, Situation
from app.methods.sent_code import Events, SentCode, Target

_MESSAGES: dict[Purpose, SmsPurpose] = {
    "sign_in": "sign_in_code",
    "sign_up": "sign_up_code",
    "verify": "verify_phone_code",
    "recover": "recovery_code",
    "second": "second_code",
}


class SmsCode(SentCode):
    """A short code, sent to the number; whoever types it has that phone, or that number."""

    key = "sms_code"
    amr = ("otp", "sms")
    category: Category = "phone"
    kinds: frozenset[IdentifierKind] = frozenset(("phone", "username"))
    reaches: IdentifierKind = "phone"
    channel = "sms_code"
    subtitles = ("sms_code.subtitle", "sms_code.subtitle_unnamed")
    events = Events(
        started=events.SMS_CODE_STARTED,
        succeeded=events.SMS_CODE_SUCCEEDED,
        failed=events.SMS_CODE_FAILED,
        limited=events.SMS_CODE_LIMITED,
    )

    def admitted(self, situation: Situation, target: Target) -> Target | Refused:
        """Asks what guards the tenant's money. Of a number that was not typed here a refusal would
        tell whether there is an account; there the message just does not go out."""
        if sms_readiness.is_silent(situation.tenant):
            return target
        if target.place is None:
            sms_guard.pretend(situation.tenant)
            return target
        number, will_send = target.place.key, target.is_for_real
        refusal = sms_guard.allow(situation.tenant, number, will_send=will_send)
        if refusal is None:
            return target
        if not target.is_typed and situation.user_id is None:
            return replace(target, is_for_real=False)
        text_id = "error.sms_country" if refusal == "country" else "error.sms_unavailable"
        return Refused(message=Message(text_id), code="sms_unavailable")

    def landed(self, session: Session, situation: Situation, target: Target) -> None:
        """The code came back, which speaks for the numbers of its prefix."""
        if target.place is not None and not sms_readiness.is_silent(situation.tenant):
            sms_guard.note_converted(session, situation.tenant, target.place.key)

    def stored(self, person: Person) -> Identifier | None:
        """The primary number, once it was proven."""
        if person.phone is None or not person.phone_verified:
            return None
        return Identifier("phone", person.phone, person.phone)

    def sends(
        self, session: Session, situation: Situation, target: Target, values: dict[str, str]
    ) -> None:
        """Send the code. A number that nobody has gets nothing: each message costs money."""
        assert target.place is not None
        if not target.is_for_real:
            return
        lives = situation.tenant.settings.codes.lives
        queue_sms(
            session,
            situation.tenant,
            _MESSAGES[situation.purpose],
            to=target.place.key,
            values={"minutes": str(lives // 60), **values},
            locale=situation.locale,
            carries_secret=True,
            lives=lives,
            organization_id=situation.organization_id,
            client_id=situation.client_id,
        )
