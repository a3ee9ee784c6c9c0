"""Places that are taken and given back, and whether anybody waits for one."""

import threading

from ingest.errors import ReadError

__all__ = ["NoProcessError", "Places"]


class Places:
    """So many. Safe between threads."""

    def __init__(self, count: int) -> None:
        self._free = threading.Semaphore(count)
        self._lock = threading.Lock()
        #: How many are taken, and how many wait for one.
        self.taken = self.wanted = 0

    def take(self) -> None:
        """Wait for one, and have it."""
        if self.try_to_take():
            return
        with self._lock:
            self.wanted += 1
        try:
            self._free.acquire()
        finally:
            with self._lock:
                self.wanted -= 1
        with self._lock:
            self.taken += 1

    def try_to_take(self) -> bool:
        """Have one, if there is one."""
        if not self._free.acquire(blocking=False):
            return False
        with self._lock:
            self.taken += 1
        return True

    def give(self) -> None:
        """Give one back."""
        with self._lock:
            self.taken -= 1
        self._free.release()


class NoProcessError(ReadError):
    """None is there, and the system starts no further one."""
