"""How strongly the person of a flow must be proven, and how strongly they are."""

from collections.abc import Sequence

from app.flow import assurance
from app.flow.facts import Belonging, Proof
from app.flow.run import Run
from app.methods import METHODS
from app.methods.base import Category

_OF_SESSION: dict[str, Category] = {
    "pwd": "knowledge",
    "otp": "mailbox",
    "sms": "phone",
    "pop": "key",
}
"""What a session of one factor was proven by."""


def fresh_proofs(run: Run) -> Sequence[Proof]:
    """The proofs that count for what is asked."""
    return [proof for proof in run.facts.proofs if proof.at >= (run.asked.fresh_after or 0)]


def reached(run: Run) -> int:
    """The level of `assurance` that the fresh proofs amount to."""
    return assurance.level(fresh_proofs(run), run.tenant.settings.methods.second)


def amr_of(run: Run) -> list[str]:
    """The references of every proof, each once, and `mfa` for two factors (RFC 8176)."""
    given = {value for proof in run.facts.proofs for value in proof.amr}
    return sorted(given | {"mfa"} if reached(run) >= 2 else given - {"mfa"})


def demanded(run: Run) -> int:
    """The level that policy and client demand of this person, here and now."""
    by_policy = 2 if is_second_due(run) and not _is_trusted(run) else 1
    return max(by_policy, assurance.demanded(run.asked.acr))


def is_second_due(run: Run) -> bool:
    """Whether policy wants a second factor, of everybody or of those who have set one up."""
    return is_second_required(run) or (
        run.tenant.settings.policy.mfa == "optional" and "totp" in run.facts.factors
    )


def is_second_required(run: Run) -> bool:
    """Whether policy wants a second factor even of those who have none yet."""
    acting = acting_for(run)
    return (
        run.tenant.settings.policy.mfa == "required"
        or run.facts.mfa_required
        or (acting is not None and acting.mfa_required)
    )


def acting_for(run: Run) -> Belonging | None:
    """The organization that the person will act for, as far as it is known by now."""
    facts, wanted = run.facts, run.facts.organization or run.asked.organization
    if wanted:
        return next((b for b in facts.belongings if wanted in (b.organization_id, b.slug)), None)
    choice = run.tenant.settings.organizations.choice
    return facts.belongings[0] if len(facts.belongings) == 1 and choice != "off" else None


def allowed_methods(run: Run) -> list[str]:
    """The tenant's first factors, or those that the organization takes."""
    acting = acting_for(run)
    keys = run.tenant.settings.methods.sign_in
    if acting is None or acting.methods is None:
        return [*keys]
    return [key for key in keys if key in acting.methods]


def proven_categories(run: Run) -> set[Category]:
    """What the fresh proofs rest on."""
    found: set[Category] = set()
    for proof in fresh_proofs(run):
        if proof.method in METHODS:
            found.add(METHODS[proof.method].category)
        else:
            found |= {_OF_SESSION[value] for value in proof.amr if value in _OF_SESSION}
    return found


def _is_trusted(run: Run) -> bool:
    """A trusted browser spares the second factor, but never where somebody asks for a fresh one."""
    is_plain = run.flow.kind in ("sign_in", "sign_up") and run.asked.fresh_after is None
    return run.facts.trusted and is_plain
