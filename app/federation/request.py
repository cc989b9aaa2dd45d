"""How a person is sent to a provider."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Request:
    """Where the browser goes, and what must be kept for the answer.

    `form` holds fields to post to `url`; None means a redirect. `keep` goes sealed into the row
    of the state, and comes back to `finish`.
    """

    url: str
    form: dict[str, str] | None = None
    keep: dict[str, str] = field(default_factory=dict)
