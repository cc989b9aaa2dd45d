"""Where a person may be sent back to after signing in: a page of this app, and nothing else."""

import re

MAX_LENGTH = 512

# One slash, then neither slash nor backslash (browsers treat both as the start of a host), then
# printable ASCII alone: browsers delete tabs and line breaks before they parse.
_LOCAL_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")


def safe_return_to(value: str | None, default: str = "/") -> str:
    """Return the value if it is a path of this app, else the default.

    The check is on the text itself: `urlsplit` sees no host in `/\\evil` or `///evil`.
    """
    if value is None or len(value) > MAX_LENGTH or not _LOCAL_PATH.fullmatch(value):
        return default
    return value
