"""How SAML messages travel by a browser: by redirect, deflated, or by a form that is posted.

(SAML bindings, sections 3.4 and 3.5)
"""

import base64
import binascii
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode

from lxml import etree

from app.federation import saml_signature
from app.federation.identity import UpstreamRefused
from app.federation.request import Request
from app.federation.saml_signature import RSA_SHA256
from app.federation.saml_xml import MOST_BYTES, Element

Binding = Literal["redirect", "post"]
REDIRECT = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-Redirect"
POST = "urn:oasis:names:tc:SAML:2.0:bindings:HTTP-POST"
URIS: dict[Binding, str] = {"redirect": REDIRECT, "post": POST}
_DEFLATED_WITHOUT_HEADER = -15


@dataclass(frozen=True)
class Sending:
    """Where a message goes, and whose key signs it; None for a message without signature."""

    url: str
    binding: Binding
    relay_state: str
    key: str | None
    certificate: str
    parameter: Literal["SAMLRequest", "SAMLResponse"] = "SAMLRequest"


def send(root: Element, sending: Sending, keep: dict[str, str]) -> Request:
    """The redirect or the form that takes the message to `sending.url`."""
    if sending.binding == "redirect":
        return Request(_with_query(sending.url, _query(root, sending)), None, keep)
    document = etree.tostring(root)
    if sending.key is not None:
        document = saml_signature.signed_document(root, sending.key, sending.certificate)
    form: dict[str, str] = {sending.parameter: base64.b64encode(document).decode()}
    if sending.relay_state:
        form["RelayState"] = sending.relay_state
    return Request(sending.url, form, keep)


def posted(form: Mapping[str, str], parameter: str) -> bytes:
    """The message in a form; raises `UpstreamRefused`, before any work for one that is too
    large."""
    return _decoded(form.get(parameter, ""))


def redirected(query: str, parameter: str) -> bytes:
    """The message in a query string, inflated; raises `UpstreamRefused`."""
    deflated = _decoded(parameters(query).get(parameter, ""))
    inflater = zlib.decompressobj(_DEFLATED_WITHOUT_HEADER)
    try:
        raw = inflater.decompress(deflated, MOST_BYTES + 1)
    except zlib.error:
        raise UpstreamRefused("response_malformed", {"reason": "not deflated"}) from None
    if len(raw) > MOST_BYTES:
        raise UpstreamRefused("too_large")
    return raw


def parameters(query: str) -> dict[str, str]:
    """The parameters of a query string; raises `UpstreamRefused` where one comes twice."""
    if len(query) > MOST_BYTES:
        raise UpstreamRefused("too_large")
    pairs = parse_qsl(query, keep_blank_values=True)
    found = dict(pairs)
    if len(found) != len(pairs):
        raise UpstreamRefused("response_malformed", {"reason": "a parameter comes twice"})
    return found


def signed_part(query: str, parameter: str) -> bytes:
    """The octets that the signature of a query covers, as they came: message, RelayState, SigAlg
    in this order (SAML bindings, section 3.4.4.1)."""
    raw = {unquote_plus(each.partition("=")[0]): each for each in query.split("&")}
    return "&".join(raw[key] for key in (parameter, "RelayState", "SigAlg") if key in raw).encode()


def _query(root: Element, sending: Sending) -> str:
    deflater = zlib.compressobj(wbits=_DEFLATED_WITHOUT_HEADER)
    deflated = deflater.compress(etree.tostring(root)) + deflater.flush()
    fields: dict[str, str] = {sending.parameter: base64.b64encode(deflated).decode()}
    if sending.relay_state:
        fields["RelayState"] = sending.relay_state
    if sending.key is None:
        return urlencode(fields)
    query = urlencode({**fields, "SigAlg": RSA_SHA256})
    signature = base64.b64encode(saml_signature.signed_query(query.encode(), sending.key))
    return f"{query}&Signature={quote(signature, safe='')}"


def _with_query(url: str, query: str) -> str:
    return f"{url}{'&' if '?' in url else '?'}{query}"


def _decoded(value: str) -> bytes:
    if len(value) > MOST_BYTES:
        raise UpstreamRefused("too_large")
    try:
        raw = base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise UpstreamRefused("response_malformed", {"reason": "not base64"}) from None
    if not raw:
        raise UpstreamRefused("response_malformed", {"reason": "no message"})
    return raw
