"""The field for a second factor takes both kinds of code, and recovery codes fit on paper."""

from collections.abc import Iterator

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page, expect

from tests.browser import gallery


@pytest.fixture(scope="module")
def app() -> Flask:
    return gallery.create_gallery()


@pytest.fixture(scope="module")
def origin(app: Flask) -> Iterator[str]:
    with gallery.serving(app) as origin:
        yield origin


@pytest.fixture
def answers(app: Flask) -> list[dict[str, str]]:
    kept: list[dict[str, str]] = app.extensions["answers"]
    kept.clear()
    return kept


@pytest.fixture(params=[True, False], ids=["script", "no script"])
def page(browser: Browser, request: pytest.FixtureRequest) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=request.param)
    yield context.new_page()
    context.close()


def test_a_recovery_code_is_typed_where_the_app_s_code_is(
    page: Page, origin: str, answers: list[dict[str, str]]
) -> None:
    page.goto(f"{origin}/totp")
    page.get_by_label("Code from the app").press_sequentially("7k0m-wx0q")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert [answer["code"] for answer in answers] == ["7k0m-wx0q"]


def test_the_browser_can_be_trusted_after_the_code_was_typed(
    page: Page, origin: str, answers: list[dict[str, str]]
) -> None:
    page.goto(f"{origin}/totp")
    page.get_by_label("Code from the app").press_sequentially("123456")
    page.get_by_label("Trust this browser").check()
    with page.expect_navigation():
        page.get_by_role("button", name="Verify").click()
    assert [(answer["code"], answer["trust"]) for answer in answers] == [("123456", "yes")]


def test_the_secret_can_be_read_by_whoever_cannot_scan(page: Page, origin: str) -> None:
    page.goto(f"{origin}/enrol_totp")
    expect(page.get_by_role("img", name="QR code for your authenticator app")).to_be_visible()
    secret = page.locator(".secret")
    expect(secret).to_be_hidden()
    page.get_by_text("Cannot scan it?").click()
    expect(secret).to_have_text("EXAM PLEO NLYN OTAS ECRE T234 567A BCDE")


def test_the_picture_stays_dark_on_light_in_dark_mode(browser: Browser, origin: str) -> None:
    page = browser.new_context(color_scheme="dark").new_page()
    page.goto(f"{origin}/enrol_totp")
    ground = page.locator(".qr-ground")
    assert ground.evaluate("each => getComputedStyle(each).backgroundColor") == "rgb(255, 255, 255)"
    page.context.close()


def test_paper_shows_the_codes_and_whose_they_are(page: Page, origin: str) -> None:
    page.goto(f"{origin}/recovery_codes")
    expect(page.locator(".codes-of")).to_be_hidden()
    page.emulate_media(media="print")
    expect(page.locator(".codes-of")).to_have_text("jane@example.com")
    expect(page.locator(".codes li")).to_have_count(10)
    for hidden in (".button", "footer", ".skip"):
        expect(page.locator(hidden).first).to_be_hidden()
    download = page.locator("a[download]")
    expect(download).to_have_attribute("href", "/recovery_codes/recovery-codes.txt")
