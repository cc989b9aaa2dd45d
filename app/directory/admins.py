"""Admins: users of the console's tenant, and the roles by which they act on other tenants.

A role may be given to an address; whoever proves it at the console takes the role up. Each function
works in a session across tenants, since what it does is told in the log of the tenant concerned.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Row, bindparam

from app import changes, clock
from app.actor import Actor
from app.addresses import BadAddress, parse_email
from app.audit import events
from app.audit.log import record
from app.database import Session, named
from app.directory import permissions
from app.directory.errors import BadValue, NotFound
from app.directory.permissions import ORGANIZATION_ADMIN, PLATFORM, ROLES, Forbidden
from app.directory.tenants import Tenant
from app.ids import new_id

EVERY_TENANT: Final = "*"
_COLUMNS = """id, holder, scope, administered_id, organization_id, role, email, granted_by,
  created_at, taken_up_at"""
_PUT = named(
    """INSERT INTO admin_role (tenant_id, id, created_at, holder, scope, administered_id,
         organization_id, role, email, granted_by, taken_up_at)
       VALUES (:console_id, :id, :now, :holder, :scope, :administered_id, :organization_id, :role,
         :email, :by, :taken_up_at)
       ON CONFLICT (tenant_id, holder, scope) DO UPDATE SET role = :role, granted_by = :by
       RETURNING id""",
    everywhere=True,
)
_REMOVE = named(
    "DELETE FROM admin_role WHERE tenant_id = :console_id AND id = :id RETURNING id",
    everywhere=True,
)
_FIND = named(
    f"SELECT {_COLUMNS} FROM admin_role WHERE tenant_id = :console_id AND id = :id",  # noqa: S608
    everywhere=True,
)
_OF_SCOPE = named(
    f"""SELECT {_COLUMNS} FROM admin_role
        WHERE tenant_id = :console_id AND (administered_id = :administered_id OR scope = '*')
        ORDER BY id""",  # noqa: S608
    everywhere=True,
)
_OF_USER = named(
    """SELECT administered_id, organization_id, role FROM admin_role
       WHERE tenant_id = :console_id AND holder = :holder ORDER BY id""",
    everywhere=True,
)
_THERE_ALREADY = named(
    """SELECT role FROM admin_role
       WHERE tenant_id = :console_id AND holder = :holder AND scope = :scope""",
    everywhere=True,
)
_USER_OF_ADDRESS = named(
    """SELECT user_id FROM identifier WHERE tenant_id = :console_id AND kind = 'email'
         AND key = :key AND verified_at IS NOT NULL""",
    everywhere=True,
)
_KEPT = named(
    f"""SELECT {_COLUMNS} FROM admin_role
        WHERE tenant_id = :console_id AND holder IN :holders ORDER BY id""",  # noqa: S608
    everywhere=True,
).bindparams(bindparam("holders", expanding=True))
_PROVEN = named(
    """SELECT key FROM identifier WHERE tenant_id = :console_id AND user_id = :user_id
         AND kind = 'email' AND verified_at IS NOT NULL""",
    everywhere=True,
)
_FORGET = named(
    """DELETE FROM admin_role WHERE tenant_id = :console_id AND administered_id = :administered_id
         AND organization_id = :organization_id""",
    everywhere=True,
)
_ANYBODY = named("SELECT 1 FROM admin_role WHERE tenant_id = :console_id LIMIT 1", everywhere=True)
_OTHER_OWNERS = named(
    """SELECT 1 FROM admin_role WHERE tenant_id = :console_id AND scope = '*' AND role = 'owner'
         AND taken_up_at IS NOT NULL AND id <> :id LIMIT 1""",
    everywhere=True,
)


@dataclass(frozen=True)
class AdminRole:
    """A role as it is listed. Times in milliseconds."""

    id: str
    email: str
    user_id: str | None
    """None until somebody proves the address."""
    administered_id: str | None
    """The tenant; None for every tenant."""
    organization_id: str | None
    role: str
    granted_by: str
    created_at: int
    taken_up_at: int | None


@dataclass(frozen=True)
class Standing:
    """One role of somebody, as requests need it."""

    administered_id: str | None
    organization_id: str | None
    role: str

    @property
    def names(self) -> frozenset[str]:
        """The roles that an actor gets by it."""
        is_platform = self.administered_id is None and self.role == "owner"
        return frozenset({self.role, PLATFORM} if is_platform else {self.role})


def grant(
    session: Session,
    actor: Actor,
    console: Tenant,
    email: str,
    role: str,
    *,
    administered_id: str | None,
    organization_id: str | None = None,
) -> AdminRole:
    """Give a role to whoever has this address at the console, now or later; a role that they have
    there already is changed to it.

    Nobody gives a role above their own, or in place of one above their own, to themselves, or for
    every tenant unless they administer every tenant: `Forbidden` (X04). Raises `BadValue` for the
    address or role.
    """
    permissions.demand(actor, "admin.grant")
    changes.note(session)
    _demand_reach(actor, role, administered_id)
    if administered_id == console.id:
        raise BadValue("role", "Only those who administer every tenant administer the console.")
    known = (ORGANIZATION_ADMIN,) if organization_id else ROLES
    if role not in known:
        raise BadValue("role", f"Choose one of: {', '.join(known)}.")
    key, address = _address(email)
    user_id = _owner_of(session, console, key)
    if user_id is not None and user_id == actor.id:
        raise Forbidden(actor, "admin.grant")
    now = clock.now()
    values = {
        "console_id": console.id,
        "id": new_id("adm"),
        "now": now,
        "holder": user_id or _kept_for(key),
        "scope": _scope(administered_id, organization_id),
        "administered_id": administered_id,
        "organization_id": organization_id,
        "role": role,
        "email": address,
        "by": str(actor),
        "taken_up_at": now if user_id else None,
    }
    held = session.execute(_THERE_ALREADY, values).scalar()
    if held is not None:
        _demand_reach(actor, held, administered_id)
    role_id = session.execute(_PUT, values).scalar_one()
    found = get(session, console, role_id, administered_id=administered_id)
    _note(session, actor, console, events.ADMIN_GRANTED, found)
    return found


def revoke(
    session: Session, actor: Actor, console: Tenant, role_id: str, *, administered_id: str | None
) -> AdminRole:
    """Take a role at this tenant, or at every one, back; returns it as it was. Raises `NotFound`,
    `Forbidden` as `grant` does, and `BadValue` for the last owner of everything."""
    permissions.demand(actor, "admin.revoke")
    # Whoever revokes next waits here: of two owners who do it to each other, one stays.
    changes.note(session)
    found = get(session, console, role_id, administered_id=administered_id)
    _demand_reach(actor, found.role, found.administered_id)
    if found.user_id is not None and found.user_id == actor.id:
        raise Forbidden(actor, "admin.revoke")
    values = {"console_id": console.id, "id": role_id}
    is_main = found.administered_id is None and found.role == "owner"
    if is_main and session.execute(_OTHER_OWNERS, values).first() is None:
        raise BadValue("role", "Somebody must stay the owner of everything.")
    session.execute(_REMOVE, values)
    _note(session, actor, console, events.ADMIN_REVOKED, found)
    return found


def forget_organization(
    session: Session,
    actor: Actor,
    console: Tenant,
    *,
    administered_id: str,
    organization_id: str,
) -> None:
    """Take back the roles of those who administered one organization, once it is removed."""
    permissions.demand(actor, "organization.remove", organization_id=organization_id)
    values = {"console_id": console.id, "administered_id": administered_id}
    session.execute(_FORGET, {**values, "organization_id": organization_id})


def take_up(session: Session, actor: Actor, console: Tenant, user_id: str) -> int:
    """Let a user of the console have the roles that were kept for the addresses that they have
    proven; returns how many. Beside a stronger one at the same place such a role is worth
    nothing."""
    permissions.demand(actor, "admin.take_up", user_id)
    values = {"console_id": console.id, "user_id": user_id}
    holders = [_kept_for(row.key) for row in session.execute(_PROVEN, values)]
    kept = session.execute(_KEPT, {"console_id": console.id, "holders": holders}).all()
    for row in kept:
        now = clock.now()
        owned = {**row._mapping, "console_id": console.id, "holder": user_id}
        held = session.execute(_THERE_ALREADY, owned).scalar()
        session.execute(_REMOVE, {"console_id": console.id, "id": row.id})
        if held is None or strongest((row.role,)) >= strongest((held,)):
            owned |= {"by": row.granted_by, "now": now, "taken_up_at": now}
            session.execute(_PUT, owned)
        _note(session, actor, console, events.ADMIN_TOOK_UP, _listed(row))
    return len(kept)


def of_user(session: Session, console: Tenant, user_id: str) -> list[Standing]:
    """Every role of a user, the oldest first."""
    rows = session.execute(_OF_USER, {"console_id": console.id, "holder": user_id})
    return [Standing(*row) for row in rows]


def list_of(session: Session, console: Tenant, administered_id: str) -> list[AdminRole]:
    """Whoever administers a tenant, those of every tenant and of its organizations included."""
    values = {"console_id": console.id, "administered_id": administered_id}
    return [_listed(row) for row in session.execute(_OF_SCOPE, values)]


def get(
    session: Session, console: Tenant, role_id: str, *, administered_id: str | None
) -> AdminRole:
    """One role at this tenant, or at every one; raises `NotFound`."""
    row = session.execute(_FIND, {"console_id": console.id, "id": role_id}).first()
    if row is None or row.administered_id not in (None, administered_id):
        raise NotFound("role")
    return _listed(row)


def administered_by(session: Session, console: Tenant, role_id: str) -> str | None:
    """The tenant that a role is for; None for every tenant, and for no such role."""
    row = session.execute(_FIND, {"console_id": console.id, "id": role_id}).first()
    return row.administered_id if row else None


def is_anybody_there(session: Session, console: Tenant) -> bool:
    """Whether anybody has a role, or one is kept for somebody."""
    return session.execute(_ANYBODY, {"console_id": console.id}).first() is not None


def strongest(names: frozenset[str] | Sequence[str]) -> int:
    """How strong the strongest of these roles is; a delegated admin's is weaker than all."""
    ranks = {"owner": 3, "admin": 2, "support": 1, "developer": 1, "viewer": 1}
    return max((ranks.get(name, 0) for name in names), default=0)


