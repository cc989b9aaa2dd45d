"""The account portal: what people see and change of their own account, a module for each part."""

from app.pages.account import (
    accounts,
    apps,
    authenticators,
    contacts,
    data,
    devices,
    identities,
    invitations,
    organizations,
    passkeys,
    password,
    profile,
    security,
)
from app.pages.account.door import blueprint

__all__ = [
    "accounts",
    "apps",
    "authenticators",
    "blueprint",
    "contacts",
    "data",
    "devices",
    "identities",
    "invitations",
    "organizations",
    "passkeys",
    "password",
    "profile",
    "security",
]
