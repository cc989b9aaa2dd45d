"""Whose look is previewed: a tenant's, an organization's or a client's, as a draft, as published,
or as it was in an earlier revision."""

from dataclasses import dataclass, replace

from app.database import Session, read
from app.directory import settings_store
from app.directory.brand_settings import Brand, overridden
from app.directory.errors import NotFound
from app.directory.settings import Texts
from app.directory.settings_store import OF_TENANT, Revision
from app.directory.tenants import Tenant

DRAFT, PUBLISHED = "draft", "published"


@dataclass(frozen=True)
class Source:
    """What is looked at. `of` is `draft`, `published`, or the number of a revision."""

    subject: str = OF_TENANT
    of: str = DRAFT


def previewed(tenant: Tenant, source: Source) -> Tenant:
    """The tenant as its pages would be with that look, and with the texts that belong to it: those
    of the draft for a draft, else the published ones.

    Where there is no draft, what is published counts. Raises `NotFound` for an unknown revision.
    """
    with read(tenant.id) as session:
        look = _look(session, tenant, source)
        texts = _texts(session, tenant) if source.of == DRAFT else tenant.settings.texts
    settings = tenant.settings.model_copy(update={"brand": look, "texts": texts})
    return replace(tenant, settings=settings, looks={})


def drafted_revision(tenant: Tenant, subject: str) -> int | None:
    """The revision of the look's draft; None where there is none."""
    with read(tenant.id) as session:
        found = _of_state(session, "brand", subject, DRAFT)
    return found.revision if found else None


def _look(session: Session, tenant: Tenant, source: Source) -> Brand:
    chosen = _chosen(session, source)
    if source.subject == OF_TENANT:
        return Brand.model_validate(chosen.document) if chosen else tenant.settings.brand
    own = chosen.document if chosen else {}
    return overridden(tenant.settings.brand, own)


def _chosen(session: Session, source: Source) -> Revision | None:
    if source.of.isdecimal():
        return _numbered(session, source.subject, int(source.of))
    if source.of == DRAFT:
        drafted = _of_state(session, "brand", source.subject, DRAFT)
        if drafted is not None:
            return drafted
    return _of_state(session, "brand", source.subject, PUBLISHED)


def _numbered(session: Session, subject: str, number: int) -> Revision:
    found = settings_store.history(session, "brand", subject=subject)
    for each in found:
        if each.revision == number:
            return each
    raise NotFound("revision")


def _texts(session: Session, tenant: Tenant) -> Texts:
    drafted = _of_state(session, "texts", OF_TENANT, DRAFT)
    return Texts.model_validate(drafted.document) if drafted else tenant.settings.texts


def _of_state(session: Session, section: str, subject: str, state: str) -> Revision | None:
    history = settings_store.history(session, section, subject=subject)
    return next((each for each in history if each.state == state), None)
