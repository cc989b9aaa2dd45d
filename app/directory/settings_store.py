"""Settings as they are kept: sections in revisions, drafted or published, each with an owner."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import ValidationError
from sqlalchemy import delete, func, select, update

from app import changes, clock
from app.actor import Actor
from app.audit import events
from app.audit.log import record
from app.database import Session, tenant_of
from app.directory import permissions, secrets
from app.directory.brand_settings import Brand
from app.directory.errors import OwnedByFile, Refused, StaleRow
from app.directory.section import Section
from app.directory.settings import SECTIONS, Codes, SignUp, TenantSettings
from app.directory.wrong_values import sentence_of
from app.ids import new_id
from app.models import Document, Setting, Tenant

OF_TENANT = "tenant"
"""The subject of settings that override nothing."""


class BadSettings(Refused):
    """The document is no valid section; `problems` says why, one sentence each."""

    def __init__(self, problems: list[str]) -> None:
        super().__init__("; ".join(problems))
        self.problems = problems


@dataclass(frozen=True)
class Revision:
    """One revision of one section."""

    section: str
    revision: int
    state: str
    owner: str
    document: Document
    actor: str
    created_at: int


def load(session: Session) -> TenantSettings:
    """Every published section of the tenant, defaults filled in; one statement."""
    query = select(Setting.section, Setting.document).where(
        Setting.tenant_id == tenant_of(session),
        Setting.subject == OF_TENANT,
        Setting.state == "published",
    )
    return TenantSettings.model_validate(
        {row.section: row.document for row in session.execute(query)}
    )


def load_with_looks(session: Session) -> tuple[TenantSettings, dict[str, Brand]]:
    """What `load` returns, and what organizations and clients override of the brand, by their ids;
    one statement."""
    query = select(Setting.subject, Setting.section, Setting.document).where(
        Setting.tenant_id == tenant_of(session),
        (Setting.subject == OF_TENANT) | (Setting.section == "brand"),
        Setting.state == "published",
    )
    rows = session.execute(query).all()
    own = {row.section: row.document for row in rows if row.subject == OF_TENANT}
    looks = {
        row.subject: Brand.model_validate(row.document) for row in rows if row.subject != OF_TENANT
    }
    return TenantSettings.model_validate(own), looks


def publish(
    session: Session,
    actor: Actor,
    section: str,
    document: Mapping[str, Any],
    *,
    owner: str = "cli",
    subject: str = OF_TENANT,
    credited: str | None = None,
    expected: int | None = None,
) -> int:
    """Make `document` the published section; returns its revision.

    The history names `credited` where somebody else than the actor decided it. Raises
    `BadSettings`, `OwnedByFile` when a file owns the section and `owner` is another, and `StaleRow`
    when `expected` is no longer the published revision (0: none).
    """
    permissions.demand(actor, permission("publish", section), organization_id=subject)
    # Whoever publishes next waits here, and sees then what this transaction published.
    changes.note(session)
    if expected is not None and expected != _published_revision(session, section, subject):
        raise StaleRow
    _keep_from_strangers(session, actor, section, document)
    author = credited or str(actor)
    revision = _write(session, author, section, document, owner, subject, state="published")
    record(
        session,
        events.SETTINGS_PUBLISHED,
        actor,
        data={"section": section, "subject": subject, "revision": revision},
    )
    return revision


def give_back(session: Session, actor: Actor, section: str) -> None:
    """Let a section that a file owned be changed at the console again; what it says stays."""
    permissions.demand(actor, "tenant.apply_file")
    session.execute(
        update(Setting)
        .where(
            Setting.tenant_id == tenant_of(session),
            Setting.subject == OF_TENANT,
            Setting.section == section,
            Setting.state == "published",
        )
        .values(owner="cli")
    )
    changes.note(session)


def published(session: Session) -> dict[str, Revision]:
    """The published revision of every section of the tenant that was ever set."""
    query = select(Setting).where(
        Setting.tenant_id == tenant_of(session),
        Setting.subject == OF_TENANT,
        Setting.state == "published",
    )
    return {row.section: _revision(row) for row in session.scalars(query)}


def draft(
    session: Session,
    actor: Actor,
    section: str,
    document: Mapping[str, Any],
    *,
    owner: str = "cli",
    subject: str = OF_TENANT,
) -> int:
    """Keep `document` as a draft that replaces the draft before; returns its revision. Raises as
    `publish` does. The audit log notes the beginning of a draft, not its every change."""
    permissions.demand(actor, permission("draft", section), organization_id=subject)
    replaced = _draft_id(session, section, subject)
    revision = _write(session, str(actor), section, document, owner, subject, state="draft")
    if replaced:
        _delete(session, replaced)
    else:
        data = {"section": section, "subject": subject, "revision": revision}
        record(session, events.SETTINGS_DRAFTED, actor, data=data)
    return revision


def permission(verb: str, section: str) -> str:
    """The permission to `draft` or `publish` a section; organizations may have a brand of their
    own, and admins of their own to change it."""
    return f"{'brand' if section == 'brand' else 'settings'}.{verb}"


def history(session: Session, section: str, *, subject: str = OF_TENANT) -> list[Revision]:
    """Every revision of a section, newest first."""
    query = (
        select(Setting)
        .where(
            Setting.tenant_id == tenant_of(session),
            Setting.subject == subject,
            Setting.section == section,
        )
        .order_by(Setting.revision.desc())
    )
    return [_revision(row) for row in session.scalars(query)]


def forget(session: Session, subject: str) -> None:
    """Delete what an organization or client decided, which is gone itself."""
    session.execute(
        delete(Setting)
        .where(Setting.tenant_id == tenant_of(session), Setting.subject == subject)
        .execution_options(synchronize_session=False)
    )


def parse(section: str, document: Mapping[str, Any]) -> Section:
    """The section that `document` describes; raises `BadSettings`."""
    if section not in SECTIONS:
        raise BadSettings([f"There is no section {section}; there are {', '.join(SECTIONS)}."])
    try:
        return SECTIONS[section].model_validate(dict(document))
    except ValidationError as error:
        raise BadSettings(
            [f"{'.'.join(map(str, e['loc']))}: {sentence_of(e)}" for e in error.errors()]
        ) from None


def _write(
    session: Session,
    author: str,
    section: str,
    document: Mapping[str, Any],
    owner: str,
    subject: str,
    *,
    state: str,
) -> int:
    parsed = parse(section, document)
    _refuse_known_codes(session, parsed)
    _refuse_unasked_fields(session, parsed)
    earlier = published_owner(session, section, subject)
    if earlier == "file" and owner != "file":
        raise OwnedByFile(f"The section {section} is managed by a file.")
    if state == "published":
        _supersede(session, section, subject)
    revision = _last_revision(session, section, subject) + 1
    session.add(
        Setting(
            tenant_id=tenant_of(session),
            id=new_id("set"),
            created_at=clock.now(),
            subject=subject,
            section=section,
            revision=revision,
            state=state,
            owner=owner,
            document=parsed.model_dump(mode="json", exclude_unset=True),
            actor=author,
        )
    )
    session.flush()
    return revision


def _keep_from_strangers(
    session: Session, actor: Actor, section: str, document: Mapping[str, Any]
) -> None:
    """A password that admins cannot read goes to no mail server but the one that it was typed for:
    else they had it told by naming a server of their own (X06)."""
    if actor.kind != "admin" or section != "mail":
        return
    named = parse(section, document).model_dump()["smtp_host"]
    if named not in (None, load(session).mail.smtp_host):
        secrets.remove(session, actor, secrets.OF_SMTP)


def _revision(row: Setting) -> Revision:
    return Revision(
        row.section, row.revision, row.state, row.owner, row.document, row.actor, row.created_at
    )


def _refuse_known_codes(session: Session, section: Section) -> None:
    """A code that is fixed or told to the caller proves nothing: never on a live tenant."""
    if not isinstance(section, Codes) or not (section.fixed or section.echo):
        return
    if section.fixed and len(section.fixed) != section.digits:
        raise BadSettings([f"fixed: it must have {section.digits} digits."])
    tenant_id = tenant_of(session)
    if session.scalar(select(Tenant.kind).where(Tenant.id == tenant_id)) != "test":
        raise BadSettings(["fixed, echo: only a test tenant may fix or echo codes."])


def _refuse_unasked_fields(session: Session, section: Section) -> None:
    """A question at sign-up can at least be read in the tenant's default language."""
    if not isinstance(section, SignUp) or not section.fields:
        return
    default_locale = load(session).texts.default_locale
    silent = [each.name for each in section.fields if default_locale not in each.label]
    if silent:
        raise BadSettings([f"fields: {', '.join(silent)} needs a label in {default_locale}."])


