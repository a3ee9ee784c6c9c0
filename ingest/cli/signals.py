"""SIGINT and SIGTERM: the first ends the run in good order, the second at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.journal import Journal
    from ingest.run import Stop

__all__ = ["Signals", "listening", "logging"]


class Signals:
    """Which signal came, if any."""

    def __init__(self) -> None:
        self.number: int | None = None

    @property
    def exit_code(self) -> int | None:
        """130 for SIGINT, 143 for SIGTERM, None when there was none."""
        return None if self.number is None else 128 + self.number


@contextmanager
def logging(path: Path | None) -> Iterator["Journal | None"]:
    """The log of a run, opened anew on SIGHUP; None without a path. Raises ConfigError, DiskFull."""
    if path is None:
        yield None
        return
    from ingest.journal import Journal  # noqa: PLC0415

    with Journal(path) as journal:
        before = signal.signal(signal.SIGHUP, lambda *_: journal.reopen())
        try:
            yield journal
        finally:
            signal.signal(signal.SIGHUP, before)


@contextmanager
def listening(stop: "Stop") -> Iterator[Signals]:
    """Turn the first signal into a wish to stop; a wait for the network is broken off, a page being written is not."""
    from ingest.run import Interrupted  # noqa: PLC0415

    seen = Signals()

    def first(number: int, frame: FrameType | None) -> None:  # noqa: ARG001
        seen.number = number
        for one in (signal.SIGINT, signal.SIGTERM):
            signal.signal(one, signal.SIG_DFL)
        stop.wish()
        if not stop.writing:
            raise Interrupted

    before = {number: signal.signal(number, first) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield seen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
