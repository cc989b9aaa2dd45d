"""The chain of a tenant's events: what is hashed of each, and how one holds the next.

The hash of an event is the SHA-256, in hex, of the canonical JSON of

    {"at", "content", "event", "id", "previous", "sequence", "tenant"}

where `content` is the SHA-256 of the canonical JSON of everything else that the event says, and
`previous` the hash of the event before. Canonical: keys sorted, no spaces, ASCII with \\u escapes.
Because the content has a digest of its own, it can go when its time is over while the link stays;
and of personal data only the digest of its sealed form is in it, so that a person can be erased.
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

GENESIS = "0" * 64
"""What the first event follows."""


@dataclass(frozen=True)
class Link:
    """One event's place in the chain. `at` is in milliseconds."""

    tenant_id: str
    id: str
    at: int
    event: str
    content: str
    """The digest of what it says."""
    sequence: int
    previous: str

    @property
    def hash(self) -> str:
        """What the next event must follow."""
        return digest(
            {
                "at": self.at,
                "content": self.content,
                "event": self.event,
                "id": self.id,
                "previous": self.previous,
                "sequence": self.sequence,
                "tenant": self.tenant_id,
            }
        )


def content_of(row: Any) -> dict[str, Any]:
    """What an event says beyond its name, time and place, from its row."""
    return {
        "actor": {"id": row.actor_id, "kind": row.actor_kind},
        "data": row.data,
        "flow_id": row.flow_id,
        "personal": row.personal_digest,
        "request_id": row.request_id,
        "subject": row.subject_id,
        "targets": row.targets,
    }


def digest(document: Mapping[str, Any]) -> str:
    """The SHA-256 of a document's canonical JSON, in hex."""
    text = json.dumps(document, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def link_of(tenant_id: str, row: Any, sequence: int, previous: str) -> Link:
    """The link that a row is, or would be at this place."""
    content = row.emptied or digest(content_of(row))
    return Link(tenant_id, row.id, row.created_at, row.event, content, sequence, previous)
