"""The pages in a real browser: axe-core finds nothing, and nothing has to be scrolled sideways."""

from collections.abc import Iterable, Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import gallery, mail_samples
from tests.browser.axe import RULES, violations

MAIL_RULES = RULES[:-1]
"""A mail stands within the page of a mail program, so it needs no landmarks of its own."""
THEMES = ("light", "dark")
LOCALES = ("en", "de", "ar")


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with gallery.serving(gallery.create_gallery()) as origin:
        yield origin


def _open(browser: Browser, **options: Any) -> Page:
    # The policy of the pages lets no foreign script in, so axe has to come past it.
    return browser.new_context(bypass_csp=True, **options).new_page()


@pytest.mark.parametrize(("theme", "locale", "turn"), [("light", "en", 0), ("dark", "ar", 1)])
def test_axe_finds_nothing(
    browser: Browser, origin: str, theme: str, locale: str, turn: int
) -> None:
    """Each sample is looked at once, every second one in the dark; all of them in every way by the
    slow tests."""
    page = _open(browser, color_scheme=theme)
    found: list[str] = []
    for sample in gallery.staying()[turn::2]:
        layout = "split" if sample.startswith(("password", "account")) else "centered"
        _go(page, f"{origin}/{sample}?locale={locale}&layout={layout}")
        found += [f"{sample}: {each}" for each in violations(page)]
    page.context.close()
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("layout", gallery.LAYOUTS)
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_any_theme_language_or_layout(
    browser: Browser, origin: str, theme: str, locale: str, layout: str
) -> None:
    page = _open(browser, color_scheme=theme, viewport={"width": 390, "height": 844})
    found: list[str] = []
    for sample in gallery.staying():
        _go(page, f"{origin}/{sample}?locale={locale}&layout={layout}")
        found += [f"{sample}: {each}" for each in violations(page)]
    page.context.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("theme", "locale"), [("light", "en"), ("dark", "ar")])
def test_axe_finds_nothing_in_mails(browser: Browser, origin: str, theme: str, locale: str) -> None:
    found = _faults_of_mails(browser, origin, theme, locale, mail_samples.FEW)
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("locale", LOCALES)
@pytest.mark.parametrize("theme", THEMES)
def test_axe_finds_nothing_in_any_mail(
    browser: Browser, origin: str, theme: str, locale: str
) -> None:
    found = _faults_of_mails(browser, origin, theme, locale, mail_samples.names())
    assert not found, "\n".join(found)


def _faults_of_mails(
    browser: Browser, origin: str, theme: str, locale: str, names: Iterable[str]
) -> list[str]:
    page = _open(browser, color_scheme=theme, viewport={"width": 320, "height": 640})
    found: list[str] = []
    for name in names:
        page.goto(f"{origin}/mails/{name}?locale={locale}")
        found += [f"{name}: {each}" for each in violations(page, MAIL_RULES)]
        found += [f"{name}: {width} px wide" for width in _too_wide(page)]
    page.context.close()
    return found


@pytest.mark.parametrize("accent", ["#ffd400", "#ffffff", "#00ff00", "#101010", "#e11d48"])
def test_axe_finds_nothing_whatever_the_accent(browser: Browser, accent: str) -> None:
    """The colours that a tenant chooses are corrected until they can be read, in both themes."""
    look = gallery.tenant().settings.brand.model_copy(
        update={"accent": accent, "background": accent, "corners": "round"}
    )
    found: list[str] = []
    with gallery.serving(gallery.create_gallery(gallery.tenant(look))) as origin:
        for theme in ("light", "dark"):
            page = _open(browser, color_scheme=theme)
            for sample in ("identify-ways", "email_code-error", "consent"):
                _go(page, f"{origin}/{sample}")
                found += [f"{theme} {sample}: {each}" for each in violations(page)]
            page.context.close()
    assert not found, "\n".join(found)


@pytest.mark.parametrize(("locale", "turn"), [("de", 0), ("ar", 1)])
def test_a_narrow_phone_shows_all_without_scrolling_sideways_and_large_enough(
    browser: Browser, origin: str, locale: str, turn: int
) -> None:
    """320 px (WCAG 1.4.10). 44 px for what stands alone, WCAG's 24 for links among words."""
    page = _open(browser, viewport={"width": 320, "height": 640})
    found: list[str] = []
    for sample in gallery.staying()[turn::2]:
        _go(page, f"{origin}/{sample}?locale={locale}")
        found += [f"{sample}: {width} px wide" for width in _too_wide(page)]
        for name, least in ((".button, .choice, .field input, .reveal", 44), ("button, a", 24)):
            found += [f"{sample}: {each}" for each in page.evaluate(_SMALLER, [name, least])]
    page.context.close()
    assert not found, "\n".join(found)


@pytest.mark.slow
@pytest.mark.parametrize("layout", gallery.LAYOUTS)
@pytest.mark.parametrize("locale", LOCALES)
def test_nothing_is_scrolled_sideways_in_any_language_or_layout(
    browser: Browser, origin: str, locale: str, layout: str
) -> None:
    page = _open(browser, viewport={"width": 320, "height": 640})
    found: list[str] = []
    for sample in gallery.staying():
        _go(page, f"{origin}/{sample}?locale={locale}&layout={layout}")
        found += [f"{sample}: {width} px wide" for width in _too_wide(page)]
    page.context.close()
    assert not found, "\n".join(found)


_SMALLER = """([selector, least]) => [...document.querySelectorAll(selector)]
  .filter(each => each.type !== "checkbox" && each.checkVisibility()
                  && !each.matches(".skip") && each.getBoundingClientRect().height < least)
  .map(each => `${each.outerHTML.slice(0, 80)} ${each.getBoundingClientRect().height}`)"""


def _go(page: Page, url: str) -> None:
    """Open a sample; the one that leaves by itself stays when its script does not come."""
    if "/form-post" in url:
        page.route("**/assets/*.js", lambda route: route.abort())
    page.goto(url)
    page.unroute_all()


def _too_wide(page: Page) -> list[int]:
    """How wide the page is where that is more than 320 px."""
    width = page.evaluate("document.documentElement.scrollWidth")
    return [width] if width > 320 else []
