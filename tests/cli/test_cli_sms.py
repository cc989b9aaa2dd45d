"""Text messages on the command line: set up, tried out, watched."""

import io
import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from app.cli.sms import _ADVICE
from app.config import Settings
from app.delivery import mailbox, sms_guard
from app.directory import tenants
from tests.cli.conftest import CommandLine
from tests.doubles.twilio_server import SENDER, SID, TOKEN, Error, TwilioServer

NUMBER = "+4915123456789"
Type = Callable[[str], None]


@pytest.fixture
def type_in(monkeypatch: pytest.MonkeyPatch) -> Type:
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


@pytest.fixture
def twilio(acme: CommandLine) -> Iterator[TwilioServer]:
    with TwilioServer() as server:
        chosen = acme.app.config["AUTHPAGE"]
        changed = {"twilio_url": server.url, "outbound_allow": (server.address,)}
        acme.app.config["AUTHPAGE"] = chosen.model_copy(update=changed)
        yield server


@pytest.fixture
def ready(acme: CommandLine, twilio: TwilioServer, type_in: Type) -> CommandLine:
    acme.json("tenant", "settings", "set", "sms", f"account_sid={SID}", f"sender={SENDER}")
    type_in(f"{TOKEN}\n")
    acme.json("sms", "set-token")
    return acme


def _checks(authpage: CommandLine) -> list[dict[str, Any]]:
    ran = authpage("doctor", "--json")
    return [each for each in json.loads(ran.out)["checks"] if each["part"] == "sms"]


def test_the_token_is_read_and_never_shown(acme: CommandLine, type_in: Type) -> None:
    type_in(f"{TOKEN}\nmore\n")
    ran = acme("sms", "set-token")
    assert ran.code == 0
    shown = ran.out + ran.err + acme("sms", "status").out + acme("audit", "list", "--json").out
    assert TOKEN not in shown
    assert acme.json("sms", "status")["missing"] == ["account_sid", "sender"]
    type_in("")
    assert acme("sms", "set-token", "--json").error["error"] == "bad_value"
    assert acme.json("sms", "remove-token") == {"removed": True}
    assert acme.json("sms", "remove-token") == {"removed": False}


def test_the_token_is_no_argument(acme: CommandLine) -> None:
    assert acme("sms", "set-token", TOKEN).code == 2


def test_status_says_what_is_missing_and_what_to_do(acme: CommandLine, type_in: Type) -> None:
    alone = acme.json("sms", "status")
    assert (alone["ready"], alone["by"], alone["most_a_day"]) == (True, "mailbox", 1_000)
    assert alone["missing"] == ["account_sid", "sender", "auth_token"] == [*_ADVICE]
    acme.json("tenant", "settings", "set", "sms", f"account_sid={SID}")
    half = acme.json("sms", "status")
    assert (half["ready"], half["by"]) == (False, "Twilio")
    assert half["do"] == [_ADVICE["sender"], _ADVICE["auth_token"]]


def test_a_test_message_goes_out_at_once_and_counts(
    ready: CommandLine, twilio: TwilioServer
) -> None:
    assert ready.json("sms", "test-send", NUMBER) == {"sent": True, "by": "Twilio"}
    assert twilio.bodies == ["Acme: this is a test. Text messages arrive."]
    status = ready.json("sms", "status")
    assert (status["ready"], status["sent_today"], status["missing"]) == (True, 1, [])
    events = ready.json("audit", "list", "--event", "sms.tested")["items"]
    assert [each["data"] for each in events] == [{"to": "•••89"}]


def test_a_test_message_that_fails_says_why(ready: CommandLine, twilio: TwilioServer) -> None:
    twilio.errors[NUMBER] = Error(400, 21608)
    ran = ready("sms", "test-send", NUMBER, "--json")
    assert ran.error["error"] == "sms_not_sent"
    assert ran.error["detail"] == "The message was not sent: 400 from Twilio (21608)."
    assert ready("sms", "test-send", "12", "--json").error["error"] == "bad_number"


def test_o13_a_test_message_keeps_to_the_rules(ready: CommandLine, twilio: TwilioServer) -> None:
    ready.json("tenant", "settings", "set", "sms", "deny_countries=DE")
    assert ready("sms", "test-send", NUMBER, "--json").error["error"] == "sms_country"
    ready.json("tenant", "settings", "set", "sms", "deny_countries=", "most_a_day=1")
    ready.json("sms", "test-send", NUMBER)
    assert ready("sms", "test-send", NUMBER, "--json").error["error"] == "sms_full"
    ready.json("sms", "remove-token")
    assert ready("sms", "test-send", NUMBER, "--json").error["error"] == "sms_not_ready"
    assert len(twilio.messages) == 1


def test_status_and_doctor_name_blocked_numbers(ready: CommandLine) -> None:
    ready.json("tenant", "settings", "set", "methods", "sign_in=password,sms_code")
    assert [each["state"] for each in _checks(ready)] == ["ok"]
    with ready.app.app_context():
        tenant = tenants.default()
        assert tenant is not None
        for _ in range(sms_guard.LEAST_SENT + 1):
            sms_guard.allow(tenant, NUMBER)
    (blocked,) = ready.json("sms", "status")["blocked"]
    assert blocked.startswith("+4915123: 0 of 20 codes came back, until 2")
    assert ready("sms", "test-send", NUMBER, "--json").error["error"] == "sms_blocked"
    (check,) = _checks(ready)
    assert (check["state"], check["sentence"]) == ("warn", "Blocked prefixes at default: 1.")


def test_doctor_says_what_a_tenant_lacks_that_offers_codes_by_sms(
    acme: CommandLine, type_in: Type
) -> None:
    assert _checks(acme) == []
    acme.json("tenant", "settings", "set", "sms", f"account_sid={SID}")
    acme.json("tenant", "settings", "set", "methods", "second=totp,sms_code")
    (check,) = _checks(acme)
    assert check["state"] == "warn"
    assert "lacks sender, auth_token" in check["sentence"]
    assert "authpage sms status --tenant default" in check["advice"]


def test_messages_of_development_are_shown_by_number(acme: CommandLine, settings: Settings) -> None:
    acme.json("sms", "test-send", NUMBER)
    assert [each.to for each in mailbox.messages(settings)] == [NUMBER]
    shown = acme.json("mail", "show", "--to", NUMBER, "--last")
    assert shown["text"].startswith("Acme: this is a test.")
    assert acme("mail", "show", "--to", "+491512345678", "--json").error["error"] == "bad_number"
    assert acme("mail", "show", "--to", "+14155550199", "--json").error["error"] == "no_mail"
