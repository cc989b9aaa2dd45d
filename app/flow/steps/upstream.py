"""By way of another identity provider: the screen before the browser leaves, and what comes of the
answer: somebody signs in, confirms an account that is there, signs up, or is back where the other
ways in are."""

from dataclasses import replace

from app import clock
from app.database import read
from app.directory import connections, people
from app.directory.connections import Connection
from app.directory.people import Person
from app.federation.identity import Identity
from app.flow.facts import START, Facts, Named, PendingSignUp, Proof
from app.flow.realm import LOCAL
from app.flow.run import Run
from app.flow.screen import Action, Message, Screen, Text, Values, visible
from app.flow.steps import new_user, sign_up_form
from app.flow.steps.base import Landed, Result
from app.flow.steps.demands import demanded_connection
from app.flow.steps.landing import is_other, proof_of, proven, verifying
from app.flow.steps.linked_ways import buttons, is_only_way, linked_ways
from app.flow.steps.linking import placed, tied, tied_at_the_end
from app.flow.steps.single_sign_on import barred, demanding_realm
from app.identifiers import parse_as
from app.methods import METHODS
from app.methods.base import Answers, Method, Proved, Refused

ARRIVED = "arrived"
"""The action of a provider's answer. No form has it: only the door that providers come back to."""
UNREACHABLE = "unreachable"
"""What that door says when the provider cannot even be asked."""
_ANOTHER_WAY = Action("another_way", Text("action.another_way"), "link", sends_fields=False)


def awaited(run: Run) -> Connection | None:
    """The connection whose provider is to be asked: the one that was picked, or the one that the
    organization insists on, or that is all that the person has."""
    wanted = run.facts.connection or demanded_connection(run) or _only_way(run)
    return connections.find_usable(run.tenant.id, wanted) if wanted else None


def screen(run: Run, connection: Connection) -> Screen:
    """The way to the provider, and the way back."""
    name: Values = {"name": connection.name}
    way_out = () if is_only_way(run) else (_ANOTHER_WAY,)
    return Screen(
        name="upstream",
        title=Text("upstream.title", name),
        subtitle=Text("upstream.subtitle", name),
        actions=(
            Action("continue", Text("action.continue_to", name)),
            *buttons(run, beside=connection),
            *way_out,
        ),
        display={
            "provider": connection.provider,
            "identifier": visible(run.facts.identifier.value if run.facts.identifier else ""),
        },
    )


def answer(run: Run, connection: Connection, action: str, answers: Answers) -> Result:
    """Leave for the provider, come back from it, or take another way."""
    if action == ARRIVED:
        return _arrived(run, connection, answers)
    if action == UNREACHABLE:
        message = Message("error.upstream_away", {"name": connection.name})
        return Landed(given_up(run), message=message)
    if action == "another_way":
        return Landed(given_up(run))
    return leaving(run, connection)


def leaving(run: Run, connection: Connection, told: Answers | None = None) -> Landed:
    """Off to the provider; what the client told of somebody new is kept until they are back."""
    kept = {**run.facts.told, **sign_up_form.given(run, told or {})}
    facts = run.facts.learn(connection=connection.id, challenge=None, told=kept)
    return Landed(facts, away=f"/connections/{connection.id}/start?flow={run.flow.id}")


def given_up(run: Run) -> Facts:
    """The facts of somebody who does not go to the provider after all."""
    kept = ("hint", "account", "can_passkey", "told")
    return START.learn(**{name: getattr(run.facts, name) for name in kept})


def confirmed(run: Run, landed: Landed, person: Person) -> Landed:
    """An own proof of the account that the provider's address led to: the two are tied at the end,
    and both proofs count, but what a provider says of its own factors stands in for none that the
    account has (A13). Whoever turns out to be somebody else, as by a passkey of their own, signs
    in without (A09)."""
    identity, proof = run.facts.upstream, run.facts.upstream_proof
    assert identity is not None
    assert proof is not None
    if not _is_owner(run, person, identity):
        facts = landed.facts.learn(upstream=None, upstream_proof=None)
        return replace(landed, facts=facts)
    if {*landed.facts.factors} & {*run.tenant.settings.methods.second}:
        proof = proof.model_copy(update={"amr": METHODS[proof.method].amr})
    facts = landed.facts.learn(proofs=(*landed.facts.proofs, proof))
    return tied_at_the_end(run, replace(landed, facts=facts), identity)


def _only_way(run: Run) -> str | None:
    ways = linked_ways(run) if is_only_way(run) else ()
    return ways[0].id if ways else None


def _is_owner(run: Run, person: Person, identity: Identity) -> bool:
    with read(run.tenant.id) as session:
        owner = people.find_by_email(session, _named(identity).key)
    return owner is not None and owner.user_id == person.user_id


def _arrived(run: Run, connection: Connection, answers: Answers) -> Result:
    method = METHODS["social" if connection.is_social else "enterprise"]
    run = run.learned(run.facts.learn(connection=connection.id))
    result = method.check(run.situation(), answers)
    if isinstance(result, Refused):
        message = result.message or Message("error.upstream_failed")
        return Landed(given_up(run), result.effects, message)
    assert result.arrived is not None
    if _is_for_somebody_else(run, result):
        return Landed(given_up(run), result.effects, Message("error.upstream_somebody_else"))
    if _is_of_unknown_age(run, result):
        message = Message("error.upstream_age_unknown", {"name": connection.name})
        return Landed(given_up(run), result.effects, message)
    match result.arrived.decision.move:
        case "sign_in":
            return _signed_in(run, connection, method, result)
        case "confirm":
            return _confirming(run, connection, method, result)
        case "evict":
            return _evicting(run, connection, method, result)
    return _signing_up(run, connection, method, result)


