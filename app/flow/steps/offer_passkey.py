"""Offer a passkey to who signed in without one, where the browser can keep it."""

from sqlalchemy.orm import Session

from app.directory import passkeys
from app.flow.facts import SESSION, Facts
from app.flow.run import Run
from app.flow.screen import Action, Screen, Text
from app.flow.steps import passkey_making
from app.flow.steps.base import Landed, Result, Unprepared
from app.flow.steps.show_recovery_codes import with_codes_where_due
from app.methods.base import Answers, Effect, Refused
from app.methods.passkey import Passkey

_NOT_NOW = Action("skip", Text("action.not_now"), "link", sends_fields=False)


class OfferPasskey(Unprepared):
    """Asks once in a while, and never again in the same flow."""

    key = "offer_passkey"

    def needed(self, run: Run) -> str | None:
        """After a sign-in without a passkey by somebody who has none and could have one."""
        facts, settings = run.facts, run.tenant.settings
        is_open = settings.passkeys.offer and Passkey.key in settings.methods.sign_in
        if not is_open or facts.user_id is None or not facts.can_passkey or facts.passkey_offered:
            return None
        has_one = Passkey.key in facts.factors or facts.has_given("pop")
        return None if has_one or facts.proven_by(SESSION) else "no_passkey"

    def screen(self, run: Run) -> Screen:
        """What a passkey is good for, and a way past it."""
        screen = passkey_making.screen_for(run, "offer_passkey", automatic=_is_automatic(run))
        return screen.offering(_NOT_NOW)

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Keep the new passkey, or remember that none is wanted for now."""
        if action == "skip":
            return Landed(run.facts.learn(passkey_offered=True), (_declining(run),))
        made = passkey_making.made(run, answers, may_be_silent=_is_automatic(run))
        if isinstance(made, Refused):
            return made
        factors = tuple(sorted({*run.facts.factors, Passkey.key}))
        landed = Landed(run.facts.learn(passkey_offered=True, factors=factors), made)
        return with_codes_where_due(run, landed)

    def forget(self, facts: Facts) -> Facts:
        """A declined offer stays declined."""
        return facts


def _is_automatic(run: Run) -> bool:
    """Browsers make a passkey by themselves only where the password was just used."""
    return run.facts.proven_by("password")


def _declining(run: Run) -> Effect:
    user_id = run.facts.user_id
    assert user_id is not None

    def decline(session: Session) -> None:
        passkeys.note_offer(session, run.acting(user_id), user_id)

    return decline
