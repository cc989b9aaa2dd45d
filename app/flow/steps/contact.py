"""Prove the address itself: at sign-up before there is a user, later for one that never was."""

from sqlalchemy.orm import Session

from app.audit import events
from app.audit.log import record
from app.directory import organizations, people
from app.directory.people import Person
from app.flow.facts import START, Facts, PendingSignUp
from app.flow.run import Run
from app.flow.screen import Message, Screen
from app.flow.steps.base import CHANGE, RESTART, Landed, Result
from app.flow.steps.landing import is_first_proof_of_address, not_active, proven
from app.flow.steps.offered import contact_method
from app.flow.steps.prove import verifying
from app.flow.steps.resending import resend
from app.ids import new_id
from app.methods.base import Answers, Begun, Effect, Proved, Purpose, Refused


class VerifyContact:
    """A code or link to the address. At sign-up its success is what creates the user."""

    key = "verify_contact"

    def needed(self, run: Run) -> str | None:
        """While a sign-up waits for its address, or a user's address is unproven."""
        if run.facts.sign_up is not None and run.facts.user_id is None:
            return "sign_up_pending"
        if run.facts.user_id and not run.facts.address_verified and run.facts.identifier:
            return "address_unverified"
        return None

    def begin(self, run: Run) -> Begun | Refused | None:
        """Send the code, unless one is out."""
        if not self.is_unbegun(run):
            return None
        return contact_method(run).begin(run.situation(_purpose(run)))

    def is_unbegun(self, run: Run) -> bool:
        """Whether no code for this purpose is out."""
        challenge = run.facts.challenge
        return challenge is None or challenge.purpose != _purpose(run)

    def screen(self, run: Run) -> Screen:
        """Asks for the code."""
        screen = contact_method(run).screen(run.situation(_purpose(run)))
        ways_out = (RESTART,) if run.flow.kind == "verify" else (CHANGE, RESTART)
        return screen.offering(*ways_out)

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Check the code, or send another."""
        method = contact_method(run)
        if action == "resend":
            return resend(run, method, _purpose(run))
        result = method.check(run.situation(_purpose(run)), answers)
        if isinstance(result, Refused):
            return result
        if run.facts.sign_up is not None and run.facts.user_id is None:
            return _signed_up(run, result, run.facts.sign_up)
        return _verified(run, result)

    def forget(self, facts: Facts) -> Facts:
        """The address is unproven again."""
        return facts.learn(challenge=None)


def _purpose(run: Run) -> Purpose:
    return "sign_up" if run.facts.sign_up and run.facts.user_id is None else "verify"


def _verified(run: Run, result: Proved) -> Result:
    person = result.person
    if person is None or person.user_id != run.facts.user_id:
        return not_active(run, person)
    proved_password = run.facts.has_given("pwd")
    verify = verifying(run, person, proved_password=proved_password)
    facts = run.facts.learn(address_verified=True, challenge=None)
    if not proved_password:
        facts = facts.learn(factors=())  # They go with everything else that was set up unproven.
    return Landed(facts, (*result.effects, verify))


def _signed_up(run: Run, result: Proved, pending: PendingSignUp) -> Result:
    if result.person is not None:
        return _existing(run, result, result.person)
    person = _new_person(run, pending)
    facts = proven(run, person, contact_method(run), result)
    create, facts = _creating(run, person, pending, facts.learn(is_new_user=True, sign_up=None))
    return Landed(facts, (*result.effects, create))


def _existing(run: Run, result: Proved, person: Person) -> Result:
    """The address turned out to have an account: its owner stands before us, so sign in to it."""
    if person.status != "active":
        return not_active(run, person)
    message = Message("sign_up.account_exists", tone="info")
    effects = list(result.effects)
    if is_first_proof_of_address(run, person, result):
        effects.append(verifying(run, person, proved_password=False))
    if not {"email_code", "magic_link"} & {*run.tenant.settings.methods.sign_in}:
        facts = START.learn(hint=person.email, account=run.facts.account)
        return Landed(facts, tuple(effects), message, kind="sign_in")
    facts = proven(run, person, contact_method(run), result)
    return Landed(facts.learn(sign_up=None), tuple(effects), message)


def _new_person(run: Run, pending: PendingSignUp) -> Person:
    typed = run.facts.identifier
    address = typed.email if typed else None
    assert address is not None
    return Person(
        user_id=new_id("usr"),
        status="active",
        display_name=pending.display_name,
        locale=run.locale,
        email=address.value,
        email_key=address.key,
        identifier_id=new_id("idn"),
        email_verified=True,
        password_hash=pending.password_hash,
    )


def _creating(
    run: Run, person: Person, pending: PendingSignUp, facts: Facts
) -> tuple[Effect, Facts]:
    """The effect that makes the user and their place in an organization, and the facts of both."""
    acting = run.acting(person.user_id)
    organization_id = new_id("org") if pending.organization_name else None

    def create(session: Session) -> None:
        assert run.facts.identifier is not None
        people.create(
            session,
            acting,
            user_id=person.user_id,
            email=run.facts.identifier.email,
            email_verified=True,
            display_name=pending.display_name,
            locale=run.locale,
            password_hash=pending.password_hash,
            public_metadata=pending.metadata,
        )
        if organization_id and pending.organization_name:
            organizations.create(
                session,
                acting,
                organization_id=organization_id,
                name=pending.organization_name,
                creator_id=person.user_id,
                creator_roles=[run.tenant.settings.organizations.creator_role],
            )
        if pending.join_organization:
            organizations.join(
                session,
                acting,
                pending.join_organization,
                person.user_id,
                [run.tenant.settings.organizations.default_role],
            )
        record(session, events.USER_SIGNED_UP, acting, subject_id=person.user_id)

    # Who asks for one organization never gets another: what is created beside it waits.
    created = None if run.asked.organization else organization_id
    chosen = pending.join_organization or created
    return create, facts.learn(organization=chosen) if chosen else facts
