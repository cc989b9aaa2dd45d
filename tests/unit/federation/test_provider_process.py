"""The double of a provider as a process of its own, with nothing of ours in its memory."""

import subprocess
import sys
from collections.abc import Iterator

import pytest

from app.federation import providers
from tests.doubles.oidc_party import VALUES, Party, connection_with, reaching
from tests.house.sources import ROOT


@pytest.fixture
def provider_url() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.doubles.oidc_provider", "oidc", "0"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield process.stdout.readline().strip()
        process.terminate()


def test_a_sign_in_at_another_process(provider_url: str) -> None:
    settings = providers.find("custom_oidc").settings(
        {name: VALUES[name] for name in ("client_id", "client_secret", "issuer")}
    )
    settings = settings.model_copy(update={"issuer": provider_url})
    with reaching(provider_url.removeprefix("http://")):
        identity = Party(connection_with(settings, "custom_oidc")).sign_in()
    assert (identity.issuer, identity.subject) == (provider_url, "248289761001")
