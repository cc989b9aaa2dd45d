"""X01: a row can only refer to rows of its own tenant; the databases themselves see to it."""

from typing import Any

import pytest
from sqlalchemy import ForeignKeyConstraint, Table
from sqlalchemy.exc import IntegrityError

from app.database import write
from app.directory.tenants import Tenant
from app.ids import new_id
from app.models import Base
from tests.unit.directory.conftest import fresh_tenant

_VALUES: dict[type, Any] = {str: "x", int: 1, bool: False, bytes: b"x", object: {}}


def _inside(table: Table) -> list[ForeignKeyConstraint]:
    return [key for key in table.foreign_key_constraints if len(key.columns) > 1]


TABLES = [table.name for table in Base.metadata.sorted_tables if _inside(table)]


def _insert(tenant: Tenant, name: str, references: dict[str, str]) -> str:
    """Insert a row with some value in every column, and the references that are given."""
    table = Base.metadata.tables[name]
    row: dict[str, Any] = {
        column.name: None if column.nullable else _VALUES[column.type.python_type]
        for column in table.columns
    }
    row |= {"tenant_id": tenant.id, "id": new_id("tst"), **references}
    unique = {"digest": new_id("tst"), "slug": new_id("tst"), "handle": new_id("tst").encode()}
    row |= {column: value for column, value in unique.items() if column in row}
    with write(tenant.id) as session:
        session.execute(table.insert(), row)
    return str(row["id"])


def _parents(tenant: Tenant, name: str) -> dict[str, str]:
    """Rows in `tenant` for everything that a row of the table refers to."""
    parents = {}
    for key in _inside(Base.metadata.tables[name]):
        column = next(each.name for each in key.columns if each.name != "tenant_id")
        target = key.referred_table.name
        own = {} if target == name else _parents(tenant, target)
        parents[column] = _insert(tenant, target, own)
    return parents


def test_there_are_references_to_check() -> None:
    assert {"identifier", "credential", "membership", "session", "grant"} <= set(TABLES)


@pytest.mark.parametrize("name", TABLES)
def test_reference_to_another_tenant_is_refused(name: str, context: None) -> None:
    ours, theirs = fresh_tenant(), fresh_tenant()
    assert _insert(theirs, name, _parents(theirs, name))
    good = _parents(ours, name)
    foreign = _parents(theirs, name)
    for column, row_id in foreign.items():
        with pytest.raises(IntegrityError):
            _insert(ours, name, {**good, column: row_id})
