"""Recovery codes: how they look, how they are read, and what is kept of them (M04)."""

import re

import pytest
from flask import Flask
from sqlalchemy import select

from app import hashing
from app.actor import CLI, Actor
from app.config import Settings
from app.database import read, write
from app.directory import recovery_codes
from app.directory.errors import NotFound
from app.directory.permissions import Forbidden
from app.directory.recovery_codes import NewCodes
from app.directory.tenants import Tenant
from app.models import OneTime
from tests.unit.directory.conftest import make_user


@pytest.fixture
def new(context: None, directory_app: Flask, settings: Settings) -> NewCodes:
    hashing.bind(directory_app, settings)
    return recovery_codes.new_codes()


def test_ten_codes_of_forty_bits(new: NewCodes) -> None:
    assert len(set(new.codes)) == 10
    letters = r"[0-9A-HJKMNP-TV-Z]{4}"
    assert all(re.fullmatch(f"{letters}-{letters}", code) for code in new.codes)
    assert len(recovery_codes._ALPHABET) ** 8 == 2**40


@pytest.mark.parametrize(
    ("typed", "read_as"),
    [
        ("ABCD-EFGH", "ABCDEFGH"),
        (" abcd efgh ", "ABCDEFGH"),
        ("abcdefgh", "ABCDEFGH"),
        ("\uff21\uff22\uff23\uff24-EFGH", "ABCDEFGH"),
        ("ABCD\u2011EFGH", "ABCDEFGH"),
        ("oil0-0011", "01100011"),
        ("ABCD-EFG", None),
        ("ABCD-EFGU", None),
        ("ABCD-EFGHJ", None),
        ("\u0000BCD-EFGH", None),
        ("A" * 101, None),
        ("", None),
    ],
)
def test_codes_are_read_however_they_are_typed(typed: str, read_as: str | None) -> None:
    assert recovery_codes.normal(typed) == read_as


def test_m04_no_code_is_kept_in_clear_or_unsalted(tenant: Tenant, new: NewCodes) -> None:
    jane = make_user(tenant)
    with write(tenant.id) as session:
        recovery_codes.replace(session, CLI, jane.id, new)
    with read(tenant.id) as session:
        kept = session.scalars(select(OneTime).where(OneTime.tenant_id == tenant.id)).all()
    bare = [code.replace("-", "") for code in new.codes]
    assert len(kept) == 10
    assert not [row for row in kept if any(code in str(vars(row)) for code in bare)]
    assert not {row.digest for row in kept} & set(new.stretched)
    assert recovery_codes.new_codes().stretching.salt != new.stretching.salt


def test_m04_a_code_is_spent_once_and_only_by_its_owner(
    tenant: Tenant, other_tenant: Tenant, new: NewCodes
) -> None:
    jane, joe = make_user(tenant), make_user(tenant, "joe")
    with write(tenant.id) as session:
        recovery_codes.replace(session, CLI, jane.id, new)
    with read(tenant.id) as session:
        found = recovery_codes.of_user(session, jane.id)
    with read(other_tenant.id) as session:
        assert recovery_codes.of_user(session, jane.id) is None
    assert found is not None
    row_id = found.match(recovery_codes.normal(new.codes[7]) or "")
    assert row_id is not None
    with write(tenant.id) as session, pytest.raises(Forbidden):
        recovery_codes.spend(session, Actor("user", joe.id), jane.id, found.id, row_id)
    owner = Actor("user", jane.id)
    with write(tenant.id) as session:
        assert recovery_codes.spend(session, owner, jane.id, found.id, row_id)
        assert not recovery_codes.spend(session, owner, jane.id, found.id, row_id)
        assert recovery_codes.count(session, jane.id) == 9


def test_m04_what_was_matched_in_an_old_set_is_dead(tenant: Tenant, new: NewCodes) -> None:
    jane = make_user(tenant)
    with write(tenant.id) as session:
        recovery_codes.replace(session, CLI, jane.id, new)
    with read(tenant.id) as session:
        old = recovery_codes.of_user(session, jane.id)
    assert old is not None
    with write(tenant.id) as session:
        recovery_codes.replace(session, CLI, jane.id, new)
    with write(tenant.id) as session:
        assert not recovery_codes.spend(session, CLI, jane.id, old.id, old.open[0].id)
        assert recovery_codes.remove(session, CLI, jane.id)
        assert not recovery_codes.remove(session, CLI, jane.id)
        assert recovery_codes.count(session, jane.id) == 0


def test_nobody_who_is_gone_gets_codes(tenant: Tenant, new: NewCodes) -> None:
    with write(tenant.id) as session, pytest.raises(NotFound):
        recovery_codes.replace(session, CLI, "usr_nobody", new)
