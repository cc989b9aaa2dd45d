"""XML signatures: what form they may have, whether they hold, and what exactly they cover.

`verified` hands back the signed element read anew from the very bytes that were digested, so
nothing that a signature does not cover can be taken for something that it does. Keys come from
the connection alone; what a message says about keys is not followed. (SECURITY S02 to S05, S13,
S14; SAML core, section 5.4)
"""

import base64
import binascii
import copy
import hashlib
from collections.abc import Sequence
from typing import Any

import xmlsec
from lxml import etree
from onelogin.saml2.errors import OneLogin_Saml2_ValidationError
from onelogin.saml2.utils import OneLogin_Saml2_Utils as Library

from app.federation import saml_certificates, saml_xml
from app.federation.identity import UpstreamRefused
from app.federation.saml_xml import DS, Element, find_all, name

RSA_SHA256 = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
_MORE = "http://www.w3.org/2001/04/xmldsig-more#"
SIGNATURE_METHODS: dict[str, Any] = {
    RSA_SHA256: xmlsec.constants.TransformRsaSha256,
    f"{_MORE}rsa-sha384": xmlsec.constants.TransformRsaSha384,
    f"{_MORE}rsa-sha512": xmlsec.constants.TransformRsaSha512,
    f"{_MORE}ecdsa-sha256": xmlsec.constants.TransformEcdsaSha256,
    f"{_MORE}ecdsa-sha384": xmlsec.constants.TransformEcdsaSha384,
    f"{_MORE}ecdsa-sha512": xmlsec.constants.TransformEcdsaSha512,
}
DIGEST_METHODS = {
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    f"{_MORE}sha384": "sha384",
    "http://www.w3.org/2001/04/xmlenc#sha512": "sha512",
}
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_ENVELOPED = f"{DS}enveloped-signature"
_LONGEST_PREFIXES = 200
"""Characters: each prefix is looked for at each element, before anybody knows who signed."""


def demand_form(root: Element, *signable: str) -> None:
    """Every signature in the document must sign the element that holds it, one of `signable`
    (names as lxml writes them), by one reference and allowed algorithms; raises
    `UpstreamRefused`."""
    for signature in root.iter(name(DS, "Signature")):
        holder = signature.getparent()
        if holder is None or holder.tag not in signable or not holder.get("ID"):
            raise _invalid("a signature where none belongs")
        if len(find_all(holder, "ds:Signature")) > 1:
            raise _invalid("several signatures")
        _demand_form(signature, holder.get("ID"))


def is_signed(element: Element) -> bool:
    """Whether the element holds a signature; says nothing about whose."""
    return bool(find_all(element, "ds:Signature"))


def verified(element: Element, certificates: Sequence[str]) -> Element:
    """The element without its signature, read anew from the bytes that one of the certificates
    (PEM) signed. Call `demand_form` on the document before. Raises `UpstreamRefused`."""
    signature = saml_xml.only(element, "ds:Signature")
    if signature is None:
        raise UpstreamRefused("signature_missing")
    _demand_signed(signature, certificates)
    reference = find_all(signature, "ds:SignedInfo/ds:Reference")[0]
    covered = _covered(element, reference)
    _demand_digest(reference, covered)
    return saml_xml.parse(covered)


def verify_query(signed: bytes, signature: str, algorithm: str, pems: Sequence[str]) -> None:
    """Check the signature over a query string (SAML bindings, section 3.4.4.1); raises
    `UpstreamRefused`."""
    if algorithm not in SIGNATURE_METHODS:
        raise UpstreamRefused("algorithm_refused", {"algorithm": algorithm[:200]})
    try:
        value = base64.b64decode(signature, validate=True)
    except (binascii.Error, ValueError):
        raise _invalid("not base64") from None
    for pem in _usable(pems):
        context = xmlsec.SignatureContext()
        try:
            context.key = xmlsec.Key.from_memory(pem, xmlsec.constants.KeyDataFormatCertPem)
            context.verify_binary(signed, SIGNATURE_METHODS[algorithm], value)
        except xmlsec.Error:
            continue
        return
    raise _invalid("no certificate of the connection fits")


def signed_document(root: Element, key: str, certificate: str) -> bytes:
    """The document with an enveloped signature by RSA-SHA256 after its Issuer."""
    made = Library.add_sign(etree.tostring(root), key, certificate)
    return made if isinstance(made, bytes) else str(made).encode()


def signed_query(query: bytes, key: str) -> bytes:
    """The RSA-SHA256 signature over a query string."""
    return bytes(Library.sign_binary(query, key))


def _demand_form(signature: Element, holder_id: str) -> None:
    counts = {"ds:SignedInfo": 1, "ds:Reference": 1, "ds:Object": 0, "ds:RetrievalMethod": 0}
    for path, wanted in counts.items():
        if len(find_all(signature, f".//{path}")) != wanted:
            raise _invalid(f"{path} is not there {wanted} times")
    reference = saml_xml.only(signature, "ds:SignedInfo/ds:Reference")
    if reference is None or reference.get("URI") != f"#{holder_id}":
        raise _invalid("the reference leads elsewhere")
    _demand_algorithms(signature)
    _demand_transforms(reference)
    _demand_few_prefixes(signature)


