"""A wish to end in good order, and the door that closes with it."""

from collections.abc import Iterator
from typing import TypeVar

from ingest.fetch import HostGate, Stopped

__all__ = ["STOPPED", "Interrupted", "Stop"]

T = TypeVar("T")


class Interrupted(BaseException):
    """A signal came in the middle of a wait; what was committed stays."""


#: What ends a wait: the signal itself, or the gate that it closed.
STOPPED = (Interrupted, Stopped)


class Stop:
    """A wish to end in good order: asked between requests and pages."""

    def __init__(self) -> None:
        self.wished = False
        #: True while a signal has to wait: a page is being written, a source's run closed. Milliseconds.
        self.writing = False
        #: The turns at all hosts of this process; nobody gets one once the wish was made.
        self.gate = HostGate()

    def go_on(self) -> bool:
        """Whether there is no wish to stop."""
        return not self.wished

    def wish(self) -> None:
        """Ask for the end; may be called by a signal handler."""
        self.wished = True
        self.gate.stop()

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
