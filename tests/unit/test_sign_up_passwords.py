"""Sign-up asks for a password where it will be of use, and demands one where nothing else is."""

import pytest
from flask import Flask

from tests.factories import Factory

BOTH, CODE, PASSWORD = ["password", "email_code"], ["email_code"], ["password"]
NONE: list[str] = []


@pytest.mark.parametrize(
    ("sign_in", "sign_up", "asked"),
    [
        (BOTH, BOTH, "optional"),
        (BOTH, PASSWORD, "optional"),
        (BOTH, CODE, None),
        (BOTH, NONE, None),
        (CODE, BOTH, None),
        (CODE, CODE, None),
        (PASSWORD, BOTH, "required"),
        (PASSWORD, CODE, "required"),
        (PASSWORD, NONE, "required"),
    ],
)
def test_sign_up_asks_for_a_password_that_is_of_use(
    app: Flask, make: Factory, sign_in: list[str], sign_up: list[str], asked: str | None
) -> None:
    tenant = make.tenant(methods={"sign_in": sign_in, "sign_up": sign_up})
    page = app.test_client().get(f"{tenant.base_url}/sign-up", follow_redirects=True).text
    found = page.partition('id="password"')[2].partition(">")[0]
    assert (None if not found else "required" if " required" in found else "optional") == asked
