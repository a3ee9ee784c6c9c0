"""Messages between a run and the processes that read for it: a length, and so many bytes.

The frames are those of `multiprocessing.connection`, so either end may be one of its connections; its import alone
costs a reading process 15 ms (`tempfile`, `shutil`, `subprocess`), and it joins what comes out of pieces.
"""

import io
import os
import select
from struct import Struct
from typing import BinaryIO

__all__ = ["BUG", "EARLY", "END", "LAST", "MEMORY", "ORDER", "READY", "START", "STEP", "WAIT", "Talk"]

#: What a message to the run is, in its first byte: a `Step`, one that says no more than where to go on, the last
#: one, the end of a document, too little memory, a bug of ours, and at first that it has started.
STEP, EARLY, LAST, END, MEMORY, BUG, READY = range(7)

#: What the process that those are forked from is told, and answers: to start one (0; its pid, 0 for none), with the
#: descriptors of its socket and pipe beside; to wait for one (its pid; its status).
ORDER = Struct("!Bi")
START, WAIT = range(2)

_LENGTH = Struct("!i")
#: Bytes of a stream that are in memory at a time.
_PIECE = 256 * 1024


class Talk:
    """One end of a stream socket."""

    def __init__(self, descriptor: int) -> None:
        """Takes over the descriptor: `close` closes it."""
        self._descriptor = descriptor
        self._poll = select.poll()
        self._poll.register(descriptor, select.POLLIN)

    def fileno(self) -> int:
        """The descriptor."""
        return self._descriptor

    def close(self) -> None:
        """No more of this."""
        os.close(self._descriptor)

    def poll(self, seconds: float) -> bool:
        """Whether there is something to receive, or the end of it all, within so many seconds."""
        return bool(self._poll.poll(seconds * 1000))

    def send_bytes(self, *parts: bytes) -> None:
        """Send a message of less than 2 GiB. Raises OSError when nobody is there to take it."""
        self._write([memoryview(part) for part in (_LENGTH.pack(sum(map(len, parts))), *parts)])

    def recv_bytes(self) -> bytearray:
        """The next message. Raises EOFError where there comes none."""
        found = bytearray(self._length())
        self._fill(memoryview(found))
        return found

    def send_stream(self, stream: BinaryIO) -> None:
        """Send all that a stream holds, as a message, and never have it in memory whole. Raises OSError."""
        size = stream.seek(0, io.SEEK_END)
        stream.seek(0)
        self._write([memoryview(_LENGTH.pack(size))])
        while part := stream.read(_PIECE):
            self._write([memoryview(part)])

    def recv_stream(self) -> io.BytesIO:
        """The next message as a stream, without a copy. Raises EOFError where there comes none."""
        found = io.BytesIO(bytes(self._length()))
        with found.getbuffer() as free:
            self._fill(free)
        return found

    def _write(self, parts: list[memoryview]) -> None:
        while parts:
            sent = os.writev(self._descriptor, parts)
            while parts and sent >= len(parts[0]):
                sent -= len(parts.pop(0))
            if parts:
                parts[0] = parts[0][sent:]

    def _length(self) -> int:
        told = bytearray(_LENGTH.size)
        self._fill(memoryview(told))
        return int(_LENGTH.unpack(told)[0])

    def _fill(self, free: memoryview) -> None:
        while free:
            count = os.readv(self._descriptor, [free])
            if not count:
                raise EOFError
            free = free[count:]
