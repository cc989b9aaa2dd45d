"""OAuth requests as Authlib knows them, built from plain parameters and from no web framework.

Authlib's Flask server reads whatever request is being answered, even when it is handed another one,
so a request that was stored would be answered from the form of today.
"""

from collections.abc import Mapping, Sequence
from functools import cached_property

from authlib.oauth2.rfc6749 import InvalidRequestError, OAuth2Payload, OAuth2Request

from app.actor import SYSTEM, Actor

Parameters = Mapping[str, Sequence[str]]
"""Names and all values that came under each."""

_MOST_PARAMETERS = 64
_MOST_CHARACTERS = 8_192
_REPEATABLE = frozenset({"resource", "audience"})


class Payload(OAuth2Payload):
    """Parameters by name; one that is sent without a value counts as not sent (RFC 6749, 3.1)."""

    def __init__(self, parameters: Parameters) -> None:
        self._lists = {name: [*values] for name, values in parameters.items()}

    @cached_property
    def data(self) -> dict[str, str]:
        """The first value of every parameter that has one."""
        return {name: values[0] for name, values in self._lists.items() if values and values[0]}

    @property
    def datalist(self) -> dict[str, list[str]]:
        """Every value of every parameter."""
        return self._lists


class ProviderRequest(OAuth2Request):
    """A request to one of the provider's endpoints."""

    payload: Payload

    def __init__(
        self,
        method: str,
        parameters: Parameters,
        headers: Mapping[str, str] | None = None,
        requester: Actor = SYSTEM,
    ) -> None:
        # The settings decide where http may be used; Authlib's own check of the address does not
        # know that `*.localhost` is this machine.
        super().__init__(method, "https://localhost/", headers=headers)
        self.payload = Payload(parameters)
        self.requester = requester
        """Whoever sent it, for the audit log."""

    @property
    def args(self) -> dict[str, str | None]:
        """The parameters; where they came from is decided before."""
        return {**self.payload.data}

    @property
    def form(self) -> dict[str, str]:
        """The parameters; where they came from is decided before."""
        return self.payload.data

    def value(self, name: str) -> str | None:
        """One parameter; None when it was not sent, or without a value."""
        return self.payload.data.get(name)

    def refuse_malformed(self) -> None:
        """Raise `InvalidRequestError` for a repeated parameter, too many, or a very long one."""
        lists = self.payload.datalist
        if sum(len(values) for values in lists.values()) > _MOST_PARAMETERS:
            raise InvalidRequestError("Too many parameters.")
        for name, values in lists.items():
            if len(values) > 1 and name not in _REPEATABLE:
                raise InvalidRequestError("A parameter is repeated.")
            if any(len(value) > _MOST_CHARACTERS for value in values):
                raise InvalidRequestError("A parameter is too long.")
