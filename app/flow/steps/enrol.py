"""Set up a second factor, where one is demanded of a person who has none."""

from dataclasses import replace
from typing import Protocol

from app.database import write
from app.directory import factors
from app.flow.facts import Facts
from app.flow.run import Run
from app.flow.screen import Action, Message, Screen, Text
from app.flow.steps import enrol_passkey, enrol_totp
from app.flow.steps.base import RESTART, Landed, Result, Unprepared
from app.flow.steps.demands import decision, owed, reached
from app.flow.steps.offered import enrolable, is_enrolment_due
from app.methods.base import Answers

_LATER = Action("later", Text("action.later"), "link", sends_fields=False)
_OTHER = Action("other_factor", Text("action.other_factor"), "link", sends_fields=False)


class SettingUp(Protocol):
    """How one kind of factor is set up: a module each."""

    def begun(self, run: Run) -> Landed:
        """The facts, and what starts to wait."""
        ...

    def screen(self, run: Run) -> Screen | None:
        """What to show meanwhile; None when nothing waits any more."""
        ...

    def confirmed(self, run: Run, answers: Answers) -> Result:
        """The facts once the factor counts."""
        ...


_SETTING_UP: dict[str, SettingUp] = {"totp": enrol_totp, "passkey": enrol_passkey}
_LABELS = {"totp": Text("action.enrol_totp"), "passkey": Text("action.enrol_passkey")}


class Enrol(Unprepared):
    """What is set up here counts as proven here."""

    key = "enrol"

    def needed(self, run: Run) -> str | None:
        """When more is demanded than was proven, and the person has nothing to prove it with."""
        return "no_second_factor" if is_enrolment_due(run) else None

    def screen(self, run: Run) -> Screen:
        """The factors to choose from, then the one that was chosen; and a way past them while the
        grace lasts."""
        begun = _begun(run)
        if begun is not None:
            ways = (_OTHER,) if len(enrolable(run)) > 1 else ()
            return begun.offering(*ways, *_later(run), RESTART)
        return _choosing(run)

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Begin with one, finish it, choose another, or put it off."""
        if action == "later" and reached(run) >= owed(run):
            return Landed(run.facts.learn(acr_declined=True, enrolling=None))
        if action == "later":
            return _put_off(run)
        if action == "other_factor":
            return Landed(self.forget(run.facts))
        if action.startswith("enrol:"):
            return _SETTING_UP[action.removeprefix("enrol:")].begun(run)
        return _SETTING_UP[run.facts.enrolling or "totp"].confirmed(run, answers)

    def forget(self, facts: Facts) -> Facts:
        """Choose again."""
        return facts.learn(enrolling=None, enrolment=None, put_off=False, acr_declined=False)


def _begun(run: Run) -> Screen | None:
    """The screen of the factor that was chosen; None where none was, or it waits no more."""
    enrolling = run.facts.enrolling
    return _SETTING_UP[enrolling].screen(run) if enrolling else None


def can_put_off(run: Run) -> bool:
    """Whether the person may go on without for now: where a client merely wishes for more, and a
    few times where policy demands it; never where a client insists."""
    if reached(run) >= owed(run):
        return True
    by_policy_alone = decision(run).mfa == "required" and not run.asked.essential_acr
    return by_policy_alone and run.facts.put_offs_left > 0 and run.flow.kind != "step_up"


def _choosing(run: Run) -> Screen:
    screen = Screen(
        name="enrol",
        title=Text("enrol.title"),
        subtitle=Text("enrol.subtitle"),
        actions=tuple(_setting_up(key) for key in enrolable(run)),
        display={"put_offs_left": run.facts.put_offs_left},
    ).offering(*_later(run), RESTART)
    expired = Message("error.enrolment_expired") if run.facts.enrolling else None
    return replace(screen, message=expired)


def _setting_up(key: str) -> Action:
    return Action(f"enrol:{key}", _LABELS[key], "secondary", sends_fields=False)


def _later(run: Run) -> tuple[Action, ...]:
    return (_LATER,) if can_put_off(run) else ()


def _put_off(run: Run) -> Result:
    """Counted alone and at once, so that parallel sign-ins share no grace."""
    user_id, most = run.facts.user_id, run.tenant.settings.policy.enrolments_put_off
    assert user_id is not None
    with write(run.tenant.id) as session:
        counted = factors.put_off(session, run.acting(user_id), user_id, most)
    if not counted:
        return Landed(run.facts.learn(put_offs_left=0))
    return Landed(run.facts.learn(put_off=True, acr_declined=True, enrolling=None))
