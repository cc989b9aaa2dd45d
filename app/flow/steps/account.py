"""Which of the accounts that are signed in on this browser goes on."""

from app.directory.sessions import LiveSession
from app.flow.facts import SESSION, Facts, Proof
from app.flow.run import Run
from app.flow.screen import Action, Choice, Screen, Text, initials, tile_colour
from app.flow.steps.base import Landed, Result, Unprepared, to_continue
from app.flow.steps.landing import belongings_of, granted_to, with_factors
from app.methods.base import Answers, Refused

OTHER = "other"
_OTHER_ACTION = Action(
    "another_account", Text("action.another_account"), "secondary", sends_fields=False
)


class ChooseAccount(Unprepared):
    """Shows only accounts already signed in here, so it tells a stranger nothing."""

    key = "account"

    def needed(self, run: Run) -> str | None:
        """Asked for by `prompt=select_account`, when there is anything to choose from."""
        offered = run.asked.choose_account and run.tenant.settings.accounts.chooser
        if offered and run.sessions and run.facts.account is None:
            return "select_account"
        return None

    def screen(self, run: Run) -> Screen:
        """The signed-in accounts, and a way to another one."""
        return Screen(
            name="choose_account",
            title=Text("choose_account.title"),
            subtitle=to_continue(run),
            choices=tuple(_choice(live) for live in run.sessions),
            actions=(_OTHER_ACTION,),
        )

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Go on as the chosen account, or start with an empty form."""
        if action == "another_account":
            return Landed(run.facts.learn(account=OTHER))
        live = find_session(run, answers.get("choice", ""))
        if live is None:
            return Refused(code="unknown_choice")
        return Landed(continue_as(run, run.facts.learn(account=live.id), live))

    def forget(self, facts: Facts) -> Facts:
        """Choose again."""
        return facts.learn(account=None, session_id=None)


def find_session(run: Run, session_id: str) -> LiveSession | None:
    """The session of this browser with that id; None when it is not signed in here."""
    return next((live for live in run.sessions if live.id == session_id), None)


def continue_as(run: Run, facts: Facts, live: LiveSession) -> Facts:
    """What a live session proves; only its address, as a hint, when it is not fresh enough."""
    if live.auth_time < (run.asked.fresh_after or 0):
        return facts.learn(hint=live.email)
    facts = facts.learn(
        session_id=live.id,
        user_id=live.user_id,
        person=live.display_name or live.email,
        address_verified=True,
        proofs=(_proof_of(live),),
        belongings=belongings_of(run, live.user_id),
        granted=granted_to(run, live.user_id),
    )
    return with_factors(run, facts, live.user_id)


def _proof_of(live: LiveSession) -> Proof:
    return Proof(
        method=SESSION, amr=live.amr, at=live.auth_time, acr=live.acr, methods=live.methods
    )


def _choice(live: LiveSession) -> Choice:
    name = live.display_name or live.email or ""
    return Choice(
        value=live.id,
        title=name,
        subtitle=Text("choose_account.address", {"email": live.email or ""}),
        initials=initials(name),
        colour=tile_colour(live.user_id),
    )
