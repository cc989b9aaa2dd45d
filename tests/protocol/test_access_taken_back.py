"""A person sees which apps have access to their account, and takes it back."""

import re

from flask import Flask

from tests.factories import PASSWORD, Factory, MadeClient
from tests.journeys.moves import audited, tokens
from tests.visitors import HtmlVisitor


def _allow(visitor: HtmlVisitor, email: str) -> None:
    visitor.open()
    visitor.submit(email=email)
    visitor.submit(password=PASSWORD)
    assert visitor.screen == "consent"
    visitor.submit("allow")


def _remove(visitor: HtmlVisitor, grant_id: str) -> int:
    visitor.follow(visitor.get(f"{visitor.base}/account/apps"))
    data = {"csrf_token": visitor.page.csrf_token, "grant": grant_id}
    return visitor.http.post(f"{visitor.base}/account/apps/remove", data=data).status_code


def _grants(visitor: HtmlVisitor) -> list[str]:
    visitor.follow(visitor.get(f"{visitor.base}/account/apps"))
    return re.findall(r'name="grant" value="([^"]+)"', visitor.text)


def _is_refreshed(app: Flask, client: MadeClient, refresh_token: str) -> bool:
    form = {
        "grant_type": "refresh_token",
        "refresh_token": refresh_token,
        "client_id": client.id,
        "client_secret": client.secret or "",
    }
    url = f"{client.tenant.base_url}/oauth2/token"
    return app.test_client().post(url, data=form).status_code == 200


def test_access_is_taken_back(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant(), name="Planner <b>", is_first_party=False)
    user, visitor = make.user(client.tenant), HtmlVisitor(app, client)
    _allow(visitor, user.email)
    refresh_token = tokens(app, visitor)["refresh_token"]
    (grant_id,) = _grants(visitor)
    assert "Planner &lt;b&gt;" in visitor.text

    assert _remove(visitor, grant_id) == 303

    assert _grants(visitor) == []
    assert not _is_refreshed(app, client, refresh_token)
    assert len(audited(client.tenant, "consent.revoked")) == 1
    visitor.open()
    assert visitor.screen == "consent"


def test_nobody_takes_back_what_another_allowed(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant(), is_first_party=False)
    owner, stranger = HtmlVisitor(app, client), HtmlVisitor(app, client)
    _allow(owner, make.user(client.tenant).email)
    _allow(stranger, make.user(client.tenant).email)
    (grant_id,) = _grants(owner)

    assert _remove(stranger, grant_id) == 404
    assert _remove(stranger, "") == 404

    assert _grants(owner) == [grant_id]
