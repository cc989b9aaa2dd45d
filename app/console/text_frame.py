"""What the pages about sentences share: where they stand, and what counts now."""

from flask import request

from app.console.door import Admin
from app.database import read
from app.directory import wording
from app.directory.settings import Texts
from app.pages import rendering

SECTION = "texts"
_TABS = (
    ("/languages", "console.texts.tab.languages"),
    ("/history", "console.texts.tab.history"),
    ("/file", "console.texts.tab.file"),
)


def texts_of(admin: Admin) -> Texts:
    """The languages and own sentences, read afresh."""
    with read(admin.tenant.id) as session:
        return wording.current(session)


def tabs(admin: Admin, here: str) -> list[tuple[str, str, bool]]:
    """The tabs; the first leads to the sentences of a language, and is `here` unless another is."""
    others = {path for path, _ in _TABS}
    base = f"{request.script_root}{admin.base}/texts"
    first = (base, rendering.translate("console.texts.tab.sentences"), here not in others)
    return [
        first,
        *((f"{base}{path}", rendering.translate(words), path == here) for path, words in _TABS),
    ]
