"""The worker: delivers mail, deletes what has expired or is to go, looks at the DNS records of
domains, and keeps the clock right.

With SQLite it is a thread of the web process; beyond that `authpage worker` runs it, any number of
times: leases keep the workers apart.
"""

import atexit
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

import structlog
from flask import Flask, current_app

from app import clock_offset, purge
from app.audit import sealing
from app.config import settings
from app.delivery import mail_senders, sending
from app.directory import anonymous_expiry, deletion, domain_checks, drafts, host_checks, tenants
from app.federation import saml_metadata
from app.whereabouts import where

_BATCH = 50
_IDLE_SECONDS = 0.5
_TROUBLE_SECONDS = 5.0
_CLOCK_SECONDS = 30.0
_STOP_SECONDS = 10.0

_log = structlog.stdlib.get_logger(__name__)


def run_once(limit: int = _BATCH, stop: threading.Event | None = None) -> int:
    """Send what is due, at most `limit` mails; returns how many messages were taken up.

    Needs an application context. When `stop` is set, mails not yet sent are handed back.
    """
    sender = mail_senders.platform(settings())
    is_stopping = stop.is_set if stop else lambda: False
    return sending.deliver(tenants.by_id, sender, limit, is_stopping)


def run_forever(stop: threading.Event) -> None:
    """Work until `stop` is set, whatever fails in between. Needs an application context."""
    app: Flask = current_app._get_current_object()  # type: ignore[attr-defined]
    chores = [
        _Chore(clock_offset.follow, _CLOCK_SECONDS, _CLOCK_SECONDS),
        _Chore(sealing.run_once, 15, 1),
        _Chore(purge.run_once, 60, 1),
        _Chore(deletion.erase_due, 60, 1),
        _Chore(drafts.publish_due, 5, 0),
        _Chore(domain_checks.run_once, 60, 1),
        _Chore(host_checks.run_once, 60, 1),
        _Chore(saml_metadata.run_once, 60, 1),
        _Chore(anonymous_expiry.erase_idle, 3_600, 1),
    ]
    while not stop.is_set():
        stop.wait(_round(app, chores, stop))


def start_thread(app: Flask) -> threading.Event:
    """Start the worker as a daemon thread, after any fork; setting the event returned stops it.

    Where the worker is a process of its own, the thread only keeps this process's clock right.
    """
    stop = threading.Event()
    thread = threading.Thread(target=_work, args=[app, stop], name="worker", daemon=True)
    thread.start()
    atexit.register(_finish, thread, stop)
    return stop


@dataclass
class _Chore:
    """Something to do every so many seconds, or sooner while it reports that it found work."""

    do: Callable[[], int]
    every: float
    every_when_busy: float
    next_at: float = 0.0

    def run_if_due(self) -> None:
        """Do it when its time has come."""
        if time.monotonic() >= self.next_at:
            self.next_at = time.monotonic() + self.every
            if self.do():
                self.next_at = time.monotonic() + self.every_when_busy


def _work(app: Flask, stop: threading.Event) -> None:
    with app.app_context():
        if settings().worker == "embedded":
            run_forever(stop)
        else:
            _keep_clock(app, stop)


def _keep_clock(app: Flask, stop: threading.Event) -> None:
    def measure() -> float:
        clock_offset.follow()
        return _CLOCK_SECONDS

    while not stop.is_set():
        stop.wait(_guarded(app, measure))


def _round(app: Flask, chores: list[_Chore], stop: threading.Event) -> float:
    """One round; returns the seconds to wait before the next."""

    def work() -> float:
        for chore in chores:
            chore.run_if_due()
        return 0 if run_once(stop=stop) else _IDLE_SECONDS

    return _guarded(app, work)


def _guarded(app: Flask, work: Callable[[], float]) -> float:
    """What `work` returns, in an application context of its own; a longer pause when it fails."""
    try:
        with app.app_context():
            return work()
    except Exception as error:
        _log.error("worker_round_failed", error=where(error))
        return _TROUBLE_SECONDS


def _finish(thread: threading.Thread, stop: threading.Event) -> None:
    stop.set()
    thread.join(_STOP_SECONDS)
