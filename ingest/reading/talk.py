"""Messages between a run and the processes that read for it: a length, and so many bytes.

The frames are those of `multiprocessing.connection`, so either end may be one of its connections; its import alone
costs a reading process 15 ms (`tempfile`, `shutil`, `subprocess`), and it joins what comes out of pieces.
"""

import os
import select
from struct import Struct

__all__ = ["Talk"]

_LENGTH = Struct("!i")


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

    def send_bytes(self, message: bytes) -> None:
        """Send a message of less than 2 GiB. Raises OSError when nobody is there to take it."""
        parts = [memoryview(_LENGTH.pack(len(message))), memoryview(message)]
        while parts:
            sent = os.writev(self._descriptor, parts)
            while parts and sent >= len(parts[0]):
                sent -= len(parts.pop(0))
            if parts:
                parts[0] = parts[0][sent:]

    def recv_bytes(self) -> bytearray:
        """The next message. Raises EOFError where there comes none."""
        (size,) = _LENGTH.unpack(self._read(_LENGTH.size))
        return self._read(size)

    def _read(self, size: int) -> bytearray:
        found = bytearray(size)
        free = memoryview(found)
        while free:
            count = os.readv(self._descriptor, [free])
            if not count:
                raise EOFError
            free = free[count:]
        return found
