"""Where an exception came from, told without what it says: messages quote what was sent."""

import traceback


def where(error: BaseException) -> list[str]:
    """The types and places of an exception and its causes, innermost frames first, no messages."""
    lines: list[str] = []
    current: BaseException | None = error
    while current is not None and len(lines) < 60:
        lines.append(type(current).__name__)
        frames = traceback.extract_tb(current.__traceback__)[-15:]
        lines += [f"{each.filename}:{each.lineno} {each.name}" for each in reversed(frames)]
        current = current.__cause__ or current.__context__
    return lines
