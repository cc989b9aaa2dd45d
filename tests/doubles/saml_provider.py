"""Runs the identity provider of tests as a process, and steers it."""

import json
import os
import subprocess
import sys
import urllib.request
from dataclasses import asdict
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.doubles.saml_script import Script

_ROOT = Path(__file__).parents[2]


class SamlProvider:
    """The provider; a context manager that runs it. Nothing but its metadata works before
    `trust`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._process: subprocess.Popen[str] | None = None
        self._port = 0

    def __enter__(self) -> "SamlProvider":
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.doubles.saml_provider_server", str(self._folder)],
            cwd=_ROOT,
            env={**os.environ, "PYTHONWARNINGS": "ignore"},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        assert self._process.stdout is not None
        self._port = int(self._process.stdout.readline())
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        assert self._process is not None
        with self._process:
            self._process.kill()

    @property
    def host(self) -> str:
        """Host and port, as OUTBOUND_ALLOW wants them."""
        return f"127.0.0.1:{self._port}"

    @property
    def origin(self) -> str:
        return f"http://{self.host}"

    @property
    def metadata_url(self) -> str:
        return f"{self.origin}/metadata"

    def trust(self, metadata: bytes) -> None:
        """Take the metadata of the service provider."""
        self._do("trust", metadata=metadata.decode())

    def act_out(self, script: Script) -> None:
        """Let this person sign in from now on."""
        self._do("act_out", script=asdict(script))

    def seen(self, kind: str) -> list[dict[str, Any]]:
        """What the provider read in the messages of a kind that it verified: `authn_request`,
        `logout_request`; or `logout_response`, as it came."""
        return [each for each in self._do("report") if each["kind"] == kind]

    def publish_next_key(self) -> None:
        """Publish a second certificate; the first key goes on signing."""
        self._do("publish_next_key")

    def sign_with_next_key(self) -> None:
        """Let the second key sign, and withdraw the first."""
        self._do("sign_with_next_key")

    def metadata(self) -> bytes:
        """The provider's own metadata."""
        return str(self._do("metadata")).encode()

    def unsolicited(self, acs_url: str, sp_entity_id: str) -> dict[str, str]:
        """The form of a response that nobody asked for."""
        found: dict[str, str] = self._do("unsolicited", acs_url=acs_url, sp_entity_id=sp_entity_id)
        return found

    def logout_location(self, name_id: str, slo_url: str, relay_state: str = "") -> str:
        """A signed request to end the person's session with us, as the URL to go to."""
        given = {"name_id": name_id, "slo_url": slo_url, "relay_state": relay_state}
        return str(self._do("logout_location", **given))

    def logout_form(self, name_id: str, slo_url: str, *, signs: bool = True) -> dict[str, str]:
        """The same as a form, signed inside."""
        found: dict[str, str] = self._do(
            "logout_form", name_id=name_id, slo_url=slo_url, signs=signs
        )
        return found

    def _do(self, what: str, **given: Any) -> Any:
        asked = json.dumps({"do": what, "with": given}).encode()
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        with opener.open(f"http://{self.host}/control", asked, timeout=60) as answer:
            return json.loads(answer.read())
