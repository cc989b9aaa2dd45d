"""Password hashing with argon2id in a small pool with a bounded queue.

argon2 releases the interpreter lock and needs memory a hash, so as many hashes run as there are
threads, some wait, and more are turned away at once: a flood of sign-ins costs neither the memory
nor the pages of everybody else.
"""

import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TypeVar

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError
from argon2.low_level import hash_secret_raw
from flask import Flask, current_app

from app.config import Settings
from app.database import refuse_open_transaction

MAX_BYTES = 1024
"""Longer passwords are refused before any hash (ASVS 6.2.9 wants at least 64 characters)."""

Result = TypeVar("Result")


class Busy(Exception):
    """Too many password checks are waiting; the answer is 503 with Retry-After."""

    retry_after = 2
    """Seconds."""


@dataclass(frozen=True)
class Stretching:
    """How short secrets of one set are stretched: a salt of theirs and argon2id's parameters."""

    salt: bytes
    iterations: int
    memory_kib: int
    parallelism: int

    def of(self, secret: str) -> str:
        """32 bytes in hexadecimal, dear to compute."""
        made = hash_secret_raw(
            secret.encode(),
            self.salt,
            time_cost=self.iterations,
            memory_cost=self.memory_kib,
            parallelism=self.parallelism,
            hash_len=32,
            type=Type.ID,
        )
        return made.hex()


class Hashing:
    """argon2id with the parameters of the settings, and the pool that runs it."""

    def __init__(self, settings: Settings) -> None:
        threads = settings.hash_threads or os.cpu_count() or 1
        self._hasher = PasswordHasher(
            time_cost=settings.argon2_iterations,
            memory_cost=settings.argon2_memory_kib,
            parallelism=settings.argon2_parallelism,
            type=Type.ID,
        )
        self._threads = threads
        self._places = threading.BoundedSemaphore(threads + settings.hash_queue)
        self._pool: ThreadPoolExecutor | None = None
        self._dummy: str | None = None
        self._starting = threading.Lock()

    def hash(self, password: str) -> str:
        """The PHC string of a new hash; raises `Busy`."""
        return self._run(lambda: self._hasher.hash(password))

    def verify(self, stored: str | None, password: str) -> bool:
        """Whether `password` made `stored`; without `stored` the same work is done for False.

        Raises `Busy`.
        """
        against = stored or self._stand_in()
        return self._run(lambda: self._matches(against, password)) and stored is not None

    def new_stretching(self) -> Stretching:
        """The parameters in force, with a fresh salt."""
        return Stretching(
            os.urandom(16),
            self._hasher.time_cost,
            self._hasher.memory_cost,
            self._hasher.parallelism,
        )

    def stretch(self, stretching: Stretching, *secrets: str) -> tuple[str, ...]:
        """What `stretching` makes of each secret; takes one place in the queue. Raises `Busy`."""
        return self._run(lambda: tuple(stretching.of(secret) for secret in secrets))

    def is_outdated(self, stored: str) -> bool:
        """Whether `stored` was made with other parameters than those in force."""
        return self._hasher.check_needs_rehash(stored)

    def _matches(self, stored: str, password: str) -> bool:
        try:
            return self._hasher.verify(stored, password)
        except (VerificationError, InvalidHashError):
            return False

    def _stand_in(self) -> str:
        """A hash of nobody's password, so that an unknown name costs what a known one costs."""
        with self._starting:
            if self._dummy is None:
                self._dummy = self._hasher.hash(os.urandom(16).hex())
            return self._dummy

    def _run(self, work: Callable[[], Result]) -> Result:
        refuse_open_transaction()
        if not self._places.acquire(blocking=False):
            raise Busy
        try:
            return self._started_pool().submit(work).result()
        finally:
            self._places.release()

    def _started_pool(self) -> ThreadPoolExecutor:
        """Started at first use, so after any fork."""
        with self._starting:
            if self._pool is None:
                self._pool = ThreadPoolExecutor(self._threads, thread_name_prefix="hash")
            return self._pool


def bind(app: Flask, settings: Settings) -> None:
    """Give the application its hashing pool."""
    app.extensions["authpage_hashing"] = Hashing(settings)


def hashing() -> Hashing:
    """The hashing pool of the current application."""
    bound: Hashing = current_app.extensions["authpage_hashing"]
    return bound
