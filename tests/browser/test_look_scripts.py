"""What the scripts add to the pages, and that the pages work without them."""

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


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    """A page that fails the test for any error or breach of the content security policy."""
    context = browser.new_context()
    page = context.new_page()
    errors: list[str] = []
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
    yield page
    context.close()
    assert not [each for each in errors if "422" not in each]


@pytest.fixture
def bare_page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context(java_script_enabled=False)
    yield context.new_page()
    context.close()


def test_a_complete_code_is_sent_once(
    page: Page, origin: str, answers: list[dict[str, str]]
) -> None:
    page.goto(f"{origin}/email_code")
    page.get_by_label("One-time code").press_sequentially("12345")
    expect(page.locator(".code")).to_have_attribute("data-filled", "5")
    assert answers == []
    with page.expect_navigation():
        page.keyboard.press("6")
    assert [answer["code"] for answer in answers] == ["123456"]
    assert "action" not in answers[0]


def test_a_pasted_code_may_have_spaces(
    page: Page, origin: str, answers: list[dict[str, str]]
) -> None:
    page.goto(f"{origin}/email_code")
    with page.expect_navigation():
        page.get_by_label("One-time code").fill(" 123 456 ")
    assert [answer["code"] for answer in answers] == ["123456"]


def test_a_double_click_sends_one_answer(
    page: Page, origin: str, answers: list[dict[str, str]]
) -> None:
    page.goto(f"{origin}/identify")
    page.get_by_label("Email address").fill("jane@example.com")
    with page.expect_navigation():
        page.get_by_role("button", name="Continue").dblclick(no_wait_after=True)
    page.wait_for_load_state()
    assert len(answers) == 1
    assert answers[0]["action"] == "continue"
    assert answers[0]["email"] == "jane@example.com"


def test_enter_continues(page: Page, origin: str, answers: list[dict[str, str]]) -> None:
    page.goto(f"{origin}/identify-ways")
    page.keyboard.type("jane@example.com")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert answers[0]["action"] == "continue"


def test_a_way_out_sends_no_fields(page: Page, origin: str, answers: list[dict[str, str]]) -> None:
    page.goto(f"{origin}/password")
    page.get_by_label("Password", exact=True).fill("not meant for this button")
    with page.expect_navigation():
        page.get_by_role("button", name="Email me a code").click()
    assert answers[0].keys() == {"action", "csrf_token", "screen"}


def test_a_password_can_be_shown_and_is_hidden_when_sent(page: Page, origin: str) -> None:
    page.goto(f"{origin}/password")
    field = page.get_by_label("Password", exact=True)
    page.get_by_role("button", name="Show").click()
    expect(field).to_have_attribute("type", "text")
    expect(field).to_be_focused()
    page.get_by_role("button", name="Hide").click()
    expect(field).to_have_attribute("type", "password")


def test_the_length_of_a_password_is_judged_while_it_is_typed(page: Page, origin: str) -> None:
    page.goto(f"{origin}/sign_up")
    hint = page.locator("#password-hint")
    page.get_by_label("Password", exact=True).fill("1234567")
    expect(hint).not_to_have_class("hint met")
    page.get_by_label("Password", exact=True).fill("12345678")
    expect(hint).to_have_class("hint met")


def test_a_new_code_can_be_asked_for_when_the_time_has_come(page: Page, origin: str) -> None:
    page.clock.install()
    page.goto(f"{origin}/email_code")
    button = page.get_by_role("button", name="Send a new code")
    expect(page.get_by_text("Resend in 0:")).to_be_visible()
    expect(button).to_be_hidden()
    page.clock.run_for(25_000)
    expect(button).to_be_visible()
    expect(page.get_by_text("Resend in")).to_be_hidden()


def test_the_skip_link_leads_to_the_form(page: Page, origin: str) -> None:
    page.goto(f"{origin}/choose_organization")
    page.keyboard.press("Tab")
    expect(page.get_by_role("link", name="Skip to the form")).to_be_focused()
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Northwind Labs")).to_be_focused()


def test_the_language_can_be_changed_and_stays(page: Page, origin: str) -> None:
    page.goto(f"{origin}/identify")
    page.get_by_text("English", exact=True).first.click()
    page.get_by_role("link", name="Deutsch").click()
    expect(page.get_by_role("heading")).to_have_text("Bei Acme anmelden")
    page.goto(f"{origin}/password")
    expect(page.get_by_role("heading")).to_have_text("Geben Sie Ihr Passwort ein")


def test_the_leaving_form_sends_itself(
    page: Page, origin: str, answers: list[dict[str, str]]
) -> None:
    with page.expect_navigation(url="**/landing"):
        page.goto(f"{origin}/form-post")
    assert answers == [{"code": "c", "state": "s"}]


def test_every_way_works_without_scripts(
    bare_page: Page, origin: str, answers: list[dict[str, str]]
) -> None:
    bare_page.goto(f"{origin}/email_code")
    assert bare_page.get_by_role("button", name="Send a new code").is_visible()
    bare_page.get_by_label("One-time code").fill("123456")
    bare_page.get_by_role("button", name="Verify").click()
    bare_page.goto(f"{origin}/password")
    assert not bare_page.get_by_role("button", name="Show").is_visible()
    bare_page.get_by_role("button", name="Email me a code").click()
    bare_page.goto(f"{origin}/choose_organization")
    bare_page.get_by_role("button", name="Contoso").click()
    bare_page.goto(f"{origin}/form-post")
    bare_page.get_by_role("button", name="Continue to Acme Dashboard").click()
    assert [answer.get("action") or answer.get("choice") for answer in answers] == [
        "continue",
        "use:email_code",
        "org_1",
        None,
    ]
    assert answers[0]["code"] == "123456"
    assert answers[3] == {"code": "c", "state": "s"}


@pytest.mark.parametrize("digits", [4, 6, 8])
@pytest.mark.parametrize("width", [320, 1280])
def test_the_digits_of_a_code_stand_in_their_cells(
    browser: Browser, origin: str, digits: int, width: int
) -> None:
    """One input is drawn over the cells: nothing may move when it is full."""
    context = browser.new_context(
        viewport={"width": width, "height": 700}, java_script_enabled=False
    )
    page = context.new_page()
    page.goto(f"{origin}/email_code-{digits}" if digits != 6 else f"{origin}/email_code")
    page.get_by_label("One-time code").press_sequentially("8" * digits)
    scrolled = page.locator(".code-letters").evaluate("letters => letters.scrollLeft")
    field = page.get_by_label("One-time code").evaluate(
        "input => [input.scrollLeft, input.scrollWidth - input.clientWidth]"
    )
    context.close()
    assert (scrolled, field) == (0, [0, 0])


def test_a_post_that_leaves_goes_on_by_itself_without_scripts(bare_page: Page, origin: str) -> None:
    bare_page.goto(f"{origin}/leaving")
    bare_page.wait_for_url("**/signed-out?a=1&b=%22%3E")
