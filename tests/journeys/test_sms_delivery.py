"""Codes by SMS all the way: from the page through the worker and Twilio to the phone."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from flask import Flask

from app import worker
from app.actor import CLI
from app.database import write
from app.directory import secrets
from tests.doubles.twilio_server import SENDER, SID, TOKEN, TwilioServer
from tests.factories import Factory, MadeClient
from tests.journeys.moves import claims
from tests.visitors import Visit

NUMBER = "+14155550123"
_LAST_LINE = re.compile(r"\n@localhost #(\d{6})\Z")


@pytest.fixture
def twilio(app: Flask) -> Iterator[TwilioServer]:
    chosen = app.config["AUTHPAGE"]
    with TwilioServer() as server:
        changed = {"twilio_url": server.url, "outbound_allow": (server.address,)}
        app.config["AUTHPAGE"] = chosen.model_copy(update=changed)
        yield server
        app.config["AUTHPAGE"] = chosen


def _client(make: Factory, *, token: str | None) -> MadeClient:
    sections: dict[str, Any] = {
        "methods": {"sign_in": ["sms_code", "password"]},
        "identifiers": {"email": "optional", "phone": "optional"},
        "sms": {"account_sid": SID, "sender": SENDER},
    }
    tenant = make.tenant(**sections)
    if token is not None:
        with write(tenant.id) as session:
            secrets.put(session, CLI, secrets.OF_TWILIO, token)
    return make.client(tenant)


def test_the_code_that_reaches_the_phone_signs_in(
    app: Flask, make: Factory, visit: Visit, twilio: TwilioServer
) -> None:
    client = _client(make, token=TOKEN)
    user = make.user(client.tenant)
    make.phone(client.tenant, user, NUMBER)
    visitor = visit(client)
    visitor.submit(identifier=NUMBER)
    assert visitor.screen == "sms_code"
    while worker.run_once():
        pass
    (message,) = twilio.messages
    assert message.to == NUMBER
    found = _LAST_LINE.search(message.body)
    assert found is not None
    visitor.submit(code=found[1])
    assert claims(app, visitor)["sub"] == user.id


def test_z14_codes_by_sms_are_not_offered_before_twilio_is_set_up(
    make: Factory, visit: Visit, twilio: TwilioServer
) -> None:
    client = _client(make, token=None)
    make.phone(client.tenant, make.user(client.tenant), NUMBER)
    visitor = visit(client)
    visitor.submit(identifier=NUMBER)
    assert visitor.screen == "password"
    assert "use:sms_code" not in visitor.actions
    assert make.mails(client.tenant) == []
