"""Everything that can be presented to a tenant, once as another tenant's own and once made up.

Where the two get different answers, somebody learns that a thing exists elsewhere.
"""

import base64
import io
from dataclasses import asdict, dataclass, fields, replace
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from flask import Flask
from PIL import Image
from sqlalchemy import text

from app.actor import CLI, Actor
from app.branding import logo
from app.database import read, write
from app.directory import grants, sessions
from app.directory.clients import SCOPES
from app.directory.tenants import Tenant
from app.extensions import db
from app.ids import new_id
from app.models import Base
from tests.factories import PASSWORD, REDIRECT_URI, Factory, MadeClient, MadeUser
from tests.security.second_person import Keepsakes, keepsakes
from tests.security.setup_things import SetupThings, setup_things
from tests.visitors import VERIFIER, HtmlVisitor, JsonVisitor, authorization


@dataclass(frozen=True)
class Belongings(Keepsakes, SetupThings):
    """What one tenant has, as it would be presented in a request."""

    user_id: str
    email: str
    organization_id: str
    client_id: str
    client_secret: str
    session_id: str
    grant_id: str
    session_cookie: str
    flow_cookie: str
    flow_id: str
    flow_request: str
    csrf_token: str
    headless_flow_id: str
    headless_token: str
    handed_flow_id: str
    handed_request: str
    finished_flow_id: str
    ticket: str
    code: str
    access_token: str
    opaque_token: str
    refresh_token: str
    id_token: str
    asset_id: str
    account_token: str


@dataclass(frozen=True)
class Household:
    """A tenant with its people and its things."""

    app: Flask
    tenant: Tenant
    user: MadeUser
    client: MadeClient
    has: Belongings

    @property
    def path(self) -> str:
        """The path below which its pages are."""
        return urlsplit(self.tenant.base_url).path


def household(app: Flask, make: Factory) -> Household:
    """A tenant where somebody is signed in, and others are about to."""
    tenant = make.tenant()
    user, client = make.user(tenant), make.client(tenant)
    organization_id = make.organization(tenant, "Umbrella", user)
    page = _signed_in(app, client, user)
    tokens = _tokens(app, client, page)
    opaque = make.client(tenant, access_token_format="opaque")
    opaque_tokens = _tokens(app, opaque, _signed_in(app, opaque, user))
    manager = make.client(tenant, scopes=[*SCOPES])
    account_tokens = _tokens(app, manager, _signed_in(app, manager, user, "openid account"))
    second = make.user(tenant)
    _signed_in(app, client, second)
    running = _running(app, client)
    headless = _headless(app, client)
    handed = _handed(app, make.client(tenant, ui_url="https://app.example/sign-in"))
    finished, ticket = _finished(app, client, user)
    page.open(prompt="none")
    assert page.answer is not None
    path = urlsplit(tenant.base_url).path
    return Household(
        app,
        tenant,
        user,
        client,
        Belongings(
            user_id=user.id,
            email=user.email,
            organization_id=organization_id,
            client_id=client.id,
            client_secret=str(client.secret),
            session_id=_session_id(tenant, user),
            grant_id=_grant_id(tenant, user, client),
            session_cookie=_cookie(page, "authpage_session", path),
            flow_cookie=_cookie(running, "authpage_flow", path),
            flow_id=urlsplit(running.url).path.rpartition("/")[2],
            flow_request=dict(parse_qsl(urlsplit(running.url).query))["request"],
            csrf_token=running.page.csrf_token,
            headless_flow_id=headless.flow_id,
            headless_token=headless.token,
            handed_flow_id=handed["flow"],
            handed_request=handed["request"],
            finished_flow_id=finished,
            ticket=ticket,
            code=page.answer["code"],
            access_token=tokens["access_token"],
            opaque_token=opaque_tokens["access_token"],
            refresh_token=tokens["refresh_token"],
            id_token=tokens["id_token"],
            asset_id=_asset(tenant),
            account_token=account_tokens["access_token"],
            **asdict(keepsakes(tenant, second)),
            **asdict(setup_things(tenant, organization_id)),
        ),
    )


def made_up(real: Belongings) -> Belongings:
    """Things of the same form that nobody has."""
    return replace(
        real,
        **{each.name: _twisted(each.name, getattr(real, each.name)) for each in fields(real)},
    )


