"""A page that says why nothing was done, with one way back."""

from werkzeug.wrappers import Response

from app.console.door import Admin, draw
from app.flow.screen import Text


def stopped(admin: Admin, section: str, title: Text, why: Text | str, *, back: str) -> Response:
    """The page: `why` is a text, or a sentence of the directory; `back` is behind the tenant's
    slug."""
    return draw(
        admin,
        "stopped",
        section=section,
        title=title,
        heading=title,
        why=why,
        back=back,
        status=422,
    )
