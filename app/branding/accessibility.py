"""Checks a page that we drew against what WCAG 2.2 asks of its HTML and of its colours.

It reads what the server made; what only a browser knows (focus order, sizes, wrapping) is left to
the tests that run axe-core over the same pages.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from itertools import pairwise

from app.branding.brand import Brand
from app.branding.colour import Colour
from app.branding.palette import SHAPE, TEXT, Palette

_VOID = frozenset({"area", "base", "br", "col", "hr", "img", "input", "link", "meta", "wbr"})
_HEADINGS = ("h1", "h2", "h3", "h4", "h5", "h6")
_UNLABELLED = frozenset({"hidden", "submit", "button", "image", "reset"})
_POINTERS = ("for", "form", "aria-describedby", "aria-labelledby", "aria-controls")
_PURPOSES = {"email": "username email", "tel": "tel", "password": "current-password new-password"}
"""Kind of input -> what `autocomplete` may say there (WCAG 1.3.5)."""


@dataclass(frozen=True)
class Fault:
    """Something that keeps people out: the criterion of WCAG, and one sentence."""

    criterion: str
    sentence: str


@dataclass(frozen=True)
class Contrast:
    """Two colours that stand on each other."""

    name: str
    theme: str
    front: Colour
    back: Colour
    least: float

    @property
    def ratio(self) -> float:
        """Their contrast as WCAG 2.2 defines it, 1 to 21."""
        return self.front.contrast(self.back)

    @property
    def is_enough(self) -> bool:
        """Whether people can tell them apart."""
        return self.ratio >= self.least


@dataclass
class _Element:
    tag: str
    attributes: dict[str, str]
    children: list["_Element"] = field(default_factory=list)
    words: list[str] = field(default_factory=list)

    def all(self) -> Iterator["_Element"]:
        yield self
        for child in self.children:
            yield from child.all()

    @property
    def text(self) -> str:
        if self.attributes.get("aria-hidden") == "true":
            return ""
        own = "".join(self.words) + self.attributes.get("alt", "")
        return own.strip() + "".join(child.text for child in self.children)


class _Reader(HTMLParser):
    """Builds the tree of a page; ours close every element that must be closed."""

    def __init__(self) -> None:
        super().__init__()
        self.root = _Element("", {})
        self._open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Begin an element."""
        element = _Element(tag, {name: value or "" for name, value in attrs})
        self._open[-1].children.append(element)
        if tag not in _VOID:
            self._open.append(element)

    def handle_endtag(self, tag: str) -> None:
        """End the nearest open element of that name, and what was left open in it."""
        for index in range(len(self._open) - 1, 0, -1):
            if self._open[index].tag == tag:
                del self._open[index:]
                return

    def handle_data(self, data: str) -> None:
        """Words of the element that is open."""
        self._open[-1].words.append(data)


def faults_of(html: str, *, is_mail: bool = False) -> list[Fault]:
    """What is wrong with a page's HTML. A mail stands in the page of a mail program, so it needs
    no landmark of its own."""
    reader = _Reader()
    reader.feed(html)
    elements = list(reader.root.all())
    return [
        *_language(elements),
        *_outline(elements, is_mail=is_mail),
        *_identifiers(elements),
        *_names(elements),
        *_fields(elements),
    ]


def contrasts_of(brand: Brand) -> list[Contrast]:
    """Every pair of colours that the pages of a brand put on each other, in both themes."""
    pairs = [*_pairs(brand.light, "light"), *_pairs(brand.dark, "dark")]
    return [Contrast(name, theme, front, back, least) for name, theme, front, back, least in pairs]


def _language(elements: list[_Element]) -> Iterator[Fault]:
    html = next((each for each in elements if each.tag == "html"), None)
    if html is None or not html.attributes.get("lang"):
        yield Fault("3.1.1", "The page does not say its language.")
    if html is None or html.attributes.get("dir") not in ("ltr", "rtl"):
        yield Fault("1.3.2", "The page does not say in which direction it is read.")
    titles = [each for each in elements if each.tag == "title"]
    if len(titles) != 1 or not titles[0].text:
        yield Fault("2.4.2", "The window has no title.")


