"""Another identity provider's word: of a social one that anybody may use, or of the one that an
organization brought.

The raw answer of the provider is what is checked here; what nobody may be signed in by ends as a
refusal with a stable code, and as a report for whoever runs the connection.
"""

from collections.abc import Mapping

from sqlalchemy.orm import Session

from app import single_use
from app.addresses import BadAddress, Email, parse_email
from app.audit import events
from app.audit.log import record
from app.database import read
from app.directory import (
    connections,
    domain_claims,
    invitation_answers,
    linked_identities,
    people,
    upstream_reports,
)
from app.directory.connections import Connection
from app.federation import linking, masking, provider, state
from app.federation.identity import Identity, UpstreamAway, UpstreamRefused
from app.federation.linking import Known
from app.federation.provider import Answered
from app.federation.state import State
from app.flow.screen import Message, Screen
from app.identifiers import IdentifierKind
from app.methods.base import (
    Answers,
    Arrived,
    Begun,
    Category,
    Effect,
    Proved,
    Refused,
    Situation,
    Spent,
)


class Upstream:
    """Proof by a provider. The browser is sent there, so there is no screen and no challenge."""

    amr = ("fed",)
    category: Category = "upstream"
    kinds: frozenset[IdentifierKind] = frozenset()
    sends_challenge = False

    def __init__(self, key: str) -> None:
        self.key = key

    def begin(self, situation: Situation) -> Begun | Refused:
        """There is no challenge to prepare; raises TypeError."""
        raise TypeError("A provider is asked by sending the browser there.")

    def screen(self, situation: Situation) -> Screen:
        """There is no screen; raises TypeError."""
        raise TypeError("A provider has pages of its own.")

    def check(self, situation: Situation, answers: Answers) -> Proved | Refused:
        """Verify what the provider had the browser bring, and find whose it is here."""
        connection = _connection(situation)
        if connection is None:
            return Refused(Message("error.connection_disabled"), code="connection_disabled")
        opened = _state(situation, connection, answers)
        try:
            answered = provider.finish(
                situation.tenant, connection, opened, answers, fresh_after=situation.fresh_after
            )
        except UpstreamRefused as refused:
            return _refused(situation, connection, refused.diagnosis, refused.arrived)
        except UpstreamAway as away:
            return _refused(situation, connection, "provider_away", {"reason": away.reason})
        return _known(situation, connection, opened, answered)


def _connection(situation: Situation) -> Connection | None:
    """The connection, while people may sign in by it; a disabled one lets nobody in (I06)."""
    if situation.connection_id is None:
        return None
    return connections.find_usable(situation.tenant.id, situation.connection_id)


def _state(situation: Situation, connection: Connection, answers: Answers) -> State | None:
    text = answers.get("state") or answers.get("RelayState") or ""
    opened = state.open_(connection, situation.binding, text)
    return opened if opened and opened.flow_id == situation.flow_id else None


def _known(
    situation: Situation, connection: Connection, opened: State | None, answered: Answered
) -> Proved | Refused:
    identity = answered.identity
    email = _email(identity)
    with read(situation.tenant.id) as session:
        user_id = linked_identities.find(session, connection.id, identity.subject)
        linked = people.snapshot_of(session, user_id) if user_id else None
        owner = people.find_by_email(session, email.key) if email and not linked else None
        is_own_domain = email is not None and domain_claims.is_of(
            session, connection.organization_id, email.domain
        )
        proven = email if identity.email_verified else None
        is_invited = proven is not None and _is_invited(session, situation, connection, proven)
    decision = linking.decide(
        Known(
            linked=linked,
            owner=owner,
            has_email=email is not None,
            is_vouched=identity.email_verified,
            is_enterprise=not connection.is_social,
            is_own_domain=is_own_domain,
            creates_users=is_invited or _takes_new(situation, connection),
            asked_by=situation.user_id if situation.is_linking else None,
        )
    )
    if decision.move == "refuse":
        told = masking.arrived({"email": identity.email})
        return _refused(situation, connection, decision.rule, told)
    return Proved(
        person=linked or owner,
        effects=(_landing(situation, connection, opened, answered),),
        proves_address=decision.move in ("evict", "create"),
        amr=_amr(connection, identity),
        arrived=Arrived(identity, decision),
    )


def _is_invited(
    session: Session, situation: Situation, connection: Connection, proven: Email
) -> bool:
    """Whether a place waits for the owner of the address: by the invitation of this very flow
    (A21), or in the organization whose provider proved them."""
    if proven.key == situation.invited_email:
        return True
    organization_id, tenant = connection.organization_id, situation.tenant
    return bool(invitation_answers.roles_for(session, tenant, [proven.value], organization_id))


def _takes_new(situation: Situation, connection: Connection) -> bool:
    """Whether people come in whom nobody invited. An organization's own need no open sign-up."""
    is_open = situation.tenant.settings.methods.sign_up_open or not connection.is_social
    return connection.settings.creates_users and is_open


def _amr(connection: Connection, identity: Identity) -> tuple[str, ...]:
    """What the provider's proof amounts to here: its own factors count where it is trusted to."""
    if not connection.settings.trusts_mfa:
        return Upstream.amr
    return (*Upstream.amr, *(each for each in identity.amr if each.isidentifier()))


def _landing(
    situation: Situation, connection: Connection, opened: State | None, answered: Answered
) -> Effect:
    identity = answered.identity

    def land(session: Session) -> None:
        if opened is not None and not opened.spend(session):
            raise Spent
        if answered.assertion_id and not _is_first(session, connection, answered):
            raise Spent(_refused(situation, connection, "replayed", {}))
        linked_identities.touch(session, connection.id, identity.subject, identity.label)
        targets = [("connection", connection.id)]
        record(session, events.UPSTREAM_SUCCEEDED, situation.actor, targets=targets)

    return land


def _is_first(session: Session, connection: Connection, answered: Answered) -> bool:
    """Whether the assertion was never used before, on any node (S09)."""
    value = f"{connection.id} {answered.assertion_id}"
    return single_use.mark(session, "assertion", value, until=answered.expires_at)


def _refused(
    situation: Situation, connection: Connection, diagnosis: str, arrived: Mapping[str, object]
) -> Refused:
    def report(session: Session) -> None:
        upstream_reports.add(session, connection.id, diagnosis, arrived)
        record(
            session,
            events.UPSTREAM_FAILED,
            situation.actor,
            targets=[("connection", connection.id)],
            data={"diagnosis": diagnosis},
        )

    message = Message(_sentence(diagnosis), {"name": connection.name})
    return Refused(message=message, effects=(report,), code=diagnosis)


_SENTENCES = {
    "access_denied_upstream": "error.upstream_cancelled",
    "provider_away": "error.upstream_away",
    "user_not_allowed": "error.upstream_not_allowed",
    "email_not_theirs": "error.upstream_not_allowed",
    "email_missing": "error.upstream_no_email",
    "account_disabled": "error.account_disabled",
    "identity_taken": "error.identity_taken",
}


def _sentence(diagnosis: str) -> str:
    """What the person is told; what exactly was wrong is for whoever runs the connection."""
    return _SENTENCES.get(diagnosis, "error.upstream_failed")


def _email(identity: Identity) -> Email | None:
    """The address as we know addresses; None where there is none, or none that we could write."""
    try:
        return parse_email(identity.email) if identity.email else None
    except BadAddress:
        return None
