"""What a flow has learned: plain data, JSON in the flow's row."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from app.addresses import Email
from app.flow.screen import Message
from app.methods.base import Challenge


class Fact(BaseModel):
    """Facts never change; a flow that learns more gets new ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Address(Fact):
    """The email address that the person typed, parsed once."""

    value: str
    key: str
    domain: str

    @classmethod
    def of(cls, email: Email) -> "Address":
        """The address as a fact."""
        return cls(value=email.value, key=email.key, domain=email.domain)

    @property
    def email(self) -> Email:
        """The address as everybody else knows it."""
        return Email(self.value, self.key, self.domain)


class Proof(Fact):
    """One method proved the person at one time (milliseconds)."""

    method: str
    amr: tuple[str, ...]
    at: int


class PendingSignUp(Fact):
    """What a new person wants to be, waiting for the address to be proven."""

    display_name: str | None = None
    password_hash: str | None = None
    metadata: dict[str, Any] = {}
    organization_name: str | None = None
    join_organization: str | None = None
    """Id or slug of the organization to join."""


class Belonging(Fact):
    """A membership as the choice screen needs it."""

    organization_id: str
    name: str
    slug: str
    roles: tuple[str, ...]
    member_count: int


class Notice(Fact):
    """A message that waits for the next screen."""

    id: str
    values: dict[str, str | int] = {}
    tone: Literal["error", "info", "success"] = "info"

    @classmethod
    def of(cls, message: Message) -> "Notice":
        """The message as a fact."""
        return cls(id=message.id, values=message.values, tone=message.tone)

    @property
    def message(self) -> Message:
        """The message to show."""
        return Message(self.id, dict(self.values), self.tone)


class Facts(Fact):
    """Everything that a flow has learned so far."""

    hint: str | None = None
    """An identifier to fill in, unproven and unchecked."""
    account: str | None = None
    """What the account chooser answered: a session id, or `other`."""
    address: Address | None = None
    realm: str | None = None
    """`local`, or the id of the connection that this address signs in with."""
    sign_up: PendingSignUp | None = None
    method: str | None = None
    """The method that the person picked for the running proof."""
    challenge: Challenge | None = None
    proofs: tuple[Proof, ...] = ()
    user_id: str | None = None
    person: str | None = None
    """Display name or address, known only after the first proof."""
    address_verified: bool = False
    session_id: str | None = None
    """The live session that the proofs come from, when nothing new was proven."""
    is_new_user: bool = False
    password_set: bool = False
    belongings: tuple[Belonging, ...] = ()
    organization: str | None = None
    """The chosen organization's id; empty for acting as oneself."""
    creating_organization: bool = False
    search: str = ""
    notice: Notice | None = None
    granted: tuple[str, ...] = ()
    """Scopes that the person allowed this client earlier."""
    consented: tuple[str, ...] | None = None

    def learn(self, **facts: Any) -> "Facts":
        """These facts with some replaced."""
        return self.model_copy(update=facts)

    @property
    def auth_time(self) -> int:
        """When the person was last proven, in milliseconds; 0 when never."""
        return max((proof.at for proof in self.proofs), default=0)

    @property
    def amr(self) -> list[str]:
        """The references of every proof, each once (RFC 8176)."""
        return sorted({value for proof in self.proofs for value in proof.amr})

    def proven_by(self, method: str) -> bool:
        """Whether one of the proofs came from `method`."""
        return any(proof.method == method for proof in self.proofs)


START = Facts()
