"""What every page must keep to, whichever test fetched it: `inspect(html)` fails with a list."""

import re
from collections import Counter
from collections.abc import Iterator
from functools import lru_cache
from itertools import count
from urllib.parse import urlsplit
from xml.etree.ElementTree import Element

import html5lib

_LOADS = {"script": "src", "link": "href", "img": "src", "iframe": "src", "source": "src"}
_POINTERS = ("for", "form", "aria-describedby", "aria-labelledby", "aria-controls")
_UNLABELLED = frozenset({"hidden", "submit", "button", "image", "reset"})
_RANDOM = re.compile(r"(?=[A-Za-z_.-]*[0-9])[A-Za-z0-9_.-]{24,}")


def inspect(html: str) -> None:
    """Fail unless this is a page as we promise them: valid HTML with title, one h1, one main,
    language, labels, unique ids, sane references, a CSRF token in every form that posts to us,
    nothing inline and nothing from elsewhere."""
    faults = _known_faults(_with_names_for_random_values(html))
    assert not faults, "The page breaks a promise:\n" + "\n".join(faults)


@lru_cache(maxsize=4096)
def _known_faults(html: str) -> tuple[str, ...]:
    return tuple(faults_of(html))


def _with_names_for_random_values(html: str) -> str:
    """The page with each random value under a short name, equal ones under the same, so that a
    page which many tests fetch is read once."""
    numbers = count()
    names: dict[str, str] = {}
    return _RANDOM.sub(lambda found: names.setdefault(found[0], f"x-{next(numbers)}"), html)


def faults_of(html: str) -> Iterator[str]:
    """Every promise that the page breaks, one sentence each."""
    parser = html5lib.HTMLParser(namespaceHTMLElements=False)
    root = parser.parse(html)
    for position, code, _ in parser.errors:
        yield f"invalid HTML at line {position[0]}: {code}"
    elements = list(root.iter())
    yield from _outline(root, elements)
    yield from _identifiers(elements)
    yield from _labels(root, elements)
    yield from _forms(root)
    yield from _foreign(elements)
    yield from _inline(elements)


def _outline(root: Element, elements: list[Element]) -> Iterator[str]:
    for name in ("h1", "main", "title"):
        found = [each for each in elements if each.tag == name]
        if len(found) != 1 or not _text(found[0]):
            yield f"{len(found)} <{name}> where one with words is due"
    for attribute in ("lang", "dir"):
        if not root.get(attribute):
            yield f"<html> has no {attribute}"
    autofocus = [each for each in elements if each.get("autofocus") is not None]
    if len(autofocus) > 1:
        yield "more than one element asks for the focus"


def _identifiers(elements: list[Element]) -> Iterator[str]:
    counts = Counter(each.get("id") for each in elements if each.get("id") is not None)
    yield from (f"id {name} is given {count} times" for name, count in counts.items() if count > 1)
    for each in elements:
        for attribute in _POINTERS:
            for target in (each.get(attribute) or "").split():
                if target not in counts:
                    yield f"<{each.tag} {attribute}={target}> points nowhere"


def _labels(root: Element, elements: list[Element]) -> Iterator[str]:
    labelled = {each.get("for") for each in elements if each.tag == "label"}
    wrapped = {id(inner) for label in root.iter("label") for inner in label.iter("input")}
    for each in elements:
        if each.tag in ("input", "select", "textarea") and not _is_labelled(
            each, labelled, wrapped
        ):
            yield f"<{each.tag} name={each.get('name')}> has no label"
        if each.tag in ("button", "a") and not (_text(each) or each.get("aria-label")):
            yield f"<{each.tag}> has no words"
        if each.tag == "img" and each.get("alt") is None:
            yield "<img> has no alt"


def _is_labelled(each: Element, labelled: set[str | None], wrapped: set[int]) -> bool:
    if each.get("type") in _UNLABELLED or each.get("hidden") is not None:
        return True
    named = each.get("id") in labelled or id(each) in wrapped
    return named or each.get("aria-label") is not None


def _forms(root: Element) -> Iterator[str]:
    for form in root.iter("form"):
        posts = (form.get("method") or "").lower() == "post"
        if posts and _is_foreign(form.get("action") or ""):
            if form.get("class") != "leave":
                yield f"a form posts to {form.get('action')}"
        elif posts and not any(each.get("name") == "csrf_token" for each in form.iter("input")):
            yield f"the form for {form.get('action')} has no CSRF token"


def _foreign(elements: list[Element]) -> Iterator[str]:
    for each in elements:
        url = each.get(_LOADS.get(each.tag, "")) or ""
        if _is_foreign(url):
            yield f"<{each.tag}> loads {url} from elsewhere"


def _is_foreign(url: str) -> bool:
    return bool(urlsplit(url).netloc) or urlsplit(url).scheme not in ("", "http", "https")


def _inline(elements: list[Element]) -> Iterator[str]:
    for each in elements:
        if each.tag == "style" or (each.tag == "script" and (each.text or not each.get("src"))):
            yield f"inline <{each.tag}>"
        for attribute, value in each.attrib.items():
            if attribute == "style" or attribute.startswith("on"):
                yield f"<{each.tag}> has an inline {attribute}"
            if attribute != "value" and value.strip().lower().startswith("javascript:"):
                yield f"<{each.tag} {attribute}> runs a script"


def _text(element: Element) -> str:
    return "".join(element.itertext()).strip()
