"""A Redis server of the tests' own, which keeps nothing on disk."""

import shutil
import signal
import tempfile
from pathlib import Path

import redis

from tests.services.process import LOOPBACK, Server, find_tool, free_port


class Redis:
    """The server process and its folder."""

    def __init__(self) -> None:
        program = find_tool("redis-server", package="redis-server")
        self.folder = Path(tempfile.mkdtemp(prefix="authpage-redis-"))
        self.port = free_port()
        self.server = Server(
            [
                *(program, "--bind", LOOPBACK, "--port", str(self.port), "--dir", self.folder),
                *("--save", "", "--appendonly", "no", "--databases", "64"),
            ],
            log=self.folder / "redis.log",
            stop_signal=signal.SIGTERM,
        )
        self.server.wait_until(self._answers)

    def stop(self) -> None:
        self.server.stop()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _answers(self) -> bool:
        try:
            with redis.Redis(host=LOOPBACK, port=self.port) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False
