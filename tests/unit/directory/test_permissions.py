"""Every write of the directory, of keys and looks has a row in the permission table and asks it."""

import ast
import importlib
import inspect
import pkgutil
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from sqlalchemy import func, select

import app.directory
from app.actor import CLI, Actor
from app.branding import logo
from app.console.door import PERMISSION_OF
from app.database import EVERYWHERE, read, write
from app.directory import (
    memberships,
    organizations,
    people,
    people_status,
    sessions,
    settings_store,
)
from app.directory.console_sessions import ConsoleSession
from app.directory.passkeys import StoredPasskey
from app.directory.permissions import PERMISSIONS, Forbidden, demand
from app.directory.sessions import LiveSession
from app.directory.tenants import Tenant
from app.keys import rotation
from app.models import AuditEvent
from tests.house.sources import files_under, text_of
from tests.unit.directory.conftest import make_user

Write = Callable[..., Any]

_MODULES = [
    importlib.import_module(f"app.directory.{found.name}")
    for found in pkgutil.iter_modules(app.directory.__path__)
] + [rotation, logo]
_NO_WRITE_OF_ITS_OWN = {"idempotency.once", "idempotency.claim"}
"""They keep the answer of an act that asks for itself."""


def _writes() -> Iterator[tuple[str, Write]]:
    for module in _MODULES:
        for name, function in inspect.getmembers(module, inspect.isfunction):
            if function.__module__ != module.__name__ or name.startswith("_"):
                continue
            label = f"{module.__name__.rpartition('.')[2]}.{name}"
            asks = "actor" in inspect.signature(function).parameters
            if asks and _first(function) in ("session", "tenant_id"):
                yield label, function


def _first(function: Write) -> str:
    """What it begins with: the caller's `session`, or the tenant for whom it opens its own."""
    return next(iter(inspect.signature(function).parameters))


WRITES = {label: function for label, function in _writes() if label not in _NO_WRITE_OF_ITS_OWN}


def _demanded(function: Write) -> list[str]:
    """The permissions that a function demands, by reading it. Where the section decides, it is
    that of the section whose permission is the narrowest."""
    tree = ast.parse(inspect.getsource(function))
    calls = [
        call
        for call in ast.walk(tree)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "permissions.demand"
    ]
    return [each for call in calls if (each := _named(call.args[1]))]


def _named(asked: ast.expr) -> str | None:
    if isinstance(asked, ast.Constant):
        return str(asked.value)
    if isinstance(asked, ast.Call) and ast.unparse(asked.func) == "permission":
        verb = ast.literal_eval(asked.args[0])
        return settings_store.permission(verb, "brand")
    return None


def _arguments(function: Write, tenant: Tenant) -> dict[str, Any]:
    """Something for every parameter that must be given; ids of nothing that exists."""
    live = LiveSession("ses_x", "usr_x", "brw_x", 0, (), None, None, None, "active", 0, 0)
    stored = StoredPasskey("crd_x", "usr_x", "x", "x", 0, {}, b"")
    known = {
        "tenant": tenant,
        "live": live,
        "stored": stored,
        "amr": [],
        "scopes": [],
        "roles": [],
        "document": {},
        "found": ConsoleSession("otc_x", "ses_x", "usr_x", None, 0, ()),
    }
    numbers = {"auth_time": 0, "proved_password": True}
    return {
        name: {**known, **numbers}.get(name, "x")
        for name, parameter in inspect.signature(function).parameters.items()
        if name not in (_first(function), "actor")
        and parameter.default is inspect.Parameter.empty
        and parameter.kind is not inspect.Parameter.VAR_KEYWORD
    }


def _events(tenant: Tenant) -> int:
    with read(tenant.id) as session:
        query = select(func.count(AuditEvent.id)).where(AuditEvent.tenant_id == tenant.id)
        return session.scalar(query) or 0


def test_the_directory_was_found() -> None:
    assert len(WRITES) > 35
    assert {"people.create", "sessions.open", "clients.update", "tenants.create"} <= set(WRITES)


@pytest.mark.parametrize("label", WRITES)
def test_write_demands_one_known_permission(label: str) -> None:
    demanded = _demanded(WRITES[label])
    assert len(demanded) == 1, f"{label} must ask permissions.demand(actor, ...) once"
    assert demanded[0] in PERMISSIONS


def test_no_permission_is_left_over() -> None:
    demanded = {each for write in WRITES.values() for each in _demanded(write)}
    of_sections = {settings_store.permission(verb, "any") for verb in ("draft", "publish")}
    of_pages = {each for each in PERMISSION_OF.values() if each is not None}
    parts = "".join(map(text_of, files_under("app", suffix=".py")))
    of_parts = {*re.findall(r'may\("([a-z_.]+)"\)', parts)}
    assert demanded | of_sections | of_pages | of_parts == set(PERMISSIONS)


