"""What a stranger's browser can put into somebody's list of devices (F16)."""

import pytest
from flask import Flask

from app.database import read
from app.directory import sessions
from app.directory.tenants import Tenant
from tests.account.resident import resident
from tests.factories import Factory, MadeUser

FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"


def _listed(tenant: Tenant, user: MadeUser) -> tuple[str | None, str | None]:
    with read(tenant.id) as session:
        found = sessions.list_of_user(session, user.id)
    newest = max(found, key=lambda each: each.id)
    return newest.software, newest.system


@pytest.mark.parametrize(
    "header",
    [
        "<script>alert(1)</script>" + FIREFOX,
        FIREFOX + " \u202egnirts desrever\u202c",
        FIREFOX + "x" * 60_000,
        '"><img src=x onerror=alert(1)>',
        "\u2066\u202e" * 300,
    ],
    ids=["markup", "right-to-left", "64 kB", "no browser", "only marks"],
)
def test_f16_the_list_shows_nothing_that_a_browser_made_up(
    app: Flask, make: Factory, header: str
) -> None:
    person = resident(app, make)
    stranger = app.test_client()
    environment = {"HTTP_USER_AGENT": header.encode("utf-8").decode("latin-1")}
    start = f"{person.base}/account"
    page = stranger.get(start, environ_overrides=environment)
    person.http, former = stranger, person.http
    person.follow(page)
    for fields in ({"email": person.user.email}, {"password": person.user.password or ""}):
        data = {"csrf_token": person.page.csrf_token, "screen": person.screen, **fields}
        person.follow(stranger.post(person.form_url, data=data, environ_overrides=environment))
    person.http = former
    person.go("/devices")
    assert person.status == 200
    software, system = _listed(person.client.tenant, person.user)
    for said in (software or "", system or ""):
        assert len(said) <= 60
        assert said.isprintable()
        assert not set(said) & set("<>\u202e\u2066")
    assert "<script>alert" not in person.text
    assert "onerror=alert" not in person.text
    assert "\u202e" not in person.text
    assert len(person.text) < 60_000
