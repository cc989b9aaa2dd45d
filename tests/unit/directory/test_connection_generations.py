"""SECURITY A13: which change of a connection makes it forget whom it knew."""

from typing import Any

import pytest
from flask import Flask

from app.actor import CLI
from app.database import read, write
from app.directory import connections
from app.directory.connections import Connection
from app.directory.tenants import Tenant
from app.federation import saml_keys
from tests.factories import Factory

_IDP = "https://idp.example"
_FOUND: dict[str, Any] = {"protocol": "oidc", "issuer": _IDP, "client_id": "c"}
_WRITTEN = {
    **_FOUND,
    "discovers": False,
    "authorization_endpoint": f"{_IDP}/authorize",
    "token_endpoint": f"{_IDP}/token",
    "jwks_uri": f"{_IDP}/keys",
}
_PLAIN = {
    "protocol": "oauth2",
    "issuer": _IDP,
    "client_id": "c",
    "authorization_endpoint": f"{_IDP}/authorize",
    "token_endpoint": f"{_IDP}/token",
    "userinfo_endpoint": f"{_IDP}/me",
}
_EVIL = "https://evil.example"


@pytest.fixture
def tenant(app: Flask, make: Factory) -> Tenant:
    return make.tenant()


def _changed(make: Factory, tenant: Tenant, before: dict[str, Any], **changes: Any) -> Connection:
    made = make.connection(tenant, before)
    with write(tenant.id) as session:
        settings = connections.parse_settings({**before, **changes})
        connections.update(session, CLI, made.id, settings=settings)
    with read(tenant.id) as session:
        found = connections.get(session, made.id)
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("before", "changes"),
    [
        (_FOUND, {"issuer": _EVIL}),
        (_FOUND, {name: value for name, value in _WRITTEN.items() if name not in _FOUND}),
        (_FOUND, {"mapping": {"subject": "nickname"}}),
        (_WRITTEN, {"jwks_uri": f"{_EVIL}/keys"}),
        (_WRITTEN, {"token_endpoint": f"{_EVIL}/token"}),
        (_PLAIN, {"userinfo_endpoint": f"{_EVIL}/me"}),
        (_PLAIN, {"token_endpoint": f"{_EVIL}/token"}),
    ],
    ids=str,
)
def test_a13_whoever_else_says_who_people_are_knows_nobody_yet(
    make: Factory, tenant: Tenant, before: dict[str, Any], changes: dict[str, Any]
) -> None:
    assert _changed(make, tenant, before, **changes).generation == 2


@pytest.mark.parametrize("before", [_FOUND, _WRITTEN, _PLAIN], ids=lambda each: each["protocol"])
def test_other_changes_forget_nobody(make: Factory, tenant: Tenant, before: dict[str, Any]) -> None:
    changes = {
        "client_id": "another",
        "scopes": ["openid", "email"],
        "default_role": "admin",
        "mapping": {"groups": "roles"},
        "authorization_endpoint": f"{_IDP}/v2/authorize",
    }
    assert _changed(make, tenant, before, **changes).generation == 1


def test_a13_another_saml_attribute_for_the_subject_knows_nobody_yet(
    make: Factory, tenant: Tenant
) -> None:
    before = {
        "protocol": "saml",
        "issuer": _IDP,
        "sso_url": f"{_IDP}/sso",
        "certificates": [saml_keys.new_pair().certificate],
        "subject_attribute": "objectidentifier",
    }
    for attribute in ("nickname", None):
        assert _changed(make, tenant, before, subject_attribute=attribute).generation == 2
    rolled = [*before["certificates"], saml_keys.new_pair().certificate]
    moved = {"certificates": rolled, "sso_url": f"{_IDP}/v2/sso", "name_id_format": "unspecified"}
    assert _changed(make, tenant, before, **moved).generation == 1
