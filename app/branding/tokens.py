"""The look as CSS custom properties: the only styles that differ between tenants.

Every value is a colour that was parsed or a length from a table, so nothing that a tenant writes
reaches the stylesheet.
"""

from app.branding.palette import Neutrals, Palette, Panel

_RADII = {
    "square": ("0", "2px", "2px"),
    "soft": ("16px", "10px", "10px"),
    "round": ("28px", "22px", "16px"),
}
"""Of cards, of controls, and of tiles and messages."""


def css(light: Palette, dark: Palette, panel: Panel, corners: str) -> bytes:
    """The stylesheet that declares them for both themes."""
    card, control, tile = _RADII[corners]
    shape = {
        "radius-card": card,
        "radius-control": control,
        "radius-tile": tile,
        "panel-top": str(panel.top),
        "panel-middle": str(panel.middle),
        "panel-bottom": str(panel.bottom),
    }
    return (
        f":root{{color-scheme:light dark;{_declare(shape | _theme(light, 'light'))}}}"
        f"@media(prefers-color-scheme:dark){{:root{{{_declare(_theme(dark, 'dark'))}}}}}\n"
    ).encode()


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
