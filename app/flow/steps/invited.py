"""Flows that an invitation began: still good, for this very person, and spent where they finish.

The link has proven the mailbox, so a newcomer is sent no second code. Somebody who has an account
signs in to it: the link lives too long to stand in for that.
"""

from sqlalchemy.orm import Session

from app import clock
from app.database import read
from app.directory import connections, contacts, invitation_answers, invitations, people
from app.directory.errors import Refused as DirectoryRefused
from app.directory.invitations import Invitation
from app.directory.tenants import Tenant
from app.flow import realm
from app.flow.asked import Invited
from app.flow.claimed import claims_to
from app.flow.facts import START, Facts, Named, PendingSignUp, Proof
from app.flow.run import Kind, Run
from app.flow.screen import Action, Message, Screen, Text
from app.flow.steps.account import OTHER
from app.flow.steps.base import Declined, Landed, Result, Unprepared
from app.flow.steps.landing import place_to_be
from app.identifiers import parse_as
from app.methods import METHODS
from app.methods.base import Answers, Refused, Spent

_LEAVE = Action("leave", Text("action.go_on_without"))
_OTHER_ACCOUNT = Action("another_account", Text("action.another_account"), sends_fields=False)
_GONE = "error.invitation_gone"


class StillInvited(Unprepared):
    """The first thing of all: nobody signs up for a place that is gone."""

    key = "invitation"

    def needed(self, run: Run) -> str | None:
        """When the invitation was answered, replaced or taken back, or is too old."""
        invited = run.asked.invitation
        return None if invited is None or _is_open(run, invited) else "invitation_gone"

    def screen(self, run: Run) -> Screen:
        """Says so; the one way on leaves it behind."""
        return screen_of_gone()

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Back to whoever began."""
        return Declined("access_denied", "The invitation is not open any more.")

    def forget(self, facts: Facts) -> Facts:
        """Lands nothing."""
        return facts


class RightAddress(Unprepared):
    """An invitation is for the owner of its address, and nobody else (A21)."""

    key = "invited_address"

    def needed(self, run: Run) -> str | None:
        """When the person has not proven the invited address."""
        invited = run.asked.invitation
        if invited is None or run.facts.user_id is None:
            return None
        return None if _is_theirs(run, invited) else "address_not_invited"

    def screen(self, run: Run) -> Screen:
        """Says for whom it is; the one way on is another account."""
        assert run.asked.invitation is not None
        return screen_of_refused(run.asked.invitation, run.facts.person or "")

    def answer(self, run: Run, action: str, answers: Answers) -> Result:
        """Begin again, with the invited address filled in."""
        assert run.asked.invitation is not None
        email = run.asked.invitation.email
        return Landed(START.learn(account=OTHER, hint=email), kind=kind_for(run.tenant, email))

    def forget(self, facts: Facts) -> Facts:
        """Lands nothing."""
        return facts


def invited_by(invitation: Invitation) -> Invited:
    """What a flow remembers of an invitation whose link was opened."""
    return Invited(
        id=invitation.id,
        version=invitation.row_version,
        email=invitation.email,
        organization_id=invitation.organization_id,
        organization=invitation.organization,
        roles=invitation.roles,
    )


def kind_for(tenant: Tenant, email: str) -> Kind:
    """Whether whoever has the address signs in, here or at their organization's provider, or signs
    up. To be told only to somebody who has shown that they read its mails."""
    address = parse_as("email", email, "ZZ")
    with read(tenant.id) as session:
        is_known = people.find(session, address) is not None
    assert address.email is not None
    return "sign_in" if is_known or _has_provider(tenant, address.email.domain) else "sign_up"


def prepared(run: Run) -> Run:
    """The run with what its invitation says: a sign-up has its address, which the link has proven,
    and whoever is known acts for the organization from the beginning."""
    invited, facts = run.asked.invitation, run.facts
    if invited is None:
        return run
    if run.flow.kind == "sign_up" and facts.sign_up is None and facts.user_id is None:
        return run.learned(_newcomer(facts, invited))
    if facts.user_id is None or facts.organization is not None or run.is_for_oneself:
        return run
    if not _is_theirs(run, invited):
        return run
    place = place_to_be(run, invited.organization_id, invited.roles)
    others = (b for b in facts.belongings if b.organization_id != invited.organization_id)
    wanted = run.asked.organization
    is_wanted = any(wanted in (None, b.organization_id, b.slug) for b in place)
    chosen = invited.organization_id if is_wanted else None
    return run.learned(facts.learn(organization=chosen, belongings=(*others, *place)))


def is_sign_up_open(run: Run) -> bool:
    """Whether this flow may make a user: an invitation lets its owner in where nobody else is, and
    so does the provider of an organization, whose word was checked when it came."""
    is_let_in = run.facts.upstream is not None and run.facts.sign_up is not None
    is_invited = run.asked.invitation is not None
    return run.tenant.settings.methods.sign_up_open or is_invited or is_let_in


def accept(session: Session, run: Run) -> None:
    """Spend the invitation of a finished flow in its landing transaction; does nothing where the
    same person has taken the place meanwhile, as at their organization's provider. Raises `Spent`
    when it went in any other way."""
    invited, user_id = run.asked.invitation, run.facts.user_id
    if invited is None or user_id is None:
        return
    acting, tenant = run.acting(user_id), run.tenant
    try:
        invitation_answers.accept(
            session, acting, tenant, user_id, invited.id, version=invited.version
        )
    except DirectoryRefused:
        if not _is_taken(invitations.get(session, tenant, invited.id), user_id):
            raise _spent() from None


def demand_open(session: Session, run: Run) -> None:
    """Raise `Spent` unless the invitation of this flow, if any, is still open: who signs up by it
    is not made without it."""
    invited = run.asked.invitation
    if invited is None:
        return
    if not _is_good(invitations.get(session, run.tenant, invited.id), invited):
        raise _spent()


def screen_of_gone() -> Screen:
    """The invitation cannot be accepted any more."""
    return Screen(
        name="invitation_gone",
        title=Text("invitation_gone.title"),
        subtitle=Text("invitation_gone.subtitle"),
        actions=(_LEAVE,),
    )


def screen_of_refused(invited: Invited, person: str) -> Screen:
    """The invitation is for somebody else than `person`."""
    return Screen(
        name="invitation_refused",
        title=Text("invitation_refused.title"),
        subtitle=Text("invitation_refused.subtitle", {"email": invited.email, "person": person}),
        actions=(_OTHER_ACCOUNT,),
    )


def _spent() -> Spent:
    return Spent(Refused(message=Message(_GONE), code="invitation_gone"))


def _is_open(run: Run, invited: Invited) -> bool:
    with read(run.tenant.id) as session:
        found = invitations.get(session, run.tenant, invited.id)
    return _is_good(found, invited) or _is_taken(found, run.facts.user_id)


def _is_good(found: Invitation | None, invited: Invited) -> bool:
    """Whether the link that was opened is still the one to open."""
    return found is not None and found.is_open and found.row_version == invited.version


def _is_taken(found: Invitation | None, user_id: str | None) -> bool:
    return found is not None and user_id is not None and found.accepted_by == user_id


def _newcomer(facts: Facts, invited: Invited) -> Facts:
    method = METHODS["magic_link"]
    proof = Proof(method=method.key, amr=tuple(method.amr), at=clock.now())
    pending = PendingSignUp(email=_named(invited), proven=("email",), is_open=True)
    return facts.learn(sign_up=pending, proofs=(proof,))


def _is_theirs(run: Run, invited: Invited) -> bool:
    """Whether the person has proven the invited address; or the provider of the organization that
    invites them did in this very flow, where they have another address here."""
    key = _named(invited).key
    if key in _addresses(run):
        return True
    named = [proof.connection for proof in run.facts.proofs if proof.vouched == key]
    found = [connections.find_usable(run.tenant.id, each) for each in named if each]
    return any(each and each.organization_id == invited.organization_id for each in found)


def _addresses(run: Run) -> set[str]:
    """The keys of the addresses that the person has proven, before or in this very flow."""
    facts = run.facts
    assert facts.user_id is not None
    typed = facts.identifier.key if facts.identifier and facts.address_verified else None
    if facts.is_new_user:
        return {typed} if typed else set()
    with read(run.tenant.id) as session:
        listed = contacts.list_of_user(session, facts.user_id)
    emails = [each for each in listed if each.kind == "email"]
    return {each.key for each in emails if each.is_verified or each.key == typed}


def _named(invited: Invited) -> Named:
    return Named.of(parse_as("email", invited.email, "ZZ"))


def _has_provider(tenant: Tenant, domain: str) -> bool:
    """Whether everybody in the domain signs in at their organization's provider."""
    return realm.discover(domain, claims_to(tenant.id, domain)).is_required