@pytest.mark.parametrize("label", WRITES)
@pytest.mark.parametrize(
    "stranger",
    [
        Actor("user", "usr_stranger"),
        Actor("user"),
        Actor("client", "cli_stranger"),
        Actor("admin", "usr_admin"),
        Actor("admin", "usr_admin", roles=frozenset({"viewer"})),
    ],
    ids=["user", "visitor", "client", "admin without a role", "admin with an unknown role"],
)
def test_stranger_is_refused_and_nothing_is_written(
    label: str, stranger: Actor, tenant: Tenant
) -> None:
    function, before = WRITES[label], _events(tenant)
    across = label.startswith("tenants.")
    with write(EVERYWHERE if across else tenant.id) as session:
        first = session if _first(function) == "session" else tenant.id
        with pytest.raises(Forbidden):
            function(first, stranger, **_arguments(function, tenant))
    assert _events(tenant) == before


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_system_and_command_line_may_do_anything(permission: str) -> None:
    demand(CLI, permission)
    demand(Actor("system"), permission)


@pytest.mark.parametrize("permission", PERMISSIONS)
def test_users_own_nothing_by_having_no_id(permission: str) -> None:
    with pytest.raises(Forbidden):
        demand(Actor("user"), permission, None)


def test_user_changes_own_profile_but_nobody_elses(tenant: Tenant) -> None:
    jane, bob = make_user(tenant, "jane"), make_user(tenant, "bob")
    with write(tenant.id) as session:
        people.update(session, Actor("user", jane.id), jane.id, display_name="Jane")
    with pytest.raises(Forbidden), write(tenant.id) as session:
        people.update(session, Actor("user", jane.id), bob.id, display_name="Jane")


def test_user_cannot_change_own_metadata(tenant: Tenant) -> None:
    """A15: what the tenant keeps about a person is not theirs to write."""
    jane = make_user(tenant)
    with pytest.raises(Forbidden), write(tenant.id) as session:
        people.update_metadata(session, Actor("user", jane.id), jane.id, public_metadata={"a": 1})


def test_support_disables_but_does_not_erase(tenant: Tenant) -> None:
    jane, support = make_user(tenant), Actor("admin", "usr_s", roles=frozenset({"support"}))
    with write(tenant.id) as session:
        people_status.disable(session, support, jane.id)
    with pytest.raises(Forbidden), write(tenant.id) as session:
        people_status.erase(session, support, jane.id)


def test_user_ends_only_own_sessions(tenant: Tenant) -> None:
    jane, bob = make_user(tenant, "jane"), make_user(tenant, "bob")
    with write(tenant.id) as session:
        opened = sessions.open(
            session,
            Actor("user", jane.id),
            tenant,
            cookie_value=None,
            user_id=jane.id,
            amr=["pwd"],
            acr=None,
            auth_time=1,
        )
    with pytest.raises(Forbidden), write(tenant.id) as session:
        sessions.end(session, Actor("user", bob.id), opened.session_id, "signed_out")
    with write(tenant.id) as session:
        assert sessions.end(session, Actor("user", jane.id), opened.session_id, "signed_out")


@pytest.mark.parametrize("roles", [["owner"], ["member", "admin"], []])
def test_user_joins_with_no_other_role_than_the_default(tenant: Tenant, roles: list[str]) -> None:
    """X04: nobody chooses their own role."""
    jane = make_user(tenant)
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "organizations", {"joining_open": True})
        org = organizations.create(session, CLI, name="Acme", is_joinable=True)
    with pytest.raises(Forbidden), write(tenant.id) as session:
        organizations.join(session, Actor("user", jane.id), org, jane.id, roles)
    with write(tenant.id) as session:
        assert organizations.join(session, Actor("user", jane.id), org, jane.id, ["member"])


@pytest.mark.parametrize(
    ("joining_open", "is_joinable"), [(False, True), (True, False), (False, False)]
)
def test_user_joins_only_where_tenant_and_organization_allow(
    tenant: Tenant, joining_open: bool, is_joinable: bool
) -> None:
    jane = make_user(tenant)
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "organizations", {"joining_open": joining_open})
        org = organizations.create(session, CLI, name="Acme", is_joinable=is_joinable)
    with pytest.raises(Forbidden), write(tenant.id) as session:
        organizations.join(session, Actor("user", jane.id), org, jane.id, ["member"])


def test_user_creates_organizations_only_where_the_tenant_allows(tenant: Tenant) -> None:
    jane = make_user(tenant)
    actor = Actor("user", jane.id)
    with pytest.raises(Forbidden), write(tenant.id) as session:
        organizations.create(session, actor, name="Mine", creator_id=jane.id)
    with write(tenant.id) as session:
        settings_store.publish(session, CLI, "organizations", {"creation_open": True})
    with write(tenant.id) as session:
        organizations.create(session, actor, name="Mine", creator_id=jane.id)
    with read(tenant.id) as session:
        assert [m.roles for m in memberships.of_user(session, jane.id)] == [("owner",)]
    with pytest.raises(Forbidden), write(tenant.id) as session:
        organizations.create(
            session, actor, name="Mine", creator_id=jane.id, creator_roles=["admin"]
        )
