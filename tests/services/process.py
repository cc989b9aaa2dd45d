"""One child process of the tests: found, started, waited for, stopped by its own pid."""

import os
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

STARTING_SECONDS = 60
STOPPING_SECONDS = 20
LOOPBACK = "127.0.0.1"


class MissingTool(Exception):
    """A program that the tests need is not on this machine."""


class ServerFailed(Exception):
    """A server did not come up; the message carries the end of its log."""


def find_tool(*names: str, package: str, folders: Iterable[Path] = ()) -> Path:
    """The first program of these names, in `folders` before PATH.

    Raises `MissingTool`, naming the Debian package that brings it.
    """
    for folder in folders:
        for name in names:
            if os.access(folder / name, os.X_OK):
                return folder / name
    for name in names:
        if found := shutil.which(name):
            return Path(found)
    raise MissingTool(
        f"The tests need {names[0]}, which this machine lacks. `make test` as root installs it; "
        f"otherwise install the Debian package {package}. Tests are never skipped for it."
    )


def free_port() -> int:
    """A TCP port of the loopback address that nobody listens on just now."""
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        port: int = probe.getsockname()[1]
        return port


class Server:
    """A running child with its log; it dies with the test run even when that is killed."""

    def __init__(
        self, command: Sequence[str | Path], log: Path, stop_signal: signal.Signals
    ) -> None:
        self.log = log
        self._stop_signal = stop_signal
        setpriv = find_tool("setpriv", package="util-linux")
        # The kernel sends this signal when our thread ends: a killed run leaves nothing behind.
        guarded = [setpriv, "--pdeathsig", stop_signal.name.removeprefix("SIG"), *command]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [str(part) for part in guarded],
                stdout=output,
                stderr=output,
                stdin=subprocess.DEVNULL,
            )

    def wait_until(self, ready: Callable[[], bool]) -> None:
        """Return once `ready` says so; raises `ServerFailed` when the child ends before that."""
        give_up = time.monotonic() + STARTING_SECONDS
        while not ready():
            if self.process.poll() is not None or time.monotonic() > give_up:
                self.stop()
                raise ServerFailed(f"{self.log.name}:\n{self.log.read_text()[-3000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """End the child politely, then for good; harmless when it has ended."""
        if self.process.poll() is None:
            self.process.send_signal(self._stop_signal)
        try:
            self.process.wait(STOPPING_SECONDS)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
