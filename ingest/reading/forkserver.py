"""The process that the reading ones are forked from, seen from the run, and each of those.

It is started by exec, loads what they need, and holds neither lock nor corpus: one that is forked from it is there
after 2 ms, where a start from nothing takes 85 ms of the processor. A run needs two at once, and a new one for each
that a document has killed.

Not the forkserver of multiprocessing: that starts a process more, for its bookkeeping, and its import takes 15 ms.
"""

from __future__ import annotations

import errno
import os
import select
import signal
import socket
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Sequence
from contextlib import suppress

from ingest.reading.talk import ORDER, START, WAIT

__all__ = ["Child", "Forkserver"]

#: What it is told of our environment.
_PASSED = ("PATH", "LANG", "LC_ALL", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "TMPDIR", "HOME")
#: Seconds that it has to see the last of its children off, and to answer: it loads for 0.1 s, and forks in 0.002.
_GRACE, _PATIENCE = 2, 20
#: What the run is told by, and answers to; a group or a unit that is told as a whole may still be loading.
_OURS = (signal.SIGINT, signal.SIGTERM)


class Forkserver:
    """Such a process. Safe between threads."""

    def __init__(self, memory: int, seconds: int, kinds: Sequence[str] = ()) -> None:
        """Start it. `memory` (bytes), `seconds` (of the processor, a document): what its children may take.

        `kinds` are loaded at once. Raises OSError.
        """
        self._lock = threading.Lock()
        #: Those that were asked for and have no number yet, in order.
        self._asked: deque[Child] = deque()
        #: Whether it has answered, and so is through with loading; and whether nothing more is to be had from it.
        self._is_up = self._is_gone = False
        ours, theirs = socket.socketpair()
        life, self._life = os.pipe()
        try:
            self._process = _started([theirs.fileno(), life], [str(memory), str(seconds), *kinds])
        except BaseException:
            os.close(self._life)
            ours.close()
            raise
        finally:
            theirs.close()
            os.close(life)
        ours.settimeout(_PATIENCE)
        self._control = ours
        self._poll = select.poll()
        self._poll.register(ours, select.POLLIN)

    def start(self, talk: socket.socket, life: int) -> Child:
        """A new process that reads, talks on that socket and dies with that pipe.

        Raises ConnectionError where the forkserver is gone, OSError where the system starts no further process. While
        it is loading nobody waits for that: then such a child has the pid 0.
        """
        child = Child(self)
        with self._lock:
            if self._is_gone:
                raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
            socket.send_fds(self._control, [ORDER.pack(START, 0)], [talk.fileno(), life])
            self._asked.append(child)
            while self._is_up and child in self._asked:
                if self._hear() is None:
                    raise ConnectionResetError(errno.ECONNRESET, os.strerror(errno.ECONNRESET))
            if self._is_up and not child.number:
                raise BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN))
        return child

    def number_of(self, child: Child) -> int:
        """The pid of a child; 0 where it is not known any more. Waits for a forkserver that is loading yet."""
        with self._lock:
            while child in self._asked:
                self._hear()
            return child.number

    def wait(self, child: Child) -> int | None:
        """How a child that ends has ended, by `os.waitstatus_to_exitcode`; None where nobody knows."""
        self.number_of(child)
        with self._lock:
            number, child.number = child.number, 0  # it may be another's from now on
            if not number:
                return None
            try:
                self._control.sendall(ORDER.pack(WAIT, number))
            except OSError:  # it is gone
                return None
            while (told := self._hear()) is not None and told[0] != WAIT:
                pass
            return None if told is None else os.waitstatus_to_exitcode(told[1])

    def kill(self, child: Child) -> None:
        """Send SIGKILL to a child whose pid is known, and is its own yet."""
        with self._lock:
            while child in self._asked and self._poll.poll(0):
                self._hear()
            if child.number:
                with suppress(OSError):
                    os.kill(child.number, signal.SIGKILL)

    def close(self) -> None:
        """End it, and see it off. Its children have been killed before; it waits for them. Again: nothing."""
        with self._lock:
            if self._control.fileno() < 0:
                return
            self._over()
            self._control.close()
            if not self._is_up:
                self._process.kill()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE)
        self._process.kill()
        self._process.wait()
        os.close(self._life)

    def _hear(self) -> tuple[int, int] | None:
        """Its next word; None when there comes none, and then nothing else comes either."""
        try:
            said = b"" if self._is_gone else self._control.recv(ORDER.size, socket.MSG_WAITALL)
        except OSError:  # it says nothing for too long: somebody has stopped it
            said = b""
        if len(said) < ORDER.size:
            self._over()
            self._process.kill()
            return None
        self._is_up = True
        what, number = ORDER.unpack(said)
        if what == START:
            self._asked.popleft().number = number
        return what, number

    def _over(self) -> None:
        self._is_gone = True
        self._asked.clear()


class Child:
    """A process that reads."""

    def __init__(self, server: Forkserver) -> None:
        self._server = server
        #: Its pid, 0 where that is not known yet, or not any more.
        self.number = 0

    @property
    def pid(self) -> int:
        """Its number; waits until there is one."""
        return self._server.number_of(self)

    def wait(self) -> int | None:
        """How it ended: its exit status, or minus the signal; None where nobody knows."""
        return self._server.wait(self)

    def kill(self) -> None:
        """SIGKILL. It dies with its pipe as well, which is what counts while its number is not known."""
        self._server.kill(self)


def _started(descriptors: list[int], words: list[str]) -> subprocess.Popen[bytes]:
    """A new process. `-P`: nothing in the folder that the run was started from is taken for a module of ours."""
    known = {name: os.environ[name] for name in _PASSED if name in os.environ}
    known["PYTHONPATH"] = os.pathsep.join(path for path in sys.path if path)
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _OURS)  # it lets them through when it does not heed them
    try:
        return subprocess.Popen(  # noqa: S603  (our own program)
            [sys.executable, "-P", "-m", "ingest.reading.worker", *map(str, descriptors), *words],
            pass_fds=descriptors, env=known, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )  # fmt: skip
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
