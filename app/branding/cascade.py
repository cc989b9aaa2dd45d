"""From whom each value of a look comes: the platform, the tenant, an organization, a client.

The later one wins, member by member. Overrides travel with the tenant's snapshot, so that a page
that needs them costs no further statement.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal, Protocol

from app.directory.brand_settings import Brand, overridden
from app.directory.settings import TenantSettings

Level = Literal["platform", "tenant", "organization", "client"]


class Branded(Protocol):
    """What a brand is made of: a tenant snapshot."""

    @property
    def name(self) -> str:
        """Shown when the brand has no name of its own."""

    @property
    def settings(self) -> TenantSettings:
        """The published settings."""

    @property
    def looks(self) -> Mapping[str, Brand]:
        """Id of an organization or client -> what it overrides, the members that are set alone."""


@dataclass(frozen=True)
class Layer:
    """What one level decides: the members that are set, and those alone."""

    level: Level
    look: Brand

    @property
    def document(self) -> dict[str, Any]:
        """The members that it decides, as JSON has them."""
        return self.look.model_dump(mode="json", exclude_unset=True)


@dataclass(frozen=True)
class Resolved:
    """A look, and where each of its values comes from."""

    look: Brand
    origins: Mapping[str, Level]
    """Every member of the brand -> the level that decided."""


PLATFORM = Layer("platform", Brand())


def resolve(layers: Sequence[Layer]) -> Resolved:
    """The look that the layers make together, the platform below them all."""
    look, origins = Brand(), dict.fromkeys(Brand.model_fields, PLATFORM.level)
    for layer in layers:
        look = _laid_over(look, layer.look.model_dump_json(exclude_unset=True))
        origins |= dict.fromkeys(layer.look.model_fields_set, layer.level)
    return Resolved(look, origins)


def layers_of(
    tenant: Branded, organization_id: str | None = None, client_id: str | None = None
) -> list[Layer]:
    """The published layers for a page of that organization and client; unknown ids have none."""
    found: list[tuple[Level, Brand | None]] = [
        ("tenant", tenant.settings.brand),
        ("organization", tenant.looks.get(organization_id or "")),
        ("client", tenant.looks.get(client_id or "")),
    ]
    return [Layer(level, look) for level, look in found if look is not None]


def look_of(
    tenant: Branded, organization_id: str | None = None, client_id: str | None = None
) -> Brand:
    """The look of a page of that organization and client."""
    look = tenant.settings.brand
    for layer in layers_of(tenant, organization_id, client_id)[1:]:
        look = _laid_over(look, layer.look.model_dump_json(exclude_unset=True))
    return look


@lru_cache(maxsize=512)
def _laid_over(below: Brand, above: str) -> Brand:
    """`above` is JSON, because two models are equal whichever of their members were set."""
    return overridden(below, json.loads(above))
