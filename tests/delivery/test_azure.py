"""Azure Communication Services Email against a peer that checks every signature."""

import base64
from collections.abc import Iterator

import pytest
from flask import Flask

from app import clock
from app.database import named, read
from app.delivery import azure
from app.delivery.azure import BadConnectionString
from app.directory import secrets
from app.directory.tenants import Tenant
from tests.delivery.mailing import CODE, allow, attempts, drain, queue, sending, set_up
from tests.doubles.azure_server import KEY, SENDER, AzureServer, fault

_KEPT = named("SELECT sealed FROM tenant_secret WHERE tenant_id = :tenant_id")
_UNTOLD = "taken, not confirmed yet"


@pytest.fixture
def server(app: Flask) -> Iterator[AzureServer]:
    with AzureServer() as server:
        allow(app, server.address)
        yield server


@pytest.fixture
def acme(tenant: Tenant, server: AzureServer) -> Tenant:
    secret = (secrets.OF_AZURE, server.connection_string)
    return set_up(tenant, secret, sender="azure", address=SENDER, reply_to="help@acme.example")


def test_a_mail_is_signed_taken_and_followed_until_it_is_sent(
    acme: Tenant, server: AzureServer
) -> None:
    server.runs = 2
    mail = queue(acme)
    drain()
    assert sending(acme, mail).state == "queued"
    assert sending(acme, mail).last_error == _UNTOLD
    for _ in range(3):
        clock.move(2.1)
        drain()
    assert sending(acme, mail).state == "sent"
    assert attempts(acme, mail) == [("accepted", _UNTOLD), ("sent", None)]
    ((operation, document),) = server.mails.items()
    assert server.asked[operation] == 3
    assert document["recipients"] == {"to": [{"address": "jane@example.com"}]}
    assert document["replyTo"] == [{"address": "help@acme.example"}]
    assert document["userEngagementTrackingDisabled"] is True
    assert CODE in document["content"]["plainText"]
    assert CODE in document["content"]["html"]


def test_azure_is_asked_again_when_it_says_so_and_not_before(
    acme: Tenant, server: AzureServer
) -> None:
    server.refusal = fault(429, "TooManyRequests", "40")
    mail = queue(acme)
    drain()
    clock.move(39)
    drain()
    assert len(server.requests) == 1
    server.refusal = None
    clock.move(2)
    drain()
    assert len(server.mails) == 1
    assert attempts(acme, mail)[0] == ("retried", "429 from Azure (TooManyRequests)")


@pytest.mark.parametrize(
    ("status", "code", "state"),
    [
        (401, "Denied", "queued"),
        (404, "DomainNotLinked", "queued"),
        (400, "InvalidSenderUserName", "queued"),
        (503, "ServiceUnavailable", "queued"),
        (400, "InvalidRecipient", "dead"),
    ],
)
def test_what_is_wrong_with_the_account_kills_no_mail(
    acme: Tenant, server: AzureServer, status: int, code: str, state: str
) -> None:
    server.refusal = fault(status, code)
    mail = queue(acme)
    drain()
    found = sending(acme, mail)
    assert (found.state, found.last_error) == (state, f"{status} from Azure ({code})")


def test_a_mail_that_azure_could_not_send_is_dead_and_its_secret_gone(
    acme: Tenant, server: AzureServer
) -> None:
    server.runs, server.ends = (
        0,
        {
            "status": "Failed",
            "error": {"code": "EmailDroppedAllRecipientsSuppressed", "message": "jane@example.com"},
        },
    )
    mail = queue(acme)
    drain()
    clock.move(3)
    drain()
    found = sending(acme, mail)
    reason = "Azure could not send it (EmailDroppedAllRecipientsSuppressed)"
    assert (found.state, found.last_error) == ("dead", reason)


def test_a_lost_answer_is_asked_again_under_the_same_operation(
    acme: Tenant, server: AzureServer
) -> None:
    server.loses_answers = True
    mail = queue(acme)
    drain()
    assert sending(acme, mail).state == "queued"
    server.loses_answers = False
    clock.move(10)
    drain()
    assert len(server.mails) == 1
    assert [method for method, _ in server.requests].count("POST") == 2


def test_z11_a_mail_that_another_resource_took_holds_no_other_up(
    acme: Tenant, server: AzureServer
) -> None:
    taken = queue(acme)
    drain()
    server.mails.clear()
    clock.move(60)
    waiting = queue(acme)
    drain()
    assert sending(acme, taken).state == "dead"
    assert len(server.mails) == 1
    assert sending(acme, waiting).last_error == _UNTOLD


def test_a_wrong_key_sends_nothing(acme: Tenant, server: AzureServer) -> None:
    server.key = b"another key"
    mail = queue(acme)
    drain()
    assert server.mails == {}
    assert sending(acme, mail).last_error == "401 from Azure (Denied)"


def test_the_connection_string_is_sealed(acme: Tenant) -> None:
    with read(acme.id) as session:
        (sealed,) = session.execute(_KEPT, {"tenant_id": acme.id}).scalars()
    assert KEY.encode() not in sealed


def test_n01_an_endpoint_inside_is_not_reached(
    app: Flask, acme: Tenant, server: AzureServer
) -> None:
    allow(app)
    mail = queue(acme)
    drain()
    assert server.requests == []
    assert "only https" in (sending(acme, mail).last_error or "")


def test_a_connection_string_is_parsed() -> None:
    found = azure.parse(f"Endpoint=https://acme.communication.azure.com/;AccessKey={KEY};")
    assert found.endpoint == "https://acme.communication.azure.com"
    assert found.key == base64.b64decode(KEY)
    assert "key=" not in repr(found)


@pytest.mark.parametrize(
    "text",
    [
        "",
        KEY,
        "endpoint=https://acme.communication.azure.com",
        f"endpoint=acme.communication.azure.com;accesskey={KEY}",
        f"endpoint=https://acme.communication.azure.com/path;accesskey={KEY}",
        f"endpoint=https://user@acme.communication.azure.com;accesskey={KEY}",
        "endpoint=https://acme.communication.azure.com;accesskey=cut",
    ],
)
def test_what_is_no_connection_string_is_refused(text: str) -> None:
    with pytest.raises(BadConnectionString):
        azure.parse(text)
