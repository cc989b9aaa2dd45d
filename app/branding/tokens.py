"""The look as CSS custom properties: the only styles that differ between tenants.

Every value is a colour that was parsed, the id of a picture, or comes from a table, so nothing that
a tenant writes reaches the stylesheet.
"""

from dataclasses import dataclass

from app.branding.palette import Neutrals, Palette, Panel
from app.branding.typefaces import TYPEFACES

_RADII = {
    "square": ("0", "2px", "2px"),
    "soft": ("16px", "10px", "10px"),
    "round": ("28px", "22px", "16px"),
}
"""Of cards, of controls, and of tiles and messages."""


_SHADE = "#0e0e12b3"
"""Lies over the picture of the panel: white words can be read on it whatever the picture is."""


@dataclass(frozen=True)
class Shape:
    """What is the same in both themes."""

    panel: Panel
    corners: str
    typeface: str
    panel_image: str | None = None
    """The id of a picture."""


def css(light: Palette, dark: Palette, look: Shape) -> bytes:
    """The stylesheet that declares them for both themes."""
    card, control, tile = _RADII[look.corners]
    shape = {
        "radius-card": card,
        "radius-control": control,
        "radius-tile": tile,
        "typeface": TYPEFACES[look.typeface].stack,
        "panel": _panel(look),
    }
    return (
        f":root{{color-scheme:light dark;{_declare(shape | _theme(light, 'light'))}}}"
        f"@media(prefers-color-scheme:dark){{:root{{{_declare(_theme(dark, 'dark'))}}}}}\n"
    ).encode()


def _panel(look: Shape) -> str:
    if look.panel_image:
        return f"linear-gradient({_SHADE},{_SHADE}),url({look.panel_image}.webp) center/cover"
    panel = look.panel
    return f"linear-gradient(170deg,{panel.top},{panel.middle} 60%,{panel.bottom})"


def _theme(colours: Palette, name: str) -> dict[str, str]:
    return {
        **_neutrals(colours.neutrals),
        "page": str(colours.page),
        "page-text": str(colours.page_text),
        "accent": str(colours.accent),
        "accent-hover": str(colours.accent_hover),
        "accent-text": str(colours.accent_text),
        "on-accent": str(colours.on_accent),
        "shadow": "#0e0e1214" if name == "light" else "#00000066",
    }


def _neutrals(colours: Neutrals) -> dict[str, str]:
    return {
        "surface": str(colours.surface),
        "text": str(colours.text),
        "muted": str(colours.muted),
        "line": str(colours.line),
        "control-line": str(colours.control_line),
        "danger": str(colours.danger),
        "danger-surface": str(colours.danger_surface),
        "success": str(colours.success),
        "success-surface": str(colours.success_surface),
        "info-surface": str(colours.info_surface),
    }


def _declare(properties: dict[str, str]) -> str:
    return ";".join(f"--{name}:{value}" for name, value in properties.items())
