"""What a flow has learned: plain data, JSON in the flow's row."""

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict

from app.addresses import Email
from app.directory.upstream_sessions import Login
from app.federation.identity import Identity
from app.flow.screen import Message
from app.identifiers import Identifier, IdentifierKind
from app.methods.base import Challenge


class Fact(BaseModel):
    """Facts never change; a flow that learns more gets new ones."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Named(Fact):
    """What the person typed to say who they are, parsed once."""

    kind: IdentifierKind
    value: str
    key: str

    @classmethod
    def of(cls, identifier: Identifier) -> "Named":
        """The identifier as a fact."""
        return cls(kind=identifier.kind, value=identifier.value, key=identifier.key)

    @property
    def identifier(self) -> Identifier:
        """The identifier as everybody else knows it."""
        return Identifier(self.kind, self.value, self.key)

    @property
    def email(self) -> Email | None:
        """The address, when it is one."""
        return self.identifier.email


SESSION = "session"
"""What stands in place of a method where a live session goes on."""


class Proof(Fact):
    """One method proved the person at one time (milliseconds)."""

    method: str
    amr: tuple[str, ...]
    at: int
    acr: str | None = None
    """What a live session amounted to."""
    methods: tuple[str, ...] = ()
    """The methods behind a live session."""
    connection: str | None = None
    """The connection whose provider proved it."""
    vouched: str | None = None
    """The key of the address that the provider may vouch for and did, whatever the person has
    here."""
    login: Login | None = None
    """The session there, where both may have to end together."""

    @property
    def by(self) -> tuple[str, ...]:
        """The methods that it stands for; a provider's with its connection behind a colon."""
        if self.method == SESSION:
            return self.methods
        return (f"{self.method}:{self.connection}" if self.connection else self.method,)


class PendingSignUp(Fact):
    """What a new person wants to be, waiting for the address to be proven."""

    display_name: str | None = None
    password_hash: str | None = None
    metadata: dict[str, Any] = {}
    organization_name: str | None = None
    join_organization: str | None = None
    """Id or slug of the organization to join."""
    email: Named | None = None
    phone: Named | None = None
    username: Named | None = None
    proven: tuple[IdentifierKind, ...] = ()
    """The kinds of the contacts that were proven already."""
    is_open: bool = False
    """Whether the form is still to be filled in, though a contact is proven."""
    consents: tuple[dict[str, str | None], ...] = ()
    with_passkey: bool = False
    """Whether a passkey is to be made before there is a user."""
    handle: str | None = None
    """The user handle of the passkey that is awaited, in base64url."""

    @property
    def unproven(self) -> Named | None:
        """The next contact to prove; None when all are."""
        given = (self.email, self.phone)
        return next((each for each in given if each and each.kind not in self.proven), None)


class Inherited(Fact):
    """What an organization above the one that the person acts for asks too."""

    slug: str
    requires_mfa: bool = False
    methods: tuple[str, ...] | None = None
    sso_required: bool = False
    organization_id: str = ""


class Belonging(Fact):
    """A membership as the choice screen needs it."""

    organization_id: str
    name: str
    slug: str
    roles: tuple[str, ...]
    member_count: int
    requires_mfa: bool = False
    """Whether the organization asks a second factor of whoever acts for it."""
    demanding_roles: tuple[str, ...] = ()
    """Those of the roles that ask for one by themselves."""
    methods: tuple[str, ...] | None = None
    """The only methods by which it may be acted for; None for all that the tenant has."""
    sso_required: bool = False
    """Whether this person may act for it only by its own provider."""
    inherited: tuple[Inherited, ...] = ()
    """What the organizations above it ask."""

    @property
    def demanding_sso(self) -> tuple[str, ...]:
        """The ids of the organizations, it and those above it, that ask this person to sign in by
        their own provider."""
        own = (self.organization_id,) if self.sso_required else ()
        return (*own, *(each.organization_id for each in self.inherited if each.sso_required))


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


class Linking(Fact):
    """An identity that the signed-in person wants to be tied to theirs."""

    request_id: str
    """Of the row that lets it happen once (`app.directory.link_requests`)."""
    is_over: bool = False


class Facts(Fact):
    """Everything that a flow has learned so far."""

    hint: str | None = None
    """An identifier to fill in, unproven and unchecked."""
    account: str | None = None
    """What the account chooser answered: a session id, or `other`."""
    identifier: Named | None = None
    realm: str | None = None
    """`local`, or the id of the connection that this address signs in with; None while that is
    still to be chosen."""
    connection: str | None = None
    """The connection whose provider is being asked."""
    upstream: Identity | None = None
    """Whom a provider proved, while it is not tied to the user of this flow yet."""
    upstream_proof: Proof | None = None
    """That proof, to count once the two are tied."""
    tying: Identity | None = None
    """Whose identity is tied to the proven person once the flow ends: somebody who was there before
    gives all the proofs that are asked of them first."""
    told: dict[str, str] = {}
    """Answers to the sign-up form that came before it: from the client, with the way to a provider,
    and from the provider."""
    linking: Linking | None = None
    sign_up: PendingSignUp | None = None
    method: str | None = None
    """The method that the person picked for the running proof."""
    challenge: Challenge | None = None
    proofs: tuple[Proof, ...] = ()
    support_recovery: str | None = None
    """Id of the recovery by support that the first proof comes from; it is spent at the end."""
    user_id: str | None = None
    person: str | None = None
    """Display name or address, known only after the first proof."""
    address_verified: bool = False
    factors: tuple[str, ...] = ()
    """The second factors that the proven person has."""
    mfa_required: bool = False
    """Whether this very person needs a second factor."""
    trusted: bool = False
    """Whether this browser is trusted not to need the person's second factor."""
    trusts_browser: bool = False
    """Whether the person asked for that just now."""
    put_offs_left: int = 0
    """How often an enrolment may still be put off."""
    put_off: bool = False
    acr_declined: bool = False
    """Whether the person goes on without the second factor that the client merely wishes for."""
    enrolling: str | None = None
    """The factor that is being enrolled."""
    enrolment: str | None = None
    """Id of the row that its secret waits in."""
    recovery_codes: str | None = None
    """New ones, sealed, that are still to be shown."""
    can_passkey: bool = False
    """Whether the page said that this browser can make passkeys."""
    passkey_offered: bool = False
    """Whether a passkey was offered, here or lately."""
    breached: bool = False
    """Whether the password that was given is known from a breach."""
    breached_sign_ins_left: int = 0
    """How often the person may still go on with such a password."""
    breach_put_off: bool = False
    password_due: bool = False
    """Whether an admin requires that the person choose another password."""
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
        """When the person was last proven, in milliseconds; 0 when never. A session that is only
        strengthened stays as old as it is: one fresh factor makes no fresh sign-in (M07)."""
        sessions = [proof.at for proof in self.proofs if proof.method == SESSION]
        return min(sessions or [max((proof.at for proof in self.proofs), default=0)])

    def has_given(self, amr: str) -> bool:
        """Whether a proof, here or in the live session, has this reference (RFC 8176)."""
        return any(amr in proof.amr for proof in self.proofs)

    def proven_by(self, method: str) -> bool:
        """Whether one of the proofs came from `method`."""
        return any(proof.method == method for proof in self.proofs)


START = Facts()
