"""Events as a table or a document for other programs, with nothing in it that such a program would
run or that would begin a line of its own."""

import csv
import io
import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

from app.audit.log import Entry

MOST_ROWS = 5_000
MOST_DAYS = 366
_COLUMNS = (
    "at",
    "id",
    "event",
    "actor_kind",
    "actor_id",
    "subject_id",
    "targets",
    "request_id",
    "flow_id",
    "data",
)
_PERSONAL = ("address", "user_agent", "personal")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def as_csv(entries: Iterable[Entry], *, with_personal: bool) -> str:
    """The events as CSV (RFC 4180), one line each; personal data in columns of its own."""
    written = io.StringIO()
    table = csv.writer(written)
    table.writerow((*_COLUMNS, *(_PERSONAL if with_personal else ())))
    for entry in entries:
        table.writerow([_cell(each) for each in _row(entry, with_personal=with_personal)])
    return written.getvalue()


def as_json(entries: Iterable[Entry], *, with_personal: bool) -> str:
    """The events as a JSON array."""
    documents = [_document(entry, with_personal=with_personal) for entry in entries]
    return json.dumps(documents, indent=1)


def _document(entry: Entry, *, with_personal: bool) -> dict[str, Any]:
    document = {name: getattr(entry, name) for name in _COLUMNS}
    document |= {"at": _moment(entry.at), "targets": list(entry.targets)}
    return document | {"personal": entry.personal} if with_personal else document


def _row(entry: Entry, *, with_personal: bool) -> list[str]:
    document = _document(entry, with_personal=False)
    cells = [
        json.dumps(value) if isinstance(value, list | dict) else str(value or "")
        for value in document.values()
    ]
    if not with_personal:
        return cells
    known = dict(entry.personal)
    network, agent = known.pop("address", ""), known.pop("user_agent", "")
    return [*cells, network, agent, json.dumps(known) if known else ""]


def _cell(text: str) -> str:
    """One line that no spreadsheet takes for a formula."""
    plain = "".join(each if each.isprintable() else " " for each in text)
    return f"'{plain}" if text.startswith(_FORMULA) or plain.startswith(_FORMULA) else plain


def _moment(at: int) -> str:
    moment = datetime.fromtimestamp(at / 1_000, UTC)
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