def _demand_reach(actor: Actor, role: str, administered_id: str | None) -> None:
    if actor.kind != "admin":
        return
    is_beyond = administered_id is None and PLATFORM not in actor.roles
    if is_beyond or strongest((role,)) > strongest(actor.roles):
        raise Forbidden(actor, "admin.grant")


def _address(email: str) -> tuple[str, str]:
    try:
        address = parse_email(email)
    except BadAddress:
        raise BadValue("email", "This is not an email address.") from None
    return address.key, address.value


def _owner_of(session: Session, console: Tenant, key: str) -> str | None:
    values = {"console_id": console.id, "key": key}
    return session.execute(_USER_OF_ADDRESS, values).scalar()


def _kept_for(key: str) -> str:
    return f"email:{key}"


def _scope(administered_id: str | None, organization_id: str | None) -> str:
    if administered_id is None:
        return EVERY_TENANT
    return f"{administered_id}/{organization_id}" if organization_id else administered_id


def _listed(row: Row[Any]) -> AdminRole:
    return AdminRole(
        id=row.id,
        email=row.email,
        user_id=None if row.holder.startswith("email:") else row.holder,
        administered_id=row.administered_id,
        organization_id=row.organization_id,
        role=row.role,
        granted_by=row.granted_by,
        created_at=row.created_at,
        taken_up_at=row.taken_up_at,
    )


def _note(session: Session, actor: Actor, console: Tenant, event: str, found: AdminRole) -> None:
    """Told in the log of the tenant that is administered; of every tenant, in the console's."""
    record(
        session,
        event,
        actor,
        targets=[("admin_role", found.id)],
        data={"role": found.role, "organization_id": found.organization_id},
        personal={"email": found.email},
        tenant_id=found.administered_id or console.id,
    )
