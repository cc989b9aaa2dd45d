"""Debian's xmlsec1: signs and encrypts XML for the SAML peers of tests."""

import base64
import re
import subprocess
import tempfile
from pathlib import Path
from xml.sax.saxutils import escape

from tests.doubles.saml_keys import KeyFiles

DS = "http://www.w3.org/2000/09/xmldsig#"
XENC = "http://www.w3.org/2001/04/xmlenc#"
XENC11 = "http://www.w3.org/2009/xmlenc11#"
MORE = "http://www.w3.org/2001/04/xmldsig-more#"
EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
ENVELOPED = f"{DS}enveloped-signature"
RSA_SHA256 = f"{MORE}rsa-sha256"
SHA256 = f"{XENC}sha256"
_SAML = "urn:oasis:names:tc:SAML:2.0"


def signature_template(
    reference: str,
    *,
    method: str = RSA_SHA256,
    digest: str = SHA256,
    transforms: str | None = None,
    references: int = 1,
    canonicalization: str = EXCLUSIVE,
) -> str:
    """An unsigned ds:Signature, to stand inside of what it signs. `transforms` is XML."""
    chosen = transforms or "".join(
        f'<ds:Transform Algorithm="{each}"/>' for each in (ENVELOPED, EXCLUSIVE)
    )
    one = (
        f'<ds:Reference URI="{reference}"><ds:Transforms>{chosen}</ds:Transforms>'
        f'<ds:DigestMethod Algorithm="{digest}"/><ds:DigestValue/></ds:Reference>'
    )
    return (
        f'<ds:Signature xmlns:ds="{DS}"><ds:SignedInfo>'
        f'<ds:CanonicalizationMethod Algorithm="{canonicalization}"/>'
        f'<ds:SignatureMethod Algorithm="{method}"/>{one * references}</ds:SignedInfo>'
        "<ds:SignatureValue/><ds:KeyInfo><ds:X509Data/></ds:KeyInfo></ds:Signature>"
    )


def sign(document: str, keys: KeyFiles, at: str) -> str:
    """Fill in the signature template that the XPath `at` finds, by RSA."""
    return _run(
        ["--sign", "--privkey-pem", f"{keys.key},{keys.certificate}", *_ids(), "--node-xpath", at],
        document,
    )


def sign_with_hmac(document: str, secret: bytes, at: str) -> str:
    """Fill in the template with a MAC under `secret`."""
    with tempfile.NamedTemporaryFile() as file:
        file.write(secret)
        file.flush()
        return _run(["--sign", "--hmackey", file.name, *_ids(), "--node-xpath", at], document)


def encrypt(
    document: str,
    certificate: str,
    *,
    content: str = f"{XENC11}aes256-gcm",
    transport: str = f"{XENC}rsa-oaep-mgf1p",
) -> str:
    """Put the response's assertion into an EncryptedAssertion for the owner of the certificate."""
    start, end = assertion_in(document)
    sealed = "saml:EncryptedAssertion"
    wrapped = f'<{sealed} xmlns:saml="{_SAML}:assertion">{document[start:end]}</{sealed}>'
    session_key = "des-192" if "tripledes" in content else f"aes-{content[-7:-4]}"
    with tempfile.TemporaryDirectory() as folder:
        template, recipient = Path(folder, "template.xml"), Path(folder, "recipient.pem")
        template.write_text(_encryption_template(content, transport))
        recipient.write_text(certificate)
        options = ["--encrypt", "--pubkey-cert-pem", str(recipient), "--session-key", session_key]
        place = "//*[local-name()='EncryptedAssertion']/*[local-name()='Assertion']"
        return _run(
            [
                *options,
                "--xml-data",
                _file(folder, document[:start] + wrapped + document[end:]),
                "--node-xpath",
                place,
                str(template),
            ],
            None,
        )


def attribute(name: str, *values: str) -> str:
    """An attribute of an assertion as XML."""
    inner = "".join(f"<saml:AttributeValue>{escape(each)}</saml:AttributeValue>" for each in values)
    return f'<saml:Attribute Name="{escape(name)}">{inner}</saml:Attribute>'


def base64_of(document: str) -> str:
    """The document as forms carry it."""
    return base64.b64encode(document.encode()).decode()


def assertion_in(document: str) -> tuple[int, int]:
    """Where the assertion starts and ends, whatever its prefix."""
    found = re.search(r"<(\w+):Assertion\b.*</\1:Assertion>", document, re.DOTALL)
    assert found is not None
    return found.start(), found.end()


def _encryption_template(content: str, transport: str) -> str:
    return (
        f'<xenc:EncryptedData xmlns:xenc="{XENC}" xmlns:ds="{DS}" Type="{XENC}Element">'
        f'<xenc:EncryptionMethod Algorithm="{content}"/><ds:KeyInfo><xenc:EncryptedKey>'
        f'<xenc:EncryptionMethod Algorithm="{transport}"/><xenc:CipherData><xenc:CipherValue/>'
        "</xenc:CipherData></xenc:EncryptedKey></ds:KeyInfo><xenc:CipherData><xenc:CipherValue/>"
        "</xenc:CipherData></xenc:EncryptedData>"
    )


def _ids() -> list[str]:
    named = (
        f"{_SAML}:assertion:Assertion",
        f"{_SAML}:protocol:Response",
        f"{_SAML}:protocol:LogoutRequest",
        f"{_SAML}:protocol:LogoutResponse",
    )
    return [part for each in named for part in ("--id-attr:ID", each)]


def _file(folder: str, document: str) -> str:
    path = Path(folder, "document.xml")
    path.write_text(document)
    return str(path)


def _run(options: list[str], document: str | None) -> str:
    with tempfile.TemporaryDirectory() as folder:
        given = [] if document is None else [_file(folder, document)]
        output = Path(folder, "output.xml")
        done = subprocess.run(
            ["xmlsec1", options[0], "--output", str(output), *options[1:], *given],
            capture_output=True,
            check=False,
            timeout=60,
        )
        if done.returncode != 0:
            raise RuntimeError(done.stderr.decode())
        return output.read_text()
