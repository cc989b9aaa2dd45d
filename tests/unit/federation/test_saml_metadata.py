"""The daily look at a SAML provider's metadata, against a provider that rolls its keys."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app import clock
from app.actor import CLI
from app.audit import events
from app.database import read, write
from app.directory import connections
from app.directory.connection_settings import SamlSettings
from app.directory.connections import Connection
from app.directory.tenants import Tenant
from app.federation import saml_metadata
from app.federation.providers.saml import GENERIC
from app.federation.saml_metadata import MetadataFailed
from app.federation.saml_sp import parse_metadata
from app.models import AuditEvent
from tests.doubles.saml_keys import make_keys
from tests.doubles.saml_provider import SamlProvider
from tests.doubles.web_server import WebServer
from tests.factories import Factory

TARGETS = [
    "http://169.254.169.254/metadata",
    "https://127.0.0.1/metadata",
    "https://[::1]:8443/metadata",
    "https://10.0.0.1/metadata",
    "https://localhost/metadata",
    "https://metadata.internal/",
    "http://idp.example/metadata",
    "https://user:secret@idp.example/metadata",
    "https://idp.example:22/metadata",
]


@pytest.fixture
def provider(tmp_path: Path) -> Iterator[SamlProvider]:
    with SamlProvider(tmp_path) as running:
        yield running


@pytest.fixture
def reach(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Lets outgoing requests go to an address of this machine."""

    def allow(address: str) -> None:
        allowed = app.config["AUTHPAGE"].model_copy(update={"outbound_allow": (address,)})
        monkeypatch.setitem(app.config, "AUTHPAGE", allowed)

    return allow


def connect(make: Factory, metadata: bytes, url: str | None, **changes: Any) -> Connection:
    """A connection of a new organization, as its provider's metadata says."""
    tenant = make.tenant()
    organization = make.organization(tenant, "Acme")
    settings = GENERIC.settings(parse_metadata(metadata), url, **changes)
    with write(tenant.id) as session:
        row_id = connections.create(
            session,
            CLI,
            provider=GENERIC.key,
            name="Acme",
            settings=settings,
            organization_id=organization,
            status="active",
        )
    return now(tenant.id, row_id)


def now(tenant_id: str, row_id: str) -> Connection:
    """The connection as it stands."""
    with read(tenant_id) as session:
        found = connections.get(session, row_id)
    assert found is not None
    return found


def saml_of(connection: Connection) -> SamlSettings:
    found = now(connection.tenant_id, connection.id).settings
    assert isinstance(found, SamlSettings)
    return found


def noted(connection: Connection, event: str) -> list[dict[str, Any]]:
    """What events of the connection's tenant say."""
    with read(connection.tenant_id) as session:
        query = select(AuditEvent.data).where(
            AuditEvent.tenant_id == connection.tenant_id, AuditEvent.event == event
        )
        return list(session.scalars(query))


def look_at_all() -> None:
    while saml_metadata.run_once():
        pass


def test_new_certificate_is_taken_over(make: Factory, provider: SamlProvider, reach: Any) -> None:
    reach(provider.host)
    connection = connect(make, provider.metadata(), provider.metadata_url)
    look_at_all()
    assert noted(connection, events.CONNECTION_METADATA_REFRESHED) == []
    first = saml_of(connection).certificates
    provider.publish_next_key()
    clock.move(86_401)
    look_at_all()
    both = saml_of(connection).certificates
    assert len(both) == 2
    assert set(first) < set(both)
    provider.sign_with_next_key()
    clock.move(86_401)
    look_at_all()
    assert saml_of(connection).certificates == tuple(set(both) - set(first))
    added, removed = noted(connection, events.CONNECTION_METADATA_REFRESHED)
    assert len(added["certificates_added"]) == 1
    assert added["certificates_removed"] == []
    assert len(removed["certificates_removed"]) == 1
    assert now(connection.tenant_id, connection.id).generation == connection.generation


def test_looks_are_a_day_apart(make: Factory, provider: SamlProvider, reach: Any) -> None:
    reach(provider.host)
    connection = connect(make, provider.metadata(), provider.metadata_url)
    look_at_all()
    due = now(connection.tenant_id, connection.id).metadata_due_at
    assert due is not None
    assert abs(due - clock.now() - saml_metadata.EVERY) < clock.MINUTE
    provider.publish_next_key()
    look_at_all()
    assert len(saml_of(connection).certificates) == 1


def test_s21_another_entity_id_changes_nothing(
    make: Factory, provider: SamlProvider, reach: Any
) -> None:
    reach(provider.host)
    honest = provider.metadata()
    pinned = honest.replace(f"{provider.host}/entity".encode(), b"idp.example/entity")
    connection = connect(make, pinned, provider.metadata_url)
    provider.publish_next_key()
    look_at_all()
    assert saml_of(connection).issuer == "http://idp.example/entity"
    assert len(saml_of(connection).certificates) == 1
    assert noted(connection, events.CONNECTION_METADATA_FAILED) == [{"reason": "issuer_mismatch"}]


@pytest.mark.parametrize("url", TARGETS)
def test_s21_metadata_url_that_leads_inside(url: str, context: None) -> None:
    with pytest.raises(MetadataFailed) as caught:
        saml_metadata.fetch(url)
    assert caught.value.reason.startswith(("only https", "not a public"))


