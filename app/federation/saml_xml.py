"""Reads SAML's XML with one parser: no document types, no entities, no network, no surprises.

Comments are dropped before anybody reads, so that text is always whole (CERT VU 475445), and
refused inside signatures. Processing instructions are refused. (SECURITY S05 to S08, S15)
"""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, TypeAlias

from lxml import etree

from app.federation.identity import UpstreamRefused

Element: TypeAlias = Any
"""An element of lxml, which ships no types."""

SAML = "urn:oasis:names:tc:SAML:2.0:assertion"
SAMLP = "urn:oasis:names:tc:SAML:2.0:protocol"
MD = "urn:oasis:names:tc:SAML:2.0:metadata"
DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
PREFIXES = {"saml": SAML, "samlp": SAMLP, "md": MD, "ds": DS, "xenc": XENC}

MOST_BYTES = 262_144
"""Of a message, before base64 is undone and after it is inflated."""
_MOST_ATTRIBUTES = 100
"""Of one element: canonicalization sorts them, and takes long with thousands."""
_ENCODINGS = frozenset({"UTF-8", "UTF8", "US-ASCII", "ASCII"})
_ID_NAMES = ("ID", "Id", "id", "AssertionID", "{http://www.w3.org/XML/1998/namespace}id")
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?Z")


def parse(raw: bytes, most: int = MOST_BYTES) -> Element:
    """The root of the document, without comments; raises `UpstreamRefused`."""
    if len(raw) > most:
        raise UpstreamRefused("too_large")
    if b"\0" in raw:  # The parser would find out by itself that this is UTF-16 or UTF-32.
        raise UpstreamRefused("response_malformed", {"reason": "encoding"})
    try:
        root = etree.fromstring(raw, _parser())
    except (etree.LxmlError, ValueError, LookupError):
        raise UpstreamRefused("response_malformed", {"reason": "not XML"}) from None
    _demand_plain(root)
    _demand_unique_ids(root)
    etree.strip_tags(root, etree.Comment)
    return root


def name(namespace: str, local: str) -> str:
    """The name of an element as lxml writes it."""
    return f"{{{namespace}}}{local}"


def find_all(element: Element, path: str) -> list[Element]:
    """What an XPath with the usual prefixes (`PREFIXES`) finds from `element`."""
    return list(element.xpath(path, namespaces=PREFIXES))


def only(element: Element, path: str) -> Element | None:
    """The one element at `path`, or None; raises `UpstreamRefused` where there are several."""
    found = find_all(element, path)
    if len(found) > 1:
        raise UpstreamRefused("response_malformed", {"reason": "several", "path": path})
    return found[0] if found else None


def text(element: Element | None) -> str:
    """The whole text of an element that holds nothing else; empty for None."""
    if element is None:
        return ""
    if len(element):
        raise UpstreamRefused("response_malformed", {"reason": "elements where text belongs"})
    return element.text or ""


def deep_text(element: Element) -> str:
    """The text of an element and of all below it."""
    return "".join(element.itertext())


def moment(value: str | None) -> int | None:
    """An instant in milliseconds since the epoch; None for None.

    SAML's instants are UTC and end in Z (SAML core, section 1.3.3); raises `UpstreamRefused`.
    """
    if value is None:
        return None
    found = _MOMENT.fullmatch(value.strip())
    if found is None:
        raise UpstreamRefused("response_malformed", {"reason": "no instant"})
    try:
        seconds = datetime.fromisoformat(found[1]).replace(tzinfo=UTC).timestamp()
    except (ValueError, OverflowError):
        raise UpstreamRefused("response_malformed", {"reason": "no instant"}) from None
    return int(seconds) * 1_000 + int((found[2] or "0").ljust(3, "0")[:3])


def instant(milliseconds: int) -> str:
    """A moment as SAML writes it, to the second."""
    return datetime.fromtimestamp(milliseconds // 1_000, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _parser() -> Any:
    return etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        remove_comments=False,
        remove_pis=False,
    )


def _demand_plain(root: Element) -> None:
    about = root.getroottree().docinfo
    if about.doctype or about.internalDTD is not None:
        raise UpstreamRefused("response_malformed", {"reason": "document type"})
    if about.encoding and about.encoding.upper() not in _ENCODINGS:
        raise UpstreamRefused("response_malformed", {"reason": "encoding"})
    if root.xpath(f"//*[count(@*) > {_MOST_ATTRIBUTES}]"):
        raise UpstreamRefused("response_malformed", {"reason": "many attributes"})
    if root.xpath("//processing-instruction()"):
        raise UpstreamRefused("response_malformed", {"reason": "processing instruction"})
    if root.xpath("//ds:Signature//comment()", namespaces=PREFIXES):
        raise UpstreamRefused("signature_invalid", {"reason": "comment in a signature"})


def _demand_unique_ids(root: Element) -> None:
    """No two elements may share an id, whatever the attribute is called (S03)."""
    seen = set()
    for value in _ids(root):
        if value in seen:
            raise UpstreamRefused("signature_invalid", {"reason": "an id occurs twice"})
        seen.add(value)


def _ids(root: Element) -> Iterator[str]:
    for element in root.iter(etree.Element):
        for attribute in _ID_NAMES:
            value = element.get(attribute)
            if value is not None:
                yield value
