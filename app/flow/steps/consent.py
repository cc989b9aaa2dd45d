"""What a third-party client may know and do."""

from app.flow.facts import START, Facts
from app.flow.run import Run
from app.flow.screen import Action, Screen, Text
from app.flow.steps.account import OTHER
from app.flow.steps.base import Declined, Landed, Result, Unprepared
from app.methods.base import Answers

_ALLOW = Action("allow", Text("action.allow"))
_DENY = Action("deny", Text("action.deny"), "secondary", sends_fields=False)
_OTHER_ACCOUNT = Action(
    "another_account", Text("action.another_account"), "link", sends_fields=False
)


class Consent(Unprepared):
    """Asked once per scope and remembered; the tenant's own clients need none."""

    key = "consent"

    def needed(self, run: Run) -> str | None:
        """When a third party asks for more than was allowed, or asks to ask again."""
        if not run.asked.third_party or run.facts.consented is not None:
            return None
        if run.asked.always_consent:
            return "consent_prompt"
        return None if set(run.asked.scopes) <= set(run.facts.granted) else "consent_missing"

    def screen(self, run: Run) -> Screen:
        """Names the client, the person and each scope in plain words."""
        client = run.asked.client_name or ""
        return Screen(
            name="consent",
            title=Text("consent.title", {"client": client}),
            subtitle=Text("consent.person", {"person": run.facts.person or ""}),
            actions=(_ALLOW, _DENY, _OTHER_ACCOUNT),
            display={
                "client_name": client,
                "person": run.facts.person or "",
                "scopes": [f"scope.{scope}" for scope in run.asked.scopes],
            },
        )

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Allow, deny, or be somebody else."""
        if action == "another_account":
            return Landed(START.learn(account=OTHER), kind="sign_in")
        if action == "deny":
            return Declined("access_denied", "The person did not allow the access.")
        return Landed(run.facts.learn(consented=run.asked.scopes))

    def forget(self, facts: Facts) -> Facts:
        """Ask again."""
        return facts.learn(consented=None)
