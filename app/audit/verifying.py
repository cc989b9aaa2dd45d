"""Verifies an exported chain without any database: finds what was changed, removed, inserted or
moved since it was sealed, and says which event it was.

Whoever can write to the database but has no root key cannot sign a head. So they can hide nothing
that a head stands for: one in the file itself, or better, one that was put away elsewhere earlier.
"""

import base64
import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Literal

from app.audit.chain import Link, digest
from app.audit.events import REGISTRY
from app.audit.exporting import FORMAT
from app.audit.head import BadHead, Head, opened
from app.audit.sealing import SETTLED_AFTER

Kind = Literal[
    "unreadable", "changed", "removed", "inserted", "moved", "emptied", "personal", "head"
]
_ABOUT = frozenset({"format", "tenant", "anchor_sequence", "anchor_hash", "head", "keys"})
_PLACE = frozenset({"sequence", "id", "at", "event", "previous", "hash"})
_FULL, _EMPTIED = _PLACE | {"content", "sealed"}, _PLACE | {"emptied"}
_NONSENSE = (ValueError, KeyError, TypeError, AttributeError, OverflowError, RecursionError)


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong. `event_id` is None where no event is left to name."""

    kind: Kind
    sequence: int | None
    event_id: str | None
    says: str


@dataclass(frozen=True)
class Verdict:
    """What the file is worth."""

    tenant: str
    events: int
    head: Head | None
    """The file's own head, where it is genuine."""
    faults: tuple[Fault, ...]
    late: tuple[str, ...]
    """Ids of events that came to light after later ones were sealed: from a very long transaction,
    or dated back."""


@dataclass(frozen=True)
class _Told:
    """One event as the file has it."""

    link: Link
    hash: str
    is_emptied: bool
    has_wrong_personal: bool


def verify(
    lines: Iterable[str],
    *,
    keys: Sequence[Mapping[str, Any]] | None = None,
    earlier: Iterable[str] = (),
) -> Verdict:
    """The verdict on an export. `keys` are the public keys that are known from elsewhere; without
    them the file's own are believed. `earlier` are heads of the same chain that were put away.

    Raises `ValueError` where the first line is not that of an export.
    """
    numbered = enumerate(lines, start=1)
    about = _about(next(numbered, (0, ""))[1])
    trusted = about["keys"] if keys is None else keys
    told, faults = _read(numbered, about["tenant"])
    head, wrong_head = _head(about["head"], trusted, about["tenant"])
    faults += _moved(told)
    told.sort(key=lambda each: each.link.sequence)
    faults += wrong_head
    faults += _content(told, head)
    faults += _chain(told, about, head)
    faults += [fault for each in earlier for fault in _against(each, trusted, told, about)]
    late = tuple(b.link.id for a, b in pairwise(told) if b.link.at < a.link.at - SETTLED_AFTER)
    return Verdict(about["tenant"], len(told), head, tuple(faults), late)


def _about(line: str) -> dict[str, Any]:
    try:
        about = _document(line, _ABOUT)
        keys = about["keys"]
        has_keys = isinstance(keys, list) and keys and all(isinstance(key, dict) for key in keys)
        is_head = isinstance(about["head"], str | None)
        if about["format"] == FORMAT and has_keys and is_head and about["anchor_sequence"] >= 0:
            return about
    except _NONSENSE:
        pass
    raise ValueError("This is no export of an audit chain.")


def _document(line: str, *members: frozenset[str]) -> dict[str, Any]:
    """The object of a line, with exactly one of these sets of members and none of them twice: what
    is not looked at here must not be there for others to read."""
    document = json.loads(line, object_pairs_hook=_once, parse_constant=int)
    if not isinstance(document, dict) or {*document} not in members:
        raise ValueError("other members")
    return document


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a member stands there twice")
    return found


def _read(numbered: Iterable[tuple[int, str]], tenant_id: str) -> tuple[list[_Told], list[Fault]]:
    told, faults = [], []
    for number, line in numbered:
        try:
            told.append(_told(_document(line, _FULL, _EMPTIED), tenant_id))
        except _NONSENSE:
            faults.append(Fault("unreadable", None, None, f"Line {number} cannot be read."))
    return told, faults


def _told(event: dict[str, Any], tenant_id: str) -> _Told:
    if not {type(event["sequence"]), type(event["at"])} <= {int}:
        raise ValueError("no whole number")
    emptied = event.get("emptied")
    content = str(emptied) if emptied else digest(event["content"])
    sealed = event.get("sealed")
    wrong = sealed is not None and (
        hashlib.sha256(base64.b64decode(sealed)).hexdigest() != event["content"]["personal"]
    )
    link = Link(
        tenant_id=tenant_id,
        id=str(event["id"]),
        at=event["at"],
        event=str(event["event"]),
        content=content,
        sequence=event["sequence"],
        previous=str(event["previous"]),
    )
    return _Told(link, str(event["hash"]), bool(emptied), wrong)


