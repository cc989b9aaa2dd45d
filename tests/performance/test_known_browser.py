"""P10, Z17: whether a browser is known is asked of the database once, outside transactions."""

from typing import Any

import pytest
from flask import Flask

from app.database import refuse_open_transaction
from app.directory import sessions
from tests.factories import PASSWORD, Factory
from tests.visitors import HtmlVisitor


@pytest.mark.parametrize("method", ["password", "email_code"])
def test_p10_a_known_browser_is_looked_up_once_and_outside_of_transactions(
    app: Flask, make: Factory, monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    tenant = make.tenant(methods={"sign_in": [method]})
    user = make.user(tenant)
    person = HtmlVisitor(app, make.client(tenant))
    asked: list[str] = []
    has_signed_in = sessions.has_signed_in

    def watched(session: Any, browser_id: str, user_id: str) -> bool:
        refuse_open_transaction()
        asked.append(user_id)
        return has_signed_in(session, browser_id, user_id)

    monkeypatch.setattr(sessions, "has_signed_in", watched)
    for _ in ("a new browser", "a known one"):
        person.answer = None
        person.open(prompt="login")
        person.submit(email=user.email)
        asked.clear()
        if method == "password":
            person.submit(password=PASSWORD)
        else:
            person.submit(code=make.code(tenant, user.email))
        assert person.answer is not None
    assert asked == [user.id]
