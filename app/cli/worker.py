"""`authpage worker`: delivers mail in a process of its own."""

import signal
import threading
from types import FrameType

import click


@click.command()
def worker() -> None:
    """Deliver mail until stopped; any number of workers may run."""
    from app import create_app  # noqa: PLC0415 (mails are rendered by the whole application)
    from app.worker import run_forever  # noqa: PLC0415

    stop = threading.Event()

    def ask(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, ask)
    with create_app().app_context():
        run_forever(stop)
