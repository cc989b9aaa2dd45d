"""Every page by keyboard, without script, in forced colours and with less motion."""

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import gallery

_STOPS = """() => [...document.querySelectorAll(
    "a[href], button, input, select, textarea, summary, [tabindex]")]
  .filter(each => each.checkVisibility() && each.tabIndex >= 0
                  && each.type !== "hidden" && !each.disabled
                  && (each.type !== "radio" || each.checked)).length"""
_FOCUSED = """() => {
  const each = document.activeElement;
  if (!each || each === document.body) return null;
  const shown = [each, ...(each.closest(".code")?.querySelectorAll(".cell") ?? [])];
  return {
    words: each.outerHTML.slice(0, 90),
    order: [...document.querySelectorAll("*")].indexOf(each),
    top: each.getBoundingClientRect().top + scrollY,
    inMain: !!each.closest("main") && !each.closest(".row, .decide, .block-head, .block-foot"),
    outlined: shown.some(part => getComputedStyle(part).outlineStyle !== "none"
                                 && parseFloat(getComputedStyle(part).outlineWidth) >= 1),
  };
}"""
_INVALID = """() => {
  const wrong = document.querySelector("[aria-invalid]");
  const field = document.querySelector("main input[required]:not([hidden]), main select[required]");
  const focused = document.activeElement;
  const describes = document.getElementById((focused.getAttribute("aria-describedby") ?? "")
    .split(" ").find(id => id === "message" || id.endsWith("-error")) ?? "");
  return {wrong: wrong?.id ?? null, fields: !!field, focused: focused.id,
          described: !!describes?.textContent.trim()};
}"""
_NEEDS_SCRIPT = """() => [...document.querySelectorAll(
    "[data-ceremony], [data-by-passkey], .reveal, .waiting, .passkey-said")]
  .filter(each => each.checkVisibility()).map(each => each.outerHTML.slice(0, 90))"""
_LEADS_NOWHERE = """() => [
  ...[...document.querySelectorAll("button")].filter(each => each.type !== "submit" || !each.form),
  ...document.querySelectorAll("a:not([href])")]
  .filter(each => each.checkVisibility()).map(each => each.outerHTML.slice(0, 90))"""
_EDGELESS = """() => [...document.querySelectorAll(
    ".button, .choice, .field input:not(.code input), .field select, .cell, .message, .block, "
    + ".qr-ground, .menu summary, [aria-current=page]")]
  .filter(each => each.checkVisibility() && each.type !== "checkbox"
                  && (getComputedStyle(each).borderStyle === "none"
                      || !parseFloat(getComputedStyle(each).borderTopWidth)))
  .map(each => each.outerHTML.slice(0, 90))"""
_MOVING = """() => [...document.querySelectorAll("*")]
  .filter(each => getComputedStyle(each).animationName !== "none"
                  || getComputedStyle(each).transitionDuration.split(", ").some(parseFloat))
  .map(each => each.outerHTML.slice(0, 90))"""


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with gallery.serving(gallery.create_gallery()) as origin:
        yield origin


def _pages(
    browser: Browser, origin: str, samples: list[str] | None = None, **options: Any
) -> Iterator[tuple[str, Page]]:
    """Every sample, or some, one after the other in one browser."""
    context = browser.new_context(**options)
    page = context.new_page()
    for sample in samples or gallery.staying():
        if sample == "form-post":
            page.route("**/assets/*.js", lambda route: route.abort())
        page.goto(f"{origin}/{sample}?locale=en")
        page.unroute_all()
        yield sample, page
    context.close()


HALVES = [0, pytest.param(1, marks=pytest.mark.slow)]
"""The samples of even and of odd number; the second half takes the slow tests' time."""


@pytest.mark.parametrize("half", HALVES)
def test_the_keyboard_reaches_everything_in_the_order_of_the_page(
    browser: Browser, origin: str, half: int
) -> None:
    """From the top, Tab stops once at all there is to use, downwards, and shows where it is."""
    found: list[str] = []
    for sample, page in _pages(browser, origin, gallery.staying()[half::2]):
        stops = _walk(page)
        found += [f"{sample}: {each}" for each in _wrong_stops(stops, page.evaluate(_STOPS))]
    assert not found, "\n".join(found)


def _walk(page: Page) -> list[dict[str, Any]]:
    """All stops, once around, from the top: pages with a field begin in it."""
    stops: list[dict[str, Any]] = []
    while len(stops) < 100:
        page.keyboard.press("Tab")
        focused = page.evaluate(_FOCUSED)
        if focused is None:
            continue
        if stops and focused["order"] == stops[0]["order"]:
            break
        stops.append(focused)
    top = min(range(len(stops)), key=lambda number: stops[number]["order"])
    return stops[top:] + stops[:top]


def _wrong_stops(stops: list[dict[str, Any]], expected: int) -> Iterator[str]:
    if len(stops) != expected:
        yield f"{len(stops)} stops where {expected} are due"
    if not stops or 'class="skip"' not in stops[0]["words"]:
        yield "the first stop is not the link to the content"
    for before, after in pairwise(stops):
        if after["order"] < before["order"]:
            yield f"back from {before['words']} to {after['words']}"
        if before["inMain"] and after["inMain"] and after["top"] < before["top"] - 1:
            yield f"up from {before['words']} to {after['words']}"
    yield from (
        f"nothing shows the focus on {each['words']}" for each in stops if not each["outlined"]
    )


def test_the_focus_is_on_what_is_wrong_and_reads_it_out(browser: Browser, origin: str) -> None:
    client = gallery.create_gallery().test_client()
    wrong = [name for name in gallery.staying() if "<title>Error: " in client.get(f"/{name}").text]
    found: list[str] = []
    for sample, page in _pages(browser, origin, wrong):
        seen = page.evaluate(_INVALID)
        if seen["wrong"] and seen["focused"] != seen["wrong"]:
            found.append(f"{sample}: the focus is on {seen['focused']}, not on {seen['wrong']}")
        if seen["fields"] and not seen["described"]:
            found.append(f"{sample}: {seen['focused']} does not read the error out")
    assert not found, "\n".join(found)


def test_nothing_is_shown_without_scripts_that_needs_one(browser: Browser, origin: str) -> None:
    found: list[str] = []
    for sample, page in _pages(browser, origin, java_script_enabled=False):
        for question in (_NEEDS_SCRIPT, _LEADS_NOWHERE):
            found += [f"{sample}: {each}" for each in page.evaluate(question)]
    assert not found, "\n".join(found)


@pytest.mark.parametrize("half", HALVES)
def test_forced_colours_leave_edges_and_less_motion_leaves_none(
    browser: Browser, origin: str, half: int
) -> None:
    """Backgrounds go in forced colours, so what stands out by its own needs a border."""
    found: list[str] = []
    looks: dict[str, Any] = {"forced_colors": "active", "reduced_motion": "reduce"}
    pages = _pages(browser, origin, gallery.staying()[1 - half :: 2], **looks)
    for sample, page in pages:
        found += [f"{sample} has no edge: {each}" for each in page.evaluate(_EDGELESS)]
        found += [f"{sample} moves: {each}" for each in page.evaluate(_MOVING)]
    assert not found, "\n".join(found)
