"""Hosts of a tenant's own on the command line, with a name server that tests decide."""

import pytest

from app.cli.settings import MASK, masked
from tests.cli.conftest import CommandLine
from tests.doubles.dns_server import DnsServer

TARGET = "custom.authpage.example"
HOST = "login.corp.example"


def test_a_host_is_claimed_verified_listed_and_removed(acme: CommandLine) -> None:
    assert acme("host", "claim", HOST, "--json").error["error"] == "bad_value"
    with DnsServer() as dns:
        chosen = acme.app.config["AUTHPAGE"]
        changed = {"dns_resolver": dns.address, "custom_domain_target": (TARGET,)}
        acme.app.config["AUTHPAGE"] = chosen.model_copy(update=changed)
        dns.records[TARGET] = [["198.51.100.7"]]
        claim = acme.json("host", "claim", HOST)
        assert (claim["state"], claim["points_to"]) == ("pending", [TARGET])
        assert acme("host", "verify", HOST, "--json").error["error"] == "owner_unknown"
        dns.texts[claim["owner_record"]] = [claim["owner_value"]]
        assert acme("host", "verify", HOST, "--json").error["error"] == "points_elsewhere"
        dns.aliases[HOST] = TARGET
        served = acme.json("host", "verify", HOST)
        assert served["state"] == "active"
        assert acme.json("host", "list")["items"] == [served]
        acme.json("host", "remove", HOST, "--yes")
        assert acme("host", "verify", HOST, "--json").error["error"] == "not_found"


@pytest.mark.parametrize(("value", "shown"), [("a long secret of the proxy", MASK), ("", "")])
def test_the_token_of_the_proxy_is_not_printed(value: str, shown: str) -> None:
    assert masked("tls_ask_token", value) == shown