def _is_for_somebody_else(run: Run, result: Proved) -> bool:
    """Whether somebody is known here already, and this is not them. A session is strengthened by
    what is tied to its person alone."""
    assert result.arrived is not None
    if run.flow.kind == "step_up" and result.arrived.decision.move != "sign_in":
        return True
    is_nobody = result.person is None and run.facts.user_id is not None
    return is_nobody or (result.person is not None and is_other(run, result.person.user_id))


def _is_of_unknown_age(run: Run, result: Proved) -> bool:
    """Whether a session would be strengthened by a sign-in that may be as old as itself, as the
    provider does not say when it was. Whoever has no other way is let do so (I10)."""
    is_told = _identity(result).auth_time is not None
    return run.flow.kind == "step_up" and not is_told and not is_only_way(run)


def _identity(result: Proved) -> Identity:
    assert result.arrived is not None
    return result.arrived.identity


def _named(identity: Identity) -> Named:
    assert identity.email is not None
    return Named.of(parse_as("email", identity.email, "ZZ"))


def _proof(run: Run, connection: Connection, method: Method, result: Proved) -> Proof:
    identity = _identity(result)
    told: dict[str, object] = {"connection": connection.id, "at": _proven_at(run, result)}
    if identity.email and identity.email_verified:
        told["vouched"] = _named(identity).key
    if connection.protocol == "saml" or connection.settings.logs_out_upstream:
        told["login"] = identity.login
    return proof_of(method, result).model_copy(update=told)


def _proven_at(run: Run, result: Proved) -> int:
    """When the person was proven: a provider that says so is taken at its word, which was checked
    where the proof must be fresh (I10)."""
    told, now = _identity(result).auth_time, clock.now()
    return now if told is None else min(now, max(told, run.asked.fresh_after or 0))


def _signed_in(run: Run, connection: Connection, method: Method, result: Proved) -> Result:
    landed = _recognised(run, connection, method, result)
    return placed(run, landed, _identity(result)) if landed.facts.proofs else landed


def _recognised(run: Run, connection: Connection, method: Method, result: Proved) -> Landed:
    """The person of a provider's answer, proven; without a proof where they may not come in so."""
    person = result.person
    assert person is not None
    refused = barred(run, person, connection.id)
    if refused is not None:
        return Landed(given_up(run), (*result.effects, *refused.effects), refused.message)
    named = Named.of(parse_as("email", person.email, "ZZ")) if person.email else None
    run = run.learned(run.facts.learn(identifier=named, realm=LOCAL, connection=None))
    facts = proven(run, person, method, result)
    facts = facts.learn(proofs=(*facts.proofs[:-1], _proof(run, connection, method, result)))
    return Landed(facts, result.effects)


def _confirming(run: Run, connection: Connection, method: Method, result: Proved) -> Landed:
    """The owner of the address signs in by a way that they had before; then the two are tied."""
    identity = _identity(result)
    named = _named(identity)
    if demanding_realm(run, named.value, connection.id) is not None:
        return _elsewhere(run, named, result)
    facts = given_up(run).learn(
        identifier=named,
        hint=identity.email,
        realm=LOCAL,
        upstream=identity,
        upstream_proof=_proof(run, connection, method, result),
    )
    message = Message("link.confirm", {"name": connection.name}, tone="info")
    return Landed(facts, result.effects, message)


def _elsewhere(run: Run, named: Named, result: Proved) -> Landed:
    """To where everybody in the domain of the address signs in; no code is sent to it here."""
    facts = given_up(run).learn(identifier=named, hint=named.value)
    return Landed(facts, result.effects, Message("error.sso_required"))


def _evicting(run: Run, connection: Connection, method: Method, result: Proved) -> Result:
    """Nobody ever proved the account's address: whatever it held goes, and its owner is here."""
    landed, person = _recognised(run, connection, method, result), result.person
    if person is None or not landed.facts.proofs:
        return landed
    verify = verifying(run.learned(landed.facts), person, proved_password=False)
    facts = landed.facts.learn(factors=(), address_verified=True)
    return tied(run, Landed(facts, (*landed.effects, verify)), _identity(result))


def _signing_up(run: Run, connection: Connection, method: Method, result: Proved) -> Landed:
    """A new user, at once where all is told that the tenant asks, else by the sign-up form."""
    identity = _identity(result)
    named = _named(identity) if result.proves_address else None
    if named is not None and demanding_realm(run, named.value, connection.id) is not None:
        return _elsewhere(run, named, result)
    proofs = (_proof(run, connection, method, result),)
    facts = given_up(run).learn(
        upstream=identity,
        realm=LOCAL,
        sign_up=PendingSignUp(email=named, proven=("email",) if named else (), is_open=True),
        proofs=proofs,
        told={**sign_up_form.told_by(run, identity), **run.facts.told},
    )
    run = run.learned(facts)
    if named is None or sign_up_form.errors(run, facts.told):
        hint = identity.email if named is None else None
        return Landed(facts.learn(hint=hint or facts.hint), result.effects, kind="sign_up")
    pending = sign_up_form.pending(run, facts.told)
    run = run.learned(facts.learn(identifier=named))
    return new_user.create(run, pending, proofs, result.effects)
