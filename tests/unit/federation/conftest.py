"""A provider on loopback, and our relying party in front of it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import pytest

from app.federation.identity import UpstreamRefused
from tests.doubles.oidc_party import Meeting, meeting


@pytest.fixture
def meet() -> Iterator[Callable[..., Meeting]]:
    """Makes a provider for a preset, and a connection to it."""
    with ExitStack() as stack:

        def make(preset: str = "custom_oidc", **changed: Any) -> Meeting:
            return stack.enter_context(meeting(preset, **changed))

        yield make


@pytest.fixture
def met(meet: Callable[..., Meeting]) -> Meeting:
    """An OpenID provider without quirks, met by discovery."""
    return meet()


@pytest.fixture
def refusal() -> Callable[..., UpstreamRefused]:
    """What a sign-in is refused for."""

    def refused(met: Meeting, **wanted: Any) -> UpstreamRefused:
        with pytest.raises(UpstreamRefused) as caught:
            met.party.sign_in(**wanted)
        return caught.value

    return refused
