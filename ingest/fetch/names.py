"""Names to numbers: the system's resolver, bounded in time although it cannot be interrupted."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Sequence
from queue import Empty, SimpleQueue
from typing import TypeAlias

__all__ = ["Resolver", "look_up", "resolve"]

#: (host, port) -> numeric addresses, in the order to try them; raises OSError when there are none.
Resolver: TypeAlias = Callable[[str, int], Sequence[str]]
#: What came of a question; no Future, whose module loads `logging` (4 ms of every start).
_Answer: TypeAlias = "SimpleQueue[Sequence[str] | BaseException]"


def resolve(host: str, port: int) -> list[str]:
    """The numeric addresses of `host`, by the system's resolver; OSError (gaierror) when there are none."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(sockaddr[0]) for *_, sockaddr in found))


def look_up(resolver: Resolver, host: str, port: int, seconds: float) -> Sequence[str]:
    """What `resolver` answers, asked in another thread: getaddrinfo cannot be interrupted, only left behind.

    OSError when it does not answer within `seconds`; what it raises is passed on.
    """
    answer: _Answer = SimpleQueue()
    try:
        asker = _idle.pop()
    except IndexError:
        asker = _Asker()
    asker.questions.put((answer, resolver, host, port))
    try:
        found = answer.get(timeout=seconds)
    except Empty as error:
        raise OSError("the name server does not answer") from error
    if isinstance(found, BaseException):
        raise found
    return found


class _Asker(threading.Thread):
    """Asks resolvers, one question after another: a thread for each costs five times as much."""

    def __init__(self) -> None:
        super().__init__(name="resolver", daemon=True)
        self.questions: SimpleQueue[tuple[_Answer, Resolver, str, int]] = SimpleQueue()
        self.start()

    def run(self) -> None:
        """Until the process ends; whoever was left behind is idle again when its resolver has answered after all."""
        while True:
            answer, resolver, host, port = self.questions.get()
            try:
                answer.put(resolver(host, port))
            except BaseException as error:  # noqa: BLE001  (raised again where the answer is awaited)
                answer.put(error)
            _idle.append(self)


#: Those that have no question; a list's `pop` and `append` are whole.
_idle: list[_Asker] = []
