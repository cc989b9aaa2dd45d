"""The colours of a theme, made from the tenant's accent and corrected until they can be read.

WCAG 2.2 AA: 4.5:1 for text, 3:1 for the shapes of controls, in the light and in the dark theme.
"""

from dataclasses import dataclass

from app.branding.colour import WHITE, Colour, readable, tinted

TEXT = 4.5
SHAPE = 3.0
_LIFTED = 5.0

_INK = Colour.parse("#0e0e12")


@dataclass(frozen=True)
class Neutrals:
    """The colours of a theme that do not come from the accent."""

    page: Colour
    surface: Colour
    text: Colour
    muted: Colour
    line: Colour
    control_line: Colour
    danger: Colour
    danger_surface: Colour
    success: Colour
    success_surface: Colour
    info_surface: Colour


def _neutrals(**texts: str) -> Neutrals:
    return Neutrals(**{name: Colour.parse(text) for name, text in texts.items()})


LIGHT = _neutrals(
    page="#f6f6f7",
    surface="#ffffff",
    text="#17171b",
    muted="#62626c",
    line="#dedee3",
    control_line="#8a8a94",
    danger="#b42318",
    danger_surface="#fef3f2",
    success="#067647",
    success_surface="#ecfdf3",
    info_surface="#f1f1f4",
)
DARK = _neutrals(
    page="#0e0e12",
    surface="#17171d",
    text="#f4f4f6",
    muted="#a3a3ae",
    line="#2b2b34",
    control_line="#72727e",
    danger="#ff9c92",
    danger_surface="#33191a",
    success="#5fd49b",
    success_surface="#12291f",
    info_surface="#22222a",
)


@dataclass(frozen=True)
class Palette:
    """Every colour of one theme."""

    neutrals: Neutrals
    accent: Colour
    """Fills buttons and rings: 3:1 against surface and page."""
    on_accent: Colour
    """Text on the accent: 4.5:1."""
    accent_hover: Colour
    """The accent under a pointer; `on_accent` can be read on it too."""
    accent_text: Colour
    """Links: 4.5:1 against surface, page and messages."""
    page: Colour
    page_text: Colour
    """Text on the page outside the card: 4.5:1."""


@dataclass(frozen=True)
class Panel:
    """The brand panel of the split layout, from top to bottom; white text is 4.5:1 on each."""

    top: Colour
    middle: Colour
    bottom: Colour


def light(accent: str, background: str | None = None) -> Palette:
    """The light theme; the tenant may choose the page's background."""
    page = Colour.parse(background) if background else LIGHT.page
    return _palette(LIGHT, Colour.parse(accent), page)


def dark(accent: str) -> Palette:
    """The dark theme. Its accent is tinted until it can also be read as text, so that one colour
    serves buttons and links, and dark letters stand on it."""
    lifted = tinted(Colour.parse(accent), (DARK.surface, DARK.info_surface), _LIFTED)
    return _palette(DARK, lifted, DARK.page)


def panel(accent: str) -> Panel:
    """The colours behind the white words of the split layout."""
    middle = readable(Colour.parse(accent), (WHITE,), TEXT)
    top = middle.mixed(_INK, 0.4)
    bottom = middle.at_lightness(middle.lightness + 0.12)
    return Panel(top, middle, readable(bottom, (WHITE,), TEXT))


def _palette(neutrals: Neutrals, wanted: Colour, page: Colour) -> Palette:
    accent = _button(wanted, neutrals, page)
    on_accent = _letters_on(accent)
    backgrounds = (neutrals.surface, neutrals.info_surface)
    return Palette(
        neutrals=neutrals,
        accent=accent,
        on_accent=on_accent,
        accent_hover=_pressed(accent, on_accent),
        accent_text=readable(wanted, backgrounds, TEXT),
        page=page,
        page_text=readable(neutrals.muted, (page,), TEXT),
    )


def _button(wanted: Colour, neutrals: Neutrals, page: Colour) -> Colour:
    """The accent as a shape. A page of the accent's own colour cannot be told from it, so where
    both cannot be met the surface, on which buttons stand, decides."""
    both = readable(wanted, (neutrals.surface, page), SHAPE)
    if min(both.contrast(neutrals.surface), both.contrast(page)) >= SHAPE:
        return both
    return readable(wanted, (neutrals.surface,), SHAPE)


def _letters_on(accent: Colour) -> Colour:
    for letters in (WHITE, _INK):
        if letters.contrast(accent) >= TEXT:
            return letters
    return readable(_INK, (accent,), TEXT)


def _pressed(accent: Colour, letters: Colour) -> Colour:
    away = -0.05 if letters.luminance > accent.luminance else 0.05
    return accent.at_lightness(accent.lightness + away)
