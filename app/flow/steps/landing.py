"""What becomes known once a person is proven: who they are here, and what they already allowed."""

from collections.abc import Sequence
from dataclasses import asdict

from sqlalchemy.orm import Session

from app import clock
from app.audit import events
from app.audit.log import record
from app.database import read
from app.directory import factors, grants, memberships, people, policy
from app.directory.errors import NotFound
from app.directory.people import Person
from app.flow.facts import Belonging, Facts, Named, Proof
from app.flow.run import Run
from app.flow.screen import Message
from app.identifiers import IdentifierKind, parse_as
from app.methods.base import Effect, Method, Proved, Refused


def belongings_of(run: Run, user_id: str) -> tuple[Belonging, ...]:
    """The organizations that the user belongs to, but for those that take none of the tenant's
    methods, which nobody can act for."""
    with read(run.tenant.id) as session:
        return tuple(
            Belonging(**asdict(each))
            for each in memberships.of_user(session, user_id)
            if policy.allowed_methods(run.tenant.settings, each)
        )


def place_to_be(
    run: Run, organization_id: str, roles: Sequence[str], name: str = ""
) -> tuple[Belonging, ...]:
    """The one belonging that the person is about to have, in an organization that is there or, by
    `name`, about to be made; none where nobody could act for it."""
    with read(run.tenant.id) as session:
        place = memberships.to_be(session, organization_id, roles, name)
    allowed = policy.allowed_methods(run.tenant.settings, place)
    return (Belonging(**asdict(place)),) if allowed else ()


def granted_to(run: Run, user_id: str) -> tuple[str, ...]:
    """The scopes that the user allowed the client before; none are looked up for our own."""
    if not run.asked.third_party or run.asked.client_id is None:
        return ()
    with read(run.tenant.id) as session:
        grant = grants.get(session, user_id, run.asked.client_id)
        return tuple(grant.scopes) if grant else ()


def proof_of(method: Method, result: Proved) -> Proof:
    """The proof that `method` just gave."""
    return Proof(method=method.key, amr=tuple(result.amr or method.amr), at=clock.now())


def proven(run: Run, person: Person, method: Method, result: Proved) -> Facts:
    """The facts after `method` proved `person`."""
    typed = run.facts.identifier
    facts = run.facts
    if typed is None and person.email:
        facts = facts.learn(identifier=Named.of(parse_as("email", person.email, "ZZ")))
    facts = facts.learn(
        user_id=person.user_id,
        person=person.display_name or person.email or person.username or person.phone,
        address_verified=_is_known(run, person) or result.proves_address,
        proofs=(*facts.proofs, proof_of(method, result)),
        session_id=None,
        method=None,
        challenge=None,
        breached=facts.breached or result.is_breached,
        belongings=belongings_of(run, person.user_id),
        granted=granted_to(run, person.user_id),
    )
    if is_first_proof_of_address(run, person, result):
        return facts  # Whoever set up factors before may not be who owns the address: they go.
    return with_factors(run, facts, person.user_id)


def is_first_proof_of_address(run: Run, person: Person, result: Proved) -> bool:
    """Whether the address or number that was typed, and that nobody had proven, is proven now."""
    typed = run.facts.identifier
    return result.proves_address and typed is not None and not person.has_proven(typed.kind)


def _is_known(run: Run, person: Person) -> bool:
    """Whether what was typed, or by a username the person's address, needs no proof any more."""
    if run.facts.identifier and run.facts.identifier.kind == "phone":
        return person.phone_verified
    return person.email_verified or person.email is None


def with_factors(run: Run, facts: Facts, user_id: str) -> Facts:
    """The facts with what the person may be asked for next, and what they were asked lately."""
    with read(run.tenant.id) as session:
        try:
            standing = factors.of_user(session, user_id)
        except NotFound:  # Who signs up is not there before the answer lands.
            standing = factors.NONE
    settings = run.tenant.settings
    again = (standing.passkey_offered_at or 0) + settings.passkeys.offer_again_after * clock.DAY
    return facts.learn(
        factors=tuple(sorted(standing.kinds)),
        mfa_required=standing.mfa_required,
        trusted=_is_trusted(run, standing.kinds, user_id),
        put_offs_left=max(0, settings.policy.enrolments_put_off - standing.enrolments_put_off),
        breached_sign_ins_left=max(
            0, settings.passwords.breached_sign_ins - standing.breached_sign_ins
        ),
        password_due=standing.password_due,
        passkey_offered=standing.passkey_offered_at is not None and again > clock.now(),
    )


def _is_trusted(run: Run, kinds: frozenset[str], user_id: str) -> bool:
    """Whether the browser spares the person the second factor; not asked for who has none."""
    has_second = bool(kinds & {*run.tenant.settings.methods.second})
    return has_second and not run.flow.is_headless and run.is_trusted_device(user_id)


def is_other(run: Run, user_id: str) -> bool:
    """Whether somebody else is proven than the one who was proven before or whose session steps
    up."""
    wanted = run.asked.subject if run.flow.kind == "step_up" else run.facts.user_id
    return wanted is not None and user_id != wanted


def verifying(run: Run, person: Person, *, proved_password: bool) -> Effect:
    """The effect that marks what was typed as proven, and evicts what an unproven account held."""
    kind: IdentifierKind = run.facts.identifier.kind if run.facts.identifier else "email"
    identifier_id = person.phone_id if kind == "phone" else person.identifier_id
    assert identifier_id is not None

    def verify(session: Session) -> None:
        people.verify_email(
            session,
            run.acting(person.user_id),
            person.user_id,
            identifier_id,
            proved_password=proved_password,
            kind=kind,
        )

    return verify


def not_active(run: Run, person: Person | None) -> Refused:
    """The refusal of somebody who was proven, but whose account is disabled or gone."""
    subject_id = person.user_id if person else None

    def note(session: Session) -> None:
        record(session, events.USER_REFUSED, run.actor, subject_id=subject_id)

    message = Message("error.account_disabled")
    return Refused(message=message, effects=(note,), code="account_disabled")
