"""From a client's own pages to the browser: a provider can only be visited by a browser, so a flow
that ran headless goes on as a hosted one there, for the same end."""

import hmac

from app import clock
from app.directory.tenants import Tenant
from app.flow import envelope
from app.flow.continuation import Authorize
from app.flow.envelope import Opening
from app.flow.run import Flow
from app.security import keyring

_LIVES = 10 * clock.MINUTE
_PURPOSE = "flow handover"


def issue(tenant: Tenant, flow_id: str) -> str:
    """What lets a browser go on with a headless flow, for ten minutes."""
    now = str(clock.now())
    return f"{now}.{keyring().hash(_PURPOSE, tenant.id, flow_id, now)}"


def is_for(tenant: Tenant, flow_id: str, text: str) -> bool:
    """Whether `text` was issued for this flow, and lately."""
    issued_at, _, mac = text.partition(".")
    if not (issued_at.isascii() and issued_at.isdigit() and len(issued_at) < 16):
        return False
    made = keyring().hashes(_PURPOSE, tenant.id, flow_id, issued_at)
    is_ours = any(hmac.compare_digest(mac.encode(), each.encode()) for each in made)
    return is_ours and int(issued_at) <= clock.now() + clock.MINUTE <= int(issued_at) + _LIVES


def hosted(tenant: Tenant, flow: Flow, binding: str) -> Flow:
    """A flow of the browser that `binding` names, at the same point and for the same end; without
    a row yet. What was proven headless stays there: this browser proves anew."""
    continuation = flow.continuation
    if isinstance(continuation, Authorize):
        continuation = continuation.model_copy(update={"answer_as": "go_to", "browser": None})
    facts = flow.facts
    opened = envelope.start(
        tenant, Opening("sign_in", continuation, flow.asked, binding, hint=facts.hint)
    )
    kept = ("identifier", "realm", "connection", "told")
    return opened.learned(opened.facts.learn(**{each: getattr(facts, each) for each in kept}))
