"""Choose another password, because an admin requires it."""

from dataclasses import replace

from app.database import read
from app.directory import people
from app.flow.facts import SESSION, Facts
from app.flow.run import Run
from app.flow.screen import Screen, Text
from app.flow.steps import change_breached
from app.flow.steps.base import RESTART, Landed, Result, Unprepared
from app.flow.steps.new_password import NewPassword
from app.hashing import hashing
from app.methods.base import Answers, Refused
from app.methods.password import prepared


class ChangeRequired(Unprepared):
    """Comes after every proof, as the password that is to be changed may be somebody else's by
    now."""

    key = "change_required"

    def needed(self, run: Run) -> str | None:
        """After a sign-in, until another one is chosen, where passwords are of use. A session that
        is open already goes on, as whoever found it open must not set a password."""
        facts = run.facts
        if "password" not in run.tenant.settings.methods.sign_in:
            return None
        is_fresh = any(proof.method != SESSION for proof in facts.proofs)
        is_due = facts.password_due and facts.user_id is not None and is_fresh
        return "new_password_required" if is_due and not facts.password_set else None

    def screen(self, run: Run) -> Screen:
        """As after a recovery, with the reason."""
        return replace(
            NewPassword().screen(run),
            subtitle=Text("new_password.required"),
            actions=(change_breached.SET, RESTART),
        )

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Set it, if it is another one."""
        password = prepared(answers.get("password", ""))
        problem = change_breached.own_objection(run, password)
        if problem is None and _is_present_one(run, password):
            problem = Text("error.password_same")
        if problem:
            return Refused(errors={"password": problem}, code="weak_password")
        facts = run.facts.learn(password_set=True, breached=False)
        return Landed(facts, (change_breached.setting(run, hashing().hash(password)),))

    def forget(self, facts: Facts) -> Facts:
        """Ask again."""
        return facts.learn(password_set=False)


def _is_present_one(run: Run, password: str) -> bool:
    assert run.facts.user_id is not None
    with read(run.tenant.id) as session:
        person = people.snapshot_of(session, run.facts.user_id)
    present = person.password_hash if person else None
    return present is not None and hashing().verify(present, password)
