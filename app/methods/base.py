"""The interface that every way of proving who you are fulfils, and the words of its answers.

A method verifies the raw protocol message by itself and never takes a pre-digested fact from its
caller. What it wants written comes back as effects, which run inside the transaction in which the
answer lands; what must be counted whatever happens, it counts before by itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, Protocol

from pydantic import BaseModel, ConfigDict
from sqlalchemy.orm import Session

from app.actor import Actor
from app.addresses import Email
from app.database import read
from app.directory import people
from app.directory.people import Person
from app.directory.tenants import Tenant
from app.federation.identity import Identity
from app.federation.linking import Decision
from app.flow.screen import Message, Screen, Text
from app.identifiers import Identifier, IdentifierKind

Purpose = Literal["sign_in", "sign_up", "verify", "recover", "second"]
"""What is proven for: `second` is any further proof of a person who is known already."""
Category = Literal["knowledge", "mailbox", "phone", "app", "key", "upstream"]
"""What a method rests on: two of the same are no two factors."""
Effect = Callable[[Session], None]
Answers = Mapping[str, str]


class Spent(Exception):
    """Somebody else consumed the proof between its check and the landing transaction. `refused` is
    what to say; without it, that the code is over."""

    def __init__(self, refused: "Refused | None" = None) -> None:
        super().__init__()
        self.refused = refused


class Challenge(BaseModel):
    """A challenge that is out: its row, and what may be shown of it. Times in milliseconds."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    method: str
    purpose: Purpose
    row_id: str
    destination: str | None
    """Masked; None when it would tell something of an account that nobody has proven yet."""
    resend_at: int
    expires_at: int
    echo: str | None = None
    """The code itself, in test tenants that echo codes."""
    number: str | None = None
    """The two digits that stand where a link was asked for."""
    link_row_id: str | None = None


@dataclass(frozen=True)
class Situation:
    """What a method may know about the moment it is asked in."""

    tenant: Tenant
    actor: Actor
    flow_id: str
    purpose: Purpose
    identifier: Identifier | None
    """What was typed; None while nothing is, or where only the user is known."""
    locale: str
    client_id: str | None
    client_name: str | None
    is_known_device: Callable[[str], bool]
    """Whether a user, by id, has signed in on this browser before."""
    challenge: Challenge | None = None
    user_id: str | None = None
    """Whom the flow has proven already; then nobody else will do."""
    session_id: str | None = None
    """The live session that the person has, where one is known."""
    has_proof: bool = False
    """Whether a factor was proven in this very flow."""
    connection_id: str | None = None
    """The connection whose provider is asked."""
    binding: str = ""
    """What ties the flow to its browser."""
    is_linking: bool = False
    """Whether the person `user_id` asked to be tied to whomever the provider proves."""
    fresh_after: int | None = None
    """Milliseconds: a proof that was given earlier, wherever that was, does not count."""
    organization_id: str | None = None
    """The organization that the flow is known to be for."""
    invited_email: str | None = None
    """The key of the address that the invitation of this flow is for."""

    @property
    def email(self) -> Email:
        """The address that was typed; there must be one."""
        email = self.identifier.email if self.identifier else None
        assert email is not None
        return email

    def find(self) -> Person | None:
        """Whom it is about: the proven person, or whomever the identifier names; one statement,
        in a transaction of its own."""
        with read(self.tenant.id) as session:
            if self.user_id is not None:
                return people.snapshot_of(session, self.user_id)
            return people.find(session, self.identifier) if self.identifier else None

    def account(self, person: Person | None) -> str:
        """What tries are counted by: the user, by whatever name they are called, or the canonical
        identifier of nobody."""
        if person is not None:
            return person.user_id
        return f"{self.identifier.kind} {self.identifier.key}" if self.identifier else "nobody"

    def is_known(self, person: Person | None) -> bool:
        """Whether that person has signed in on this browser before.

        Asked in the same way for nobody, so that an unknown address costs what a known one costs.
        """
        return self.is_known_device(person.user_id if person else "nobody")


@dataclass(frozen=True)
class Begun:
    """A challenge was prepared; its effects issue it."""

    challenge: Challenge
    effects: tuple[Effect, ...]


@dataclass(frozen=True)
class Refused:
    """Not proven, or not now: a message above the form, or errors tied to fields."""

    message: Message | None = None
    errors: Mapping[str, Text] | None = None
    effects: tuple[Effect, ...] = ()
    retry_after: int | None = None
    """Seconds, when a limit was reached."""
    code: str = "wrong_answer"
    """The stable machine code of headless answers."""


@dataclass(frozen=True)
class Arrived:
    """Whom a provider proved, and what follows for an account here."""

    identity: Identity
    decision: Decision


@dataclass(frozen=True)
class Proved:
    """Proven. `person` is None when nobody has the address yet (sign-up)."""

    person: Person | None
    effects: tuple[Effect, ...] = ()
    proves_address: bool = False
    """Whether the identifier that was typed is the person's, beyond doubt."""
    amr: tuple[str, ...] | None = None
    """What this very proof amounts to, where that is not the same every time."""
    is_breached: bool = False
    """Whether the password was right but is known from a breach."""
    arrived: Arrived | None = None
    """Set by a provider's answer only."""


class Method(Protocol):
    """One way of proving who you are."""

    @property
    def key(self) -> str:
        """Its name in settings, facts and texts."""
        ...

    @property
    def amr(self) -> tuple[str, ...]:
        """Authentication method references (RFC 8176)."""
        ...

    @property
    def category(self) -> Category:
        """What it rests on."""
        ...

    @property
    def kinds(self) -> frozenset[IdentifierKind]:
        """The kinds of identifier that it can begin with, as a first factor."""
        ...

    @property
    def sends_challenge(self) -> bool:
        """Whether `begin` must run before there is anything to check."""
        ...

    def begin(self, situation: Situation) -> Begun | Refused:
        """Prepare a challenge; limits are counted before anything is created or sent."""
        ...

    def screen(self, situation: Situation) -> Screen:
        """What to show while the proof is awaited."""
        ...

    def check(self, situation: Situation, answers: Answers) -> Proved | Refused:
        """Verify what was sent. Counts the attempt first."""
        ...
