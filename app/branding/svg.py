"""SVG drawings become PNG before anybody else sees them: none is ever kept or served.

What could run, or fetch something, is refused before the drawing library (resvg) sees it, and that
library works in a process with little memory and little time.
"""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from lxml import etree

MOST_ELEMENTS = 5_000
_EDGE = 1_024
_MOST_SECONDS = 6
_SLIMMEST = 20
_NAMESPACE = "{http://www.w3.org/2000/svg}"
_STYLE = f"{_NAMESPACE}style"
_REFERENCES = frozenset({"href", "{http://www.w3.org/1999/xlink}href"})
_ACTIVE = frozenset(
    ("script", "foreignObject", "image", "feImage", "iframe", "audio", "video", "handler", "set")
)
_LETTERS = frozenset(("text", "tspan", "textPath"))
_OUTWARD = re.compile(r"@import|javascript:|url\(\s*[\"']?\s*(?!\s*[\"']?#)", re.IGNORECASE)
_ESCAPES = re.compile(r"\\|/\*")
"""Where styles hide words from those who look for them."""
_NUMBER = re.compile(r"\s*([0-9.]+(?:e[0-9]+)?)\s*(?:px|pt|mm)?\s*")
_DRAWING = Path(__file__).with_name("svg_drawing.py")


class BadDrawing(ValueError):
    """The document cannot be drawn, or is no mere drawing; the text says why, for the person."""


def is_svg(upload: bytes) -> bool:
    """Whether the bytes want to be an SVG document."""
    return upload.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and b"<svg" in upload[:4_096]


def rasterised(upload: bytes) -> bytes:
    """The drawing as PNG, its longer side 1024 pixels; raises `BadDrawing`."""
    root = _parsed(upload)
    _refuse_what_acts(root)
    width, height = _size(root)
    side = "width" if width >= height else "height"
    return _drawn(etree.tostring(root), side)


def _parsed(upload: bytes) -> etree._Element:
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(upload, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise BadDrawing("The SVG file is damaged.") from None
    document_type = root.getroottree().docinfo.internalDTD
    if document_type is not None and any(document_type.iterentities()):
        raise BadDrawing("The SVG file defines entities. Save it as a plain SVG first.")
    if root.tag != f"{_NAMESPACE}svg":
        raise BadDrawing("The file is not an SVG drawing.")
    return root


def _refuse_what_acts(root: etree._Element) -> None:
    elements = list(root.iter(etree.Element))
    if len(elements) > MOST_ELEMENTS:
        raise BadDrawing("The SVG file has more than 5000 elements. Use a simpler drawing.")
    for element in elements:
        name = str(element.tag).removeprefix(_NAMESPACE)
        if name in _LETTERS:
            raise BadDrawing("The SVG file has letters in it. Turn them into outlines first.")
        if name in _ACTIVE or any(map(_reaches_out, _written(element))):
            raise BadDrawing(
                "The SVG file has scripts, pictures or links to other files in it. Save it as a"
                " plain drawing."
            )
        for attribute in [each for each in element.attrib if str(each).lower().startswith("on")]:
            raise BadDrawing(f"The SVG file has a script in it ({attribute}).")


def _written(element: etree._Element) -> Iterator[str]:
    """Everything in the element that may refer to something, as `url(...)`."""
    for name, value in element.attrib.items():
        yield f"url({value})" if name in _REFERENCES else str(value)
    for style in (element.get("style"), element.text if element.tag == _STYLE else None):
        yield "@import" if _ESCAPES.search(str(style or "")) else str(style or "")


def _reaches_out(value: str) -> bool:
    return _OUTWARD.search(value) is not None


def _size(root: etree._Element) -> tuple[float, float]:
    box = re.split(r"[\s,]+", str(root.get("viewBox") or "").strip())
    wanted = box[2:] if len(box) == 4 else [root.get("width"), root.get("height")]
    found = [_NUMBER.fullmatch(str(each)) for each in wanted]
    width, height = (float(each[1]) if each else 0.0 for each in found)
    if not width or not height:
        raise BadDrawing("The SVG file does not say how large it is (viewBox).")
    if max(width, height) > _SLIMMEST * min(width, height):
        raise BadDrawing("The drawing is too long and thin for a logo.")
    return width, height


def _drawn(document: bytes, side: str) -> bytes:
    try:
        done = subprocess.run(  # noqa: S603 (our own interpreter, with our own script)
            [sys.executable, "-I", str(_DRAWING), side, str(_EDGE)],
            input=document,
            capture_output=True,
            timeout=_MOST_SECONDS,
            check=True,
            env={},
        )
    except subprocess.TimeoutExpired:
        raise BadDrawing("The drawing takes too long to draw. Use a simpler one.") from None
    except subprocess.CalledProcessError:
        raise BadDrawing("The SVG file cannot be drawn.") from None
    return done.stdout