def published_owner(session: Session, section: str, subject: str = OF_TENANT) -> str | None:
    """Who owns the published section: `file`, `console` or `cli`; None where none is published."""
    return session.scalar(
        select(Setting.owner).where(
            Setting.tenant_id == tenant_of(session),
            Setting.subject == subject,
            Setting.section == section,
            Setting.state == "published",
        )
    )


def _published_revision(session: Session, section: str, subject: str) -> int:
    query = select(Setting.revision).where(
        Setting.tenant_id == tenant_of(session),
        Setting.subject == subject,
        Setting.section == section,
        Setting.state == "published",
    )
    return session.scalar(query) or 0


def _draft_id(session: Session, section: str, subject: str) -> str | None:
    return session.scalar(
        select(Setting.id).where(
            Setting.tenant_id == tenant_of(session),
            Setting.subject == subject,
            Setting.section == section,
            Setting.state == "draft",
        )
    )


def _delete(session: Session, id: str) -> None:
    session.execute(
        delete(Setting)
        .where(Setting.tenant_id == tenant_of(session), Setting.id == id)
        .execution_options(synchronize_session=False)
    )


def _supersede(session: Session, section: str, subject: str) -> None:
    session.execute(
        update(Setting)
        .where(
            Setting.tenant_id == tenant_of(session),
            Setting.subject == subject,
            Setting.section == section,
            Setting.state == "published",
        )
        .values(state="superseded")
    )


def _last_revision(session: Session, section: str, subject: str) -> int:
    query = select(func.max(Setting.revision)).where(
        Setting.tenant_id == tenant_of(session),
        Setting.subject == subject,
        Setting.section == section,
    )
    return session.scalar(query) or 0
