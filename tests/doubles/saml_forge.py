"""Writes SAML responses by hand, honest ones and forged ones, and signs them by xmlsec1."""

import base64
import time
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from tests.doubles import xmlsec1
from tests.doubles.saml_keys import KeyFiles

SUCCESS = "urn:oasis:names:tc:SAML:2.0:status:Success"
PERSISTENT = "urn:oasis:names:tc:SAML:2.0:nameid-format:persistent"
PASSWORD = "urn:oasis:names:tc:SAML:2.0:ac:classes:PasswordProtectedTransport"
ASSERTION_SIGNATURE = "//*[local-name()='Assertion']/*[local-name()='Signature']"
RESPONSE_SIGNATURE = "/*/*[local-name()='Signature']"


@dataclass(frozen=True)
class Letter:
    """A response to write. Times are in seconds from now; None leaves the part out."""

    issuer: str
    audience: str | None
    recipient: str | None
    destination: str | None
    in_response_to: str | None
    response_issuer: str | None = ""
    """Empty for the same as `issuer`."""
    confirmed_in_response_to: str | None = ""
    """InResponseTo of the confirmation; empty for the same as the response's."""
    subject: str | None = "user-1"
    """The inside of NameID, as XML."""
    name_id_format: str = PERSISTENT
    attributes: str = xmlsec1.attribute("email", "ada@example.com")
    status: str = SUCCESS
    issued: float = 0
    not_before: float | None = -30
    not_on_or_after: float | None = 300
    confirmation_ends: float | None = 300
    session_ends: float | None = None
    authenticated: float = -5
    context: str = PASSWORD
    response_id: str = "_response"
    assertion_id: str = "_assertion"
    signs_assertion: bool = True
    signs_response: bool = False
    signature: dict[str, Any] = field(default_factory=dict)
    """What `xmlsec1.signature_template` is given."""

    def changed(self, **values: Any) -> "Letter":
        """The same with other values."""
        return replace(self, **values)


def response(letter: Letter, keys: KeyFiles) -> str:
    """The response as XML, signed as the letter says."""
    document = plain(letter)
    if letter.signs_assertion:
        document = xmlsec1.sign(document, keys, ASSERTION_SIGNATURE)
    if letter.signs_response:
        document = xmlsec1.sign(document, keys, RESPONSE_SIGNATURE)
    return document


def plain(letter: Letter) -> str:
    """The response with its signature templates still empty."""
    answers = _attribute("InResponseTo", letter.in_response_to)
    issuer = letter.issuer if letter.response_issuer == "" else letter.response_issuer
    signature = _template(letter.response_id, letter) if letter.signs_response else ""
    return (
        '<samlp:Response xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
        ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
        f' ID="{letter.response_id}" Version="2.0" IssueInstant="{moment(letter.issued)}"'
        f"{_attribute('Destination', letter.destination)}{answers}>"
        f"{_element('saml:Issuer', issuer)}{signature}"
        f'<samlp:Status><samlp:StatusCode Value="{letter.status}"/></samlp:Status>'
        f"{assertion(letter)}</samlp:Response>"
    )


def assertion(letter: Letter) -> str:
    """The assertion alone, with its signature template if it has one."""
    answered = letter.confirmed_in_response_to
    answers = letter.in_response_to if answered == "" else answered
    signature = _template(letter.assertion_id, letter) if letter.signs_assertion else ""
    return (
        f'<saml:Assertion xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion"'
        f' ID="{letter.assertion_id}" Version="2.0" IssueInstant="{moment(letter.issued)}">'
        f"<saml:Issuer>{letter.issuer}</saml:Issuer>{signature}<saml:Subject>"
        f"{_name_id(letter)}"
        '<saml:SubjectConfirmation Method="urn:oasis:names:tc:SAML:2.0:cm:bearer">'
        f"<saml:SubjectConfirmationData{_end(letter.confirmation_ends)}"
        f"{_attribute('Recipient', letter.recipient)}{_attribute('InResponseTo', answers)}/>"
        "</saml:SubjectConfirmation></saml:Subject>"
        f"<saml:Conditions{_start(letter.not_before)}{_end(letter.not_on_or_after)}>"
        f"{_audience(letter.audience)}</saml:Conditions>"
        f'<saml:AuthnStatement AuthnInstant="{moment(letter.authenticated)}" SessionIndex="_s1"'
        f"{_end(letter.session_ends, 'SessionNotOnOrAfter')}><saml:AuthnContext>"
        f"{_element('saml:AuthnContextClassRef', letter.context)}</saml:AuthnContext>"
        f"</saml:AuthnStatement>{_statement(letter.attributes)}</saml:Assertion>"
    )


def logout_request(
    issuer: str, destination: str, keys: KeyFiles | None, subject: str = "user-1"
) -> str:
    """A LogoutRequest as XML; without keys it is not signed."""
    signature = xmlsec1.signature_template("#_logout") if keys else ""
    document = (
        '<samlp:LogoutRequest xmlns:samlp="urn:oasis:names:tc:SAML:2.0:protocol"'
        ' xmlns:saml="urn:oasis:names:tc:SAML:2.0:assertion" ID="_logout" Version="2.0"'
        f' IssueInstant="{moment(0)}" Destination="{destination}">'
        f"<saml:Issuer>{issuer}</saml:Issuer>{signature}<saml:NameID>{subject}</saml:NameID>"
        "<samlp:SessionIndex>_s1</samlp:SessionIndex></samlp:LogoutRequest>"
    )
    return xmlsec1.sign(document, keys, RESPONSE_SIGNATURE) if keys else document


def form(document: str | bytes) -> dict[str, str]:
    """What a browser posts."""
    raw = document if isinstance(document, bytes) else document.encode()
    return {"SAMLResponse": base64.b64encode(raw).decode()}


def moment(seconds: float) -> str:
    """An instant, `seconds` from now."""
    return datetime.fromtimestamp(time.time() + seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _name_id(letter: Letter) -> str:
    if letter.subject is None:
        return ""
    return f'<saml:NameID Format="{letter.name_id_format}">{letter.subject}</saml:NameID>'


def _template(id: str, letter: Letter) -> str:
    return xmlsec1.signature_template(f"#{id}", **letter.signature)


def _audience(audience: str | None) -> str:
    named = _element("saml:Audience", audience)
    return f"<saml:AudienceRestriction>{named}</saml:AudienceRestriction>" if named else ""


def _statement(attributes: str) -> str:
    inner = f"<saml:AttributeStatement>{attributes}</saml:AttributeStatement>"
    return inner if attributes else ""


def _element(name: str, text: str | None) -> str:
    return "" if text is None else f"<{name}>{text}</{name}>"


def _attribute(name: str, value: str | None) -> str:
    return "" if value is None else f' {name}="{value}"'


def _start(seconds: float | None) -> str:
    return "" if seconds is None else _attribute("NotBefore", moment(seconds))


def _end(seconds: float | None, name: str = "NotOnOrAfter") -> str:
    return "" if seconds is None else _attribute(name, moment(seconds))
