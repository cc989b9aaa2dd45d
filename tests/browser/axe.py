"""What axe-core says of a page."""

from pathlib import Path

from playwright.sync_api import Page

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
_AXE = (Path(__file__).parent / "vendor" / "axe.min.js").read_text(encoding="utf-8")
_RUN = "rules => axe.run({runOnly: rules, iframes: false, resultTypes: ['violations']})"
"""Without the frames: those of previews have no origin, so axe-core could only wait for them."""


def violations(page: Page, rules: list[str] = RULES) -> list[str]:
    """Each fault of the page, with the element that has it."""
    page.evaluate(_AXE)
    found = page.evaluate(_RUN, rules)
    return [
        f"{each['id']} ({node['target'][0]}): {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]
