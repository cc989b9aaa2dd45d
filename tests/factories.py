"""Makes what tests need, through the same functions as everybody else."""

from dataclasses import dataclass
from typing import Any, Literal

import pyotp
from sqlalchemy import select

from app import clock, hashing
from app.actor import CLI
from app.addresses import parse_email
from app.database import EVERYWHERE, read, write
from app.delivery import outbox
from app.delivery.outbox import Payload
from app.directory import (
    authenticators,
    clients,
    connections,
    contacts,
    organizations,
    organizations_policy,
    people,
    recovery_codes,
    settings_store,
    tenants,
)
from app.directory.clients import ClientView
from app.directory.connections import Connection
from app.directory.tenants import Tenant
from app.identifiers import parse_as
from app.ids import new_id
from app.keys import rotation
from app.models import AuditEvent, DomainClaim, Identifier, OutboxMessage

PASSWORD = "correct horse battery staple"
REDIRECT_URI = "https://app.example/callback"


@dataclass(frozen=True)
class MadeClient:
    """A client with its secret in clear."""

    tenant: Tenant
    view: ClientView
    secret: str | None

    @property
    def id(self) -> str:
        """The client_id."""
        return self.view.id


@dataclass(frozen=True)
class MadeUser:
    """A user with what names and proves them."""

    id: str
    email: str
    password: str | None


class Factory:
    """Every test has tenants of its own, so tests never meet."""

    def default_tenant(self) -> Tenant:
        """The tenant at the root of the base host."""
        return tenants.default() or self.tenant(slug="default")

    def tenant(
        self,
        kind: Literal["live", "test"] = "live",
        slug: str | None = None,
        host: str | None = None,
        **sections: dict[str, Any],
    ) -> Tenant:
        """A tenant under /t/<slug> or on its own host, with a key and these sections set."""
        name = slug or new_id("t").replace("_", "-")
        with write(EVERYWHERE) as session:
            tenant_id = tenants.create(session, CLI, name, "Acme", kind, host)
        with write(tenant_id) as session:
            rotation.create_first(session)
            for section, document in sections.items():
                settings_store.publish(session, CLI, section, document)
        found = tenants.by_id(tenant_id)
        assert found is not None
        return found

    def client(self, tenant: Tenant, kind: str = "web", **registration: Any) -> MadeClient:
        """A client of the tenant; first-party unless told otherwise."""
        values: dict[str, Any] = {
            "name": "Acme Dashboard",
            "kind": kind,
            "redirect_uris": [REDIRECT_URI],
            "is_first_party": True,
            **registration,
        }
        with write(tenant.id) as session:
            view, secret = clients.create(session, CLI, **values)
        return MadeClient(tenant, view, secret)

    def user(
        self,
        tenant: Tenant,
        email: str | None = None,
        password: str | None = PASSWORD,
        *,
        verified: bool = True,
        **profile: Any,
    ) -> MadeUser:
        """A user with an address, by default a verified one, and a password."""
        address = email or f"{new_id('u').replace('_', '.')}@example.com"
        hashed = hashing.hashing().hash(password) if password else None
        with write(tenant.id) as session:
            user_id = people.create(
                session,
                CLI,
                email=parse_email(address),
                email_verified=verified,
                password_hash=hashed,
                **profile,
            )
        return MadeUser(user_id, address, password)

    def organization(
        self,
        tenant: Tenant,
        name: str,
        *users: MadeUser,
        roles: tuple[str, ...] = ("member",),
        joinable: bool = False,
    ) -> str:
        """An organization with these members; returns its id."""
        with write(tenant.id) as session:
            organization_id = organizations.create(session, CLI, name=name, is_joinable=joinable)
            for user in users:
                organizations.join(session, CLI, organization_id, user.id, list(roles))
        return organization_id

    def connection(
        self,
        tenant: Tenant,
        settings: dict[str, Any],
        organization_id: str | None = None,
        *,
        name: str = "Corp",
        secret: str | None = "upstream-secret",
        provider: str = "custom_oidc",
    ) -> Connection:
        """An active connection, of the tenant or of one organization."""
        with write(tenant.id) as session:
            connection_id = connections.create(
                session,
                CLI,
                provider=provider,
                name=name,
                settings=connections.parse_settings(settings),
                organization_id=organization_id,
                secret=secret,
                status="active",
            )
        with read(tenant.id) as session:
            found = connections.get(session, connection_id)
        assert found is not None
        return found

    def domain(
        self, tenant: Tenant, organization_id: str, domain: str, sso: str = "domain"
    ) -> None:
        """A domain that the organization has proven, and what it asks of whoever is there."""
        with write(tenant.id) as session:
            session.add(
                DomainClaim(
                    tenant_id=tenant.id,
                    id=new_id("dom"),
                    created_at=clock.now(),
                    organization_id=organization_id,
                    domain=domain,
                    has_subdomains=False,
                    token="proven",
                    verified_at=clock.now(),
                    check_at=None,
                    failures=0,
                )
            )
            policy = organizations_policy.parse({"sso": sso})
            organizations_policy.set_policy(session, CLI, organization_id, policy)

    def phone(self, tenant: Tenant, user: MadeUser, number: str, *, verified: bool = True) -> str:
        """A number of the user, by default a proven one; returns it in E.164."""
        found = parse_as("phone", number, "US")
        with write(tenant.id) as session:
            row_id = contacts.add(session, CLI, user.id, found)
            if not verified:
                row = session.get(Identifier, (tenant.id, row_id))
                assert row is not None
                row.verified_at = None
        return found.key

    def username(self, tenant: Tenant, user: MadeUser, name: str) -> None:
        """The user's name to sign in by."""
        with write(tenant.id) as session:
            contacts.set_username(session, CLI, user.id, parse_as("username", name, "US"))

    def authenticator(self, tenant: Tenant, user: MadeUser, label: str | None = None) -> str:
        """An authenticator app of the user, from which no code was taken yet; its secret."""
        secret = pyotp.random_base32()
        with write(tenant.id) as session:
            authenticators.add(session, CLI, user.id, secret=secret, label=label, step=0)
        return secret

    def recovery_codes(self, tenant: Tenant, user: MadeUser) -> tuple[str, ...]:
        """Fresh recovery codes of the user."""
        new = recovery_codes.new_codes()
        with write(tenant.id) as session:
            recovery_codes.replace(session, CLI, user.id, new)
        return new.codes

    def mails(self, tenant: Tenant) -> list[tuple[str, Payload]]:
        """Every queued mail of the tenant, oldest first: its purpose and what is sealed in it."""
        with read(tenant.id) as session:
            query = select(OutboxMessage).where(OutboxMessage.tenant_id == tenant.id)
            rows = session.scalars(query.order_by(OutboxMessage.id)).all()
        return [
            (row.purpose, outbox.unseal(tenant.id, row.id, row.sealed_payload))
            for row in rows
            if row.sealed_payload
        ]

    def code(self, tenant: Tenant, email: str) -> str:
        """The code in the newest mail to that address."""
        found = [mail for _, mail in self.mails(tenant) if mail.to == email]
        return found[-1].values["code"]

    def events(self, tenant: Tenant) -> list[str]:
        """The ids of the tenant's audit events, oldest first."""
        with read(tenant.id) as session:
            query = select(AuditEvent.event).where(AuditEvent.tenant_id == tenant.id)
            return list(session.scalars(query.order_by(AuditEvent.id)))
