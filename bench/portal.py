"""A running AuthPage of the bench's own, and the CPU time that its processes have used."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import httpx2

PROJECT = Path(__file__).resolve().parent.parent
REDIRECT_URI = "http://localhost:9/callback"
PASSWORD = "a bench password that nobody uses"
_SERVER = ("--interface", "wsgi", "--host", "127.0.0.1", "--blocking-threads", "4", "--no-ws")
_TICKS = os.sysconf("SC_CLK_TCK")
_STARTING_SECONDS = 30


class Portal:
    """AuthPage under granian with SQLite in a temporary folder: one worker, as shipped."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="authpage-bench-")
        self.port = _free_port()
        self.url = f"http://localhost:{self.port}"
        self._environment = {
            **os.environ,
            "ENVIRONMENT": "development",
            "PORT": str(self.port),
            "DATA_DIR": self._folder.name,
            "COARSE_LIMIT": "1000000 per minute",
            "LOG_LEVEL": "warning",
        }
        self._server: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> "Portal":
        self._command("migrate")
        self._command("seed", "demo")
        limits = ("passwords_per_network", "passwords_per_account", "codes_per_network")
        self._command(
            "tenant", "settings", "set", "limits", *(f"{each}=1000000" for each in limits)
        )
        self._command("tenant", "settings", "set", "organizations", "choice=off")
        self._server = subprocess.Popen(
            [sys.executable, "-m", "granian", *_SERVER, "--port", str(self.port), "wsgi:app"],
            cwd=PROJECT,
            env=self._environment,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._await()
        return self

    def __exit__(self, *_: object) -> None:
        if self._server is not None:
            self._server.terminate()
            self._server.wait(timeout=30)
        self._folder.cleanup()

    def client(self) -> tuple[str, str]:
        """A confidential client: its id and secret."""
        made = self._command("client", "create", "--name", "Bench", "--redirect-uri", REDIRECT_URI)
        return made["client_id"], made["client_secret"]

    def user(self, number: int) -> str:
        """A user with `PASSWORD`: the address."""
        email = f"bench{number}@example.com"
        self._command("user", "create", "--email", email, "--password", PASSWORD, "--verified")
        return email

    def cpu_seconds(self) -> float:
        """What the server's process and its children have used since they started."""
        assert self._server is not None
        return sum(_cpu_seconds(pid) for pid in _tree(self._server.pid))

    def _command(self, *words: str) -> Any:
        done = subprocess.run(
            [sys.executable, "-m", "app.cli", *words, "--json"],
            cwd=PROJECT,
            env=self._environment,
            check=True,
            capture_output=True,
        )
        return json.loads(done.stdout)

    def _await(self) -> None:
        for _ in range(_STARTING_SECONDS * 10):
            try:
                if httpx2.get(f"{self.url}/readyz").status_code == 200:
                    return
            except httpx2.TransportError:
                time.sleep(0.1)
        raise RuntimeError("AuthPage did not start.")


def _free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        port: int = listening.getsockname()[1]
        return port


def _tree(pid: int) -> list[int]:
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return [pid] + [each for child in children for each in _tree(int(child))]


def _cpu_seconds(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / _TICKS
