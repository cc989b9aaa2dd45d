"""What becomes known once a person is proven: who they are here, and what they already allowed."""

from sqlalchemy.orm import Session

from app import clock
from app.audit import events
from app.audit.log import record
from app.database import read
from app.directory import grants, organizations
from app.directory.people import Person
from app.flow.facts import Belonging, Facts, Proof
from app.flow.run import Run
from app.flow.screen import Message
from app.methods.base import Method, Refused


def belongings_of(run: Run, user_id: str) -> tuple[Belonging, ...]:
    """The organizations that the user belongs to."""
    with read(run.tenant.id) as session:
        return tuple(
            Belonging(
                organization_id=each.organization_id,
                name=each.name,
                slug=each.slug,
                roles=tuple(each.roles),
                member_count=each.member_count,
            )
            for each in organizations.memberships_of(session, user_id)
        )


def granted_to(run: Run, user_id: str) -> tuple[str, ...]:
    """The scopes that the user allowed the client before; none are looked up for our own."""
    if not run.asked.third_party or run.asked.client_id is None:
        return ()
    with read(run.tenant.id) as session:
        grant = grants.get(session, user_id, run.asked.client_id)
        return tuple(grant.scopes) if grant else ()


def proven(run: Run, person: Person, method: Method, *, proves_address: bool) -> Facts:
    """The facts after `method` proved `person`."""
    proof = Proof(method=method.key, amr=tuple(method.amr), at=clock.now())
    return run.facts.learn(
        user_id=person.user_id,
        person=person.display_name or person.email,
        address_verified=person.email_verified or proves_address,
        proofs=(*run.facts.proofs, proof),
        session_id=None,
        method=None,
        challenge=None,
        belongings=belongings_of(run, person.user_id),
        granted=granted_to(run, person.user_id),
    )


def not_active(run: Run, person: Person | None) -> Refused:
    """The refusal of somebody who was proven, but whose account is disabled or gone."""
    subject_id = person.user_id if person else None

    def note(session: Session) -> None:
        record(session, events.USER_REFUSED, run.actor, subject_id=subject_id)

    message = Message("error.account_disabled")
    return Refused(message=message, effects=(note,), code="account_disabled")
