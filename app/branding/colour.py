"""Colours: sRGB, the contrast of WCAG 2.2, and lightness as the eye sees it (OKLab)."""

from dataclasses import dataclass

_STEPS = 200


@dataclass(frozen=True)
class Colour:
    """An opaque sRGB colour; each channel is 0 to 1."""

    red: float
    green: float
    blue: float

    @classmethod
    def parse(cls, text: str) -> "Colour":
        """The colour that `#rrggbb` names; raises `ValueError` for another form."""
        if len(text) != 7 or text[0] != "#":
            raise ValueError(text)
        return cls(*(int(text[at : at + 2], 16) / 255 for at in (1, 3, 5)))

    def __str__(self) -> str:
        return "#" + "".join(f"{round(channel * 255):02x}" for channel in self.channels)

    @property
    def channels(self) -> tuple[float, float, float]:
        """Red, green and blue."""
        return (self.red, self.green, self.blue)

    @property
    def luminance(self) -> float:
        """Relative luminance as WCAG 2.2 defines it, 0 to 1."""
        red, green, blue = (_linear(channel) for channel in self.channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    @property
    def lightness(self) -> float:
        """OKLab lightness, 0 to 1."""
        return _to_oklab(self)[0]

    def contrast(self, other: "Colour") -> float:
        """The contrast ratio of the two as WCAG 2.2 defines it, 1 to 21."""
        darker, lighter = sorted((self.luminance, other.luminance))
        return (lighter + 0.05) / (darker + 0.05)

    def at_lightness(self, lightness: float) -> "Colour":
        """The same hue at another OKLab lightness; its chroma gives way where sRGB ends."""
        _, a, b = _to_oklab(self)
        lightness = min(max(lightness, 0.0), 1.0)
        low, high = 0.0, 1.0
        if _in_gamut(_from_oklab(lightness, a, b)):
            low = 1.0
        for _ in range(0 if low else 12):
            middle = (low + high) / 2
            if _in_gamut(_from_oklab(lightness, a * middle, b * middle)):
                low = middle
            else:
                high = middle
        return _clamped(_from_oklab(lightness, a * low, b * low))

    def mixed(self, other: "Colour", share: float) -> "Colour":
        """This colour with `share` (0 to 1) of another one in it."""
        pairs = zip(self.channels, other.channels, strict=True)
        return Colour(*(mine * (1 - share) + its * share for mine, its in pairs))


WHITE = Colour(1.0, 1.0, 1.0)
BLACK = Colour(0.0, 0.0, 0.0)


def readable(colour: Colour, backgrounds: tuple[Colour, ...], ratio: float) -> Colour:
    """The colour nearest to `colour`, in lightness, whose contrast with each background is `ratio`.

    Where no lightness of the hue reaches it, black or white comes back, whichever contrasts more.
    """
    start = colour.lightness
    for step in range(_STEPS + 1):
        for lightness in (start - step / _STEPS, start + step / _STEPS):
            if not 0 <= lightness <= 1:
                continue
            candidate = colour if step == 0 else _rounded(colour.at_lightness(lightness))
            if _least(candidate, backgrounds) >= ratio:
                return candidate
    return max((BLACK, WHITE), key=lambda each: _least(each, backgrounds))


def tinted(colour: Colour, backgrounds: tuple[Colour, ...], ratio: float) -> Colour:
    """`colour` with just enough white in it to have that contrast with dark backgrounds."""
    tints = (_rounded(colour.mixed(WHITE, step / _STEPS)) for step in range(_STEPS))
    return next((tint for tint in tints if _least(tint, backgrounds) >= ratio), WHITE)


def _least(colour: Colour, backgrounds: tuple[Colour, ...]) -> float:
    return min(colour.contrast(each) for each in backgrounds)


def _rounded(colour: Colour) -> Colour:
    """What is left of the colour after it was written as `#rrggbb`: the browser sees no more."""
    return Colour.parse(str(colour))


def _linear(channel: float) -> float:
    return channel / 12.92 if channel <= 0.04045 else ((channel + 0.055) / 1.055) ** 2.4


def _companded(value: float) -> float:
    return value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055


def _to_oklab(colour: Colour) -> tuple[float, float, float]:
    red, green, blue = (_linear(channel) for channel in colour.channels)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    return (
        0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short,
        1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short,
        0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short,
    )


def _from_oklab(lightness: float, a: float, b: float) -> tuple[float, float, float]:
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _in_gamut(linear: tuple[float, float, float]) -> bool:
    return all(-1e-4 <= value <= 1 + 1e-4 for value in linear)


def _clamped(linear: tuple[float, float, float]) -> Colour:
    return Colour(*(_companded(min(max(value, 0.0), 1.0)) for value in linear))
