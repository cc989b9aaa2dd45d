"""A name server, a web server, and an application that may only reach what a test lists."""

import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app.config import Settings
from tests.doubles.certificate import make_certificate
from tests.doubles.dns_server import DnsServer
from tests.doubles.web_server import WebServer

NAME = "api.acme.example"
PUBLIC, OTHER_PUBLIC = "93.184.215.14", "93.184.215.15"


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_certificate(tmp_path_factory.mktemp("certificate"), NAME)


@pytest.fixture
def dns() -> Iterator[DnsServer]:
    with DnsServer() as server:
        yield server


@pytest.fixture
def web() -> Iterator[WebServer]:
    with WebServer() as server:
        yield server


@pytest.fixture
def app(dns: DnsServer) -> Iterator[Flask]:
    app = Flask("outgoing")
    app.config["AUTHPAGE"] = settings_for(dns)
    with app.app_context():
        yield app


def settings_for(dns: DnsServer, *allowed: str) -> Settings:
    given = {"environment": "test", "dns_resolver": dns.address, "outbound_allow": allowed}
    return Settings.model_validate(given).completed()


class Connections:
    """Every TCP connection that is tried, by its target; none leaves this machine."""

    def __init__(self) -> None:
        self.targets: list[tuple[str, int]] = []
        self.instead: tuple[str, int] | None = None
        """Where a connection to any address really goes; None: refused."""


@pytest.fixture
def connections(monkeypatch: pytest.MonkeyPatch) -> Connections:
    made, real = Connections(), socket.create_connection

    def create_connection(address: tuple[str, int], *args: Any, **kwargs: Any) -> socket.socket:
        made.targets.append(address)
        if made.instead is None:
            raise ConnectionRefusedError
        return real(made.instead, *args, **kwargs)

    monkeypatch.setattr(socket, "create_connection", create_connection)
    return made


@pytest.fixture
def inside(app: Flask, dns: DnsServer, web: WebServer) -> str:
    """The URL of the web server, which OUTBOUND_ALLOW lists."""
    app.config["AUTHPAGE"] = settings_for(dns, f"127.0.0.1:{web.port}", f"localhost:{web.port}")
    return f"http://127.0.0.1:{web.port}"