def _outline(elements: list[_Element], *, is_mail: bool) -> Iterator[Fault]:
    found = [each for each in elements if each.tag in _HEADINGS]
    if sum(each.tag == "h1" for each in found) != 1:
        yield Fault("1.3.1", "There is not exactly one main heading.")
    levels = [0, *(_HEADINGS.index(each.tag) + 1 for each in found)]
    if any(after - before > 1 for before, after in pairwise(levels)):
        yield Fault("1.3.1", "A level of headings is left out.")
    if any(not each.text for each in found):
        yield Fault("2.4.6", "A heading has no words.")
    if not is_mail and sum(each.tag == "main" for each in elements) != 1:
        yield Fault("1.3.1", "There is not exactly one main part.")


def _identifiers(elements: list[_Element]) -> Iterator[Fault]:
    counts = Counter(each.attributes["id"] for each in elements if "id" in each.attributes)
    for name, count in counts.items():
        if count > 1:
            yield Fault("4.1.2", f"The id {name} is given {count} times.")
    for each in elements:
        for pointer in _POINTERS:
            for target in each.attributes.get(pointer, "").split():
                if target not in counts:
                    yield Fault("1.3.1", f"{pointer} points to {target}, which is not there.")


def _names(elements: list[_Element]) -> Iterator[Fault]:
    for each in elements:
        named = each.text or each.attributes.get("aria-label")
        if each.tag in ("button", "summary") and not named:
            yield Fault("4.1.2", "A button has no name.")
        if each.tag == "a" and "href" in each.attributes and not named:
            yield Fault("2.4.4", "A link has no name.")
        if each.tag == "img" and "alt" not in each.attributes:
            yield Fault("1.1.1", "A picture has no description.")
        if each.tag == "svg" and not _is_described(each):
            yield Fault("1.1.1", "A drawing has no description.")


def _is_described(drawing: _Element) -> bool:
    given = drawing.attributes
    return given.get("aria-hidden") == "true" or bool(given.get("aria-label"))


def _fields(elements: list[_Element]) -> Iterator[Fault]:
    labels = [each for each in elements if each.tag == "label"]
    named = {each.attributes.get("for") for each in labels if each.text}
    inside = {id(inner) for label in labels if label.text for inner in label.all()}
    for each in elements:
        kind = each.attributes.get("type", "text")
        if each.tag not in ("input", "select", "textarea") or kind in _UNLABELLED:
            continue
        if "hidden" in each.attributes:
            continue  # Not for people: it tells a password manager whose password it is.
        is_labelled = each.attributes.get("id") in named or id(each) in inside
        if not (is_labelled or each.attributes.get("aria-label")):
            yield Fault("3.3.2", f"The field {each.attributes.get('name', '')} has no label.")
        if kind in _PURPOSES and not _tells_purpose(each, kind):
            yield Fault("1.3.5", f"The field {each.attributes.get('name', '')} hides its purpose.")


def _tells_purpose(element: _Element, kind: str) -> bool:
    given = element.attributes.get("autocomplete", "").split()
    return any(each in _PURPOSES[kind].split() for each in given)


def _pairs(palette: Palette, theme: str) -> Iterator[tuple[str, str, Colour, Colour, float]]:
    neutrals = palette.neutrals
    for name, front, back, least in (
        ("text", neutrals.text, neutrals.surface, TEXT),
        ("muted", neutrals.muted, neutrals.surface, TEXT),
        ("page_text", palette.page_text, palette.page, TEXT),
        ("link", palette.accent_text, neutrals.surface, TEXT),
        ("link_in_message", palette.accent_text, neutrals.info_surface, TEXT),
        ("button", palette.on_accent, palette.accent, TEXT),
        ("button_pressed", palette.on_accent, palette.accent_hover, TEXT),
        ("message", neutrals.text, neutrals.info_surface, TEXT),
        ("danger", neutrals.danger, neutrals.surface, TEXT),
        ("error", neutrals.danger, neutrals.danger_surface, TEXT),
        ("success", neutrals.success, neutrals.success_surface, TEXT),
        ("button_shape", palette.accent, neutrals.surface, SHAPE),
        ("field_border", neutrals.control_line, neutrals.surface, SHAPE),
    ):
        yield name, theme, front, back, least
