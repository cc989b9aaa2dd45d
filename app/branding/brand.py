"""A tenant's brand as pages and mails draw it."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

from app.branding import palette, tokens
from app.directory import settings

PLATFORM_NAME = "AuthPage"


class Branded(Protocol):
    """What a brand is made of: a tenant snapshot."""

    @property
    def name(self) -> str:
        """Shown when the brand has no name of its own."""

    @property
    def settings(self) -> settings.TenantSettings:
        """The published settings."""


@dataclass(frozen=True)
class Link:
    """A link of the footer; its label is a text id."""

    label: str
    url: str


@dataclass(frozen=True)
class Brand:
    """Name, logo, colours and shape. Paths are below the tenant's base URL."""

    name: str
    initials: str
    logo_path: str | None
    layout: str
    corners: str
    tagline: str | None
    links: tuple[Link, ...]
    light: palette.Palette
    dark: palette.Palette
    tokens: bytes
    """The CSS custom properties of both themes."""

    @property
    def digest(self) -> str:
        """Names this look; another look has another digest."""
        return hashlib.sha256(self.tokens).hexdigest()[:16]


def brand_of(tenant: Branded) -> Brand:
    """The brand of a tenant, from its published settings."""
    return _make(tenant.settings.brand, tenant.settings.brand.name or tenant.name)


def platform_brand() -> Brand:
    """The brand of pages that belong to no tenant, such as the one for an unknown host."""
    return _make(settings.Brand(), PLATFORM_NAME)


def initials_of(name: str) -> str:
    """The first letter or digit of a name, upper case; the tile of a tenant without a logo."""
    return next((letter.upper()[:1] for letter in name if letter.isalnum()), "•")


@lru_cache(maxsize=256)
def _make(look: settings.Brand, name: str) -> Brand:
    background = look.background
    light, dark = palette.light(look.accent, background), palette.dark(look.accent)
    return Brand(
        name=name,
        initials=initials_of(name),
        logo_path=f"/brand/{look.logo}.png" if look.logo else None,
        layout=look.layout,
        corners=look.corners,
        tagline=look.tagline,
        links=_links(look),
        light=light,
        dark=dark,
        tokens=tokens.css(light, dark, palette.panel(look.accent), look.corners),
    )


def _links(look: settings.Brand) -> tuple[Link, ...]:
    urls = (
        ("page.privacy", look.privacy_url),
        ("page.terms", look.terms_url),
        ("page.support", look.support_url),
    )
    return tuple(Link(label, str(url)) for label, url in urls if url)
