"""What the chosen colours are corrected to, and why: each beside what it became, with its ratios.

In forced colours the person's own system colours stand in place of all of these.
"""

from dataclasses import dataclass
from typing import Literal

from app.branding import palette
from app.branding.colour import Colour
from app.branding.palette import SHAPE, TEXT, Palette

Role = Literal["button", "button_text", "link", "page_text"]


@dataclass(frozen=True)
class Finding:
    """One use of a colour in one theme."""

    theme: Literal["light", "dark"]
    role: Role
    wanted: str
    """As it was chosen, or as it is where nothing needs correction; `#rrggbb`."""
    used: str
    ground: str
    """What it stands on."""
    before: float
    """The contrast of the wanted colour with the ground, to one decimal."""
    after: float
    needed: float
    """What WCAG 2.2 AA asks: 4.5 for text, 3 for shapes."""

    @property
    def is_corrected(self) -> bool:
        """Whether another colour than the wanted one is used."""
        return self.wanted != self.used


@dataclass(frozen=True)
class Report:
    """Everything about the colours of a look."""

    findings: tuple[Finding, ...]
    on_white: float
    """Contrast of links with the card in the light theme."""

    @property
    def is_corrected(self) -> bool:
        """Whether the accent itself could not stay as it is in the light theme."""
        return any(each.is_corrected for each in self.findings if each.theme == "light")


def report(accent: str, background: str | None = None) -> Report:
    """The report for these colours, each `#rrggbb`; raises `ValueError` for another form."""
    chosen = Colour.parse(accent.lower())
    light, dark = palette.light(accent, background), palette.dark(accent)
    findings = (*_of("light", chosen, light), *_of("dark", chosen, dark))
    return Report(findings, _ratio(light.accent_text, light.neutrals.surface, TEXT))


def _of(theme: Literal["light", "dark"], chosen: Colour, colours: Palette) -> tuple[Finding, ...]:
    surface, letters = colours.neutrals.surface, colours.on_accent
    return (
        _finding(theme, "button", chosen, colours.accent, surface, SHAPE),
        _finding(theme, "button_text", letters, letters, colours.accent, TEXT),
        _finding(theme, "link", chosen, colours.accent_text, surface, TEXT),
        _finding(theme, "page_text", colours.neutrals.muted, colours.page_text, colours.page, TEXT),
    )


def _finding(
    theme: Literal["light", "dark"],
    role: Role,
    wanted: Colour,
    used: Colour,
    ground: Colour,
    needed: float,
) -> Finding:
    return Finding(
        theme=theme,
        role=role,
        wanted=str(wanted),
        used=str(used),
        ground=str(ground),
        before=_ratio(wanted, ground, needed),
        after=_ratio(used, ground, needed),
        needed=needed,
    )


def _ratio(colour: Colour, ground: Colour, needed: float) -> float:
    """To one decimal; never rounded up to what is needed, so that what looks enough is enough."""
    exact = Colour.parse(str(colour)).contrast(ground)
    rounded = round(exact, 1)
    return int(exact * 10) / 10 if exact < needed <= rounded else rounded
