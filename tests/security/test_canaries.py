"""D05, G24, L05, L13: what is secret is in no log line, no error page, no row and no address."""

from urllib.parse import urlencode

from flask import Flask

from tests.factories import PASSWORD, REDIRECT_URI, Factory
from tests.security.belongings import basic, rows_of
from tests.security.doors import at_identify
from tests.security.lines import Lines
from tests.security.noise import PARAMETERS
from tests.visitors import VERIFIER, HtmlVisitor, JsonVisitor, authorization

SECRET_FIELDS = (
    "password",
    "code",
    "client_secret",
    "token",
    "refresh_token",
    "access_token",
    "code_verifier",
    "ticket",
    "csrf_token",
    "id_token_hint",
)


def test_g24_no_secret_of_a_whole_sign_in_is_logged_or_stored(
    app: Flask, make: Factory, lines: Lines
) -> None:
    tenant = make.tenant(codes={"digits": 8})
    user, client = make.user(tenant), make.client(tenant)
    secrets: dict[str, str] = {"password": PASSWORD, "client_secret": str(client.secret)}
    path = "/" + tenant.base_url.split("/", 3)[3]
    page = at_identify(app, client)
    secrets["csrf_token"] = page.page.csrf_token
    secrets["envelope"] = page.url.partition("request=")[2]
    page.submit(email=user.email)
    page.submit(password="a wrong canary-password")
    secrets["wrong password"] = "canary-password"
    page.submit("use:email_code")
    secrets["mailed code"] = make.code(tenant, user.email)
    page.submit(code="00000000")
    page.submit(code=secrets["mailed code"])
    assert page.answer is not None
    secrets["code"] = page.answer["code"]
    for name in ("authpage_session", "authpage_flow"):
        cookie = page.http.get_cookie(name, path=path)
        assert cookie is not None
        secrets[name] = cookie.value
    form = {
        "grant_type": "authorization_code",
        "code": secrets["code"],
        "redirect_uri": REDIRECT_URI,
        "code_verifier": VERIFIER,
    }
    headers = {"Authorization": basic(client.id, str(client.secret))}
    url = f"{tenant.base_url}/oauth2/token"
    tokens = app.test_client().post(url, data=form, headers=headers).get_json()
    app.test_client().post(url, data=form, headers=headers)
    for name in ("access_token", "refresh_token", "id_token"):
        secrets[name] = tokens[name]
    bearer = {"Authorization": f"Bearer {tokens['access_token']}"}
    app.test_client().get(f"{tenant.base_url}/oauth2/userinfo", headers=bearer)
    page.get(f"{tenant.base_url}/oauth2/logout?id_token_hint={tokens['id_token']}")
    secrets |= _headless(app, make, client)
    text, rows = lines.written(), str(rows_of(tenant))
    assert "/oauth2/token" in text, "Nothing was logged."
    for name, secret in secrets.items():
        assert secret not in text, f"{name} is in the log"
        assert secret not in rows, f"{name} is in the database"


def _headless(app: Flask, make: Factory, client: object) -> dict[str, str]:
    from tests.factories import MadeClient

    assert isinstance(client, MadeClient)
    visitor = JsonVisitor(app, client)
    visitor.open(prompt="create")
    visitor.submit(email="new@example.com", password="canary of a new password")
    code = make.code(client.tenant, "new@example.com")
    visitor.take(visitor.post(code=code))
    url = visitor.body["go_to"]
    app.test_client().get(url)
    app.test_client().get(url)
    return {
        "flow_token": visitor.token,
        "ticket": url.partition("ticket=")[2],
        "new password": "canary of a new password",
        "sign-up code": code,
    }


def test_g24_no_canary_in_forty_fields_comes_to_light(
    app: Flask, make: Factory, lines: Lines
) -> None:
    tenant = make.tenant()
    client = make.client(tenant)
    page = at_identify(app, client)
    headless = JsonVisitor(app, client)
    headless.open()
    outside = app.test_client()
    base = tenant.base_url
    shown: list[tuple[str, str]] = []
    for name in PARAMETERS:
        canary = f"canary-{name}-7c2d"
        asked = {**authorization(client), name: canary}
        form = {"grant_type": "authorization_code", "client_id": client.id, name: canary}
        own = {"csrf_token": page.page.csrf_token, name: canary}
        headers = {
            "Authorization": f"Bearer {canary}",
            "Referer": f"https://app.example/?{name}={canary}",
            "Cookie": f"authpage_session={canary}; authpage_flow={canary}",
        }
        for response in (
            outside.get(f"{base}/oauth2/authorize", query_string=asked),
            outside.post(f"{base}/oauth2/authorize", data=asked),
            outside.post(f"{base}/oauth2/token", data=form, headers={"X-Request-Id": canary}),
            outside.post(f"{base}/oauth2/revoke", data=form, headers=headers),
            outside.get(f"{base}/oauth2/userinfo?{urlencode({name: canary})}", headers=headers),
            outside.get(f"{base}/oauth2/logout", query_string={name: canary}),
            outside.get(f"{base}/flow/{canary}/finish?ticket={canary}"),
            outside.post(f"{base}/headless/v1/flows", json={name: canary, "authorize": asked}),
            page.http.post(page.form_url, data=own),
            headless.http.post(
                f"{base}/headless/v1/flows/{headless.flow_id}",
                json={name: canary},
                headers={"Authorization": f"Bearer {headless.token}"},
            ),
            outside.get(f"{base}/nowhere/{canary}?{name}={canary}"),
        ):
            if response.status_code >= 400:
                shown.append((name, response.text))
    for name, body in shown:
        if name in SECRET_FIELDS:
            assert f"canary-{name}" not in body, f"An error shows {name}"
    assert "canary-" not in lines.written()
    audit = str(rows_of(tenant)["audit_event"])
    assert "canary-" not in audit


def test_l05_no_page_has_a_secret_in_its_address(app: Flask, make: Factory) -> None:
    tenant = make.tenant()
    user = make.user(tenant)
    page = HtmlVisitor(app, make.client(tenant))
    addresses: list[str] = []
    follow = page.get

    def noted(url: str, **options: object) -> object:
        addresses.append(url)
        return follow(url, **options)

    page.get = noted  # type: ignore[assignment]
    page.open()
    page.submit(email=user.email)
    page.submit("use:email_code")
    code = make.code(tenant, user.email)
    page.submit(code=code)
    assert page.answer is not None
    for address in addresses:
        assert code not in address
        assert user.email not in address
        assert "csrf" not in address
