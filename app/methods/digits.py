"""One-time codes as people type them: any script's digits, with spaces and hyphens between."""

import unicodedata

_LONGEST = 100


def digits(text: str, count: int) -> str | None:
    """`text` as exactly `count` ASCII digits; None when it is no such code."""
    if len(text) > _LONGEST:
        return None
    kept = [c for c in text if not c.isspace() and c != "-"]
    try:
        code = "".join(str(unicodedata.decimal(c)) for c in kept)
    except ValueError:
        return None
    return code if len(code) == count else None
