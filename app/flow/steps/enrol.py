"""Set up a second factor, where one is demanded of a person who has none."""

from sqlalchemy.orm import Session

from app.directory import factors
from app.flow.facts import Facts, Proof
from app.flow.run import Run
from app.flow.screen import Action, Screen, Text
from app.flow.steps.base import RESTART, Landed, Result, Unprepared
from app.flow.steps.demands import demanded, is_second_required, reached
from app.flow.steps.offered import second_factors
from app.methods.base import Answers, Effect

_ENROLABLE = ("totp", "passkey")
_LATER = Action("later", Text("action.later"), "link", sends_fields=False)


class Enrol(Unprepared):
    """What is set up here counts as proven here."""

    key = "enrol"

    def needed(self, run: Run) -> str | None:
        """When more is demanded than was proven, and the person has nothing to prove it with."""
        if run.facts.user_id is None or reached(run) >= demanded(run):
            return None
        if run.facts.put_off or second_factors(run) or not enrolable(run):
            return None
        return "no_second_factor"

    def screen(self, run: Run) -> Screen:
        """The factors to choose from, and a way past them while the grace lasts."""
        return Screen(
            name="enrol",
            title=Text("enrol.title"),
            subtitle=Text("enrol.subtitle"),
            actions=tuple(_setting_up(key) for key in enrolable(run)),
            display={"put_offs_left": run.facts.put_offs_left},
        ).offering(*(_LATER,) if can_put_off(run) else (), RESTART)

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Begin with one, or put it off."""
        if action == "later":
            return Landed(run.facts.learn(put_off=True), (_putting_off(run),))
        return Landed(run.facts.learn(enrolling=action.removeprefix("enrol:")))

    def forget(self, facts: Facts) -> Facts:
        """Choose again."""
        return facts.learn(enrolling=None, enrolment=None, put_off=False)


def enrolable(run: Run) -> list[str]:
    """The factors that may be set up here."""
    return [key for key in run.tenant.settings.methods.second if key in _ENROLABLE]


def can_put_off(run: Run) -> bool:
    """Whether the person may go on without for now: never where a client asks for it."""
    by_policy_alone = is_second_required(run) and not run.asked.acr
    return by_policy_alone and run.facts.put_offs_left > 0 and run.flow.kind != "step_up"


def enrolled(run: Run, method: str, amr: tuple[str, ...], at: int) -> Facts:
    """The facts once `method` was set up: it is a factor now, and proven."""
    return run.facts.learn(
        factors=tuple(sorted({*run.facts.factors, method})),
        proofs=(*run.facts.proofs, Proof(method=method, amr=amr, at=at)),
        session_id=None,
        enrolling=None,
        enrolment=None,
    )


def _setting_up(key: str) -> Action:
    return Action(f"enrol:{key}", Text(f"action.enrol_{key}"), "secondary", sends_fields=False)


def _putting_off(run: Run) -> Effect:
    user_id = run.facts.user_id
    assert user_id is not None

    def put_off(session: Session) -> None:
        factors.put_off(session, run.acting(user_id), user_id)

    return put_off
