"""Whose look is previewed: a tenant's, an organization's or a client's, as a draft, as published,
or as it was in an earlier revision."""

from dataclasses import dataclass, replace

from app.branding import cascade
from app.database import Session, read
from app.directory import drafts, settings_store
from app.directory.brand_settings import Brand, overridden
from app.directory.errors import NotFound
from app.directory.settings import Texts
from app.directory.settings_store import OF_TENANT
from app.directory.tenants import Tenant
from app.models import Document

DRAFT, PUBLISHED = "draft", "published"
_BRAND, _TEXTS = "brand", "texts"


@dataclass(frozen=True)
class Source:
    """What is looked at. `of` is `draft`, `published`, or the number of a revision; where there is
    no draft, what is published counts."""

    subject: str = OF_TENANT
    of: str = DRAFT


def previewed(tenant: Tenant, source: Source) -> Tenant:
    """The tenant as its pages would be with that look, and for the tenant's own draft with the
    texts that are drafted too. Raises `NotFound` for an unknown revision."""
    look = look_of(tenant, source)[1]
    has_texts = source.of == DRAFT and source.subject == OF_TENANT
    return dressed(tenant, look, _texts(tenant) if has_texts else None)


def dressed(tenant: Tenant, look: Brand, texts: Texts | None = None) -> Tenant:
    """The tenant with this look for everybody, and with these texts in place of its own."""
    changed = {"brand": look} | ({"texts": texts} if texts else {})
    return replace(tenant, settings=tenant.settings.model_copy(update=changed), looks={})


def look_of(tenant: Tenant, source: Source) -> tuple[int, Brand]:
    """The look that the source names now, and its revision: 0 where nothing was ever saved. Raises
    `NotFound`."""
    with read(tenant.id) as session:
        found = _chosen(session, source)
    if found is None:
        return 0, cascade.look_of(tenant, source.subject)
    revision, document = found
    if source.subject == OF_TENANT:
        return revision, Brand.model_validate(document)
    return revision, overridden(tenant.settings.brand, document)


def _chosen(session: Session, source: Source) -> tuple[int, Document] | None:
    """The revision and document of the subject's own look; None where it has none."""
    history = settings_store.history(session, _BRAND, subject=source.subject)
    if source.of.isdecimal():
        found = [each for each in history if each.revision == int(source.of)]
        if not found:
            raise NotFound("revision")
        return found[0].revision, found[0].document
    if source.of == DRAFT:
        drafted = drafts.load(session, _BRAND, source.subject)
        if drafted is not None:
            return drafted.revision, drafted.document
    published = [each for each in history if each.state == PUBLISHED]
    return (published[0].revision, published[0].document) if published else None


def _texts(tenant: Tenant) -> Texts | None:
    with read(tenant.id) as session:
        drafted = drafts.load(session, _TEXTS)
    return Texts.model_validate(drafted.document) if drafted else None
