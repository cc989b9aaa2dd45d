"""D01 to D03, L10, O11, P02, P08, R19: input that no form and no library of ours would send."""

from typing import Any

import pytest
from flask import Flask

from tests.factories import Factory, MadeClient
from tests.security.belongings import rows_of
from tests.security.doors import at_identify
from tests.visitors import JsonVisitor, authorization

BODIES: dict[str, bytes] = {
    "nested arrays": b"[" * 100_000,
    "nested objects": b'{"a":' * 20_000,
    "closed nesting": b'{"a":' * 40 + b"1" + b"}" * 40,
    "a big number": b'{"authorize": ' + b"9" * 5_000 + b"}",
    "a big exponent": b'{"authorize": 1e999}',
    "NaN": b'{"authorize": NaN}',
    "Infinity": b'{"authorize": -Infinity}',
    "NUL": b'{"authorize": {"client_id": "a\\u0000b"}}',
    "a raw NUL": b'{"authorize": {"client_id": "a\x00b"}}',
    "a lone surrogate": b'{"authorize": {"client_id": "\\ud800"}}',
    "a surrogate as a name": b'{"authorize": {"\\udfff": "x"}}',
    "duplicate names": b'{"kind": "sign_in", "kind": "sign_up", "authorize": {}}',
    "nested duplicates": b'{"authorize": {"client_id": "a", "client_id": "b"}}',
    "bad UTF-8": b'{"authorize": "\xff\xfe"}',
    "UTF-16": '{"authorize": {}}'.encode("utf-16"),
    "a byte order mark": b'\xef\xbb\xbf{"authorize": {}}',
    "an array": b"[1, 2]",
    "a string": b'"x"',
    "null": b"null",
    "nothing": b"",
    "trailing data": b'{"authorize": {}} {}',
    "a comment": b'{"authorize": {} /* x */}',
}
AUTHORIZATIONS = [
    "Basic",
    "Basic ",
    "Basic !!!!",
    "Basic YQ==",
    "Basic Og==",
    "Basic /////w==",
    "Basic " + "QTpC" * 20_000,
    "Basic YTpi\u00e9",
    "basic YTpi",
    "Bearer",
    "Bearer ",
    "Bearer \u00ff",
    "Bearer a b c",
    "Bearer " + "x" * 60_000,
    "Bearer ...",
    "Bearer eyJhbGciOiJub25lIn0.e30.",
    "Bearer at_",
    "Bearer at_!!!!",
    "Bearer at_AAAA",
    "Digest username=x",
    "\u00e9",
    "Basic YTpi, Bearer x",
]


@pytest.mark.parametrize("name", BODIES)
def test_d01_json_that_is_not_quite_json_is_400(app: Flask, make: Factory, name: str) -> None:
    client = make.client(make.tenant())
    visitor = JsonVisitor(app, client)
    visitor.open()
    before = rows_of(client.tenant)
    for path in ("", f"/{visitor.flow_id}", f"/{visitor.flow_id}/take-over"):
        response = app.test_client().post(
            f"{client.tenant.base_url}/headless/v1/flows{path}",
            data=BODIES[name],
            content_type="application/json",
            headers={"Authorization": f"Bearer {visitor.token}"},
        )
        assert response.status_code in (400, 413, 422), (path, response.status_code)
        assert response.content_type == "application/problem+json"
    assert rows_of(client.tenant) == before


@pytest.mark.parametrize(
    "claims",
    [
        '{"id_token": {"sub": {"value": "\\ud800"}}}',
        '{"id_token": {"sub": {"value": "\\u0000"}}}',
        '{"id_token": {"acr": {"essential": true, "values": ["\\ud800"]}}}',
        '{"id_token": {"acr": {"essential": true, "values": [[], {}]}}}',
        '{"id_token": {"acr": {"essential": true, "value": {"a": 1}}}}',
        '{"userinfo": []}',
        '{"userinfo": {"name": ' + "[" * 2_000 + "]" * 2_000 + "}}",
        "[" * 7_000,
        '{"id_token": {"sub": {"value": ' + "9" * 5_000 + "}}}",
        '{"id_token": NaN}',
        "null",
        "{}",
        '"x"',
    ],
    ids=ascii,
)
def test_d01_a_claims_parameter_never_breaks_anything(
    app: Flask, make: Factory, claims: str
) -> None:
    client = make.client(make.tenant())
    url = f"{client.tenant.base_url}/oauth2/authorize"
    page = at_identify(app, client)
    response = page.get(url, query_string={**authorization(client), "claims": claims})
    assert response.status_code in (303, 400)
    page.follow(page.get(url, query_string={**authorization(client), "claims": claims}))
    if page.screen == "identify":
        page.submit(email="jane@example.com")
        assert page.status in (200, 422)


