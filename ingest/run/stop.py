"""A wish to end in good order, and the door that closes with it."""

import time
from collections.abc import Callable, Iterator
from typing import TypeVar

from ingest.fetch import HostGate, Stopped

__all__ = ["STOPPED", "Interrupted", "Stop"]

T = TypeVar("T")


class Interrupted(BaseException):
    """A signal came in the middle of a wait; what was committed stays."""


#: What ends a wait: the signal itself, or the gate that it closed.
STOPPED = (Interrupted, Stopped)


class Stop:
    """A wish to end in good order, or the run's own time over: asked between requests and pages."""

    def __init__(self, seconds: float | None = None) -> None:
        """`seconds`: the run's own limit, from now on."""
        self.wished = False
        self._until = None if seconds is None else time.monotonic() + seconds
        #: True while a signal has to wait: a page is being written, a source's run closed. Milliseconds.
        self.writing = False
        #: The turns at all hosts of this process; nobody gets one once the wish was made.
        self.gate = HostGate()
        #: Called with the wish, also by a signal handler: whoever waits for something that it must not lose.
        self.wake: Callable[[], None] = lambda: None

    def go_on(self) -> bool:
        """Whether there is no wish to stop, and time left."""
        return not self.wished and self.left() != 0

    def left(self, grace: float = 0.0) -> float | None:
        """Seconds until the run's own limit and so much beyond it, 0 when it is over; None without one."""
        return None if self._until is None else max(self._until + grace - time.monotonic(), 0.0)

    def wish(self) -> None:
        """Ask for the end; may be called by a signal handler."""
        self.wished = True
        self.gate.stop()
        self.wake()

    def waiting(self, found: Iterator[T]) -> Iterator[T]:
        """What `found` yields; a signal may break it off while it works, and not while its caller does.

        Raises Interrupted where the signal's handler does.
        """
        try:
            while True:
                self.writing = False
                one = next(found, None)
                self.writing = True
                if one is None:
                    return
                yield one
        finally:
            self.writing = True
