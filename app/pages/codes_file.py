"""Recovery codes as a file to keep."""

from collections.abc import Iterable

from werkzeug.wrappers import Response

from app.pages import rendering


def response(codes: Iterable[str], account: str) -> Response:
    """A text file with the codes and whose they are, in the language of the request."""
    lines = (
        rendering.translate("recovery_codes.file_title", person=account),
        "",
        *codes,
        "",
        rendering.translate("recovery_codes.file_note"),
    )
    answer = Response("\r\n".join(lines) + "\r\n", mimetype="text/plain")
    answer.headers["Content-Disposition"] = 'attachment; filename="recovery-codes.txt"'
    answer.headers["Cache-Control"] = "no-store"
    return answer
