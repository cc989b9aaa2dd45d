"""Setting up an authenticator app on the way in, where policy wants a second factor (M03, M05)."""

import pytest
from flask import Flask

from app import clock
from app.database import read
from app.directory import authenticators
from tests.factories import Factory, MadeClient
from tests.journeys.moves import audited, claims
from tests.journeys.second import after_password, code_of, new_step, shown_codes, shown_secret
from tests.visitors import HtmlVisitor, JsonVisitor, Visit, Visitor

REQUIRED = {"mfa": "required"}
APPS_ONLY = {"second": ["totp"]}


@pytest.fixture(autouse=True)
def early_in_a_step() -> None:
    new_step()


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant(policy=REQUIRED, methods=APPS_ONLY))


def _enrolled(visitor: Visitor, **fields: str) -> str:
    """Choose the app, scan, and type its first code; the secret."""
    assert visitor.screen == "enrol", visitor.screen
    visitor.submit("enrol:totp")
    assert visitor.screen == "enrol_totp"
    secret = shown_secret(visitor)
    visitor.submit(code=code_of(secret), **fields)
    return secret


def test_a_required_factor_is_set_up_before_the_app_is_reached(
    app: Flask, make: Factory, visit: Visit, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    visitor = after_password(visit, client, user)
    secret = _enrolled(visitor, label="  Work\u202e phone ")
    assert visitor.screen == "recovery_codes"
    codes = shown_codes(visitor)
    assert len(set(codes)) == 10
    visitor.submit()
    assert claims(app, visitor)["acr"] == "urn:authpage:acr:2fa"
    with read(client.tenant.id) as session:
        (kept,) = authenticators.list_of_user(session, user.id)
    assert kept.label == "Work phone"
    assert [p for p, _ in make.mails(client.tenant)].count("factor_added") == 1
    again = after_password(visit, client, user)
    assert again.screen == "totp"
    again.submit(code=codes[4])
    assert again.answer is not None
    clock.move(30)
    once_more = after_password(visit, client, user)
    once_more.submit(code=code_of(secret))
    assert once_more.answer is not None


def test_m01_the_code_that_confirmed_an_app_signs_nobody_in(
    make: Factory, visit: Visit, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    secret = _enrolled(after_password(visit, client, user))
    visitor = after_password(visit, client, user)
    visitor.submit(code=code_of(secret))
    assert visitor.errors == {"code": "error.totp_used"}


def test_m03_the_secret_has_160_bits_and_is_never_shown_again(
    make: Factory, visit: Visit, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    visitor = after_password(visit, client, user)
    secret = _enrolled(visitor)
    assert len(secret) * 5 == 160
    assert secret not in _everything(visitor)
    assert secret not in _everything(after_password(visit, client, user))


def test_a_wrong_code_keeps_the_secret_on_the_screen(
    make: Factory, visit: Visit, client: MadeClient
) -> None:
    visitor = after_password(visit, client, make.user(client.tenant))
    visitor.submit("enrol:totp")
    secret = shown_secret(visitor)
    visitor.submit(code=code_of(secret, 5))
    assert (visitor.status, visitor.errors) == (422, {"code": "error.totp_wrong"})
    visitor.submit(code="12")
    assert visitor.errors == {"code": "error.totp_digits"}
    assert shown_secret(visitor) == secret


def test_m05_a_secret_that_waited_too_long_takes_no_right_code(
    make: Factory, visit: Visit, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    visitor = after_password(visit, client, user)
    visitor.submit("enrol:totp")
    secret = shown_secret(visitor)
    clock.move(20 * 60 + 1)
    visitor.submit(code=code_of(secret))
    assert visitor.answer is None
    assert (visitor.screen, visitor.message) == ("enrol", "error.enrolment_expired")
    with read(client.tenant.id) as session:
        assert authenticators.list_of_user(session, user.id) == ()
    _enrolled(visitor)
    assert visitor.screen == "recovery_codes"


def test_a_secret_takes_ten_tries(make: Factory, visit: Visit, client: MadeClient) -> None:
    visitor = after_password(visit, client, make.user(client.tenant))
    visitor.submit("enrol:totp")
    secret = shown_secret(visitor)
    for _ in range(10):
        visitor.submit(code=code_of(secret, 5))
    assert visitor.screen == "enrol"
    visitor.submit("enrol:totp")
    assert shown_secret(visitor) != secret


def test_m06_half_a_sign_in_sets_up_nothing_for_somebody_with_a_factor(
    make: Factory, visit: Visit, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    make.authenticator(client.tenant, user)
    visitor = after_password(visit, client, user)
    visitor.submit("enrol:totp")
    assert visitor.screen == "totp"
    with read(client.tenant.id) as session:
        assert len(authenticators.list_of_user(session, user.id)) == 1


def test_it_may_be_put_off_as_often_as_the_tenant_says(make: Factory, visit: Visit) -> None:
    client = make.client(
        make.tenant(policy={**REQUIRED, "enrolments_put_off": 2}, methods=APPS_ONLY)
    )
    user = make.user(client.tenant)
    for _ in range(2):
        visitor = after_password(visit, client, user)
        assert "later" in visitor.actions
        visitor.submit("later")
        assert visitor.answer is not None
    visitor = after_password(visit, client, user)
    assert visitor.screen == "enrol"
    assert "later" not in visitor.actions
    visitor.submit("later")
    assert visitor.answer is None
    assert len(audited(client.tenant, "user.enrolment_put_off")) == 2


def test_parallel_sign_ins_share_no_grace(app: Flask, make: Factory) -> None:
    client = make.client(
        make.tenant(policy={**REQUIRED, "enrolments_put_off": 1}, methods=APPS_ONLY)
    )
    user = make.user(client.tenant)
    begun = [HtmlVisitor(app, client) for _ in range(3)]
    for visitor in begun:
        visitor.open()
        visitor.submit(email=user.email)
        visitor.submit(password=user.password or "")
        assert "later" in visitor.actions
    for visitor in begun:
        visitor.submit("later")
    assert [visitor.answer is not None for visitor in begun] == [True, False, False]
    assert "later" not in begun[2].actions
    assert begun[2].screen == "enrol"


def test_the_codes_can_be_downloaded_while_they_are_shown(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.submit(password=user.password or "")
    _enrolled(visitor)
    codes = shown_codes(visitor)
    file = f"{visitor.url}/recovery-codes.txt"
    answer = visitor.get(file)
    assert answer.mimetype == "text/plain"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="recovery-codes.txt"'
    assert answer.headers["Cache-Control"] == "no-store"
    assert [line for line in answer.text.splitlines() if line in codes] == codes
    assert user.email in answer.text
    stranger = app.test_client().get(file)
    assert stranger.status_code == 403
    visitor.submit()
    assert visitor.answer is not None
    assert not set(codes) & set(visitor.get(file).text.split())


def test_an_app_that_draws_by_itself_gets_uri_secret_and_picture(app: Flask, make: Factory) -> None:
    tenant = make.tenant(policy=REQUIRED, methods=APPS_ONLY, brand={"name": "Acme: Länder & Co"})
    client = make.client(tenant)
    user = make.user(tenant, "jane@example.com")
    visitor = JsonVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.submit(password=user.password or "")
    visitor.submit("enrol:totp")
    display = visitor.shown["display"]
    secret = display["secret"].replace(" ", "")
    assert display["uri"] == (
        "otpauth://totp/Acme%20L%C3%A4nder%20%26%20Co:jane@example.com"
        f"?secret={secret}&issuer=Acme%20L%C3%A4nder%20%26%20Co"
        "&algorithm=SHA1&digits=6&period=30"
    )
    assert display["data_url"].startswith("data:image/png;base64,iVBORw0KGgo")
    assert {len(group) for group in display["secret"].split()} == {4}


def _everything(visitor: Visitor) -> str:
    return visitor.text if isinstance(visitor, HtmlVisitor) else str(visitor.body)
