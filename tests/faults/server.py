"""AuthPage as it runs: granian with worker processes, started, killed and stopped by pid."""

import http.client
import os
import signal
import sys
from collections.abc import Mapping
from pathlib import Path

from tests.services.process import LOOPBACK, Server, free_port

ROOT = Path(__file__).parents[2]
RESPAWN_SECONDS = "0.2"
KILL_SECONDS = "5"
"""Now and then a busy worker misses granian's first request to end; without this it waits for ever.
"""


class RunningAuthPage:
    """One granian and its workers on a free port."""

    def __init__(
        self, folder: Path, environment: Mapping[str, str], *, workers: int = 2, threads: int = 4
    ) -> None:
        self.port = free_port()
        self.folder = folder
        self.base_url = f"http://localhost:{self.port}"
        self.environment = {
            "ENVIRONMENT": "test",
            "BASE_URL": self.base_url,
            "DATA_DIR": str(folder),
            "ARGON2_MEMORY_KIB": "64",
            "ARGON2_ITERATIONS": "1",
            "COARSE_LIMIT": "1000000 per minute",
            "LOG_LEVEL": "warning",
            **environment,
        }
        self._arguments = [
            *("--interface", "wsgi", "--no-ws", "--host", LOOPBACK, "--port", str(self.port)),
            *("--workers", str(workers), "--blocking-threads", str(threads)),
            *("--respawn-failed-workers", "--respawn-interval", RESPAWN_SECONDS),
            *("--workers-kill-timeout", KILL_SECONDS),
            *("--log-level", "warning", "--working-dir", str(ROOT)),
            "wsgi:app",
        ]
        self.server: Server | None = None

    @property
    def log(self) -> Path:
        """What the server wrote."""
        return self.folder / "authpage.log"

    def start(self) -> None:
        """Start and wait until it is ready."""
        given = [f"{name}={value}" for name, value in self.environment.items()]
        self.server = Server(
            ["/usr/bin/env", *given, sys.executable, "-m", "granian", *self._arguments],
            log=self.log,
            stop_signal=signal.SIGTERM,
        )
        self.server.wait_until(lambda: self.status("/readyz") == 200)

    def supervise(self) -> None:
        """Start it anew when it ended, as a service manager does: granian gives up when the same
        worker dies twice within five seconds."""
        assert self.server is not None
        if self.server.process.poll() is not None:
            self.start()

    def stop(self) -> int:
        """Ask it to end; the exit status."""
        assert self.server is not None
        self.server.stop()
        return self.server.process.returncode

    def terminate(self) -> None:
        """Send SIGTERM and come back at once."""
        assert self.server is not None
        self.server.process.terminate()

    def workers(self) -> list[int]:
        """The pids of the worker processes."""
        assert self.server is not None
        return _children(self.server.process.pid)

    def kill_worker(self) -> bool:
        """Kill the oldest worker; False when there is none just now."""
        for pid in self.workers()[:1]:
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                return False
            return True
        return False

    def status(self, path: str) -> int:
        """The status of a GET; 0 when nobody answers."""
        connection = http.client.HTTPConnection(LOOPBACK, self.port, timeout=5)
        try:
            connection.request("GET", path, headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()


def _children(pid: int) -> list[int]:
    """The worker processes below a granian; Python's resource tracker is none."""
    try:
        text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    except FileNotFoundError:
        return []
    return [child for child in map(int, text.split()) if "tracker" not in _command(child)]


def _command(pid: int) -> str:
    try:
        return Path(f"/proc/{pid}/cmdline").read_text().replace("\0", " ")
    except (FileNotFoundError, ProcessLookupError):
        return "tracker"
