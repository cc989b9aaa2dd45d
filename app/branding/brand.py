"""A tenant's brand as pages and mails draw it."""

import hashlib
from dataclasses import dataclass
from functools import lru_cache

from app.branding import cascade, palette, tokens
from app.branding.cascade import Branded
from app.directory import brand_settings
from app.text import Overrides

PLATFORM_NAME = "AuthPage"
_HEADING = "identify.title"
"""The sentence that a brand's own heading stands in place of."""


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
    logo_dark_path: str | None
    """Of the logo in the dark theme, where that is another one."""
    icon_path: str | None
    """Of the uploaded icon; without one, `sheet.icon` draws it."""
    layout: str
    corners: str
    typeface: str
    tagline: str | None
    headings: tuple[tuple[str, str], ...]
    """Locale and heading of the first page of a sign-in."""
    links: tuple[Link, ...]
    light: palette.Palette
    dark: palette.Palette
    tokens: bytes
    """The CSS custom properties of both themes."""

    @property
    def digest(self) -> str:
        """Names this look; another look has another digest."""
        return hashlib.sha256(self.tokens).hexdigest()[:16]

    def worded(self, overrides: Overrides) -> Overrides:
        """The tenant's own sentences, with the brand's own heading among them."""
        if not self.headings:
            return overrides
        own = {locale: {_HEADING: heading} for locale, heading in self.headings}
        return {
            locale: {**overrides.get(locale, {}), **own.get(locale, {})}
            for locale in {**overrides, **own}
        }


def brand_of(
    tenant: Branded, organization_id: str | None = None, client_id: str | None = None
) -> Brand:
    """The brand of a tenant's pages, as far as they are known to be of an organization or client
    with that one's own; from the published settings."""
    return drawn(cascade.look_of(tenant, organization_id, client_id), tenant.name)


def drawn(look: brand_settings.Brand, tenant_name: str) -> Brand:
    """The brand that a look makes, of a tenant of that name."""
    return _make(look, look.name or tenant_name)


def platform_brand() -> Brand:
    """The brand of pages that belong to no tenant, such as the one for an unknown host."""
    return drawn(brand_settings.Brand(), PLATFORM_NAME)


def initials_of(name: str) -> str:
    """The first letter or digit of a name, upper case; the tile of a tenant without a logo."""
    return next((letter.upper()[:1] for letter in name if letter.isalnum()), "•")


@lru_cache(maxsize=256)
def _make(look: brand_settings.Brand, name: str) -> Brand:
    light, dark = palette.light(look.accent, look.background), palette.dark(look.accent)
    panel = palette.panel(look.accent)
    shape = tokens.Shape(panel, look.corners, look.typeface, look.panel_image)
    return Brand(
        name=name,
        initials=initials_of(name),
        logo_path=_picture(look.logo or look.logo_dark),
        logo_dark_path=_picture(look.logo_dark),
        icon_path=_picture(look.icon),
        layout=look.layout,
        corners=look.corners,
        typeface=look.typeface,
        tagline=look.tagline,
        headings=tuple(look.heading.items()),
        links=_links(look),
        light=light,
        dark=dark,
        tokens=tokens.css(light, dark, shape),
    )


def _picture(asset_id: str | None) -> str | None:
    return f"/brand/{asset_id}.png" if asset_id else None


def _links(look: brand_settings.Brand) -> tuple[Link, ...]:
    urls = (
        ("page.privacy", look.privacy_url),
        ("page.terms", look.terms_url),
        ("page.support", look.support_url),
    )
    return tuple(Link(label, str(url)) for label, url in urls if url)
