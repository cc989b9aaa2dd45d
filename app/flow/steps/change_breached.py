"""Change a password that is known from a breach: at once, or a few sign-ins later."""

from sqlalchemy.orm import Session

from app.database import write
from app.delivery import notices
from app.directory import breached_passwords, people
from app.flow.facts import Facts
from app.flow.run import Run
from app.flow.screen import Action, Field, Screen, Text
from app.flow.steps.base import RESTART, Landed, Result, Unprepared
from app.hashing import hashing
from app.methods.base import Answers, Effect, Refused
from app.methods.password import objection, prepared

SET = Action("continue", Text("action.set_password"))
_LATER = Action("later", Text("action.later"), "link", sends_fields=False)


class ChangeBreached(Unprepared):
    """Comes after every proof, so nobody changes a password whom a second factor would stop."""

    key = "change_breached"

    def needed(self, run: Run) -> str | None:
        """After a sign-in with such a password, until it is changed or put off."""
        facts = run.facts
        if not facts.breached or facts.user_id is None or facts.password_set:
            return None
        return None if facts.breach_put_off else "password_breached"

    def screen(self, run: Run) -> Screen:
        """A field for the new password, and a way past it while there is one."""
        left = run.facts.breached_sign_ins_left
        hint = Text("sign_up.password_hint", {"count": run.tenant.settings.passwords.min_length})
        subtitle = Text("change_breached.subtitle" if left else "change_breached.now")
        return Screen(
            name="change_breached",
            title=Text("change_breached.title"),
            subtitle=subtitle,
            fields=(
                Field(
                    "password", "new_password", "field.new_password", "", "new-password", hint=hint
                ),
            ),
            actions=(SET, _LATER, RESTART) if left else (SET, RESTART),
            display={
                "identifier": run.facts.identifier.value if run.facts.identifier else "",
                "sign_ins_left": left,
            },
        )

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Set the new password, or count that it was put off."""
        if action == "later":
            return _put_off(run)
        password = prepared(answers.get("password", ""))
        problem = own_objection(run, password)
        if problem:
            return Refused(errors={"password": problem}, code="weak_password")
        facts = run.facts.learn(password_set=True, breached=False)
        return Landed(facts, (setting(run, hashing().hash(password)),))

    def forget(self, facts: Facts) -> Facts:
        """Ask again."""
        return facts.learn(password_set=False, breach_put_off=False)


def own_objection(run: Run, password: str) -> Text | None:
    """Why the proven person may not choose this password; None when they may."""
    least = run.tenant.settings.passwords.min_length
    return objection(password, min_length=least, context=_context(run))


def setting(run: Run, password_hash: str) -> Effect:
    """The effect that sets the new password of the proven person, and tells them."""
    user_id = _user_id(run)

    def set_password(session: Session) -> None:
        people.set_password(session, run.acting(user_id), user_id, password_hash)
        values = {"app": run.asked.client_name or run.tenant.name}
        notices.tell(session, run.tenant, user_id, "password_changed", values, run.locale)

    return set_password


def _context(run: Run) -> tuple[str, ...]:
    typed = run.facts.identifier.value if run.facts.identifier else ""
    return (typed, typed.partition("@")[0], run.tenant.name)


def _put_off(run: Run) -> Result:
    """Counted alone and at once, so that parallel sign-ins share no grace."""
    user_id = _user_id(run)
    with write(run.tenant.id) as session:
        most = run.tenant.settings.passwords.breached_sign_ins
        counted = breached_passwords.put_off(session, run.acting(user_id), user_id, most)
    if not counted:
        return Landed(run.facts.learn(breached_sign_ins_left=0))
    return Landed(run.facts.learn(breach_put_off=True), (_telling(run),))


def _telling(run: Run) -> Effect:
    user_id = _user_id(run)

    def tell(session: Session) -> None:
        values = {"app": run.asked.client_name or run.tenant.name}
        notices.tell(session, run.tenant, user_id, "breached", values, run.locale)

    return tell


def _user_id(run: Run) -> str:
    assert run.facts.user_id is not None
    return run.facts.user_id
