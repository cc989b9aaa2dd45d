"""Opens encrypted assertions: AES-GCM with RSA-OAEP, and nothing else.

CBC and RSA 1.5 would make us an oracle for whoever alters a ciphertext, so whatever goes wrong is
one and the same refusal. (SECURITY S17; XML Encryption 1.1, section 5)
"""

import copy

import xmlsec
from lxml import etree
from onelogin.saml2.utils import OneLogin_Saml2_Utils as Library

from app.federation import saml_xml
from app.federation.identity import UpstreamRefused
from app.federation.saml_xml import DS, SAML, XENC, Element, find_all, name

_XENC11 = "http://www.w3.org/2009/xmlenc11#"
CONTENT = (f"{_XENC11}aes128-gcm", f"{_XENC11}aes192-gcm", f"{_XENC11}aes256-gcm")
TRANSPORT = (f"{XENC}rsa-oaep-mgf1p", f"{_XENC11}rsa-oaep")
_PARTS_OF_KEY = (name(XENC, "EncryptionMethod"), name(XENC, "CipherData"))


def opened(root: Element, key: str) -> Element:
    """A copy of the response with the assertion in clear in place of the encrypted one, read
    anew; raises `UpstreamRefused`."""
    sealed = saml_xml.only(root, "saml:EncryptedAssertion")
    if sealed is None:
        raise _refused("no encrypted assertion")
    _demand_algorithms(sealed)
    return saml_xml.parse(etree.tostring(_open(copy.deepcopy(root), key)))


def _demand_algorithms(sealed: Element) -> None:
    data = saml_xml.only(sealed, "xenc:EncryptedData")
    keys = find_all(sealed, ".//xenc:EncryptedKey")
    if data is None or len(keys) != 1 or find_all(sealed, ".//xenc:CipherReference"):
        raise _refused("form")
    _demand_method(data, CONTENT)
    _demand_method(keys[0], TRANSPORT)


def _demand_method(element: Element, allowed: tuple[str, ...]) -> None:
    method = saml_xml.only(element, "xenc:EncryptionMethod")
    algorithm = "" if method is None else method.get("Algorithm", "")
    if algorithm not in allowed:
        raise UpstreamRefused("encryption_refused", {"algorithm": algorithm[:200]})


def _open(root: Element, key: str) -> Element:
    sealed = find_all(root, "saml:EncryptedAssertion")[0]
    data = find_all(sealed, "xenc:EncryptedData")[0]
    _bring_key_home(sealed, data)
    try:
        clear = Library.decrypt_element(data, key, inplace=True)
    except (xmlsec.Error, etree.LxmlError, ValueError, TypeError):
        raise _refused("cannot be opened") from None
    if getattr(clear, "tag", None) != name(SAML, "Assertion"):
        raise _refused("no assertion inside")
    clear.tail = None
    root.replace(sealed, clear)
    return root


def _bring_key_home(sealed: Element, data: Element) -> None:
    """Let the data's KeyInfo hold the one key and nothing else: some providers put the key beside
    the data, and what else stands there may name a file, which xmlsec would open."""
    key = find_all(sealed, ".//xenc:EncryptedKey")[0]
    for child in list(key):
        if child.tag not in _PARTS_OF_KEY:
            key.remove(child)
    for info in find_all(data, "ds:KeyInfo"):
        data.remove(info)
    info = etree.Element(name(DS, "KeyInfo"))
    info.append(key)
    find_all(data, "xenc:EncryptionMethod")[0].addnext(info)


def _refused(reason: str) -> UpstreamRefused:
    return UpstreamRefused("encryption_refused", {"reason": reason})
