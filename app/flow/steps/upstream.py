"""By way of another identity provider: the screen before the browser leaves, and what comes of the
answer: somebody signs in, confirms an account that is there, signs up, or is back where the other
ways in are."""

from dataclasses import replace

from sqlalchemy.orm import Session

from app.actor import SYSTEM
from app.directory import connections, provisioning
from app.directory.connections import Connection
from app.directory.people import Person
from app.federation.identity import Identity
from app.flow.facts import START, Facts, Named, PendingSignUp, Proof
from app.flow.realm import LOCAL
from app.flow.run import Run
from app.flow.screen import Action, Message, Screen, Text, Values, visible
from app.flow.steps import new_user
from app.flow.steps.base import Landed, Result
from app.flow.steps.demands import demanded_connection
from app.flow.steps.landing import is_other, proof_of, proven, verifying
from app.flow.steps.linking import linking, placed
from app.flow.steps.sign_up_form import asks_more
from app.flow.steps.single_sign_on import barred
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
    organization insists on."""
    wanted = run.facts.connection or demanded_connection(run)
    return connections.find_usable(run.tenant.id, wanted) if wanted else None


def screen(run: Run, connection: Connection) -> Screen:
    """The way to the provider, and the way back."""
    name: Values = {"name": connection.name}
    return Screen(
        name="upstream",
        title=Text("upstream.title", name),
        subtitle=Text("upstream.subtitle", name),
        actions=(Action("continue", Text("action.continue_to", name)), _ANOTHER_WAY),
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


def leaving(run: Run, connection: Connection) -> Landed:
    """Off to the provider."""
    facts = run.facts.learn(connection=connection.id, challenge=None)
    return Landed(facts, away=f"/connections/{connection.id}/start?flow={run.flow.id}")


def given_up(run: Run) -> Facts:
    """The facts of somebody who does not go to the provider after all."""
    return START.learn(
        hint=run.facts.hint, account=run.facts.account, can_passkey=run.facts.can_passkey
    )


def confirmed(run: Run, landed: Landed, person: Person) -> Landed:
    """An own proof of the account that the provider's address led to: the two are tied now, and
    both proofs count."""
    identity = run.facts.upstream
    assert identity is not None
    is_theirs = identity.email is not None and run.facts.hint == identity.email
    link = linking(run, person.user_id, identity)
    both = (*landed.facts.proofs, run.facts.upstream_proof)
    proofs = tuple(proof for proof in both if proof is not None)
    facts = landed.facts.learn(upstream=None, upstream_proof=None, proofs=proofs)
    facts = placed(run, facts, identity)
    return replace(landed, facts=facts, effects=(*landed.effects, link)) if is_theirs else landed


def _arrived(run: Run, connection: Connection, answers: Answers) -> Result:
    method = METHODS["social" if connection.is_social else "enterprise"]
    run = run.learned(run.facts.learn(connection=connection.id))
    result = method.check(run.situation(), answers)
    if isinstance(result, Refused):
        message = result.message or Message("error.upstream_failed")
        return Landed(given_up(run), result.effects, message)
    assert result.arrived is not None
    match result.arrived.decision.move:
        case "sign_in":
            return _signed_in(run, connection, method, result)
        case "confirm":
            return _confirming(run, connection, method, result)
        case "evict":
            return _evicting(run, connection, method, result)
    return _signing_up(run, connection, method, result)


def _identity(result: Proved) -> Identity:
    assert result.arrived is not None
    return result.arrived.identity


def _named(identity: Identity) -> Named:
    assert identity.email is not None
    return Named.of(parse_as("email", identity.email, "ZZ"))


def _proof(connection: Connection, method: Method, result: Proved) -> Proof:
    told: dict[str, object] = {"connection": connection.id}
    if connection.protocol == "saml" or connection.settings.logs_out_upstream:
        told["login"] = _identity(result).login
    return proof_of(method, result).model_copy(update=told)


def _signed_in(run: Run, connection: Connection, method: Method, result: Proved) -> Result:
    person = result.person
    if person is None or is_other(run, person.user_id):
        return Landed(given_up(run), result.effects, Message("error.upstream_somebody_else"))
    refused = barred(run, person, connection.id)
    if refused is not None:
        return Landed(given_up(run), (*result.effects, *refused.effects), refused.message)
    named = Named.of(parse_as("email", person.email, "ZZ")) if person.email else None
    run = run.learned(run.facts.learn(identifier=named, realm=LOCAL, connection=None))
    facts = proven(run, person, method, result)
    facts = facts.learn(proofs=(*facts.proofs[:-1], _proof(connection, method, result)))
    identity = _identity(result)
    facts = placed(run, facts, identity)

    def place(session: Session) -> None:
        provisioning.place(session, SYSTEM, run.tenant, identity, person.user_id)

    return Landed(facts, (*result.effects, place))


def _confirming(run: Run, connection: Connection, method: Method, result: Proved) -> Landed:
    """The owner of the address signs in by a way that they had before; then the two are tied."""
    identity = _identity(result)
    named = _named(identity)
    facts = given_up(run).learn(
        identifier=named,
        hint=identity.email,
        realm=LOCAL,
        upstream=identity,
        upstream_proof=_proof(connection, method, result),
    )
    message = Message("link.confirm", {"name": connection.name}, tone="info")
    return Landed(facts, result.effects, message)


def _evicting(run: Run, connection: Connection, method: Method, result: Proved) -> Result:
    """Nobody ever proved the account's address: whatever it held goes, and its owner is here."""
    landed = _signed_in(run, connection, method, result)
    person = result.person
    assert person is not None
    if not isinstance(landed, Landed) or not landed.facts.proofs:
        return landed
    verify = verifying(run.learned(landed.facts), person, proved_password=False)
    link = linking(run, person.user_id, _identity(result))
    facts = landed.facts.learn(factors=(), address_verified=True)
    return Landed(facts, (*result.effects, verify, link))


def _signing_up(run: Run, connection: Connection, method: Method, result: Proved) -> Landed:
    """A new user, at once where nothing more is asked, else by the sign-up form."""
    identity = _identity(result)
    named = _named(identity) if result.proves_address else None
    pending = PendingSignUp(
        display_name=identity.name,
        email=named,
        proven=("email",) if named else (),
        is_open=named is None or asks_more(run, "email"),
    )
    proofs = (_proof(connection, method, result),)
    facts = given_up(run).learn(upstream=identity, realm=LOCAL, sign_up=pending, proofs=proofs)
    if pending.is_open:
        hint = identity.email if named is None else None
        return Landed(facts.learn(hint=hint or facts.hint), result.effects, kind="sign_up")
    facts = facts.learn(identifier=named)
    return new_user.create(run.learned(facts), pending, proofs, result.effects)
