"""Secrets of a tenant: sealed for it alone, replaced, removed, audited, never shown."""

import pytest

from app.actor import CLI, Actor
from app.audit import log
from app.database import EVERYWHERE, named, read, write
from app.directory import secrets, tenants
from app.directory.errors import BadValue
from app.directory.permissions import Forbidden
from app.directory.tenants import Tenant
from app.security import CannotUnseal

TOKEN = "fedcba9876543210"
_SEALED = named("SELECT sealed FROM tenant_secret WHERE tenant_id = :tenant_id")
_RENAME = named("UPDATE tenant_secret SET name = 'other' WHERE tenant_id = :tenant_id")


def _put(tenant: Tenant, value: str, name: str = secrets.OF_TWILIO, actor: Actor = CLI) -> None:
    with write(tenant.id) as session:
        secrets.put(session, actor, name, value)


def _get(tenant: Tenant, name: str = secrets.OF_TWILIO) -> str | None:
    with read(tenant.id) as session:
        return secrets.get(session, name)


def test_a_secret_is_kept_replaced_and_removed(tenant: Tenant) -> None:
    assert _get(tenant) is None
    _put(tenant, "first")
    _put(tenant, TOKEN)
    _put(tenant, "x", "a.key")
    assert _get(tenant) == TOKEN
    with write(tenant.id) as session:
        assert secrets.names(session) == ["a.key", secrets.OF_TWILIO]
        assert secrets.remove(session, CLI, secrets.OF_TWILIO)
        assert not secrets.remove(session, CLI, secrets.OF_TWILIO)
        assert secrets.names(session) == ["a.key"]
    assert _get(tenant) is None


def test_a_secret_is_sealed_for_its_tenant_and_name(tenant: Tenant) -> None:
    _put(tenant, TOKEN)
    with read(tenant.id) as session:
        (sealed,) = session.execute(_SEALED, {"tenant_id": tenant.id}).scalars()
    assert TOKEN.encode() not in bytes(sealed)
    with write(tenant.id) as session:
        session.execute(_RENAME, {"tenant_id": tenant.id})
    with pytest.raises(CannotUnseal):
        _get(tenant, "other")


def test_another_tenant_has_none_of_it(tenant: Tenant) -> None:
    with write(EVERYWHERE) as session:
        other_id = tenants.create(session, CLI, "other-secrets", "Other")
    other = tenants.by_id(other_id)
    assert other is not None
    _put(tenant, TOKEN)
    assert _get(other) is None
    with write(other.id) as session:
        assert not secrets.remove(session, CLI, secrets.OF_TWILIO)
    assert _get(tenant) == TOKEN


@pytest.mark.parametrize("value", ["", " ", "a\nb", "a\0", " a", "a ", "ä", "a" * 4_097])
def test_a_value_is_one_line_of_printable_characters(tenant: Tenant, value: str) -> None:
    with pytest.raises(BadValue):
        _put(tenant, value)
    assert _get(tenant) is None


@pytest.mark.parametrize("name", ["", "A", "a..b", "a b", "../a", "a" * 101])
def test_a_name_is_a_plain_word(tenant: Tenant, name: str) -> None:
    with pytest.raises(BadValue):
        _put(tenant, TOKEN, name)


def test_only_admins_may_write_secrets(tenant: Tenant) -> None:
    _put(tenant, TOKEN, actor=Actor("admin", "usr_1", roles=frozenset({"admin"})))
    support = Actor("admin", "usr_2", roles=frozenset({"support"}))
    for actor in (support, Actor("user", "usr_3"), Actor("client", "cli_1")):
        with pytest.raises(Forbidden):
            _put(tenant, "other", actor=actor)
        with pytest.raises(Forbidden), write(tenant.id) as session:
            secrets.remove(session, actor, secrets.OF_TWILIO)
    assert _get(tenant) == TOKEN


def test_who_stored_and_removed_is_audited_without_the_value(tenant: Tenant) -> None:
    _put(tenant, TOKEN)
    with write(tenant.id) as session:
        secrets.remove(session, CLI, secrets.OF_TWILIO)
    with read(tenant.id) as session:
        entries = log.list_page(session).items
    found = [each for each in entries if each.event.startswith("secret.")]
    assert [each.event for each in found] == ["secret.removed", "secret.stored"]
    assert all(each.targets == ({"kind": "secret", "id": secrets.OF_TWILIO},) for each in found)
    assert TOKEN not in repr(entries)
