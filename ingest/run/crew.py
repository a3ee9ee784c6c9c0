"""The threads that fetch: they take jobs, and give what comes of them to the one thread that writes."""

import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ingest.records import Batch
from ingest.run.job import Job, clock_after

__all__ = ["Crew", "Ended", "Event", "Question", "Woken"]

#: Seconds that a backfill may have while others wait.
SLICE = 10.0
#: Pages that may wait for the writer: at 100 posts of 30 kB, 50 MB.
WINDOW = 16
#: Threads to begin with, and the seconds that the writer waits for a word before there are twice as many. Where hosts
#: answer at once more threads only hand the interpreter to one another, and fewer wait for them: over 1,000 unchanged
#: feeds 2 take a tenth more time than 4, and 32 switch nearly twice as often for nothing.
FEW, STARVED = 4, 0.005


@dataclass(frozen=True, slots=True)
class Ended:
    """A job's thread is through with it, for now (`again`) or for good."""

    again: bool = False
    error: Exception | None = None


@dataclass(frozen=True, slots=True)
class Question:
    """Something only the writer's thread can answer."""

    ask: Callable[[], Any]
    reply: "queue.SimpleQueue[Any]"


Event = tuple[Job, Batch | Ended | Question]


class Woken(queue.Empty):
    """Nobody said anything, and nobody is to be waited for any longer."""


class Crew:
    """So many threads. They die with the process: what they do is fetched again."""

    def __init__(self, size: int) -> None:
        #: What the threads say. Pages with posts wait for room, so that memory does not grow while the writer is busy;
        #: the rest weighs nothing, and `queue.Queue`, which bounds it all, takes as long as a statement of SQL.
        self._events: queue.SimpleQueue[Event | None] = queue.SimpleQueue()
        self._room = threading.Semaphore(WINDOW)
        #: Whether others wait for a thread, so that long jobs make way.
        self.crowded = False
        self._todo: queue.SimpleQueue[Job | None] = queue.SimpleQueue()
        self._size, self._threads = size, list[threading.Thread]()

    def begin(self, job: Job) -> None:
        """Let a thread have this job."""
        if len(self._threads) < min(FEW, self._size):
            self._start(1)
        self._todo.put(job)

    def next(self, seconds: float) -> Event:
        """What a thread says next, within so many seconds. Raises queue.Empty; Woken after `wake`.

        While jobs wait and nothing is said, the hosts are what is slow: more of them are asked at a time.
        """
        until = time.monotonic() + seconds
        while not self._todo.empty() and len(self._threads) < self._size:
            try:
                return self._taken(max(min(STARVED, until - time.monotonic()), 0))
            except Woken:
                raise
            except queue.Empty:
                if time.monotonic() >= until:
                    raise
                if self._todo.empty():
                    break
                self._start(min(len(self._threads), self._size - len(self._threads)))
        return self._taken(max(until - time.monotonic(), 0))

    def _taken(self, seconds: float) -> Event:
        event = self._events.get(timeout=seconds)
        if event is None:
            raise Woken
        job, said = event
        if isinstance(said, Batch) and said.posts:
            self._room.release()
        return job, said

    def wake(self) -> None:
        """Let the writer wait no longer; for signal handlers, too.

        An exception out of the handler would do so as well, and take along what had just been taken from the queue: a
        page that was never stored, before others that were.
        """
        self._events.put(None)

    def _give(self, job: Job, batch: Batch) -> None:
        if batch.posts:
            self._room.acquire()
        self._events.put((job, batch))

    def _start(self, count: int) -> None:
        for _ in range(count):
            self._threads.append(threading.Thread(target=self._serve, daemon=True, name=f"fetch-{len(self._threads)}"))
            self._threads[-1].start()

    def ask(self, job: Job, question: Callable[[], Any]) -> Any:
        """Called by a job in its thread: what the writer's thread says."""
        reply: queue.SimpleQueue[Any] = queue.SimpleQueue()
        self._events.put((job, Question(question, reply)))
        return reply.get()

    def close(self) -> None:
        """Nothing comes any more."""
        for _ in self._threads:
            self._todo.put(None)

    def _serve(self) -> None:
        while (job := self._todo.get()) is not None:
            self._events.put((job, self._work(job)))

    def _work(self, job: Job) -> Ended:
        through = clock_after(SLICE)
        try:
            again = job.work(lambda batch: self._give(job, batch), lambda: self.crowded and through())
        except Exception as error:  # noqa: BLE001  (told to the writer, who judges it)
            job.close()
            return Ended(error=error)
        return Ended(again=again)
