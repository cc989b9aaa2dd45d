"""Where a look is decided: at the tenant, at one of its organizations, or at one of its clients."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps

from werkzeug.wrappers import Response

from app import bodies
from app.branding.cascade import Layer, Level, Resolved, layers_of, resolve
from app.console.door import Admin, blueprint, for_admin
from app.database import read
from app.directory import clients, drafts, organizations, settings_store
from app.directory.brand_settings import Brand
from app.directory.drafts import Draft
from app.directory.errors import NotFound
from app.directory.settings_store import OF_TENANT, Revision
from app.models import Document

SECTION = "branding"
BRAND = "brand"
MOST_BYTES = 2_200_000
"""Of a form with all pictures in it, or of an imported file."""

_BASES = (
    "/<tenant_slug>/branding",
    "/<tenant_slug>/organizations/<organization_id>/branding",
    "/<tenant_slug>/applications/<client_id>/branding",
)


@dataclass(frozen=True)
class Place:
    """One of the levels that decide about looks."""

    level: Level
    subject: str
    name: str
    """Of the organization or client; empty for the tenant."""
    path: str
    """Where its pages begin, behind the tenant's slug."""

    @property
    def organization_id(self) -> str | None:
        """The organization, where it is one."""
        return self.subject if self.level == "organization" else None


@dataclass(frozen=True)
class Look:
    """What a place decides: as published, and as drafted."""

    place: Place
    published: Revision | None
    draft: Draft | None
    below: tuple[Layer, ...]
    """The published layers that it inherits from."""

    @property
    def published_document(self) -> Document:
        """What users see of this level."""
        return self.published.document if self.published else {}

    @property
    def document(self) -> Document:
        """What is edited: the draft, or what is published where there is none."""
        return self.draft.document if self.draft else self.published_document

    @property
    def revision(self) -> int:
        """Of the draft; 0 where there is none."""
        return self.draft.revision if self.draft else 0

    @property
    def is_scheduled(self) -> bool:
        """Whether the draft waits for its moment."""
        return self.draft is not None and self.draft.publish_at is not None

    @property
    def is_of_file(self) -> bool:
        """Whether a file owns it."""
        return self.published is not None and self.published.owner == "file"

    @property
    def inherited(self) -> Brand:
        """What counts for whatever this level does not decide."""
        return resolve(self.below).look

    @property
    def resolved(self) -> Resolved:
        """What comes of the draft, and where each value comes from."""
        own = Layer(self.place.level, Brand.model_validate(self.document))
        return resolve((*self.below, own))


View = Callable[..., Response]


def at_every_level(
    path: str = "", *, permission: str = "brand.read", methods: tuple[str, ...] = ("GET",)
) -> Callable[[View], View]:
    """Makes a view of the console of one that takes the admin and a `Place`: at the tenant's
    branding, and at that of each organization and client."""

    def decorate(view: View) -> View:
        @for_admin(permission)
        @bodies.takes_documents("body_too_large", MOST_BYTES)
        @wraps(view)
        def placed(
            admin: Admin,
            organization_id: str | None = None,
            client_id: str | None = None,
            **given: str,
        ) -> Response:
            return view(admin, place_of(admin, organization_id, client_id), **given)

        for base in _BASES:
            blueprint.add_url_rule(base + path, view_func=placed, methods=[*methods])
        return placed

    return decorate


def place_of(admin: Admin, organization_id: str | None, client_id: str | None) -> Place:
    """The place that an address names; raises `NotFound`."""
    if organization_id is not None:
        with read(admin.tenant.id) as session:
            organization = organizations.get(session, organization_id)
        if organization is None:
            raise NotFound("organization")
        path = f"/organizations/{organization.id}/branding"
        return Place("organization", organization.id, organization.name, path)
    if client_id is not None:
        client = clients.get(admin.tenant.id, client_id)
        if client is None:
            raise NotFound("client")
        return Place("client", client.id, client.name, f"/applications/{client.id}/branding")
    return Place("tenant", OF_TENANT, "", "/branding")


def look_at(admin: Admin, place: Place) -> Look:
    """What the place decides, read afresh."""
    with read(admin.tenant.id) as session:
        history = settings_store.history(session, BRAND, subject=place.subject)
        draft = drafts.load(session, BRAND, place.subject)
    published = next((each for each in history if each.state == "published"), None)
    below = () if place.level == "tenant" else tuple(layers_of(admin.tenant))
    return Look(place, published, draft, below)
