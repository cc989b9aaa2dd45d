"""Somebody else of a tenant, who has one of everything that an account may hold."""

from dataclasses import dataclass

from sqlalchemy import select

from app import single_use
from app.actor import CLI, Actor
from app.database import Session, read, write
from app.delivery import not_me, outbox
from app.directory import (
    authenticators,
    connections,
    contacts,
    invitations,
    linked_identities,
    organizations,
    passkeys,
    pending_contacts,
    sessions,
    support_recovery,
    trusted_devices,
    upstream_messages,
)
from app.directory.connection_settings import SamlSettings
from app.directory.passkeys import NewPasskey
from app.directory.tenants import Tenant
from app.identifiers import parse_as
from app.ids import new_id
from app.models import OutboxMessage
from tests.factories import MadeUser

_SEED = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"


@dataclass(frozen=True)
class Keepsakes:
    """Ids and tokens of what the person has."""

    contact_id: str
    pending_id: str
    authenticator_id: str
    passkey_id: str
    connection_id: str
    identity_id: str
    message_id: str
    device_id: str
    other_session_id: str
    not_me_token: str
    recovery_token: str
    invitation_id: str
    invitation_token: str


def keepsakes(tenant: Tenant, user: MadeUser) -> Keepsakes:
    """Give a user who is signed in one of everything."""
    actor = Actor("user", user.id)
    with read(tenant.id) as session:
        (live, *_) = sessions.list_of_user(session, user.id)
    address = parse_as("email", f"second.{user.email}", "ZZ")
    with write(tenant.id) as session:
        key = NewPasskey(new_id("x"), "AA", 0, "Laptop", {"aaguid": "", "transports": []})
        return Keepsakes(
            contact_id=contacts.add(session, actor, user.id, address),
            pending_id=single_use.issue(
                session,
                pending_contacts.KIND,
                subject=user.id,
                binding="x",
                secret="123456",
                lives=600,
                epoch=tenant.epoch,
                payload={"kind": "email", "value": "third@example.com", "key": "third@example.com"},
            ),
            authenticator_id=authenticators.add(
                session, actor, user.id, secret=_SEED, label="Phone", step=1
            ),
            passkey_id=str(passkeys.add(session, actor, user.id, key)),
            **_connection(session, actor, user.id),
            device_id=trusted_devices.trust(session, actor, tenant, live.browser_id, user.id),
            other_session_id=live.id,
            not_me_token=not_me.issue(session, tenant, user.id, "new_device"),
            recovery_token=_recovery(session, tenant, user.id),
            **_invitation(session, tenant, user.email),
        )


def _invitation(session: Session, tenant: Tenant, email: str) -> dict[str, str]:
    """To an organization that has nobody yet."""
    organization_id = organizations.create(session, CLI, name="Guests")
    made = invitations.invite(session, CLI, tenant, organization_id, email)
    query = select(OutboxMessage).where(
        OutboxMessage.tenant_id == tenant.id, OutboxMessage.purpose == "invitation"
    )
    row = session.scalars(query.order_by(OutboxMessage.id.desc())).first()
    assert row is not None
    assert row.sealed_payload is not None
    link = outbox.unseal(tenant.id, row.id, row.sealed_payload).values["link"]
    return {"invitation_id": made.id, "invitation_token": link.partition("token=")[2]}


def _connection(session: Session, actor: Actor, user_id: str) -> dict[str, str]:
    """A provider that everybody may use, where the person is known, and a message of its own."""
    connection_id = connections.create(
        session,
        CLI,
        provider="generic_saml",
        name="Umbrella",
        settings=SamlSettings(
            issuer="https://idp.example/entity",
            sso_url="https://idp.example/sso",
            certificates=("pem",),
            takes_unsolicited=True,
        ),
        status="active",
    )
    session.flush()
    identity_id = linked_identities.link(
        session, actor, user_id, connection_id=connection_id, generation=1, subject="1", label=None
    )
    message_id = upstream_messages.put_down(session, connection_id, {"RelayState": "x"})
    return {
        "connection_id": connection_id,
        "identity_id": str(identity_id),
        "message_id": message_id,
    }


def _recovery(session: Session, tenant: Tenant, user_id: str) -> str:
    row_id = single_use.issue(
        session,
        support_recovery.KIND,
        subject=user_id,
        binding=user_id,
        secret="the secret",
        lives=600,
        epoch=tenant.epoch,
        payload={"opens_at": 0, "reason": "", "by": "cli", "message_id": "msg_x"},
    )
    return f"{row_id}.the secret"
