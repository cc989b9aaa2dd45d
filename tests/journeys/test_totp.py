"""Sign-in with an authenticator app or a recovery code after the password (M01, M04 to M06)."""

import pytest
from flask import Flask

from app import clock
from app.methods.totp import STEP
from tests.factories import Factory, MadeClient
from tests.journeys.moves import audited, claims
from tests.journeys.second import after_password, code_of, new_step
from tests.visitors import HtmlVisitor, JsonVisitor, Visit


@pytest.fixture(autouse=True)
def early_in_a_step() -> None:
    new_step()


@pytest.fixture
def client(make: Factory) -> MadeClient:
    return make.client(make.tenant())


def test_the_code_of_the_app_is_asked_after_the_password(
    app: Flask, make: Factory, visit: Visit, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    secret = make.authenticator(client.tenant, user)
    visitor = after_password(visit, client, user)
    assert visitor.screen == "totp"
    assert visitor.answer is None
    visitor.submit(code=code_of(secret))
    found = claims(app, visitor)
    assert found["amr"] == ["mfa", "otp", "pwd"]
    assert found["acr"] == "urn:authpage:acr:2fa"
    assert audited(client.tenant, "totp.succeeded") == [{}]


def test_m01_the_same_code_is_refused_in_its_window_and_in_the_next_step(
    make: Factory, visit: Visit, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    secret = make.authenticator(client.tenant, user)
    code = code_of(secret)
    after_password(visit, client, user).submit(code=code)
    for _ in range(2):
        visitor = after_password(visit, client, user)
        visitor.submit(code=code)
        assert (visitor.status, visitor.errors) == (422, {"code": "error.totp_used"})
        assert visitor.answer is None
        clock.move(STEP)
    visitor = after_password(visit, client, user)
    visitor.submit(code=code_of(secret))
    assert visitor.answer is not None


def test_m01_an_older_code_than_the_last_is_refused(
    make: Factory, visit: Visit, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    secret = make.authenticator(client.tenant, user)
    after_password(visit, client, user).submit(code=code_of(secret, 1))
    visitor = after_password(visit, client, user)
    visitor.submit(code=code_of(secret))
    assert visitor.errors == {"code": "error.totp_used"}


@pytest.mark.parametrize(("steps", "is_right"), [(-2, False), (-1, True), (1, True), (2, False)])
def test_a_clock_may_differ_by_one_step(
    make: Factory, visit: Visit, client: MadeClient, steps: int, is_right: bool
) -> None:
    user = make.user(client.tenant)
    secret = make.authenticator(client.tenant, user)
    visitor = after_password(visit, client, user)
    visitor.submit(code=code_of(secret, steps))
    assert (visitor.answer is not None) is is_right


def test_any_of_several_apps_will_do(make: Factory, visit: Visit, client: MadeClient) -> None:
    user = make.user(client.tenant)
    secrets = [make.authenticator(client.tenant, user, name) for name in ("Phone", "Tablet")]
    for secret in secrets:
        visitor = after_password(visit, client, user)
        visitor.submit(code=code_of(secret))
        assert visitor.answer is not None, visitor.errors


def test_a_code_may_be_typed_with_spaces_and_in_other_digits(
    make: Factory, visit: Visit, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    code = code_of(make.authenticator(client.tenant, user))
    arabic = "".join(chr(0x0660 + int(digit)) for digit in code)
    visitor = after_password(visit, client, user)
    visitor.submit(code=f" {arabic[:3]} {arabic[3:]} ")
    assert visitor.answer is not None


def test_the_code_of_somebody_else_is_refused(
    make: Factory, visit: Visit, client: MadeClient
) -> None:
    jane, joe = make.user(client.tenant), make.user(client.tenant)
    make.authenticator(client.tenant, jane)
    others = make.authenticator(client.tenant, joe)
    codes = make.recovery_codes(client.tenant, joe)
    make.recovery_codes(client.tenant, jane)
    visitor = after_password(visit, client, jane)
    visitor.submit(code=code_of(others))
    assert visitor.errors == {"code": "error.totp_wrong"}
    visitor.submit(code=codes[0])
    assert visitor.errors == {"code": "error.recovery_code_wrong"}
    assert visitor.answer is None


def test_wrong_codes_are_counted_for_the_account_across_flows(make: Factory, visit: Visit) -> None:
    client = make.client(make.tenant(limits={"wrong_codes_per_account": 3}))
    user = make.user(client.tenant)
    secrets = [make.authenticator(client.tenant, user) for _ in range(3)]
    for _ in range(3):
        visitor = after_password(visit, client, user)
        visitor.submit(code="ABCD-EFGH")
        assert visitor.errors == {"code": "error.recovery_code_wrong"}
    visitor = after_password(visit, client, user)
    visitor.submit(code=code_of(secrets[0]))
    assert (visitor.status, visitor.message) == (429, "error.too_many_tries")
    assert 0 < visitor.retry_after <= 3_600
    assert audited(client.tenant, "second_factor.limited") == [{"limit": "second_factor.guess"}]
    clock.move(3_601)
    visitor = after_password(visit, client, user)
    visitor.submit(code=code_of(secrets[0]))
    assert visitor.answer is not None


def test_a_stranger_with_the_password_does_not_lock_the_owner_out(
    app: Flask, make: Factory
) -> None:
    client = make.client(make.tenant(limits={"wrong_codes_per_account": 2}))
    user = make.user(client.tenant)
    secret = make.authenticator(client.tenant, user)
    owner, stranger = HtmlVisitor(app, client), HtmlVisitor(app, client)
    owner.open()
    owner.submit(email=user.email)
    owner.submit(password=user.password or "")
    owner.submit(code=code_of(secret))
    assert owner.answer is not None
    stranger.open()
    stranger.submit(email=user.email)
    stranger.submit(password=user.password or "")
    for _ in range(4):
        stranger.submit(code="ABCD-EFGH")
    assert stranger.status == 429
    clock.move(STEP)
    owner.open(prompt="login")
    if owner.screen == "identify":
        owner.submit(email=user.email)
    owner.submit(password=user.password or "")
    owner.submit(code=code_of(secret))
    assert owner.answer is not None, owner.message


def test_m04_a_recovery_code_works_once_in_the_same_field(
    app: Flask, make: Factory, visit: Visit, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    make.authenticator(client.tenant, user)
    codes = make.recovery_codes(client.tenant, user)
    visitor = after_password(visit, client, user)
    visitor.submit(code=f" {codes[0].replace('-', '').lower()} ")
    assert claims(app, visitor)["acr"] == "urn:authpage:acr:2fa"
    told = [mail for purpose, mail in make.mails(client.tenant) if purpose == "recovery_code_used"]
    assert [(mail.to, mail.values["left"]) for mail in told] == [(user.email, "9")]
    visitor = after_password(visit, client, user)
    visitor.submit(code=codes[0])
    assert visitor.errors == {"code": "error.recovery_code_wrong"}


def test_m04_a_new_set_kills_the_old_one(make: Factory, visit: Visit, client: MadeClient) -> None:
    user = make.user(client.tenant)
    make.authenticator(client.tenant, user)
    old, new = (make.recovery_codes(client.tenant, user) for _ in range(2))
    visitor = after_password(visit, client, user)
    visitor.submit("use:recovery_code")
    assert visitor.screen == "recovery_code"
    visitor.submit(code=old[3])
    assert visitor.errors == {"code": "error.recovery_code_wrong"}
    visitor.submit(code=new[3])
    assert visitor.answer is not None


@pytest.mark.parametrize(
    "typed", ["", "12345", "1234567", "\u0661" * 5, "ABCD-EFG", "ABCDU-EFGH", "a" * 900, "\u202e"]
)
def test_what_can_be_no_code_costs_no_guess(
    make: Factory, visit: Visit, client: MadeClient, typed: str
) -> None:
    user = make.user(client.tenant)
    make.authenticator(client.tenant, user)
    visitor = after_password(visit, client, user)
    visitor.submit(code=typed)
    assert (visitor.status, visitor.errors) == (422, {"code": "error.totp_form"})
    assert audited(client.tenant, "second_factor.failed") == []


def test_m05_a_flow_that_has_expired_takes_no_right_code(
    make: Factory, visit: Visit, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    secret = make.authenticator(client.tenant, user)
    visitor = after_password(visit, client, user)
    clock.move(client.tenant.settings.lifetimes.flow + 1)
    visitor.submit(code=code_of(secret))
    assert visitor.answer is None
    assert visitor.screen in (None, "identify")
    assert audited(client.tenant, "totp.succeeded") == []


def test_m06_half_a_sign_in_opens_neither_account_nor_app(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    make.authenticator(client.tenant, user)
    visitor = HtmlVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.submit(password=user.password or "")
    assert visitor.screen == "totp"
    half = visitor.url
    assert visitor.get(f"{visitor.base}/account").status_code == 303
    assert visitor.get(f"{half}/finish").status_code == 404
    assert visitor.get(f"{half}/recovery-codes.txt").status_code == 404
    visitor.open(prompt="none")
    assert (visitor.answer or {})["error"] == "login_required"
    visitor.open()
    assert visitor.screen == "identify"


def test_m06_half_a_headless_sign_in_gives_no_code_and_no_ticket(
    app: Flask, make: Factory, client: MadeClient
) -> None:
    user = make.user(client.tenant)
    make.authenticator(client.tenant, user)
    visitor = JsonVisitor(app, client)
    visitor.open()
    visitor.submit(email=user.email)
    visitor.submit(password=user.password or "")
    assert visitor.screen == "totp"
    assert not {"go_to", "response"} & set(visitor.body)
    finish = f"{visitor.base}/flow/{visitor.flow_id}/finish?ticket={visitor.token}"
    assert visitor.http.get(finish).status_code == 404
    form = {"grant_type": "authorization_code", "code": visitor.token, "client_id": client.id}
    refused = visitor.http.post(f"{visitor.base}/oauth2/token", data=form)
    assert refused.status_code in (400, 401)
