"""Child processes that live and die together."""

import http.client
import os
import signal
import subprocess
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from types import FrameType

from app.cli.failures import CommandFailed

_LOOK_AGAIN = 0.1
_STOPS_WITHIN = 15
"""Seconds."""


@dataclass(frozen=True)
class Probe:
    """An address that answers once a child is ready."""

    port: int
    path: str

    def answers(self) -> bool:
        """Whether it answers now, and not with an error of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=2)
        try:
            connection.request("GET", self.path, headers={"Host": f"localhost:{self.port}"})
            return connection.getresponse().status < 500
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()


class Children:
    """Some child processes; SIGTERM and SIGINT to this one end them all."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._asked = threading.Event()

    def start(self, name: str, command: Sequence[str], environment: Mapping[str, str]) -> None:
        """Start a child, in a process group of its own; it shares our output.

        A terminal's SIGINT goes to our group alone, so that it is we who say when it is time.
        """
        self._running[name] = subprocess.Popen(  # noqa: S603
            command, env=dict(environment), start_new_session=True
        )

    def listen(self) -> None:
        """From now on SIGTERM and SIGINT ask for the end."""
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self._ask)

    def wait_until_ready(self, probes: Sequence[Probe], seconds: int) -> bool:
        """Return once every probe answers; False when the end was asked for. Fails when a child
        ends or the time is over."""
        until = time.monotonic() + seconds
        waiting = list(probes)
        while waiting and not self._asked.is_set():
            self._demand_all_running()
            waiting = [probe for probe in waiting if not probe.answers()]
            if waiting and time.monotonic() > until:
                raise CommandFailed("not_ready", f"Nothing answers on port {waiting[0].port}.")
            self._asked.wait(_LOOK_AGAIN if waiting else 0)
        return not self._asked.is_set()

    def watch(self) -> None:
        """Return when the end is asked for; fails when a child ends by itself."""
        while not self._asked.wait(_LOOK_AGAIN):
            self._demand_all_running()

    def end(self) -> None:
        """End every child with all that it started: asked first, killed when it does not listen."""
        for process in self._running.values():
            if process.poll() is None:
                process.terminate()
        until = time.monotonic() + _STOPS_WITHIN
        for process in self._running.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0, until - time.monotonic()))
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()

    def _demand_all_running(self) -> None:
        for name, process in self._running.items():
            if process.poll() is not None:
                raise CommandFailed(
                    "child_ended", f"{name} ended by itself ({process.returncode})."
                )

    def _ask(self, _number: int, _frame: FrameType | None) -> None:
        self._asked.set()
