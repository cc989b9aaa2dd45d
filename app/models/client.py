"""Client applications and their secrets."""

from sqlalchemy import ForeignKeyConstraint, Index, false
from sqlalchemy.orm import Mapped, mapped_column

from app.models.base import Base, Moment, TenantOwned


class Client(TenantOwned, Base):
    """An application registered with a tenant; its id is the `client_id` of RFC 6749."""

    __tablename__ = "client"

    name: Mapped[str]
    kind: Mapped[str]
    """`web` (confidential), `spa` (public) or `native` (public; may take the code as JSON)."""
    status: Mapped[str]
    """`active` or `disabled`."""
    is_first_party: Mapped[bool]
    """The tenant's own application: no consent is asked."""
    auth_method: Mapped[str]
    """Its registered token_endpoint_auth_method; `none` for a public client."""
    grant_types: Mapped[list[str]]
    scopes: Mapped[list[str]]
    redirect_uris: Mapped[list[str]]
    post_logout_redirect_uris: Mapped[list[str]]
    origins: Mapped[list[str]]
    """Web origins that may call token, userinfo and the headless API from a browser (CORS)."""
    ui_url: Mapped[str | None]
    """Where the application draws the flow by itself, through the headless API."""
    link_url: Mapped[str | None]
    """Where magic links of this application lead, when it redeems them by itself."""
    allows_anonymous: Mapped[bool] = mapped_column(server_default=false())
    """Whether the application may make users who have not said who they are."""
    home_url: Mapped[str | None]
    logo_url: Mapped[str | None]
    policy_url: Mapped[str | None]
    terms_url: Mapped[str | None]
    requires_pkce: Mapped[bool]
    scope_claims_in_id_token: Mapped[bool]
    id_token_alg: Mapped[str]
    access_token_format: Mapped[str]
    """`jwt` (RFC 9068) or `opaque`."""
    is_owned_by_file: Mapped[bool] = mapped_column(server_default=false())
    """Whether `authpage apply` made it, so that nobody changes it in the console."""
    updated_at: Mapped[Moment]
    row_version: Mapped[int]


class ClientSecret(TenantOwned, Base):
    """A secret of a confidential client, kept as a keyed hash; two may overlap in a rotation."""

    __tablename__ = "client_secret"
    __table_args__ = (
        ForeignKeyConstraint(["tenant_id", "client_id"], ["client.tenant_id", "client.id"]),
        Index("ix_client_secret_client", "tenant_id", "client_id"),
    )

    client_id: Mapped[str]
    digest: Mapped[str]
    expires_at: Mapped[Moment | None]
