"""Support codes: eight characters that a person can read aloud, such as `K7QM-3XPD`.

A code is the end of an id, so nothing keeps it: of the flow that the person was in, or of the one
request where there was none. There is no I, L, O or U in one. It is no secret and opens nothing.
"""

import secrets

from app.ids import ALPHABET

LENGTH = 8
_MISREAD = str.maketrans("ilo", "110")


def new_request_id() -> str:
    """A fresh id of a request: 80 random bits as 16 characters, the last eight are its code."""
    value = secrets.randbits(80)
    return "".join(ALPHABET[value >> shift & 31] for shift in range(0, 80, 5))


def of_id(id: str) -> str:
    """The code of an id of ours; any other id is its own code."""
    end = id[-LENGTH:]
    if len(end) < LENGTH or not set(end) <= set(ALPHABET):
        return id
    return f"{end[:4]}-{end[4:]}".upper()


def ending(given: str) -> str | None:
    """How the ids end that a code stands for, however somebody wrote it down; None for what is no
    code."""
    kept = "".join(each for each in given.lower() if each.isalnum()).translate(_MISREAD)
    return kept if len(kept) == LENGTH and set(kept) <= set(ALPHABET) else None
