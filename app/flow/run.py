"""One flow in one moment: what it is, and who is answering."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from app import clock
from app.actor import Actor
from app.addresses import parse_email
from app.branding import Brand, brand_of
from app.directory.sessions import LiveSession
from app.directory.tenants import Tenant
from app.flow.asked import Asked
from app.flow.claimed import claims_to
from app.flow.continuation import Account, Authorize
from app.flow.facts import SESSION, START, Facts
from app.flow.realm import Connections
from app.identifiers import Identifier
from app.methods.base import Purpose, Situation
from app.models import Document

Kind = Literal["sign_in", "sign_up", "recover", "verify", "step_up", "link"]
PURPOSES: dict[Kind, Purpose] = {
    "sign_in": "sign_in",
    "sign_up": "sign_up",
    "recover": "recover",
    "verify": "verify",
    "step_up": "second",
    "link": "second",
}


@dataclass(frozen=True)
class Flow:
    """One running sign-in, sign-up, recovery, verification, step-up or link of
    an identity; `version` 0 has no row."""

    id: str
    kind: Kind
    binding: str
    continuation: Authorize | Account
    asked: Asked
    epoch: int
    expires_at: int
    facts: Facts = START
    is_headless: bool = False
    is_finished: bool = False
    version: int = 0
    trace: tuple[Document, ...] = ()
    """What happened in it (`app.flow.trace`)."""

    def learned(self, facts: Facts) -> "Flow":
        """This flow with other facts."""
        return replace(self, facts=facts)


@dataclass(frozen=True)
class Run:
    """A flow together with its tenant and the browser or client that is answering it."""

    tenant: Tenant
    flow: Flow
    actor: Actor
    locale: str
    sessions: tuple[LiveSession, ...] = ()
    """Those signed in on this browser."""
    is_known_device: Callable[[str], bool] = field(default=lambda _user_id: False)
    is_trusted_device: Callable[[str], bool] = field(default=lambda _user_id: False)
    """Whether this browser is trusted not to need that user's second factor."""
    connections: Connections = claims_to
    doing: tuple[str | None, str] | None = None
    """The step and the action that are being answered."""

    @property
    def facts(self) -> Facts:
        """What the flow has learned."""
        return self.flow.facts

    @property
    def asked(self) -> Asked:
        """What is asked of the flow."""
        return self.flow.asked

    @property
    def is_for_oneself(self) -> bool:
        """Whether the person goes on to AuthPage's own pages, where nobody acts for others."""
        return isinstance(self.flow.continuation, Account)

    @property
    def organization_id(self) -> str | None:
        """The organization that the flow is known to be for: chosen, inviting, or named by the
        app. Nothing of it comes from the person before the first proof."""
        invited, named = self.asked.invitation, self.asked.organization
        inviting = invited.organization_id if invited else None
        return self.facts.organization or inviting or named

    @property
    def brand(self) -> Brand:
        """How the pages of the flow look."""
        return brand_of(self.tenant, self.organization_id, self.asked.client_id)

    @property
    def _stepping_up(self) -> str | None:
        """Whose session is to be strengthened."""
        return self.asked.subject if self.flow.kind == "step_up" else None

    @property
    def _invited_email(self) -> str | None:
        invited = self.asked.invitation
        return parse_email(invited.email).key if invited else None

    @property
    def is_expired(self) -> bool:
        """Whether the flow's time is over, or its epoch is."""
        return self.flow.expires_at <= clock.now() or self.flow.epoch != self.tenant.epoch

    def acting(self, user_id: str) -> Actor:
        """The person whom the flow has proven, as an actor."""
        return replace(self.actor, id=user_id)

    def learned(self, facts: Facts) -> "Run":
        """This run with other facts."""
        return replace(self, flow=self.flow.learned(facts))

    def switched(self, kind: Kind) -> "Run":
        """This run as a flow of another kind."""
        return replace(self, flow=replace(self.flow, kind=kind))

    def situation(
        self, purpose: Purpose | None = None, identifier: Identifier | None = None
    ) -> Situation:
        """This moment as a method sees it."""
        typed = self.facts.identifier.identifier if self.facts.identifier else None
        return Situation(
            tenant=self.tenant,
            actor=self.actor,
            flow_id=self.flow.id,
            purpose=purpose or PURPOSES[self.flow.kind],
            identifier=identifier or typed,
            user_id=self.facts.user_id or self._stepping_up,
            session_id=self.facts.session_id,
            has_proof=any(proof.method != SESSION for proof in self.facts.proofs),
            locale=self.locale,
            client_id=self.asked.client_id,
            organization_id=self.organization_id,
            client_name=self.asked.client_name,
            is_known_device=self.is_known_device,
            challenge=self.facts.challenge,
            connection_id=self.facts.connection,
            binding=self.flow.binding,
            is_linking=self.flow.kind == "link",
            fresh_after=self.asked.fresh_after,
            invited_email=self._invited_email,
        )
