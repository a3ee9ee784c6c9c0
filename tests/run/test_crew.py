"""The threads that fetch: as many as the hosts are slow, never more than asked for."""

import queue
import threading
import time
from collections.abc import Iterator

import pytest

from ingest.run.crew import FEW, Crew, Woken


class _Held:
    """A job of which each thread holds one until it may go on."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def work(self, *_: object) -> bool:
        """Wait to be let go; nothing more is to be had."""
        assert self.go.wait(30)
        return False


@pytest.fixture
def crew() -> Iterator[Crew]:
    """One of up to eight threads, let go at the end."""
    made = Crew(8)
    yield made
    made.close()


def _threads() -> set[threading.Thread]:
    return {thread for thread in threading.enumerate() if thread.name.startswith("fetch-")}


def test_more_threads_only_while_the_writer_has_nothing_to_do(crew: Crew) -> None:
    """Few at first; silence while jobs wait doubles them, up to the size."""
    before, job = _threads(), _Held()
    for _ in range(20):
        crew.begin(job)  # type: ignore[arg-type]  (it works like one)
    assert len(_threads() - before) == FEW
    with pytest.raises(queue.Empty):
        crew.next(0.2)
    assert len(_threads() - before) == 8
    job.go.set()
    assert [crew.next(30)[0] for _ in range(20)] == [job] * 20


def test_one_that_answers_at_once_gets_no_more_threads(crew: Crew) -> None:
    """Where something is said in time, few do."""
    before, job = _threads(), _Held()
    job.go.set()
    for _ in range(5):
        crew.begin(job)  # type: ignore[arg-type]
        crew.next(30)
    assert len(_threads() - before) == FEW


def test_no_more_jobs_no_more_threads(crew: Crew) -> None:
    """Threads that nobody waits for are not started, and silence is told in time."""
    before, job = _threads(), _Held()
    crew.begin(job)  # type: ignore[arg-type]
    with pytest.raises(queue.Empty):
        crew.next(0.05)
    assert len(_threads() - before) == 1
    job.go.set()
    crew.next(30)


def test_a_wish_wakes_whoever_waits(crew: Crew) -> None:
    """At once, and while jobs wait for a thread, too; nothing that was said is lost by it."""
    job = _Held()
    for _ in range(20):
        crew.begin(job)  # type: ignore[arg-type]
    crew.wake()
    began = time.monotonic()
    with pytest.raises(Woken):
        crew.next(30)
    assert time.monotonic() - began < 10
    job.go.set()
    assert [crew.next(30)[0] for _ in range(20)] == [job] * 20