@pytest.mark.parametrize(
    ("answer", "reason"),
    [
        (b"x" * 1_100_000, "more than 1048576 bytes"),
        (b"<html></html>", "discovery_unusable"),
        (b'<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><x>&e;</x>', "discovery_unusable"),
        (b"", "discovery_unusable"),
    ],
    ids=["large", "html", "entity", "empty"],
)
def test_s21_useless_metadata_keeps_what_is_known(
    make: Factory, provider: SamlProvider, reach: Any, answer: bytes, reason: str
) -> None:
    head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(answer)}\r\n\r\n".encode()
    with WebServer() as web:
        web.answers["/metadata"] = head + answer
        reach(f"127.0.0.1:{web.port}")
        url = f"http://127.0.0.1:{web.port}/metadata"
        connection = connect(make, provider.metadata(), url)
        look_at_all()
        with pytest.raises(MetadataFailed):
            saml_metadata.refresh(connection.tenant_id, connection.id)
    assert saml_of(connection) == connection.settings
    assert noted(connection, events.CONNECTION_METADATA_FAILED) == [{"reason": reason}]
    due = now(connection.tenant_id, connection.id).metadata_due_at
    assert due is not None
    assert abs(due - clock.now() - saml_metadata.RETRY) < clock.MINUTE


def test_provider_that_is_away(make: Factory, provider: SamlProvider, reach: Any) -> None:
    reach("127.0.0.1:9")
    connection = connect(make, provider.metadata(), "http://127.0.0.1:9/metadata")
    look_at_all()
    assert saml_of(connection) == connection.settings
    assert len(noted(connection, events.CONNECTION_METADATA_FAILED)) == 1


def test_last_certificate_that_ends_soon_is_warned_of(
    make: Factory, provider: SamlProvider, tmp_path: Path
) -> None:
    ending = make_keys(tmp_path, "ending", days=20).pem
    lasting = make_keys(tmp_path, "lasting").pem
    warned = connect(make, provider.metadata(), None, certificates=(ending,))
    followed = connect(make, provider.metadata(), None, certificates=(ending, lasting))
    look_at_all()
    assert len(noted(warned, events.CONNECTION_CERTIFICATE_EXPIRING)) == 1
    assert noted(followed, events.CONNECTION_CERTIFICATE_EXPIRING) == []
    assert saml_of(warned).certificates == (ending,)


def test_disabled_connections_are_left_alone(make: Factory, provider: SamlProvider) -> None:
    connection = connect(make, provider.metadata(), provider.metadata_url)
    with write(connection.tenant_id) as session:
        connections.set_status(session, CLI, connection.id, "disabled")
    look_at_all()
    assert noted(connection, events.CONNECTION_METADATA_FAILED) == []


def test_one_unreadable_connection_stops_no_other(
    make: Factory, provider: SamlProvider, reach: Any
) -> None:
    reach(provider.host)
    unreadable = connect(make, provider.metadata(), provider.metadata_url)
    with write(unreadable.tenant_id) as session:
        settings = saml_of(unreadable).model_copy(update={"certificates": ("no certificate",)})
        connections.update(session, CLI, unreadable.id, settings=settings)
    good = connect(make, provider.metadata(), provider.metadata_url)
    provider.publish_next_key()
    look_at_all()
    for each in (unreadable, good):
        assert len(saml_of(each).certificates) == 2


def test_change_of_an_admin_meanwhile_wins(
    make: Factory, provider: SamlProvider, reach: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(provider.host)
    connection = connect(make, provider.metadata(), provider.metadata_url)
    provider.publish_next_key()
    real = saml_metadata.fetch

    def meanwhile(url: str) -> bytes:
        with write(connection.tenant_id) as session:
            connections.update(session, CLI, connection.id, name="Renamed")
        return real(url)

    monkeypatch.setattr(saml_metadata, "fetch", meanwhile)
    assert not saml_metadata.refresh(connection.tenant_id, connection.id)
    assert len(saml_of(connection).certificates) == 1
    assert now(connection.tenant_id, connection.id).name == "Renamed"


def test_tenants_are_apart(make: Factory, provider: SamlProvider, reach: Any) -> None:
    reach(provider.host)
    other: Tenant = make.tenant()
    connection = connect(make, provider.metadata(), provider.metadata_url)
    assert not saml_metadata.refresh(other.id, connection.id)


def test_no_company_keeps_the_mail_of_others_waiting(make: Factory, provider: SamlProvider) -> None:
    """Mail waits for a chore, and each look may take as long as a provider likes."""
    document = provider.metadata()
    for _ in range(2):
        connect(make, document, "https://10.0.0.1/metadata")
    assert saml_metadata.run_once() == 1


def test_a_look_that_fails_in_an_unknown_way_stops_no_other(
    make: Factory, provider: SamlProvider, reach: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    reach(provider.host)
    bad, good = (
        connect(make, provider.metadata(), f"{provider.metadata_url}{query}")
        for query in ("?bad", "")
    )
    real = saml_metadata.fetch

    def fetch(url: str) -> bytes:
        if url.endswith("bad"):
            raise RuntimeError("nobody thought of this")
        return real(url)

    monkeypatch.setattr(saml_metadata, "fetch", fetch)
    provider.publish_next_key()
    look_at_all()
    assert [len(saml_of(each).certificates) for each in (bad, good)] == [1, 2]
    due = now(bad.tenant_id, bad.id).metadata_due_at
    assert due is not None
    assert due > clock.now() + saml_metadata.RETRY - clock.MINUTE