def _demand_algorithms(signature: Element) -> None:
    allowed = {
        "ds:SignedInfo/ds:SignatureMethod": SIGNATURE_METHODS,
        "ds:SignedInfo/ds:Reference/ds:DigestMethod": DIGEST_METHODS,
        "ds:SignedInfo/ds:CanonicalizationMethod": (_EXCLUSIVE,),
    }
    for path, known in allowed.items():
        element = saml_xml.only(signature, path)
        algorithm = "" if element is None else element.get("Algorithm", "")
        if algorithm not in known:
            raise UpstreamRefused("algorithm_refused", {"algorithm": algorithm[:200]})


def _demand_transforms(reference: Element) -> None:
    """Enveloped signature, then exclusive canonicalization without comments, and no other."""
    found = [each.get("Algorithm") for each in find_all(reference, "ds:Transforms/ds:Transform")]
    if found != [_ENVELOPED, _EXCLUSIVE] or find_all(reference, ".//ds:XPath"):
        named = [str(each)[:200] for each in found[:5]]
        raise UpstreamRefused("algorithm_refused", {"transforms": named})


def _demand_few_prefixes(signature: Element) -> None:
    """Canonicalization with as many prefixes as fit would keep a processor busy (S15)."""
    length = len(" ".join(_prefixes(signature)))
    if length > _LONGEST_PREFIXES:
        raise UpstreamRefused("algorithm_refused", {"prefixes": length})


def _demand_signed(signature: Element, pems: Sequence[str]) -> None:
    root = signature.getroottree().getroot()
    xmlsec.tree.add_ids(root, ["ID"])
    if not any(_fits(signature, root, pem) for pem in _usable(pems)):
        raise UpstreamRefused(*_why_none_fits(signature, pems))


def _fits(signature: Element, root: Element, pem: str) -> bool:
    try:
        return bool(Library.validate_node_sign(signature, root, pem, raise_exceptions=True))
    except (OneLogin_Saml2_ValidationError, xmlsec.Error):
        return False


def _usable(pems: Sequence[str]) -> list[str]:
    """Those that are not over; raises `UpstreamRefused` where none is left (S18)."""
    read = [saml_certificates.read(pem) for pem in pems]
    if not read:
        raise UpstreamRefused("certificate_unknown", {"reason": "the connection has none"})
    left = [each.pem for each in read if not each.is_expired()]
    if not left:
        raise UpstreamRefused("certificate_expired")
    return left


def _why_none_fits(signature: Element, pems: Sequence[str]) -> tuple[str, dict[str, Any]]:
    """The diagnosis, told by the certificate that the message carries, which is not trusted."""
    carried = find_all(signature, "ds:KeyInfo/ds:X509Data/ds:X509Certificate")
    try:
        certificate = saml_certificates.read(saml_xml.text(carried[0])) if carried else None
    except UpstreamRefused:
        certificate = None
    ours = {each.fingerprint: each for each in map(saml_certificates.read, pems)}
    if certificate is not None and certificate.fingerprint not in ours:
        return "certificate_unknown", {"arrived": certificate.fingerprint, "known": list(ours)}
    if certificate is not None and certificate.is_expired():
        return "certificate_expired", {"arrived": certificate.fingerprint}
    return "signature_invalid", {"reason": "no certificate of the connection fits"}


def _covered(element: Element, reference: Element) -> bytes:
    """What the reference's transforms make of the element: the bytes that are digested."""
    root = element.getroottree().getroot()
    place = list(root.iter()).index(element)
    alone = list(copy.deepcopy(root).iter())[place]
    _take_out(find_all(alone, "ds:Signature")[0])
    prefixes = _prefixes(reference)
    canonical: bytes = etree.tostring(
        alone,
        method="c14n",
        exclusive=True,
        with_comments=False,
        with_tail=False,
        inclusive_ns_prefixes=prefixes or None,
    )
    return canonical


def _take_out(signature: Element) -> None:
    """Remove the element but not the text behind it, which is signed."""
    parent, before, behind = signature.getparent(), signature.getprevious(), signature.tail
    parent.remove(signature)
    if behind and before is None:
        parent.text = (parent.text or "") + behind
    elif behind:
        before.tail = (before.tail or "") + behind


def _prefixes(element: Element) -> list[str]:
    lists = element.xpath(".//e:InclusiveNamespaces/@PrefixList", namespaces={"e": _EXCLUSIVE})
    return [prefix for each in lists for prefix in str(each).split()]


def _demand_digest(reference: Element, covered: bytes) -> None:
    """Digest the bytes once more: they are proven to be the signed ones, and not to be nothing."""
    method = DIGEST_METHODS[find_all(reference, "ds:DigestMethod")[0].get("Algorithm")]
    value = saml_xml.text(saml_xml.only(reference, "ds:DigestValue"))
    digest = base64.b64encode(hashlib.new(method, covered).digest()).decode()
    if not covered or "".join(value.split()) != digest:
        raise _invalid("the digest is another one")


def _invalid(reason: str) -> UpstreamRefused:
    return UpstreamRefused("signature_invalid", {"reason": reason})
