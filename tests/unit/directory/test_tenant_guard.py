"""X01: no statement runs without its tenant, whatever way it is written."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete, func, insert, or_, select, text, update
from sqlalchemy.orm import aliased

from app.database import EVERYWHERE, ReadOnly, named, read, write
from app.directory.tenants import Tenant
from app.extensions import db
from app.models import Identifier, Role, User
from app.tenant_guard import TenantMissing
from tests.unit.directory.conftest import make_user

_OTHER = aliased(Identifier)

UNBOUND: dict[str, Callable[[str, str], Any]] = {
    "no condition": lambda ours, theirs: select(User),
    "another tenant": lambda ours, theirs: select(User).where(User.tenant_id == theirs),
    "bound in one arm of an or": lambda ours, theirs: select(User).where(
        or_(User.tenant_id == ours, User.id == "x")
    ),
    "second table unbound": lambda ours, theirs: select(User, Identifier).where(
        User.tenant_id == ours
    ),
    "join by id alone": lambda ours, theirs: (
        select(User.id).join(_OTHER, _OTHER.user_id == User.id).where(User.tenant_id == ours)
    ),
    "unbound subquery": lambda ours, theirs: select(User.id).where(
        User.tenant_id == ours, User.id.in_(select(Identifier.user_id))
    ),
    "unbound arm of a union": lambda ours, theirs: select(User.id).union(
        select(Identifier.user_id).where(Identifier.tenant_id == ours)
    ),
    "count": lambda ours, theirs: select(func.count()).select_from(User),
    "text": lambda ours, theirs: text("SELECT 1"),
    "text with typed columns": lambda ours, theirs: text('SELECT id FROM "user"').columns(User.id),
    "text through from_statement": lambda ours, theirs: select(User).from_statement(
        text('SELECT * FROM "user"')
    ),
    "delete": lambda ours, theirs: delete(User),
    "update": lambda ours, theirs: update(User).values(display_name="x"),
    "update of another tenant": lambda ours, theirs: (
        update(User).where(User.tenant_id == theirs).values(display_name="x")
    ),
    "insert for another tenant": lambda ours, theirs: insert(Role).values(
        tenant_id=theirs, id="r", created_at=1, key="k", name="n"
    ),
}


@pytest.mark.parametrize("way", UNBOUND)
def test_statement_without_its_tenant_is_refused(
    way: str, tenant: Tenant, other_tenant: Tenant
) -> None:
    statement = UNBOUND[way](tenant.id, other_tenant.id)
    with write(tenant.id) as session, pytest.raises(TenantMissing):
        session.execute(statement)


def test_bound_statements_run(tenant: Tenant) -> None:
    user = make_user(tenant)
    query = (
        select(User.id, Identifier.value)
        .join(
            Identifier,
            (Identifier.tenant_id == User.tenant_id) & (Identifier.user_id == User.id),
        )
        .where(User.tenant_id == tenant.id)
    )
    with read(tenant.id) as session:
        assert session.execute(query).all() == [(user.id, user.email)]


def test_named_statement_must_carry_the_tenant_of_its_session(
    tenant: Tenant, other_tenant: Tenant
) -> None:
    statement = named('SELECT id FROM "user" WHERE tenant_id = :tenant_id')
    typed = statement.columns(id=User.__table__.c.id.type)
    with read(tenant.id) as session:
        assert session.execute(typed, {"tenant_id": tenant.id}).all() == []
        for each in (statement, typed):
            with pytest.raises(TenantMissing):
                session.execute(each, {"tenant_id": other_tenant.id})


def test_named_statement_without_tenant_is_refused_at_import() -> None:
    with pytest.raises(TenantMissing):
        named('SELECT id FROM "user"')


def test_flush_of_a_foreign_row_is_refused(tenant: Tenant, other_tenant: Tenant) -> None:
    role = Role(tenant_id=other_tenant.id, id="rol_x", created_at=1, key="k", name="n")
    with pytest.raises(TenantMissing), write(tenant.id) as session:
        session.add(role)


def test_across_tenants_only_named_statements_touch_their_rows(tenant: Tenant) -> None:
    with read(EVERYWHERE) as session, pytest.raises(TenantMissing):
        session.execute(select(User).where(User.tenant_id == tenant.id))


def test_a_session_of_flask_sqlalchemy_sees_nothing(tenant: Tenant) -> None:
    with pytest.raises(TenantMissing):
        db.session.execute(select(User).where(User.tenant_id == tenant.id))
    db.session.remove()


def test_read_refuses_to_flush(tenant: Tenant) -> None:
    with read(tenant.id) as session:
        session.add(Role(tenant_id=tenant.id, id="rol_x", created_at=1, key="k", name="n"))
        with pytest.raises(ReadOnly):
            session.flush()
        session.expunge_all()
