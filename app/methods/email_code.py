"""One-time codes by mail: for sign-in, sign-up, verification and recovery, and where a tenant says
so as a weak second factor."""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app.audit import events
from app.delivery.outbox import Purpose as MailPurpose
from app.delivery.outbox import queue_mail
from app.directory.people import Person
from app.identifiers import Identifier, IdentifierKind, parse_as
from app.methods.base import Category, Purpose, Situation
from app.methods.sent_code import Events, SentCode, Target


class EmailCode(SentCode):
    """A short code, mailed to the address; whoever types it reads that mailbox."""

    key = "email_code"
    category: Category = "mailbox"
    kinds: frozenset[IdentifierKind] = frozenset(("email", "username"))
    reaches: IdentifierKind = "email"
    channel = "email_code"
    mails: Mapping[Purpose, MailPurpose] = {
        "sign_in": "sign_in_code",
        "sign_up": "sign_up_code",
        "verify": "verify_email_code",
        "recover": "recovery_code",
        "second": "second_code",
    }
    subtitles = ("email_code.subtitle", "email_code.subtitle_unnamed")
    events = Events(
        started=events.EMAIL_CODE_STARTED,
        succeeded=events.EMAIL_CODE_SUCCEEDED,
        failed=events.EMAIL_CODE_FAILED,
        limited=events.EMAIL_CODE_LIMITED,
    )

    def stored(self, person: Person) -> Identifier | None:
        """The primary address, once it was proven."""
        if person.email is None or not person.email_verified:
            return None
        return parse_as("email", person.email, "")

    def sends(
        self, session: Session, situation: Situation, target: Target, values: dict[str, str]
    ) -> None:
        """Mail the code, or tell the address that there is no account for it."""
        assert target.place is not None
        lives = situation.tenant.settings.codes.lives
        exists = situation.purpose == "sign_up" and target.person is not None
        secret = {**values, **({"exists": "yes"} if exists else {})} if target.is_for_real else {}
        app = situation.client_name or situation.tenant.name
        queue_mail(
            session,
            situation.tenant,
            self.mails[situation.purpose] if target.is_for_real else "no_account",
            to=target.place.value,
            values={"minutes": str(lives // 60), "app": app, **secret},
            locale=situation.locale,
            carries_secret=bool(secret),
            lives=lives,
            organization_id=situation.organization_id,
            client_id=situation.client_id,
        )
