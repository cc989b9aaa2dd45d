"""What makes a user: everything that was told and proven, in the transaction in which it lands."""

import os
from dataclasses import replace

from sqlalchemy.orm import Session

from app.audit import events
from app.audit.log import record
from app.database import read
from app.directory import anonymous, contacts, organizations, people
from app.flow.facts import Belonging, Facts, Named, PendingSignUp, Proof
from app.flow.realm import LOCAL
from app.flow.run import Run
from app.flow.screen import Message
from app.flow.steps import invited
from app.flow.steps.base import Landed
from app.flow.steps.demands import goes_on_as
from app.flow.steps.landing import place_to_be, proof_of, with_factors
from app.flow.steps.linking import tied
from app.flow.steps.sign_up_form import asks_more
from app.ids import new_id
from app.methods.base import Effect, Method, Proved
from app.methods.passkey_challenge import decoded, encoded


def create(
    run: Run,
    pending: PendingSignUp,
    proofs: tuple[Proof, ...],
    effects: tuple[Effect, ...] = (),
) -> Landed:
    """The new user, or the form again when somebody has taken the username meanwhile; whoever wants
    a passkey makes that first."""
    if pending.with_passkey:
        awaiting = pending.model_copy(update={"handle": _handle_for(run)})
        facts = run.facts.learn(sign_up=awaiting, proofs=proofs, challenge=None)
        return Landed(facts, effects)
    if pending.username is not None and is_taken(run, pending.username):
        again = pending.model_copy(update={"is_open": True, "username": None})
        facts = run.facts.learn(sign_up=again, proofs=proofs, challenge=None)
        return Landed(facts, effects, Message("error.username_taken"))
    user_id = _id_for(run)
    organization_id = new_id("org") if pending.organization_name else None
    make = _making(run, pending, user_id, organization_id)
    facts = _facts(run, pending, proofs, user_id, organization_id)
    landed = Landed(facts, (*effects, make))
    if run.facts.upstream is not None:
        landed = tied(run, landed, run.facts.upstream, is_new_user=True)
    return replace(landed, kind=goes_on_as(run.learned(landed.facts)))


def first_sign_in(run: Run, method: Method, result: Proved) -> Landed:
    """The user who turned up by proving an address or number that nobody had; whom the tenant asks
    for more gets the rest of the sign-up form first."""
    named = run.facts.identifier
    assert named is not None
    proofs = (*run.facts.proofs, proof_of(method, result))
    pending = PendingSignUp(
        email=named if named.kind == "email" else None,
        phone=named if named.kind == "phone" else None,
        proven=(named.kind,),
        is_open=asks_more(run, named.kind),
    )
    if not pending.is_open:
        return create(run, pending, proofs, result.effects)
    facts = run.facts.learn(sign_up=pending, proofs=proofs, challenge=None, realm=LOCAL)
    return Landed(facts, result.effects, kind="sign_up")


def is_taken(run: Run, username: Named) -> bool:
    """Whether somebody has that username."""
    with read(run.tenant.id) as session:
        return people.find(session, username.identifier) is not None


def _handle_for(run: Run) -> str:
    """The user handle of whoever will be made: an anonymous user keeps theirs."""
    user_id = _id_for(run)
    with read(run.tenant.id) as session:
        known = people.snapshot_of(session, user_id)
    return encoded(known.handle if known else os.urandom(people.HANDLE_BYTES))


def _id_for(run: Run) -> str:
    """The id of the anonymous user who is here, while that is one, or a new one."""
    known = run.asked.anonymous_id
    if known is not None:
        with read(run.tenant.id) as session:
            if anonymous.is_open(session, known):
                return known
    return new_id("usr")


def _facts(
    run: Run,
    pending: PendingSignUp,
    proofs: tuple[Proof, ...],
    user_id: str,
    organization_id: str | None,
) -> Facts:
    named = pending.email or pending.phone or pending.username
    # Who asks for one organization never gets another: what is created beside it waits.
    created = None if run.asked.organization else organization_id
    facts = run.facts.learn(
        identifier=named,
        user_id=user_id,
        person=pending.display_name or (named.value if named else None),
        address_verified=True,
        proofs=proofs,
        session_id=None,
        method=None,
        challenge=None,
        sign_up=None,
        upstream=None,
        is_new_user=True,
        password_set=pending.password_hash is not None,
        organization=pending.join_organization or created or run.facts.organization,
        belongings=_places(run, pending, organization_id),
    )
    return with_factors(run, facts, user_id)


def _places(run: Run, pending: PendingSignUp, organization_id: str | None) -> tuple[Belonging, ...]:
    """What the organization that is joined or made asks counts from the beginning."""
    settings = run.tenant.settings.organizations
    if pending.join_organization:
        return place_to_be(run, pending.join_organization, [settings.default_role])
    if organization_id and pending.organization_name:
        roles = [settings.creator_role]
        return place_to_be(run, organization_id, roles, pending.organization_name)
    return ()


def _making(run: Run, pending: PendingSignUp, user_id: str, organization_id: str | None) -> Effect:
    acting = run.acting(user_id)

    def make(session: Session) -> None:
        invited.demand_open(session, run)
        if user_id == run.asked.anonymous_id:
            _upgrade(session, run, pending, user_id)
        else:
            _add(session, run, pending, user_id)
        if pending.phone is not None:
            contacts.add(session, acting, user_id, pending.phone.identifier)
        if pending.username is not None:
            contacts.set_username(session, acting, user_id, pending.username.identifier)
        _place(session, run, pending, user_id, organization_id)
        record(session, events.USER_SIGNED_UP, acting, subject_id=user_id)

    return make


def _add(session: Session, run: Run, pending: PendingSignUp, user_id: str) -> None:
    people.create(
        session,
        run.acting(user_id),
        user_id=user_id,
        email=pending.email.email if pending.email else None,
        email_verified=True,
        display_name=pending.display_name,
        locale=run.locale,
        password_hash=pending.password_hash,
        public_metadata=pending.metadata,
        private_metadata=_private(pending),
        handle=decoded(pending.handle) if pending.handle else None,
    )


def _upgrade(session: Session, run: Run, pending: PendingSignUp, user_id: str) -> None:
    acting = run.acting(user_id)
    anonymous.upgrade(
        session,
        acting,
        user_id,
        display_name=pending.display_name,
        locale=run.locale,
        public_metadata=pending.metadata,
        private_metadata=_private(pending),
    )
    if pending.email is not None:
        contacts.add(session, acting, user_id, pending.email.identifier)
    if pending.password_hash is not None:
        people.set_password(session, acting, user_id, pending.password_hash)


def _private(pending: PendingSignUp) -> dict[str, object]:
    return {"consents": [*pending.consents]} if pending.consents else {}


def _place(
    session: Session, run: Run, pending: PendingSignUp, user_id: str, organization_id: str | None
) -> None:
    """Their place in an organization, made or joined."""
    acting, settings = run.acting(user_id), run.tenant.settings.organizations
    if organization_id and pending.organization_name:
        organizations.create(
            session,
            acting,
            organization_id=organization_id,
            name=pending.organization_name,
            creator_id=user_id,
            creator_roles=[settings.creator_role],
        )
    if pending.join_organization:
        organizations.join(
            session, acting, pending.join_organization, user_id, [settings.default_role]
        )
