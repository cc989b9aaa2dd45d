"""The start of a flow, signed and carried in its first URL, so that starting writes nothing.

There is nothing secret in it. It is bound to the browser by a hash of its flow cookie; another
browser may start over from it, and gets a flow of its own.
"""

from dataclasses import dataclass
from typing import Any

from itsdangerous import BadSignature, URLSafeSerializer
from pydantic import ValidationError

from app import clock
from app.directory.tenants import Tenant
from app.flow.asked import Asked
from app.flow.continuation import Account, Authorize, continuations
from app.flow.facts import START
from app.flow.run import PURPOSES, Flow, Kind
from app.ids import new_id
from app.security import keyring

LONGEST = 4_096
"""Characters of an envelope that still travels in a URL; a longer one becomes a row at once."""


@dataclass(frozen=True)
class Opening:
    """How a flow begins."""

    kind: Kind
    continuation: Authorize | Account
    asked: Asked
    binding: str
    hint: str | None = None
    account: str | None = None
    """The live session that goes on, by id."""


def start(tenant: Tenant, opening: Opening) -> Flow:
    """A new flow; it has no row yet."""
    return Flow(
        id=new_id("flw"),
        kind=opening.kind,
        binding=opening.binding,
        continuation=opening.continuation,
        asked=opening.asked,
        epoch=tenant.epoch,
        expires_at=clock.now() + tenant.settings.lifetimes.flow * clock.SECOND,
        facts=START.learn(hint=opening.hint, account=opening.account),
    )


def close(tenant: Tenant, flow: Flow) -> str:
    """The envelope of a flow that has no row yet."""
    return _serializer().dumps(
        {
            "t": tenant.id,
            "f": flow.id,
            "k": flow.kind,
            "c": flow.continuation.model_dump(),
            "a": flow.asked.model_dump(exclude_defaults=True),
            "b": flow.binding,
            "e": flow.epoch,
            "x": flow.expires_at,
            "h": flow.facts.hint,
            "s": flow.facts.account,
        }
    )


def open_(tenant: Tenant, flow_id: str, text: str) -> Flow | None:
    """The flow inside; None when the envelope is not ours, not this tenant's or not this flow's."""
    try:
        content: Any = _serializer().loads(text)
        if content["t"] != tenant.id or content["f"] != flow_id or content["k"] not in PURPOSES:
            return None
        return Flow(
            id=flow_id,
            kind=content["k"],
            binding=content["b"],
            continuation=continuations.validate_python(content["c"]),
            asked=Asked.model_validate(content["a"]),
            epoch=content["e"],
            expires_at=content["x"],
            facts=START.learn(hint=content["h"], account=content["s"]),
        )
    except (BadSignature, ValidationError, KeyError, TypeError, ValueError):
        return None


def _serializer() -> URLSafeSerializer:
    return URLSafeSerializer(keyring().signing_secrets(), salt="authpage flow envelope")
