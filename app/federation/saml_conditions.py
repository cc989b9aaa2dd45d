"""Whether a verified assertion is meant for us, for this request, and for now.

Everything here reads the verified element only. Clocks may differ by a minute either way.
(SAML core, sections 2.4.1.2 and 2.5; profiles, section 4.1.4.3; SECURITY S10 to S12)
"""

from app import clock
from app.federation import saml_xml
from app.federation.identity import UpstreamRefused
from app.federation.masking import HIDDEN
from app.federation.saml_xml import SAML, Element, find_all, moment, name, only

SKEW = clock.MINUTE
"""Milliseconds that two clocks may differ by."""
_BEARER = "urn:oasis:names:tc:SAML:2.0:cm:bearer"
_UNDERSTOOD = frozenset(
    name(SAML, each) for each in ("AudienceRestriction", "OneTimeUse", "ProxyRestriction")
)
_SHOWN_OF_REQUEST = 9


def check(
    assertion: Element, *, issuer: str, audience: str, recipient: str, request_id: str | None
) -> int:
    """Until when (milliseconds) the assertion could be presented again, our skew included.

    `request_id` is the ID of the request that it must answer; None means that it must answer
    none. Raises `UpstreamRefused`.
    """
    _demand_equal("issuer_mismatch", issuer, saml_xml.text(only(assertion, "saml:Issuer")))
    _demand_not_future(moment(assertion.get("IssueInstant")))
    ends = [_conditions(assertion, audience), _statement(assertion)]
    ends.append(_confirmation(assertion, recipient, request_id))
    return max(end for end in ends if end is not None) + SKEW


def demand_answer(arrived: str | None, request_id: str | None) -> None:
    """Raise `UpstreamRefused` unless `arrived`, an InResponseTo, names the request; with None for
    no request it must be absent. Reports show how the two begin: the ID is derived from a secret
    of the browser's."""
    if arrived != request_id:
        told = {"expected": masked_request(request_id), "arrived": masked_request(arrived)}
        raise UpstreamRefused("in_response_to_mismatch", told)


def masked_request(request_id: str | None) -> str | None:
    """The ID of a request as reports may show it."""
    return f"{request_id[:_SHOWN_OF_REQUEST]}{HIDDEN}" if request_id else request_id


def _conditions(assertion: Element, audience: str) -> int | None:
    conditions = only(assertion, "saml:Conditions")
    if conditions is None:
        raise UpstreamRefused("audience_mismatch", {"expected": audience, "arrived": None})
    _demand_not_future(moment(conditions.get("NotBefore")))
    end = moment(conditions.get("NotOnOrAfter"))
    _demand_not_over(end)
    _demand_understood(conditions)
    _demand_audience(conditions, audience)
    return end


def _demand_understood(conditions: Element) -> None:
    """A condition that we do not know may forbid what we do (SAML core, section 2.5.1.1)."""
    unknown = [each.tag for each in conditions if each.tag not in _UNDERSTOOD]
    if unknown:
        raise UpstreamRefused("response_malformed", {"unknown_condition": unknown[0][:200]})


def _demand_audience(conditions: Element, audience: str) -> None:
    """Every restriction must name us; one there must be (SAML core, section 2.5.1.4)."""
    restrictions = [
        [saml_xml.text(each).strip() for each in find_all(restriction, "saml:Audience")]
        for restriction in find_all(conditions, "saml:AudienceRestriction")
    ]
    if not restrictions or not all(audience in named for named in restrictions):
        arrived = [each[:500] for named in restrictions for each in named][:10]
        raise UpstreamRefused("audience_mismatch", {"expected": audience, "arrived": arrived})


def _statement(assertion: Element) -> int | None:
    statements = find_all(assertion, "saml:AuthnStatement")
    if len(statements) != 1:
        raise UpstreamRefused("response_malformed", {"reason": "not one AuthnStatement"})
    _demand_not_future(moment(statements[0].get("AuthnInstant")))
    end = moment(statements[0].get("SessionNotOnOrAfter"))
    _demand_not_over(end)
    return None


def _confirmation(assertion: Element, recipient: str, request_id: str | None) -> int:
    """The end of the one bearer confirmation, which holds for us and for the request."""
    bearers = [
        each
        for each in find_all(assertion, "saml:Subject/saml:SubjectConfirmation")
        if each.get("Method") == _BEARER
    ]
    data = only(bearers[0], "saml:SubjectConfirmationData") if len(bearers) == 1 else None
    if data is None:
        raise UpstreamRefused("recipient_mismatch", {"expected": recipient, "arrived": None})
    _demand_equal("recipient_mismatch", recipient, data.get("Recipient"))
    demand_answer(data.get("InResponseTo"), request_id)
    _demand_not_future(moment(data.get("NotBefore")))
    end = moment(data.get("NotOnOrAfter"))
    if end is None:
        raise UpstreamRefused("token_expired", {"reason": "no end is set"})
    _demand_not_over(end)
    return end


def _demand_equal(diagnosis: str, expected: str | None, arrived: str | None) -> None:
    if expected != arrived:
        shown = arrived if arrived is None else arrived[:500]
        raise UpstreamRefused(diagnosis, {"expected": expected, "arrived": shown})


def _demand_not_future(start: int | None) -> None:
    if start is not None and start > clock.now() + SKEW:
        raise UpstreamRefused("token_from_future", {"starts_at": start, "now": clock.now()})


def _demand_not_over(end: int | None) -> None:
    if end is not None and end <= clock.now() - SKEW:
        raise UpstreamRefused("token_expired", {"expires_at": end, "now": clock.now()})