def _twisted(name: str, value: str) -> str:
    """The value with other random digits: an id becomes a new one, anything else is turned round
    where no signature or prefix hides."""
    if name == "email":
        return f"nobody.{value}"
    prefix, _, rest = value.partition("_")
    if len(prefix) == 3 and len(rest) == 26 and name.endswith("_id"):
        return new_id(prefix)
    head, tail = value[: len(value) // 2], value[len(value) // 2 :]
    return head + tail.translate(_TURN)


_TURN = str.maketrans(
    "abcdefghijklmnopqrstuvwxyz0123456789", "bcdefghijklmnopqrstuvwxyza1234567890"
)


def _signed_in(
    app: Flask,
    client: MadeClient,
    user: MadeUser,
    scope: str = "openid profile email offline_access",
) -> HtmlVisitor:
    page = HtmlVisitor(app, client)
    page.open(scope=scope)
    page.submit(email=user.email)
    page.submit(password=PASSWORD)
    if page.answer is None:
        page.choose("Umbrella")
    assert page.answer is not None
    return page


def _tokens(app: Flask, client: MadeClient, page: HtmlVisitor) -> dict[str, Any]:
    assert page.answer is not None
    form = {
        "grant_type": "authorization_code",
        "code": page.answer["code"],
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
    }
    headers = {"Authorization": basic(client.id, str(client.secret))}
    url = f"{client.tenant.base_url}/oauth2/token"
    response = app.test_client().post(url, data=form, headers=headers)
    assert response.status_code == 200, response.text
    return dict(response.get_json())


def basic(client_id: str, secret: str) -> str:
    """An Authorization header of HTTP Basic."""
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def _running(app: Flask, client: MadeClient) -> HtmlVisitor:
    page = HtmlVisitor(app, client)
    page.open()
    page.submit(email="somebody@example.com")
    # The first URL still holds the envelope; the row exists since the first answer.
    fresh = HtmlVisitor(app, client)
    fresh.http = page.http
    fresh.open()
    return fresh


def _headless(app: Flask, client: MadeClient) -> JsonVisitor:
    visitor = JsonVisitor(app, client)
    visitor.open()
    return visitor


def _handed(app: Flask, client: MadeClient) -> dict[str, str]:
    response = app.test_client().get(
        f"{client.tenant.base_url}/oauth2/authorize", query_string=authorization(client)
    )
    return dict(parse_qsl(urlsplit(response.headers["Location"]).query))


def _finished(app: Flask, client: MadeClient, user: MadeUser) -> tuple[str, str]:
    visitor = JsonVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.take(visitor.post(password=PASSWORD))
    if visitor.body["outcome"] == "show":
        choice = visitor.shown["choices"][0]["value"]
        visitor.take(visitor.post(choice=choice))
    return visitor.flow_id, dict(parse_qsl(urlsplit(visitor.body["go_to"]).query))["ticket"]


def _session_id(tenant: Tenant, user: MadeUser) -> str:
    """A session of the user that is not the first one, whose cookie is given."""
    with read(tenant.id) as session:
        found = sessions.list_of_user(session, user.id)
    return max(found, key=lambda each: each.created_at).id


def _grant_id(tenant: Tenant, user: MadeUser, client: MadeClient) -> str:
    with write(tenant.id) as session:
        return grants.remember(session, Actor("user", user.id), user.id, client.id, ["openid"]).id


def _cookie(page: HtmlVisitor, name: str, path: str) -> str:
    found = page.http.get_cookie(name, path=path)
    assert found is not None
    return found.value


def _asset(tenant: Tenant) -> str:
    picture = io.BytesIO()
    Image.new("RGB", (40, 40), f"#{tenant.id.encode()[-3:].hex()}").save(picture, "PNG")
    with write(tenant.id) as session:
        return logo.store(session, CLI, picture.getvalue())


def rows_of(tenant: Tenant) -> dict[str, list[tuple[Any, ...]]]:
    """Every row of the tenant, by table."""
    found = {}
    with db.engine.connect() as connection:
        for table in Base.metadata.sorted_tables:
            if "tenant_id" not in table.c:
                continue
            query = text(f'SELECT * FROM "{table.name}" WHERE tenant_id = :id')
            rows = connection.execution_options(authpage_migration=True).execute(
                query, {"id": tenant.id}
            )
            found[table.name] = sorted(tuple(map(str, row)) for row in rows)
    return found
