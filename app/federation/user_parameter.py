"""Apple's form field `user`: the name, once, at the first sign-in, and signed by nobody.

It names people to themselves and proves nothing; the address in it is not even read. (I07)
"""

import json
from collections.abc import Mapping
from typing import Any

_LONGEST = 4_096


def with_posted_name(told: Mapping[str, Any], posted: str | None) -> Mapping[str, Any]:
    """`told`, with the name of the form field where it has one."""
    names = _names(posted)
    given, family = names.get("firstName"), names.get("lastName")
    made: dict[str, Any] = {}
    if isinstance(given, str):
        made["given_name"] = given
    if isinstance(family, str):
        made["family_name"] = family
    if made:
        made["name"] = " ".join(str(each).strip() for each in made.values()).strip()
    return {**told, **made}


def _names(posted: str | None) -> Mapping[str, Any]:
    if posted is None or len(posted) > _LONGEST:
        return {}
    try:
        found = json.loads(posted)
    except (ValueError, RecursionError):
        return {}
    name = found.get("name") if isinstance(found, dict) else None
    return name if isinstance(name, dict) else {}
