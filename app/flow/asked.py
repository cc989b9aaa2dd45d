"""What whoever started a flow asks of it."""

from pydantic import BaseModel, ConfigDict


class Invited(BaseModel):
    """An invitation whose link was opened: whoever has it reads the mails to that address."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    version: int
    """The row's when the link was opened: a newer link makes this one good for nothing."""
    email: str
    organization_id: str
    organization: str
    """Its name."""
    roles: tuple[str, ...]


class Asked(BaseModel):
    """The demands of an authorization request (OpenID Connect Core, section 3.1.2.1), or ours."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    client_id: str | None = None
    client_name: str | None = None
    fresh_after: int | None = None
    """Milliseconds: proofs older than this do not count (`prompt=login`, `max_age`)."""
    choose_account: bool = False
    organization: str | None = None
    """Id or slug of the organization to act for."""
    scopes: tuple[str, ...] = ()
    third_party: bool = False
    """Whether the client needs consent at all."""
    always_consent: bool = False
    login_hint: str | None = None
    ui_locales: tuple[str, ...] = ()
    acr: tuple[str, ...] = ()
    """Authentication context classes, any of which will do."""
    essential_acr: bool = False
    """Whether nothing weaker will do."""
    subject: str | None = None
    """The user that `id_token_hint` names; nobody else will do."""
    invitation: Invited | None = None
    """What the flow accepts when it finishes."""
    anonymous_id: str | None = None
    """The anonymous user who is at this browser, or whose token the app sent: to be upgraded at
    sign-up, and merged at sign-in."""
    last_used: str | None = None
    """How somebody came in last on the browser that the flow began in: a method's key, a provider's
    with its connection behind a colon."""
