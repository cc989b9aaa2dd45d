"""A new password, after the mailed proof of this very flow."""

from sqlalchemy.orm import Session

from app.audit import events
from app.audit.log import record
from app.delivery import notices
from app.directory import people
from app.flow.facts import Facts
from app.flow.run import Run
from app.flow.screen import Action, Field, Screen, Text
from app.flow.steps.base import Landed, Result, Unprepared
from app.flow.steps.demands import goes_on_as
from app.hashing import hashing
from app.methods.base import Answers, Effect, Refused
from app.methods.password import objection, prepared


class NewPassword(Unprepared):
    """Ends every session and every refresh token of the account."""

    key = "new_password"

    def needed(self, run: Run) -> str | None:
        """Until it is set; the step before it has seen the proof."""
        return None if run.facts.password_set else "password_to_be_set"

    def screen(self, run: Run) -> Screen:
        """One field, that may be shown in clear."""
        least = run.tenant.settings.passwords.min_length
        hint = Text("sign_up.password_hint", {"count": least})
        identifier = run.facts.identifier.value if run.facts.identifier else ""
        return Screen(
            name="new_password",
            title=Text("new_password.title"),
            subtitle=Text("new_password.subtitle"),
            fields=(
                Field(
                    "password", "new_password", "field.new_password", "", "new-password", hint=hint
                ),
            ),
            actions=(Action("continue", Text("action.set_password")),),
            display={"identifier": identifier},
        )

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Check it against the rules, then hash and set it."""
        password = prepared(answers.get("password", ""))
        address = run.facts.identifier.value if run.facts.identifier else ""
        problem = objection(
            password,
            min_length=run.tenant.settings.passwords.min_length,
            context=(address, address.partition("@")[0], run.tenant.name),
        )
        if problem:
            return Refused(errors={"password": problem}, code="weak_password")
        facts = run.facts.learn(password_set=True)
        effects = (_setting(run, hashing().hash(password)),)
        return Landed(facts, effects, kind=goes_on_as(run.learned(facts)))

    def forget(self, facts: Facts) -> Facts:
        """Ask again."""
        return facts.learn(password_set=False)


def _setting(run: Run, password_hash: str) -> Effect:
    user_id = run.facts.user_id
    assert user_id is not None

    def set_password(session: Session) -> None:
        people.set_password(session, run.acting(user_id), user_id, password_hash)
        record(session, events.USER_RECOVERED, run.acting(user_id), subject_id=user_id)
        values = {"app": run.asked.client_name or run.tenant.name}
        notices.tell(session, run.tenant, user_id, "password_changed", values, run.locale)

    return set_password