@pytest.mark.parametrize("value", AUTHORIZATIONS, ids=lambda text: ascii(text)[:40])
def test_d02_a_malformed_authorization_header_is_refused(
    app: Flask, make: Factory, value: str
) -> None:
    base = make.tenant().base_url
    outside = app.test_client()
    headers = {"Authorization": value.encode().decode("latin-1")}
    asked = {"grant_type": "authorization_code", "code": "x", "redirect_uri": "x"}
    assert outside.post(f"{base}/oauth2/token", data=asked, headers=headers).status_code == 401
    assert (
        outside.post(f"{base}/oauth2/revoke", data={"token": "x"}, headers=headers).status_code
        == 401
    )
    assert outside.get(f"{base}/oauth2/userinfo", headers=headers).status_code == 401
    flow = outside.get(f"{base}/headless/v1/flows/flw_x", headers=headers)
    assert flow.status_code in (401, 404)


def _multipart(count: int, size: int = 1) -> bytes:
    part = b'--x\r\nContent-Disposition: form-data; name="a%d"\r\n\r\n' + b"v" * size + b"\r\n"
    return b"".join(part.replace(b"%d", str(n).encode()) for n in range(count)) + b"--x--\r\n"


MULTIPARTS: dict[str, bytes] = {
    "many parts": _multipart(1_000),
    "a hundred thousand parts": _multipart(100_000),
    "one large part": _multipart(1, 60_000),
    "no end": b'--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n' + b"v" * 1_000,
    "endless headers": b"--x\r\n" + b"X-A: b\r\n" * 5_000 + b"\r\nv\r\n--x--\r\n",
    "a file": b'--x\r\nContent-Disposition: form-data; name="a"; filename="b"\r\n\r\nv\r\n--x--',
    "bad UTF-8": b'--x\r\nContent-Disposition: form-data; name="\xff"\r\n\r\n\xff\r\n--x--',
    "no name": b"--x\r\nContent-Disposition: form-data\r\n\r\nv\r\n--x--",
    "nothing": b"",
}


@pytest.mark.parametrize("name", MULTIPARTS)
def test_d03_multipart_bombs_are_refused(app: Flask, make: Factory, name: str) -> None:
    page = at_identify(app, make.client(make.tenant()))
    before = rows_of(page.client.tenant)
    for url in (page.form_url, f"{page.base}/sign-out", f"{page.base}/oauth2/token"):
        response = page.http.post(
            url, data=MULTIPARTS[name], content_type="multipart/form-data; boundary=x"
        )
        assert response.status_code in (400, 401, 413), url
    assert rows_of(page.client.tenant) == before


@pytest.mark.parametrize("size", [65_537, 1_000_000])
@pytest.mark.parametrize(
    "content_type", ["application/x-www-form-urlencoded", "application/json", "multipart/form-data"]
)
def test_p02_an_oversize_body_is_413(
    app: Flask, make: Factory, size: int, content_type: str
) -> None:
    page = at_identify(app, make.client(make.tenant()))
    for url in (
        page.form_url,
        f"{page.base}/oauth2/authorize",
        f"{page.base}/headless/v1/flows",
        f"{page.base}/sign-out",
    ):
        if ("json" in content_type) != ("headless" in url):
            continue
        response = page.http.post(url, data=b"a" * size, content_type=content_type)
        assert response.status_code in (413, 415), url


@pytest.mark.parametrize("text", ["%00", "a%00b", "%ff", "%c3%28", "%ed%a0%80", "%ef%bf%bd"])
def test_p08_nul_and_bad_utf8_are_400_wherever_they_stand(
    app: Flask, make: Factory, text: str
) -> None:
    page = at_identify(app, make.client(make.tenant()))
    form = "application/x-www-form-urlencoded"
    outside = app.test_client()
    for response in (
        outside.get(f"{page.base}/sign-in?x={text}"),
        outside.get(f"{page.base}/sign-in?{text}=x"),
        outside.get(f"{page.base}/flow/{text}"),
        outside.get(f"{page.base}/oauth2/authorize?client_id={text}"),
        page.http.post(page.form_url, data=f"email={text}", content_type=form),
        page.http.post(page.form_url, data=f"{text}=x", content_type=form),
        outside.post(f"{page.base}/oauth2/token", data=f"code={text}", content_type=form),
        outside.post(f"{page.base}/oauth2/revoke", data=f"token={text}", content_type=form),
    ):
        assert response.status_code == 400, response.request.url


