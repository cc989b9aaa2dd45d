"""Rows, one module per noun. Nothing here decides anything."""

from app.models.admin import AdminRole
from app.models.asset import Asset
from app.models.audit_chain import AuditChain
from app.models.audit_event import AuditEvent
from app.models.base import Base, Document, Moment, TenantOwned
from app.models.browser import Browser, Session, TrustedDevice
from app.models.client import Client, ClientSecret
from app.models.connection import (
    Connection,
    DomainClaim,
    Invitation,
    LinkedIdentity,
    UpstreamMessage,
    UpstreamReport,
    UpstreamSession,
)
from app.models.daily_count import DailyCount
from app.models.flow import Flow
from app.models.grant import Grant, TokenFamily
from app.models.host_claim import HostClaim
from app.models.organization import Membership, Organization, Role
from app.models.outbox import DeliveryAttempt, OutboxMessage
from app.models.preview_link import PreviewLink
from app.models.secret import TenantSecret
from app.models.setting import Setting
from app.models.signing_key import SigningKey
from app.models.single_use import Counter, IdempotencyKey, OneTime, ReplayMark
from app.models.sms import SmsPrefix
from app.models.tenant import Installation, Tenant, TenantHost
from app.models.user import Credential, Identifier, User

__all__ = [
    "AdminRole",
    "Asset",
    "AuditChain",
    "AuditEvent",
    "Base",
    "Browser",
    "Client",
    "ClientSecret",
    "Connection",
    "Counter",
    "Credential",
    "DailyCount",
    "DeliveryAttempt",
    "Document",
    "DomainClaim",
    "Flow",
    "Grant",
    "HostClaim",
    "IdempotencyKey",
    "Identifier",
    "Installation",
    "Invitation",
    "LinkedIdentity",
    "Membership",
    "Moment",
    "OneTime",
    "Organization",
    "OutboxMessage",
    "PreviewLink",
    "ReplayMark",
    "Role",
    "Session",
    "Setting",
    "SigningKey",
    "SmsPrefix",
    "Tenant",
    "TenantHost",
    "TenantOwned",
    "TenantSecret",
    "TokenFamily",
    "TrustedDevice",
    "UpstreamMessage",
    "UpstreamReport",
    "UpstreamSession",
    "User",
]