def _head(
    signed: str | None, keys: Sequence[Mapping[str, Any]], tenant_id: str
) -> tuple[Head | None, list[Fault]]:
    if signed is None:
        return None, []
    try:
        head = opened(signed, keys)
    except BadHead:
        return None, [Fault("head", None, None, "The head was not signed by a key that is known.")]
    if head.tenant != tenant_id:
        return None, [Fault("head", None, None, "The head is another tenant's.")]
    return head, []


def _moved(told: Sequence[_Told]) -> list[Fault]:
    """Lines that do not stand in the order of their places."""
    return [
        _fault("moved", after, "stands behind an event that was sealed after it")
        for before, after in pairwise(told)
        if after.link.sequence < before.link.sequence
    ]


def _content(told: Sequence[_Told], head: Head | None) -> list[Fault]:
    """Events that do not say what was sealed."""
    wrong = [each for each in told if each.link.hash != each.hash]
    places = {each.link.sequence for each in wrong}
    faults = [_of_wrong(each, places) for each in wrong]
    for each in told:
        if each.has_wrong_personal:
            faults.append(_fault("personal", each, "has other personal data than when sealed"))
        if each.is_emptied and head is not None and not _may_be_empty(each, head):
            faults.append(_fault("emptied", each, "lost its content before its time"))
    return faults


def _of_wrong(each: _Told, places: set[int]) -> Fault:
    """Changed, unless it is what was sealed at another place."""
    for place in sorted(places - {each.link.sequence}):
        if replace(each.link, sequence=place).hash == each.hash:
            return _fault("moved", each, f"was sealed at place {place}")
    return _fault("changed", each, "does not say what was sealed")


def _may_be_empty(each: _Told, head: Head) -> bool:
    known = REGISTRY.get(each.link.event)
    limit = head.marks.get(known.family, 0) if known else max(head.marks.values(), default=0)
    return each.link.at < limit


def _chain(told: Sequence[_Told], about: dict[str, Any], head: Head | None) -> list[Fault]:
    """Whether each event follows the one before, from the anchor to the head."""
    faults: list[Fault] = []
    place, previous = int(about["anchor_sequence"]), str(about["anchor_hash"])
    if head is not None and (head.anchor_sequence, head.anchor_hash) != (place, previous):
        faults.append(Fault("head", place, None, "The file begins elsewhere than its head says."))
    for each in told:
        if each.link.sequence <= place:
            faults.append(_fault("inserted", each, "stands where another event was sealed"))
            continue
        if each.link.sequence > place + 1:
            faults.append(_gap(place + 1, each.link.sequence - 1))
        elif each.link.previous != previous:
            faults.append(_fault("changed", each, "or the event before it, was sealed anew"))
        place, previous = each.link.sequence, each.hash
    return faults + _end(place, previous, head)


def _end(place: int, hash_: str, head: Head | None) -> list[Fault]:
    if head is None:
        return [Fault("head", None, None, "Nothing signed says where the chain ends.")]
    if place < head.sequence:
        return [_gap(place + 1, head.sequence)]
    if place > head.sequence:
        return [Fault("inserted", place, None, f"Events follow place {head.sequence}, the end.")]
    if hash_ != head.hash:
        says = "The chain ends in another event than the one that was signed: it was sealed anew."
        return [Fault("head", place, None, says)]
    return []


def _against(
    signed: str, keys: Sequence[Mapping[str, Any]], told: Sequence[_Told], about: dict[str, Any]
) -> list[Fault]:
    """Whether an earlier head of the chain is part of this one."""
    head, faults = _head(signed.strip(), keys, str(about["tenant"]))
    if head is None or head.sequence < int(about["anchor_sequence"]):
        return faults
    known = {each.link.sequence: each.hash for each in told}
    known[int(about["anchor_sequence"])] = str(about["anchor_hash"])
    if known.get(head.sequence) == head.hash:
        return faults
    says = f"What was signed earlier as place {head.sequence} is not there any more."
    return [*faults, Fault("head", head.sequence, None, says)]


def _gap(first: int, last: int) -> Fault:
    where = f"place {first}" if first == last else f"places {first} to {last}"
    return Fault("removed", first, None, f"Nothing is left of {where}.")


def _fault(kind: Kind, each: _Told, says: str) -> Fault:
    return Fault(kind, each.link.sequence, each.link.id, f"{each.link.id} {says}.")
