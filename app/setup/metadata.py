"""A SAML provider's metadata, by its address or as it was pasted or uploaded."""

from collections.abc import Mapping
from typing import Any

from app import outgoing
from app.account.refused import Refused
from app.federation.diagnosis import DIAGNOSES
from app.federation.identity import UpstreamRefused
from app.flow.screen import Text
from app.outgoing import OutgoingError

_REDIRECTS = 3


def settings(values: Mapping[str, str]) -> dict[str, Any]:
    """The part of a connection's settings that the metadata tells; raises `Refused`.

    What was pasted wins over the address, which is then only kept for later looks.
    """
    url, pasted = values.get("metadata_url", "").strip(), values.get("metadata", "").strip()
    if not url and not pasted:
        raise Refused("bad_value", Text("setup.metadata_needed"), "metadata_url")
    field = "metadata" if pasted else "metadata_url"
    raw = pasted.encode() if pasted else _fetched(url)
    return {"protocol": "saml", "metadata_url": url or None, **_read(raw, field)}


def _read(raw: bytes, field: str) -> dict[str, Any]:
    from app.federation import saml_sp  # noqa: PLC0415 (loads libxml2, which few need)

    try:
        return saml_sp.parse_metadata(raw).settings()
    except UpstreamRefused as refused:
        raise Refused("metadata_unusable", _why(refused), field) from None


def _why(refused: UpstreamRefused) -> Text:
    """What is wrong with it; that it is none at all is said for this place."""
    if refused.diagnosis == "discovery_unusable":
        return Text("setup.metadata_unusable")
    return Text(DIAGNOSES[refused.diagnosis].check)


def _fetched(url: str) -> bytes:
    try:
        answer = outgoing.fetch(url, redirects=_REDIRECTS)
    except OutgoingError:
        raise _away() from None
    if answer.status != 200:
        raise _away()
    return answer.body


def _away() -> Refused:
    return Refused("metadata_away", Text("setup.metadata_away"), "metadata_url")
