"""The settings of a SAML connection, from metadata or from single values."""

from collections.abc import Mapping, Sequence
from typing import Any

from app import outgoing
from app.cli.failures import CommandFailed
from app.federation import saml_certificates, saml_sp
from app.federation.identity import UpstreamRefused
from app.federation.providers.saml import SamlPreset
from app.outgoing import OutgoingError

_REDIRECTS = 3


def settings(
    preset: SamlPreset,
    metadata: bytes | None,
    url: str | None,
    certificates: Sequence[str],
    given: Mapping[str, str],
) -> dict[str, Any]:
    """The settings' document; what is given by hand wins over the metadata and the preset."""
    if metadata is None and url is not None:
        metadata = _fetched(url)
    try:
        document = saml_sp.parse_metadata(metadata).settings() if metadata is not None else {}
        if certificates:
            document["certificates"] = [saml_certificates.read(each).pem for each in certificates]
    except UpstreamRefused as refused:
        because = refused.arrived.get("reason") or refused.diagnosis.replace("_", " ")
        raise CommandFailed(refused.diagnosis, f"That cannot be used: {because}.") from None
    told = {"protocol": "saml", "metadata_url": url, **preset.document()}
    return {**told, **document, **given}


def _fetched(url: str) -> bytes:
    try:
        answer = outgoing.fetch(url, redirects=_REDIRECTS)
    except OutgoingError as error:
        raise CommandFailed("metadata_away", f"No metadata: {error.reason}.") from None
    if answer.status != 200:
        raise CommandFailed("metadata_away", f"No metadata: {answer.summary}.")
    return answer.body
