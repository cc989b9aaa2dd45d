"""A page's files for one theme alone, whatever the device prefers: for previews."""

import re
from functools import lru_cache
from typing import Literal, get_args

from app.branding import sheet
from app.branding.brand import Brand
from app.branding.sheet import Sheet

Theme = Literal["light", "dark"]
THEMES: tuple[Theme, ...] = get_args(Theme)

_QUERY = re.compile(r"\(prefers-color-scheme:\s*(light|dark)\)")
_SCHEME = re.compile(r'(color-scheme:\s*|name="color-scheme" content=")(?:light dark)')
_ALWAYS, _NEVER = "(min-width:0)", "(max-width:0)"


def only(source: str, theme: Theme) -> str:
    """CSS, or HTML with CSS in it, as a device that prefers `theme` would take it."""
    settled = _QUERY.sub(lambda found: _ALWAYS if found[1] == theme else _NEVER, source)
    return _SCHEME.sub(rf"\g<1>{theme}", settled)


@lru_cache(maxsize=256)
def stylesheet(brand: Brand, theme: Theme) -> Sheet:
    """The stylesheet of a brand's pages in one theme, with what only previews need behind it."""
    rules = sheet.stylesheet(brand).content.decode()
    return sheet.made(
        "text/css; charset=utf-8", (only(rules, theme) + sheet.of_previews()).encode()
    )
