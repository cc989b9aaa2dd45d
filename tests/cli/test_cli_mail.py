"""A tenant's own mail server on the command line: set up, tried out, looked after."""

import io
import json
from collections.abc import Callable

import pytest

from tests.cli.conftest import CommandLine
from tests.doubles.azure_server import SENDER, AzureServer
from tests.doubles.dns_server import DnsServer

Type = Callable[[str], None]


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Type:
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def _change(authpage: CommandLine, **changed: object) -> None:
    bound = authpage.app.config["AUTHPAGE"]
    authpage.app.config["AUTHPAGE"] = bound.model_copy(update=changed)


def test_azure_is_set_up_tried_out_and_never_shown(acme: CommandLine, type_in: Type) -> None:
    with AzureServer() as server:
        _change(acme, outbound_allow=(server.address,))
        acme.json("tenant", "settings", "set", "mail", "sender=azure", f"address={SENDER}")
        checks = json.loads(acme("doctor", "--json").out)["checks"]
        assert [each["state"] for each in checks if "own server" in each["sentence"]] == ["warn"]
        refused = acme("mail", "test-send", "jane@example.com", "--json").error
        assert refused["error"] == "mail_not_sent"
        assert "no password" in refused["detail"]
        type_in("endpoint=nowhere\n")
        assert acme("mail", "set-connection", "--json").error["error"] == "bad_value"
        type_in(f"{server.connection_string}\n")
        shown = acme("mail", "set-connection").out
        sent = acme.json("mail", "test-send", "jane@example.com")
        assert sent == {"sent": True, "by": "azure", "confirmed": False}
        ((_, document),) = server.mails.items()
        server.key = b"another"
        failed = acme("mail", "test-send", "jane@example.com", "--json").error
    assert document["recipients"]["to"][0]["address"] == "jane@example.com"
    assert "401 from Azure (Denied)" in failed["detail"]
    shown += acme("audit", "list", "--json").out + str(failed)
    assert "accesskey" not in shown
    assert "jane@example.com" not in shown


def test_the_doctor_names_the_records_to_add(acme: CommandLine) -> None:
    with DnsServer() as server:
        _change(acme, dns_resolver=server.address)
        acme.json(
            "tenant", "settings", "set", "mail", "sender=azure", "address=no-reply@acme.example"
        )
        found = acme.json("mail", "doctor")["items"]
    assert [each["part"] for each in found] == ["SPF", "DKIM", "DKIM", "DMARC"]
    assert found[0]["add"] == "acme.example TXT v=spf1 include:spf.protection.outlook.com -all"


def test_only_a_known_message_is_sent_again(acme: CommandLine) -> None:
    assert acme("mail", "resend", "msg_1", "--json").error["error"] == "not_found"
