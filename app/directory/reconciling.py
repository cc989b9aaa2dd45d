"""What a file says of a tenant beside what is: the difference as a plan, and the plan carried out.

A file owns what it names: settings sections, roles, clients. What it named once and names no longer
is given back to the console; it is never removed.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session
from app.directory import clients, permissions, required_factors, roles, settings_store
from app.directory.clients import ClientView
from app.directory.errors import BadValue
from app.directory.settings_store import Revision
from app.directory.tenant_file import FileClient, FileRole, TenantFile

Verb = Literal["create", "change", "take_over", "give_back"]


@dataclass(frozen=True)
class Change:
    """One difference. `fields` are what changes, as `name: before -> after`."""

    part: Literal["settings", "role", "client"]
    name: str
    verb: Verb
    fields: tuple[str, ...]
    do: Callable[[Session, Actor], str | None]
    """Carries it out; returns the secret of a new confidential client, shown only now."""

    @property
    def is_drift(self) -> bool:
        """Whether what the file owns was changed beside it, or is gone."""
        return self.verb in ("create", "change")


def plan(session: Session, file: TenantFile) -> list[Change]:
    """Every difference between the file and the tenant; empty when there is none."""
    return [*_of_settings(session, file), *_of_roles(session, file), *_of_clients(session, file)]


def carry_out(session: Session, actor: Actor, file: TenantFile) -> tuple[list[Change], list[str]]:
    """Make the tenant what the file says, all or nothing; what was done, and `id: secret` of each
    new confidential client. Raises what the directory refuses."""
    permissions.demand(actor, "tenant.apply_file")
    changes, secrets = plan(session, file), []
    for change in changes:
        secret = change.do(session, actor)
        if secret is not None:
            secrets.append(f"{change.name}: {secret}")
    if changes:
        done = [f"{change.verb} {change.part} {change.name}" for change in changes]
        record(session, events.CONFIGURATION_RECONCILED, actor, data={"changes": done})
    return changes, secrets


def written_down(session: Session, slug: str) -> TenantFile:
    """The tenant as a file would say it: every section that was set, its roles and clients."""
    published = settings_store.load(session).model_dump(mode="json", exclude_unset=True)
    return TenantFile(
        version=1,
        tenant=slug,
        settings=published,
        roles=[
            FileRole(key=role.key, name=role.name, mfa_required=role.mfa_required)
            for role in roles.list_roles(session)
        ],
        clients=[_as_file(view) for view in clients.list_all(session)],
    )


def _of_settings(session: Session, file: TenantFile) -> list[Change]:
    found = settings_store.published(session)
    changes = []
    for section, wanted in file.settings.items():
        parsed = settings_store.parse(section, wanted)
        document = parsed.model_dump(mode="json", exclude_unset=True)
        now = found.get(section)
        is_owned = now is not None and now.owner == "file"
        fields = _differences(now.document if now else {}, document)
        if fields or not is_owned:
            verb: Verb = "create" if now is None else "change" if is_owned else "take_over"
            do = _publishing(section, document)
            changes.append(Change("settings", section, verb, fields, do))
    return changes + [_given_back(each) for each in found.values() if _is_left(each, file)]


def _is_left(revision: Revision, file: TenantFile) -> bool:
    return revision.owner == "file" and revision.section not in file.settings


def _given_back(revision: Revision) -> Change:
    def do(session: Session, actor: Actor) -> None:
        settings_store.give_back(session, actor, revision.section)

    return Change("settings", revision.section, "give_back", (), do)


def _publishing(section: str, document: Mapping[str, Any]) -> Callable[[Session, Actor], None]:
    def do(session: Session, actor: Actor) -> None:
        settings_store.publish(session, actor, section, document, owner="file")

    return do


def _of_roles(session: Session, file: TenantFile) -> list[Change]:
    found = {role.key: role for role in roles.list_roles(session)}
    changes = []
    for wanted in file.roles:
        now = found.get(wanted.key)
        before = {} if now is None else {"name": now.name, "mfa_required": now.mfa_required}
        fields = _differences(before, wanted.model_dump(exclude={"key"}))
        if fields:
            verb: Verb = "change" if now else "create"
            changes.append(Change("role", wanted.key, verb, fields, _making_role(wanted)))
    return changes


def _making_role(wanted: FileRole) -> Callable[[Session, Actor], None]:
    def do(session: Session, actor: Actor) -> None:
        if wanted.key not in {role.key for role in roles.list_roles(session)}:
            roles.create_role(session, actor, wanted.key, wanted.name)
        else:
            roles.rename_role(session, actor, wanted.key, wanted.name)
        required_factors.of_role(session, actor, wanted.key, required=wanted.mfa_required)

    return do


def _of_clients(session: Session, file: TenantFile) -> list[Change]:
    changes = []
    for wanted in file.clients:
        now = clients.find(session, wanted.id)
        fields = _differences(_compared(now, wanted), _said(wanted))
        if now is None or fields or not now.is_owned_by_file:
            verb: Verb = (
                "create" if now is None else "change" if now.is_owned_by_file else "take_over"
            )
            changes.append(Change("client", wanted.id, verb, fields, _making_client(wanted)))
    named = {wanted.id for wanted in file.clients}
    left = [each for each in clients.list_all(session) if each.is_owned_by_file]
    return changes + [_client_given_back(each) for each in left if each.id not in named]


def _making_client(wanted: FileClient) -> Callable[[Session, Actor], str | None]:
    def do(session: Session, actor: Actor) -> str | None:
        known = clients.find(session, wanted.id)
        if known is None:
            _, secret = clients.create(
                session,
                actor,
                name=wanted.name,
                kind=wanted.kind,
                id=wanted.id,
                is_owned_by_file=True,
                **wanted.registration(),
            )
            return secret
        if known.kind != wanted.kind:
            raise BadValue("kind", f"{wanted.id} is of another kind, and cannot change it.")
        clients.update(session, actor, wanted.id, name=wanted.name, **wanted.registration())
        clients.set_owner(session, actor, wanted.id, is_file=True)
        return None

    return do


def _client_given_back(view: ClientView) -> Change:
    def do(session: Session, actor: Actor) -> None:
        clients.set_owner(session, actor, view.id, is_file=False)

    return Change("client", view.id, "give_back", (), do)


def _said(wanted: FileClient) -> dict[str, Any]:
    return {"name": wanted.name, "kind": wanted.kind, **wanted.registration()}


def _compared(now: ClientView | None, wanted: FileClient) -> dict[str, Any]:
    """What counts now of that which the file says."""
    if now is None:
        return {}
    values = {name: getattr(now, name) for name in _said(wanted)}
    return {n: [*value] if isinstance(value, tuple) else value for n, value in values.items()}


def _as_file(view: ClientView) -> FileClient:
    names = FileClient.model_fields
    values = {name: getattr(view, name) for name in names}
    return FileClient.model_validate(
        {n: [*value] if isinstance(value, tuple) else value for n, value in values.items()}
    )


def _differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[str, ...]:
    names = dict.fromkeys([*after, *before])
    return tuple(
        f"{name}: {before.get(name)!r} -> {after.get(name)!r}"
        for name in names
        if before.get(name) != after.get(name)
    )
