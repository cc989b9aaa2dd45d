"""QR codes (ISO/IEC 18004) of a few hundred characters, for pages and for apps."""

import base64
import io
from collections.abc import Iterator
from itertools import groupby

_QUIET_ZONE = 4
"""Modules around the code that stay light, as the standard wants."""
_PIXELS = 6
"""Width of a module in the picture."""
_MASK = 3
"""One of the eight patterns that break up even areas (section 7.8), as readers undo any of them. To
rank them the library would draw all eight, which takes longer than a password hash."""


def svg(content: str) -> str:
    """The code as one SVG element, black on white in every theme; only numbers are put into it."""
    rows = _matrix(content)
    size = len(rows)
    path = "".join(
        f"M{x} {y}h{width}v1h-{width}z" for y, row in enumerate(rows) for x, width in _runs(row)
    )
    return (
        f'<svg class="qr" viewBox="0 0 {size} {size}" shape-rendering="crispEdges"'
        f' aria-hidden="true" focusable="false"><rect width="{size}" height="{size}" fill="#fff"/>'
        f'<path fill="#000" d="{path}"/></svg>'
    )


def data_url(content: str) -> str:
    """The code as a PNG picture in a `data:` URL (RFC 2397)."""
    from PIL import Image  # noqa: PLC0415 (few who import this module ever draw)

    rows = _matrix(content)
    size = len(rows)
    picture = Image.new("1", (size, size), 1)
    picture.putdata([0 if dark else 1 for row in rows for dark in row])
    written = io.BytesIO()
    picture.resize((size * _PIXELS, size * _PIXELS)).save(written, "PNG", optimize=True)
    return f"data:image/png;base64,{base64.b64encode(written.getvalue()).decode()}"


def _runs(row: list[bool]) -> Iterator[tuple[int, int]]:
    """Where dark modules stand side by side: the first column, and how many there are."""
    x = 0
    for dark, modules in groupby(row):
        width = len(list(modules))
        if dark:
            yield x, width
        x += width


def _matrix(content: str) -> list[list[bool]]:
    import qrcode  # noqa: PLC0415 (as above)

    code = qrcode.QRCode(
        error_correction=qrcode.ERROR_CORRECT_M, border=_QUIET_ZONE, mask_pattern=_MASK
    )
    code.add_data(content)
    code.make(fit=True)
    return [[bool(dark) for dark in row] for row in code.get_matrix()]
