"""How strongly the person of a flow must be proven, and how strongly they are."""

from collections.abc import Sequence

from app.directory import connections, policy
from app.directory.policy import Decision
from app.flow import assurance
from app.flow.facts import Belonging, Proof
from app.flow.run import Kind, Run
from app.methods import METHODS
from app.methods.base import Category


def fresh_proofs(run: Run) -> Sequence[Proof]:
    """The proofs that count for what is asked."""
    return [proof for proof in run.facts.proofs if proof.at >= (run.asked.fresh_after or 0)]


def reached(run: Run) -> int:
    """The level of `assurance` that the fresh proofs amount to. What a provider proved that is not
    tied to the person yet makes no two factors together with their own: whoever has their mailbox
    can have an account there too (A13)."""
    waiting = run.facts.tying.connection_id if run.facts.tying else None
    proofs, second = fresh_proofs(run), run.tenant.settings.methods.second
    own = [each for each in proofs if each.connection is None or each.connection != waiting]
    others = [each for each in proofs if each not in own]
    return max(assurance.level(own, second), assurance.level(others, second))


def amr_of(run: Run) -> list[str]:
    """The references of every proof, each once, and `mfa` for two factors (RFC 8176)."""
    given = {value for proof in run.facts.proofs for value in proof.amr}
    return sorted(given | {"mfa"} if reached(run) >= 2 else given - {"mfa"})


def methods_of(run: Run) -> list[str]:
    """The keys of the methods that gave the proofs, here and in the live session."""
    return sorted({method for proof in run.facts.proofs for method in proof.by})


def demanded(run: Run) -> int:
    """The level to aim at: what policy demands of this person, here and now, and what the client
    wishes for."""
    wished = 0 if run.facts.acr_declined else assurance.demanded(run.asked.acr)
    return max(_by_policy(run), wished)


def owed(run: Run) -> int:
    """The level below which the flow may not end: what a client merely wishes for is left out."""
    by_client = assurance.demanded(run.asked.acr) if run.asked.essential_acr else 0
    return max(_by_policy(run), by_client)


def is_too_weak(run: Run) -> bool:
    """Whether less was proven than the flow may end with; verifying an address, or tying an
    identity, proves nobody."""
    return run.flow.kind not in ("verify", "link") and reached(run) < owed(run)


def decision(run: Run) -> Decision:
    """What policy decides about this person, and the organization as far as it is known by now."""
    return policy.decide(
        run.tenant.settings, user_requires_mfa=run.facts.mfa_required, acting=acting_for(run)
    )


def acting_for(run: Run) -> Belonging | None:
    """The organization that the person will act for, as far as it is known by now."""
    facts, wanted = run.facts, run.facts.organization or run.asked.organization
    if wanted:
        return next((b for b in facts.belongings if wanted in (b.organization_id, b.slug)), None)
    choice = run.tenant.settings.organizations.choice
    return facts.belongings[0] if len(facts.belongings) == 1 and choice != "off" else None


def demanded_connection(run: Run) -> str | None:
    """The connection by which alone the person may act for the organization; None where another
    way will do too, or where its provider proved them already."""
    acting = acting_for(run)
    if acting is None or not acting.demanding_sso or run.is_for_oneself:
        return None
    own = _own_connections(run, acting)
    return own[0] if own and not _is_by_own_provider(run, acting) else None


def is_accepted(run: Run) -> bool:
    """Whether one of the proofs is by a method that the chosen organization takes, or by its own
    provider; nobody acts for one at AuthPage's own pages."""
    acting = acting_for(run)
    if run.is_for_oneself or acting is None:
        return True
    if not acting.demanding_sso and policy.takes_all(acting):
        return True
    if _is_by_own_provider(run, acting):
        return True
    if acting.demanding_sso and _own_connections(run, acting):
        return False
    allowed = {*policy.allowed_methods(run.tenant.settings, acting)}
    return any(allowed & {*proof.by} for proof in fresh_proofs(run))


def goes_on_as(run: Run) -> Kind | None:
    """`sign_in` where a sign-up or recovery leads to an organization that takes none of its proofs:
    only a sign-in asks for another."""
    is_other = run.flow.kind in ("sign_up", "recover")
    return "sign_in" if is_other and not is_accepted(run) else None


def _own_connections(run: Run, acting: Belonging) -> list[str]:
    """The ids of the connections that the organization brought, and then of those that one above it
    brought and asks for."""
    brought = [acting.organization_id, *acting.demanding_sso]
    usable = connections.usable(run.tenant.id)
    found = [each for each in usable if each.organization_id in brought]
    return [
        each.id for each in sorted(found, key=lambda each: brought.index(str(each.organization_id)))
    ]


def _is_by_own_provider(run: Run, acting: Belonging) -> bool:
    """Whether a connection of the organization's own gave a proof."""
    ways = (way.partition(":") for proof in fresh_proofs(run) for way in proof.by)
    asked = {connection_id for method, _, connection_id in ways if method == "enterprise"}
    return bool(asked) and not asked.isdisjoint(_own_connections(run, acting))


def proven_categories(run: Run) -> set[Category]:
    """What the fresh proofs rest on."""
    methods = [method for proof in fresh_proofs(run) for method in proof.by]
    keys = [method.partition(":")[0] for method in methods]
    return {METHODS[key].category for key in keys if key in METHODS}


def _by_policy(run: Run) -> int:
    """2 where a second factor is due and was not put off; a trusted browser spares it, but never
    where somebody asks for a fresh proof."""
    if run.facts.put_off:
        return 1
    opted_in = policy.has_opted_in(run.tenant.settings, run.facts.factors)
    is_plain = run.flow.kind in ("sign_in", "sign_up") and run.asked.fresh_after is None
    is_trusted = run.facts.trusted and is_plain
    due = policy.is_second_due(decision(run), opted_in=opted_in, is_trusted=is_trusted)
    return 2 if due else 1
