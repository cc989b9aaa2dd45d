"""Refuses statements that do not bind the tenant they run for.

Each table with a `tenant_id` that a statement touches must have that column bound to the session's
tenant: by comparison with a bound value, by equality with such a column of another table, or in the
values of an insert. Text runs only when it was made by `named`.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from sqlalchemy import ColumnElement, TextClause, text
from sqlalchemy.sql import dml, operators, selectable, visitors
from sqlalchemy.sql.elements import BinaryExpression, BindParameter, BooleanClauseList, Grouping
from sqlalchemy.sql.schema import Column

_OPTION = "authpage_named"
_TENANT = "tenant_id"


class TenantMissing(RuntimeError):
    """A statement does not bind its tenant, or binds another one."""


def named(sql: str, *, everywhere: bool) -> TextClause:
    """A text statement that the guard lets pass; see `app.database.named`."""
    if not everywhere and not re.search(rf":{_TENANT}\b", sql):
        raise TenantMissing(f"A named statement must bind :{_TENANT}: {sql}")
    return text(sql).execution_options(**{_OPTION: "everywhere" if everywhere else "tenant"})


def check(
    statement: Any, rows: Sequence[Mapping[str, Any]], tenant_id: str | None, everywhere: str
) -> None:
    """Raise `TenantMissing` unless every row that `statement` can touch belongs to `tenant_id`."""
    if tenant_id is None:
        raise TenantMissing("No session: use app.database.read or write.")
    if isinstance(statement, selectable.TextualSelect):
        statement = statement.element  # Text whose columns were typed is still text.
    scope = statement.get_execution_options().get(_OPTION)
    if scope == "everywhere":
        return
    if isinstance(statement, TextClause):
        if scope is None:
            raise TenantMissing(f"Text must be a named statement: {statement}")
        _check_values(rows, tenant_id)
    elif isinstance(statement, dml.Insert):
        _check_insert(statement, rows, tenant_id)
    else:
        _check_tables(statement, rows, tenant_id, everywhere)


def _check_values(rows: Sequence[Mapping[str, Any]], tenant_id: str) -> None:
    if any(row.get(_TENANT) != tenant_id for row in rows):
        raise TenantMissing("The statement carries another tenant_id than its session.")


def _check_insert(statement: dml.Insert, rows: Sequence[Mapping[str, Any]], tenant_id: str) -> None:
    if _TENANT not in statement.table.c:
        return
    given = getattr(statement, "_values", None) or {}
    bound = [getattr(value, "value", value) for key, value in given.items() if key.name == _TENANT]
    several = getattr(statement, "_multi_values", ()) or ()
    bound += [_named_value(row) for group in several for row in group]
    if bound:
        if any(value != tenant_id for value in bound):
            raise TenantMissing(f"Insert into {statement.table} for another tenant.")
    else:
        _check_values(rows, tenant_id)


def _named_value(row: Mapping[Any, Any]) -> Any:
    for key, value in row.items():
        if getattr(key, "name", key) == _TENANT:
            return getattr(value, "value", value)
    return None


def _check_tables(
    statement: Any, rows: Sequence[Mapping[str, Any]], tenant_id: str, everywhere: str
) -> None:
    wanted = {table for table in _tables(statement) if _TENANT in table.c}
    if not wanted:
        return
    if tenant_id == everywhere:
        raise TenantMissing(f"Across tenants, only a named statement may touch {wanted}.")
    bound, pairs = _bindings(statement, rows, tenant_id)
    for _ in pairs:
        bound |= {b for a, b in pairs if a in bound} | {a for a, b in pairs if b in bound}
    if wanted - bound:
        raise TenantMissing(f"Not bound to the tenant: {[str(t) for t in wanted - bound]}")


def _tables(statement: Any) -> Iterator[Any]:
    for element in visitors.iterate(statement):
        if isinstance(element, selectable.Join):
            continue
        if isinstance(element, (selectable.TableClause, selectable.AliasedReturnsRows)):
            yield element
        elif isinstance(element, (dml.Update, dml.Delete)):
            yield element.table


def _bindings(
    statement: Any, rows: Sequence[Mapping[str, Any]], tenant_id: str
) -> tuple[set[Any], list[tuple[Any, Any]]]:
    bound: set[Any] = set()
    pairs: list[tuple[Any, Any]] = []
    for clause in _conditions(statement):
        for left, right in _equalities(clause):
            for one, other in ((left, right), (right, left)):
                if not _is_tenant_column(one):
                    continue
                if _is_tenant_column(other):
                    pairs.append((one.table, other.table))
                elif isinstance(other, BindParameter) and _holds(other, rows, tenant_id):
                    bound.add(one.table)
    return bound, pairs


def _conditions(statement: Any) -> Iterator[ColumnElement[Any]]:
    for element in visitors.iterate(statement):
        if isinstance(element, selectable.Join) and element.onclause is not None:
            yield element.onclause
        elif isinstance(element, (selectable.Select, dml.Update, dml.Delete)):
            yield from element._where_criteria
            for join in getattr(element, "_setup_joins", ()):
                if join[1] is not None:
                    yield join[1]


def _equalities(clause: Any) -> Iterator[tuple[Any, Any]]:
    if isinstance(clause, Grouping):
        yield from _equalities(clause.element)
    elif isinstance(clause, BooleanClauseList) and clause.operator is operators.and_:
        for part in clause.clauses:
            yield from _equalities(part)
    elif isinstance(clause, BinaryExpression) and clause.operator is operators.eq:
        yield _plain(clause.left), _plain(clause.right)


def _plain(side: Any) -> Any:
    """The bare column behind the annotations that the ORM wraps around it."""
    return side._deannotate() if hasattr(side, "_deannotate") else side


def _is_tenant_column(side: Any) -> bool:
    return (
        isinstance(side, Column | ColumnElement)
        and getattr(side, "name", None) == _TENANT
        and (getattr(side, "table", None) is not None)
    )


def _holds(bind: BindParameter[Any], rows: Sequence[Mapping[str, Any]], tenant_id: str) -> bool:
    carried = [row[bind.key] for row in rows if bind.key in row]
    return all(value == tenant_id for value in carried) if carried else bind.value == tenant_id
