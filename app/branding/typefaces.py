"""The letters that a brand may choose from.

The files are served by ourselves, from `static/fonts`, each with its licence beside it. They hold
Latin letters; the system's own stand in for the others.
"""

from dataclasses import dataclass

_SANS = (
    'system-ui,-apple-system,"Segoe UI",Roboto,"Noto Sans","Noto Sans Arabic",'
    '"Hiragino Sans","Yu Gothic UI","Noto Sans CJK JP","Liberation Sans",sans-serif'
)
_SERIF = (
    'Georgia,"Noto Serif","Liberation Serif","Noto Naskh Arabic",'
    '"Hiragino Mincho ProN","Yu Mincho","Noto Serif CJK JP",serif'
)
_MONO = 'ui-monospace,Menlo,Consolas,"Noto Sans Mono","Noto Sans Arabic",monospace'
_LATIN = "U+0-FF,U+131,U+152-153,U+2BB-2BC,U+2C6,U+2DA,U+2DC,U+2000-206F,U+20AC,U+2122"


@dataclass(frozen=True)
class Typeface:
    """One choice."""

    key: str
    name: str
    fallback: str
    weights: str | None
    """The weights in its file; None where there is no file and the system's letters are meant."""

    @property
    def stack(self) -> str:
        """The value of `font-family`."""
        return f'"{self.name}",{self.fallback}' if self.weights else self.fallback

    @property
    def file(self) -> str | None:
        """The name of its file, without its digest."""
        return f"{self.key}-latin.woff2" if self.weights else None

    def rule(self, url: str) -> str:
        """The `@font-face` rule for its file at `url`."""
        return (
            f'@font-face{{font-family:"{self.name}";font-style:normal;font-weight:{self.weights};'
            f'font-display:swap;src:url({url}) format("woff2");unicode-range:{_LATIN}}}\n'
        )


TYPEFACES = {
    each.key: each
    for each in (
        Typeface("inter", "Inter", _SANS, "100 900"),
        Typeface("atkinson", "Atkinson Hyperlegible Next", _SANS, "200 800"),
        Typeface("nunito", "Nunito", _SANS, "200 1000"),
        Typeface("source_serif", "Source Serif 4", _SERIF, "200 900"),
        Typeface("jetbrains_mono", "JetBrains Mono", _MONO, "100 800"),
        Typeface("system", "System", _SANS, None),
    )
}