@pytest.mark.parametrize(
    "name", ["client_id", "redirect_uri", "state", "scope", "response_type", "code_challenge"]
)
def test_r19_a_repeated_parameter_is_refused(app: Flask, make: Factory, name: str) -> None:
    client = make.client(make.tenant())
    asked: list[tuple[str, str]] = [*authorization(client).items()]
    asked.append((name, dict(asked)[name]))
    response = app.test_client().get(
        f"{client.tenant.base_url}/oauth2/authorize", query_string=asked
    )
    if response.status_code == 303:
        assert "error=invalid_request" in response.headers["Location"]
    else:
        assert response.status_code == 400


def _refused(app: Flask, client: MadeClient, asked: Any) -> bool:
    response = app.test_client().get(
        f"{client.tenant.base_url}/oauth2/authorize", query_string=asked
    )
    location = response.headers.get("Location", "")
    return response.status_code in (400, 414) or "error=invalid_request" in location


def test_r19_floods_of_parameters_are_refused(app: Flask, make: Factory) -> None:
    client = make.client(make.tenant())
    asked = authorization(client)
    assert _refused(app, client, {**asked, **{f"x{n}": "y" for n in range(10_000)}})
    assert _refused(app, client, {**asked, "scope": "a " * 32_000})
    assert _refused(app, client, {**asked, "scope": "openid \x07"})
    assert _refused(app, client, {**asked, "max_age": "9" * 5_000})
    assert _refused(app, client, {**asked, "max_age": "-1"})
    assert _refused(app, client, {**asked, "max_age": "١٢"})


@pytest.mark.parametrize(
    "fields",
    [
        [("email", "a@example.com"), ("email", "b@example.com")],
        [("email[]", "a@example.com"), ("email[]", "b@example.com")],
        [("email", "a@example.com,b@example.com")],
        [("email", "a@example.com;b@example.com")],
        [("email", "a@example.com\r\nBcc: b@example.com")],
        [("email", "a@example.com\nb@example.com")],
        [("email", '"a@example.com,b"@example.com')],
        [("email", "a@evil.test@corp.example")],
        [("email", "<a@example.com>")],
        [("email", "a@[127.0.0.1]")],
        [("email", "a@example.com\u2028")],
    ],
    ids=ascii,
)
def test_l10_one_mail_goes_to_one_address(
    app: Flask, make: Factory, fields: list[tuple[str, str]]
) -> None:
    tenant = make.tenant(methods={"sign_in": ["email_code"], "sign_up": []})
    page = at_identify(app, make.client(tenant))
    form = "&".join(f"{name}={_quoted(value)}" for name, value in fields)
    response = page.http.post(
        page.form_url,
        data=f"csrf_token={_quoted(page.page.csrf_token)}&{form}",
        content_type="application/x-www-form-urlencoded",
    )
    assert response.status_code in (400, 422)
    assert make.mails(tenant) == []


def _quoted(value: str) -> str:
    return "".join(f"%{byte:02x}" for byte in value.encode())


@pytest.mark.parametrize(
    "code",
    ["", " ", "12345", "1234567", "+12345", "-12345", "1.2345", "0x1234", "a" * 100_00, "²²²²²²",
     "\uff11\uff12\uff13", "½½½½½½", "12345\u0000", "[1,2,3]"],
    ids=lambda text: ascii(text)[:20],
)  # fmt: skip
def test_o11_what_is_no_code_spends_no_attempt(app: Flask, make: Factory, code: str) -> None:
    tenant = make.tenant(methods={"sign_in": ["email_code"], "sign_up": []})
    user = make.user(tenant)
    page = at_identify(app, make.client(tenant))
    page.submit(email=user.email)
    response = page.post(code=code)
    assert response.status_code in (400, 422)
    real = make.code(tenant, user.email)
    arabic = "".join(chr(0x0660 + int(digit)) for digit in real)
    page.submit(code=f" {arabic[:3]} {arabic[3:]} ")
    assert page.answer is not None, "Five attempts are left, and any digits will do."
