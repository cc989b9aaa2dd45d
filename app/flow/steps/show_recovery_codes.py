"""Recovery codes that were just made, shown once."""

import json
from dataclasses import replace

from sqlalchemy.orm import Session

from app.directory import recovery_codes
from app.flow.facts import Facts
from app.flow.run import Run
from app.flow.screen import Action, Screen, Text
from app.flow.steps.base import Landed, Result, Unprepared
from app.flow.steps.demands import decision
from app.methods.base import Answers
from app.security import keyring

_KIND = recovery_codes.KIND


class ShowRecoveryCodes(Unprepared):
    """They wait sealed in the flow until the person says that they are kept."""

    key = "recovery_codes"

    def needed(self, run: Run) -> str | None:
        """While there are new ones that nobody has confirmed."""
        return "codes_to_be_kept" if run.facts.recovery_codes else None

    def screen(self, run: Run) -> Screen:
        """The codes, to print, download or write down."""
        return Screen(
            name="recovery_codes",
            title=Text("recovery_codes.title"),
            subtitle=Text("recovery_codes.subtitle"),
            actions=(Action("continue", Text("action.codes_kept")),),
            display={"codes": codes_of(run), "account": _account(run)},
        )

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """They are kept; they are not shown again."""
        return Landed(run.facts.learn(recovery_codes=None))

    def forget(self, facts: Facts) -> Facts:
        """Whoever is proven next must not see them; their owner can make new ones."""
        return facts.learn(recovery_codes=None)


def with_codes(run: Run, landed: Landed) -> Landed:
    """What sets up a second factor, with the codes that the first one brings."""
    user_id = landed.facts.user_id
    if user_id is None or _KIND in landed.facts.factors:
        return landed
    new = recovery_codes.new_codes()

    def keep(session: Session) -> None:
        recovery_codes.replace(session, run.acting(user_id), user_id, new)

    facts = landed.facts.learn(
        factors=(*landed.facts.factors, _KIND), recovery_codes=sealed(run, new.codes)
    )
    return replace(landed, facts=facts, effects=(*landed.effects, keep))


def with_codes_where_due(run: Run, landed: Landed) -> Landed:
    """The same for a passkey that is made as a first factor: codes come with it only where a second
    one is required, and passkeys are one."""
    is_due = decision(run.learned(landed.facts)).mfa == "required"
    is_second = "passkey" in run.tenant.settings.methods.second
    return with_codes(run, landed) if is_due and is_second else landed


def sealed(run: Run, codes: tuple[str, ...]) -> str:
    """The codes as a fact of this flow, readable nowhere else."""
    return keyring().seal(json.dumps(codes).encode(), _context(run)).hex()


def codes_of(run: Run) -> list[str]:
    """The codes that wait to be shown."""
    assert run.facts.recovery_codes is not None
    plain = keyring().unseal(bytes.fromhex(run.facts.recovery_codes), _context(run))
    return [str(code) for code in json.loads(plain)]


def _account(run: Run) -> str:
    """Whose codes they are, for the paper they end up on."""
    return run.facts.identifier.value if run.facts.identifier else run.facts.person or ""


def _context(run: Run) -> str:
    return f"{run.tenant.id}/flow/{run.flow.id}/recovery_codes"
