"""SECURITY N01 to N04: which mail servers of tenants are talked to, and where they really are."""

import pytest
from flask import Flask

from app import outgoing
from app.delivery.sender import Away
from app.delivery.smtp import Server, SmtpSender
from app.outgoing import Blocked, NoConnection
from tests.doubles.dns_server import DnsServer
from tests.outgoing.conftest import OTHER_PUBLIC, PUBLIC, Connections

HOST = "mail.acme.example"
PORTS = (25, 465, 587)


def test_n04_the_connection_goes_to_the_address_that_was_checked(
    app: Flask, dns: DnsServer, connections: Connections
) -> None:
    dns.records[HOST] = [[PUBLIC, OTHER_PUBLIC], ["127.0.0.1"]]
    with pytest.raises(NoConnection):
        outgoing.connect(HOST, 587, ports=PORTS)
    assert {*connections.targets} == {(PUBLIC, 587), (OTHER_PUBLIC, 587)}
    assert len(connections.targets) == 2


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "10.0.0.7",
        "169.254.169.254",
        "fd00::1",
        "::ffff:127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.1",
        "localhost",
        "localhost.",
        "mail.internal",
        "db",
        "inside.example",
    ],
)
def test_n01_a_mail_server_inside_is_never_connected_to(
    app: Flask, dns: DnsServer, connections: Connections, host: str
) -> None:
    dns.records["inside.example"] = [[PUBLIC, "10.0.0.7"]]
    server = Server("smtp+starttls", host, 587, None, None)
    sender = SmtpSender(server, "no-reply@acme.example", is_guarded=True)
    with sender, pytest.raises(Away) as refusal:
        sender.check()
    assert refusal.value.reason in ("not a public address", "not a public name")
    assert connections.targets == []


def test_n07_other_ports_are_none_of_a_mail_server(
    app: Flask, dns: DnsServer, connections: Connections
) -> None:
    dns.records[HOST] = [[PUBLIC]]
    for port in (22, 80, 443, 6379):
        with pytest.raises(Blocked):
            outgoing.connect(HOST, port, ports=PORTS)
    assert connections.targets == []
