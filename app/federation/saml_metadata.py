"""Looks at the metadata of SAML providers once a day, so that sign-ins survive a new certificate.

What the document says replaces what the connection knew, up to four certificates at a time, and
each change is an audit event with fingerprints: nothing new is trusted in silence. The entity id
is pinned: a document of another provider changes nothing. Certificates that are about to end
without a successor are warned of. (SECURITY S18, S21)
"""

from dataclasses import dataclass
from typing import Any

import structlog

from app import clock, outgoing
from app.actor import SYSTEM
from app.audit import events
from app.audit.log import record
from app.database import Session, read, write
from app.directory import connection_metadata, connections
from app.directory.connection_settings import SamlSettings
from app.directory.connections import Connection
from app.directory.errors import BadValue, StaleRow
from app.federation.identity import UpstreamRefused
from app.outgoing import OutgoingError
from app.whereabouts import where

EVERY = clock.DAY
RETRY = 6 * clock.HOUR
BATCH = 1
"""One at a time, as mail waits meanwhile, and as long as a provider likes."""
_WHILE_LOOKING = 15 * clock.MINUTE
_REDIRECTS = 3

_log = structlog.stdlib.get_logger(__name__)


class MetadataFailed(Exception):
    """No metadata that this connection may follow. `reason` quotes nothing that came."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Change:
    """What a provider's metadata changes."""

    settings: SamlSettings
    data: dict[str, Any]
    """For the audit log."""


def run_once(limit: int = BATCH) -> int:
    """Look at the connections that are due; returns how many this worker looked at."""
    return sum(_looked_at(*each) for each in connection_metadata.due(limit))


def refresh(tenant_id: str, connection_id: str) -> bool:
    """Fetch the metadata of one connection now; whether something changed.

    Raises `MetadataFailed`. False, too, for a connection without a metadata URL, or one that
    somebody changed meanwhile. Never call it inside a transaction.
    """
    with read(tenant_id) as session:
        connection = connections.get(session, connection_id)
    if connection is None or not isinstance(connection.settings, SamlSettings):
        return False
    change = _difference(connection.settings)
    if change is None:
        return False
    try:
        with write(tenant_id) as session:
            _take_over(session, connection, change)
    except StaleRow:
        return False
    return True


def fetch(url: str) -> bytes:
    """The document at the URL, at most 1 MB, by the guarded client; raises `MetadataFailed`."""
    try:
        answer = outgoing.fetch(url, redirects=_REDIRECTS)
    except OutgoingError as error:
        raise MetadataFailed(error.reason) from None
    if answer.status != 200:
        raise MetadataFailed(answer.summary)
    return answer.body


def _looked_at(tenant_id: str, connection_id: str) -> bool:
    with write(tenant_id) as session:
        is_ours = connection_metadata.take(session, connection_id, clock.now() + _WHILE_LOOKING)
    if not is_ours:
        return False
    failure = _failure(tenant_id, connection_id)
    with write(tenant_id) as session:
        if failure is not None:
            _note_failure(session, connection_id, failure)
        _warn(session, connection_id)
        pause = EVERY if failure is None else RETRY
        connection_metadata.put_off(session, connection_id, clock.now() + pause)
    return True


def _failure(tenant_id: str, connection_id: str) -> str | None:
    try:
        refresh(tenant_id, connection_id)
    except MetadataFailed as failed:
        _log.info("saml_metadata_failed", connection_id=connection_id, reason=failed.reason)
        return failed.reason
    except Exception as error:  # Whatever one document breaks, the looks at others go on.
        _log.error("saml_metadata_broke", connection_id=connection_id, error=where(error))
        return "unexpected"
    return None


def _difference(settings: SamlSettings) -> Change | None:
    """What the provider's present metadata changes; None for nothing."""
    if settings.metadata_url is None:
        return None
    from app.federation import saml_descriptors  # noqa: PLC0415 (loads libxml2, which few need)

    try:
        found = saml_descriptors.parse(fetch(settings.metadata_url))
    except UpstreamRefused as refused:
        raise MetadataFailed(refused.diagnosis) from None
    if found.entity_id != settings.issuer:
        raise MetadataFailed("issuer_mismatch")
    told = {
        "sso_url": found.sso_url,
        "sso_binding": found.sso_binding,
        "slo_url": found.slo_url,
        "slo_binding": found.slo_binding,
        "certificates": found.certificates,
    }
    try:
        new = connections.parse_settings({**settings.model_dump(), **told})
    except BadValue as bad:
        raise MetadataFailed(f"unusable {bad.field}") from None
    assert isinstance(new, SamlSettings)
    return _change(settings, new)


def _change(old: SamlSettings, new: SamlSettings) -> Change | None:
    before, after = _fingerprints(old), _fingerprints(new)
    places = [
        name
        for name in ("sso_url", "sso_binding", "slo_url", "slo_binding")
        if getattr(old, name) != getattr(new, name)
    ]
    if before == after and not places:
        return None
    data = {
        "certificates_added": sorted(after - before),
        "certificates_removed": sorted(before - after),
        "changed": places,
    }
    return Change(new, data)


def _fingerprints(settings: SamlSettings) -> set[str]:
    from app.federation import saml_certificates  # noqa: PLC0415 (as above)

    return {each.fingerprint for each in saml_certificates.readable(settings.certificates)}


def _take_over(session: Session, connection: Connection, change: Change) -> None:
    connections.update(
        session,
        SYSTEM,
        connection.id,
        settings=change.settings,
        expected_version=connection.row_version,
    )
    _note(session, events.CONNECTION_METADATA_REFRESHED, connection.id, change.data)


def _note_failure(session: Session, connection_id: str, reason: str) -> None:
    _note(session, events.CONNECTION_METADATA_FAILED, connection_id, {"reason": reason})


def _warn(session: Session, connection_id: str) -> None:
    """Warn while every certificate ends soon: one that has a successor needs nobody."""
    from app.federation import saml_certificates  # noqa: PLC0415 (as above)

    connection = connections.get(session, connection_id)
    if connection is None or not isinstance(connection.settings, SamlSettings):
        return
    known = saml_certificates.readable(connection.settings.certificates)
    if known and known[-1].expires_soon():
        last = known[-1]
        data = {"fingerprint": last.fingerprint, "expires_at": last.expires_at}
        _note(session, events.CONNECTION_CERTIFICATE_EXPIRING, connection_id, data)


def _note(session: Session, event: str, connection_id: str, data: dict[str, Any]) -> None:
    record(session, event, SYSTEM, targets=[("connection", connection_id)], data=data)
