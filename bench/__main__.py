"""`make bench`: CPU of the server's processes for each operation, beside one password hash.

Every round measures every operation, so that whatever else the machine does falls on all of them;
the medians over the rounds are compared. Figures in milliseconds are for curiosity, ratios count.
"""

import statistics
import time
from collections.abc import Callable

from argon2 import PasswordHasher, Type

from bench.person import Person
from bench.portal import Portal

ROUNDS = 5
GOALS = {"password sign-in": 1.30}
"""The most that an operation may cost, in password hashes (PERFORMANCE: P4)."""


def main() -> None:
    """Measure, and print a table."""
    with Portal() as portal:
        person = Person(portal, portal.client(), portal.user(1))
        token = [person.sign_in()]

        def refresh() -> None:
            token[0] = person.refresh(token[0])

        operations: dict[str, tuple[int, Callable[[], object]]] = {
            "discovery": (200, lambda: person.read("/.well-known/openid-configuration")),
            "jwks": (200, lambda: person.read("/oauth2/jwks")),
            "authorize and page": (100, person.open_page),
            "refresh": (100, refresh),
            "password sign-in": (20, person.sign_in),
        }
        measured: dict[str, list[float]] = {name: [] for name in ("hash", *operations)}
        for _ in range(ROUNDS):
            measured["hash"].append(_hash())
            for name, (times, operation) in operations.items():
                measured[name].append(_cost(portal, times, operation))
    _report({name: statistics.median(values) for name, values in measured.items()})


def _hash() -> float:
    """Milliseconds of CPU of one argon2id hash with the default parameters."""
    hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1, type=Type.ID)
    started = time.process_time()
    for _ in range(20):
        hasher.hash("a password")
    return (time.process_time() - started) / 20 * 1000


def _cost(portal: Portal, times: int, operation: Callable[[], object]) -> float:
    before = portal.cpu_seconds()
    for _ in range(times):
        operation()
    return (portal.cpu_seconds() - before) / times * 1000


def _report(medians: dict[str, float]) -> None:
    print(f"{'operation':<22}{'ms of CPU':>10}{'hashes':>9}{'goal':>8}")
    for name, milliseconds in medians.items():
        goal = f"{GOALS[name]:.2f}" if name in GOALS else ""
        ratio = milliseconds / medians["hash"]
        print(f"{name:<22}{milliseconds:>10.2f}{ratio:>9.2f}{goal:>8}")


if __name__ == "__main__":
    main()
