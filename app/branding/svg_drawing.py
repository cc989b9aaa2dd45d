"""Draws one SVG document from standard input as PNG on standard output, as a process of its own.

`app.branding.svg` starts it and has looked at the document before. It imports nothing of the
application; memory and processor time are bounded here, wall time by whoever started it.
"""

import resource
import sys

import resvg_py

_MOST_MEMORY = 768 * 1024 * 1024
_MOST_SECONDS = 5


def main(side: str, edge: int) -> None:
    """Draw with `side` (`width` or `height`) of `edge` pixels; the other side follows."""
    resource.setrlimit(resource.RLIMIT_AS, (_MOST_MEMORY, _MOST_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (_MOST_SECONDS, _MOST_SECONDS))
    drawing = resvg_py.svg_to_bytes(
        svg_string=sys.stdin.read(),
        width=edge if side == "width" else None,
        height=edge if side == "height" else None,
        skip_system_fonts=True,
    )
    sys.stdout.buffer.write(drawing)


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
