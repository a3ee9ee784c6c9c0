"""SIGINT and SIGTERM: the first ends the run in good order, the second at once."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.run import Stop

__all__ = ["Signals", "listening"]


class Signals:
    """Which signal came, if any."""

    def __init__(self) -> None:
        self.number: int | None = None

    @property
    def exit_code(self) -> int | None:
        """130 for SIGINT, 143 for SIGTERM, None when there was none."""
        return None if self.number is None else 128 + self.number


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
