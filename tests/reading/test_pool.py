"""Real processes that read: shared work, a limit of memory and of time, and what is left when something is killed."""

import io
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ReadError
from ingest.reading import pool as reading
from ingest.reading import process, telling
from ingest.reading.document import Step, steps
from ingest.reading.forkserver import Child, Forkserver
from ingest.reading.pool import Pool
from ingest.records import Request, Response, Source, packed

NOW = "2026-11-21T09:00:00Z"
FEED = "https://blog.example/feed/"
SOURCE = Source("feed", FEED, 1, "https://blog.example/", FEED, now=NOW)


def answer(entries: int = 3, words: str = "Words of a post. ", body: bytes | None = None) -> Response:
    """A feed."""
    items = "".join(
        f"<item><title>Post {n}</title><guid>g{n}</guid><description>{words} {n}</description></item>"
        for n in range(entries)
    )
    told = body or f'<?xml version="1.0"?><rss version="2.0"><channel><title>B</title>{items}</channel></rss>'.encode()
    return Response(Request(FEED), FEED, 200, {"content-type": "application/xml"}, io.BytesIO(told))


@pytest.fixture
def pool(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    """Two processes that make way for nobody, however slow the machine is today."""
    monkeypatch.setattr(telling, "_PATIENCE", 60.0)
    made = Pool(2)
    yield made
    made.close()


def bare(found: Iterator[Step]) -> list[Step]:
    """With the payloads packed, as they come from a process of its own."""
    return [
        step if step.batch is None else replace(step, batch=replace(
            step.batch, posts=tuple(post._replace(raw=packed(post.raw)) for post in step.batch.posts)))
        for step in found
    ]  # fmt: skip


def told(found: Iterator[process.Said]) -> Iterator[Step]:
    """What a process says, unpacked."""
    return (said.step() for said in found)


def is_over(pid: int) -> None:
    """Wait for the end of a process that is another one's child."""
    while alive(pid):
        time.sleep(0.001)


def test_who_reads_counts_less_than_who_writes(pool: Pool) -> None:
    """All waits for the one writer: the processes that read leave the processor to it."""
    list(pool.reader()(SOURCE, answer()))
    own = os.getpriority(os.PRIO_PROCESS, 0)
    assert [os.getpriority(os.PRIO_PROCESS, pid) for pid in pool.pids()] == [min(own + 10, 19)]


@pytest.mark.parametrize("entries", [0, 1, 3, 250, 2001])
def test_processes_say_what_this_one_would_say(pool: Pool, entries: int) -> None:
    """The same pages with the same posts in the same order."""
    assert bare(pool.reader()(SOURCE, answer(entries))) == bare(steps(SOURCE, answer(entries)))


def test_a_document_that_cannot_be_read(pool: Pool) -> None:
    """Says why, like any other."""
    (step,) = pool.reader()(SOURCE, answer(body=b"%PDF-1.7 nothing to read here"))
    assert step.batch is not None
    assert step.batch.error


def test_processes_may_be_started_before_there_is_anything_to_read(pool: Pool) -> None:
    """As many as the pool has, and once."""
    pool.warm(5)
    pool.warm(1)
    ready = pool.pids()
    assert len(ready) == 2
    assert len(list(pool.reader()(SOURCE, answer()))) == 1
    assert pool.pids() == ready


def test_the_process_that_was_started_first_has_the_first_document(pool: Pool) -> None:
    """It is ready first."""
    pool.warm(1)
    (first,) = pool.pids()
    pool.warm(2)
    found = pool.begin(1, SOURCE, answer())
    assert found._worker is not None
    assert found._worker.pid == first
    assert len(list(found)) == 1


def test_nothing_is_closed_twice(pool: Pool) -> None:
    """The pool ends in the middle of a document: whoever reads it lets go of it, and of no other file since."""
    found = pool.reader()(SOURCE, answer(3000))
    next(found)
    pool.close()
    before = [os.open(os.devnull, os.O_RDONLY) for _ in range(50)]
    with pytest.raises(ReadError):
        list(found)
    for number in before:
        os.close(number)


def test_one_that_is_killed_while_it_waits_fails_nobody(pool: Pool) -> None:
    """It had no document: the next one is read by a new process."""
    assert len(list(pool.reader()(SOURCE, answer()))) == 1
    (lost,) = pool.pids()
    os.kill(lost, signal.SIGKILL)
    is_over(lost)
    assert len(list(pool.reader()(SOURCE, answer()))) == 1
    assert lost not in pool.pids()
    assert len(pool.pids()) == 1


def test_killed_in_the_middle_of_a_document(pool: Pool) -> None:
    """What came before stands; then the error."""
    found = pool.reader()(SOURCE, answer(3000))
    next(found)
    for pid in pool.pids():
        os.kill(pid, signal.SIGKILL)
    with pytest.raises(ReadError, match="signal 9"):
        list(found)
    assert len(list(pool.reader()(SOURCE, answer()))) == 1


def test_a_document_may_not_eat_the_memory() -> None:
    """The system refuses; the process says so and is replaced."""
    pool = Pool(1, memory=2**28)
    try:
        with pytest.raises(ReadError) as raised:
            list(pool.reader()(SOURCE, answer(2, words="<b>x</b> &amp; " * 4_000_000)))
        assert raised.value.kind in {"read_too_big", "read_died"}
        assert len(list(pool.reader()(SOURCE, answer()))) == 1
    finally:
        pool.close()


def test_a_document_may_not_eat_the_time() -> None:
    """After its seconds the process is ended, and replaced."""
    pool = Pool(1, seconds=1)
    try:
        began = time.monotonic()
        with pytest.raises(ReadError, match="takes") as raised:
            list(pool.reader()(SOURCE, answer(20_000, words="<p>x</p> &amp; <i>y</i> " * 40)))
        assert raised.value.kind == "read_too_slow"
        assert time.monotonic() - began < 60
        assert len(list(pool.reader()(SOURCE, answer()))) == 1
    finally:
        pool.close()


def test_many_threads(pool: Pool) -> None:
    """As many documents at a time as there are processes; each thread gets its own answer."""
    found: dict[int, int] = {}

    def read(n: int) -> None:
        found[n] = sum(len(step.batch.posts) for step in pool.reader()(SOURCE, answer(n)) if step.batch)

    threads = [threading.Thread(target=read, args=(n,)) for n in range(1, 13)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert found == {n: n for n in range(1, 13)}
    assert len(pool.pids()) <= 2


def test_nothing_is_told_twice(pool: Pool) -> None:
    """A source goes to a process once, and is forgotten with its run."""
    reader = pool.reader()
    for _ in range(3):
        list(reader(SOURCE, answer()))
    worker = next(iter(pool._all))
    assert len(worker.known) == 1
    reader.close()
    assert not worker.known
    assert worker.dropped


def test_the_secrets_of_the_environment_stay_here(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that reads strangers' pages knows nothing that it could give away."""
    monkeypatch.setenv("WP_PASS", "hush")
    list(pool.reader()(SOURCE, answer()))
    environ = Path(f"/proc/{pool.pids()[0]}/environ")
    if not environ.exists():
        pytest.skip("no /proc here")
    assert b"hush" not in environ.read_bytes()


PARENT = """
import io, os, sys, time
from ingest.reading import process
from ingest.reading.forkserver import Child, Forkserver
from ingest.reading.pool import Pool
from tests.reading.test_pool import SOURCE, answer
pool = Pool(2)
pool.warm(2)
busy = pool.reader()(SOURCE, answer(30_000, words="<p>x</p> &amp; <i>y</i> " * 40))
import threading
threading.Thread(target=lambda: list(busy), daemon=True).start()
while len(pool.pids()) < 2:
    time.sleep(0.05)
print(*pool.pids(), flush=True)
time.sleep(600)
"""


def test_nobody_outlives_a_killed_parent() -> None:
    """Also a process in the middle of a long document is gone within two seconds."""
    parent = subprocess.Popen(
        [sys.executable, "-c", PARENT], stdout=subprocess.PIPE, cwd=Path(__file__).parent.parent.parent
    )
    assert parent.stdout is not None
    pids = [int(word) for word in parent.stdout.readline().split()]
    assert len(pids) == 2
    time.sleep(0.5)
    assert all(alive(pid) for pid in pids)
    parent.kill()
    parent.wait()
    until = time.monotonic() + 2
    while any(alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(alive(pid) for pid in pids)
    parent.stdout.close()


def alive(pid: int) -> bool:
    """Whether a process is there and no zombie that nobody has waited for."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return False
    return state.rpartition(")")[2].split()[0] != "Z"


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> Iterator[Pool]:
    """One process, with no patience for whoever keeps others waiting."""
    monkeypatch.setattr(telling, "_PATIENCE", -99.0)
    made = Pool(1)
    yield made
    made.close()


@contextmanager
def waiting(pool: Pool, count: int = 1) -> Iterator[None]:
    """Others wait for a process; they have been read by the end."""
    found: list[Step] = []
    others = [threading.Thread(target=lambda: found.extend(pool.reader()(SOURCE, answer(3)))) for _ in range(count)]
    for one in others:
        one.start()
    while not pool.crowded:
        time.sleep(0.001)
    yield
    for one in others:
        one.join()
    assert len(found) == count


def test_a_long_document_makes_way(narrow: Pool) -> None:
    """With one process, a document of many pages does not keep the next one waiting; then it is read to its end."""
    found = told(narrow.begin(1, SOURCE, answer(2001)))
    read = [next(found)]
    with waiting(narrow):
        read.append(next(found))
        assert narrow._aside.taken == 1
    read += found
    assert bare(iter(read)) == bare(steps(SOURCE, answer(2001)))
    assert (narrow._places.taken, narrow._aside.taken) == (0, 0)
    assert len(narrow.pids()) == 1
    assert len(list(narrow.reader()(SOURCE, answer()))) == 1


def test_a_document_begins_anew_where_there_is_no_room_aside(narrow: Pool) -> None:
    """It gives its place to the one that waits, and says what it has to say once, whole and in order."""
    for _ in range(2):
        narrow._aside.take()
    read: list[Step] = []
    found = told(narrow.begin(1, SOURCE, answer(2001)))
    read.append(next(found))
    rest = threading.Thread(target=lambda: read.extend(found))
    with waiting(narrow):
        rest.start()
    assert len(read) < 21
    narrow._aside.give()
    rest.join()
    assert bare(iter(read)) == bare(steps(SOURCE, answer(2001)))
    assert (narrow._places.taken, narrow._aside.taken) == (0, 1)


def test_a_page_that_was_asked_for_ahead_makes_way_with_the_one_before_it(pool: Pool) -> None:
    """While that takes long, nobody looks at it: it gives its place back, and is read when its turn has come."""
    reader = pool.reader()
    first, second = reader(SOURCE, answer(2001)), reader(SOURCE, answer(250))
    read = [next(first)]
    for one in reader._tellings():
        one._patience = -99.0
    with waiting(pool, 3):
        read.append(next(first))
        assert pool._aside.taken == 1
    read += first
    assert (pool._places.taken, pool._aside.taken) == (0, 0)
    assert bare(iter(read)) == bare(steps(SOURCE, answer(2001)))
    assert bare(second) == bare(steps(SOURCE, answer(250)))
    assert reader.at_rest
    assert (pool._places.taken, pool._aside.taken) == (0, 0)


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="Linux alone tells who has what is left")
def test_a_big_document_stands_aside_where_others_are_read(monkeypatch: pytest.MonkeyPatch) -> None:
    """It takes nobody's place, and of the processors what is left; alone it is read like any other."""
    monkeypatch.setattr(reading, "_BIG", 100_000)
    pool = Pool(1)
    try:
        first, second = (pool.reader()(SOURCE, answer(2001)) for _ in range(2))
        assert (pool._places.taken, pool._aside.taken) == (1, 1)
        policies = sorted(os.sched_getscheduler(pid) for pid in pool.pids())
        assert policies == [os.SCHED_OTHER, os.SCHED_IDLE]
        assert bare(first) == bare(second) == bare(steps(SOURCE, answer(2001)))
        assert (pool._places.taken, pool._aside.taken) == (0, 0)
        assert len(pool.pids()) == 1
    finally:
        pool.close()


def test_a_document_that_keeps_nobody_waiting_goes_on(narrow: Pool) -> None:
    """However long it takes."""
    found = narrow.begin(1, SOURCE, answer(2001))
    next(found)
    assert (narrow._places.taken, narrow._aside.taken) == (1, 0)
    assert len(list(found)) == 20
    assert (narrow._places.taken, narrow._aside.taken) == (0, 0)
    assert len(narrow.pids()) == 1


def test_a_second_process_that_cannot_be_started(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """Is no trouble of a page that was asked for ahead: it waits for the first one, and nothing is held afterwards."""
    start, calls = Forkserver.start, []

    def once(*how: Any) -> Child:
        calls.append(how)
        if len(calls) > 1:
            raise OSError(11, "no more processes")
        return start(*how)

    monkeypatch.setattr(Forkserver, "start", once)
    for count in (2, 3, 4):
        reader = pool.reader()
        first, second = reader(SOURCE, answer(3)), reader(SOURCE, answer(30))
        assert bare(first) == bare(steps(SOURCE, answer(3)))
        assert bare(second) == bare(steps(SOURCE, answer(30)))
        assert len(calls) == count


# ---- pages that are given before their turn -------------------------------------------------------------


def page(number: int, posts: int = 3) -> Response:
    """A page of an archive that goes on, as a feed says it."""
    following = f'<link rel="next" href="{FEED}?paged={number + 1}"/>'
    entries = "".join(f"<entry><id>tag:{number},{n}</id><title>Post {n}</title></entry>" for n in range(posts))
    told = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>B</title>{following}{entries}</feed>'.encode()
    url = f"{FEED}?paged={number}"
    return Response(Request(url), url, 200, {"content-type": "application/atom+xml"}, io.BytesIO(told))


def test_a_document_says_where_to_go_on_before_its_turn(pool: Pool) -> None:
    """Whatever it says is told in its turn all the same, once and in order."""
    reader = pool.reader()
    first, second = reader(SOURCE, page(1)), reader(SOURCE, page(2))
    (heard,) = reader.onward(60)
    assert heard.url == f"{FEED}?paged=3"
    assert reader.onward(0) == (heard,)
    assert bare(first) == bare(steps(SOURCE, page(1)))
    early, *rest = second
    assert early.batch is None
    assert early.next[0] is heard, "who asked for it knows it again"
    assert bare(iter([early, *rest])) == bare(steps(SOURCE, page(2)))
    assert reader.onward(0) == ()


def test_what_does_not_say_where_to_go_on_is_not_waited_for_twice(pool: Pool) -> None:
    """Its posts come first: they are kept until their turn."""
    reader = pool.reader()
    first, second = reader(SOURCE, answer(3)), reader(SOURCE, answer(30))
    assert [reader.onward(60), reader.onward(60)] == [(), ()]
    assert bare(first) == bare(steps(SOURCE, answer(3)))
    assert bare(second) == bare(steps(SOURCE, answer(30)))


def test_a_third_document_is_begun_when_the_first_is_over(pool: Pool) -> None:
    """Before the second one is told, and before the first one's last step is out."""
    reader = pool.reader()
    first, second, third = (reader(SOURCE, page(n)) for n in (1, 2, 3))
    assert reader.onward(0) == ()
    assert pool._places.taken == 2
    told = [next(first), next(first)]
    (following,) = reader.onward(60)
    assert following.url == f"{FEED}?paged=4"
    assert bare(iter([*told, *first])) == bare(steps(SOURCE, page(1)))
    assert bare(second) == bare(steps(SOURCE, page(2)))
    assert bare(third) == bare(steps(SOURCE, page(3)))
    assert reader.at_rest
    assert pool._places.taken == 0


def test_no_document_is_begun_before_its_turn_where_others_wait(pool: Pool, monkeypatch: pytest.MonkeyPatch) -> None:
    """They come first."""
    reader = pool.reader()
    first, second, third = (reader(SOURCE, page(n)) for n in (1, 2, 3))
    with monkeypatch.context() as patch:
        patch.setattr(Pool, "crowded", True)
        assert bare(first) == bare(steps(SOURCE, page(1)))
        assert reader._documents[-1].telling is None
    assert bare(second) == bare(steps(SOURCE, page(2)))
    assert bare(third) == bare(steps(SOURCE, page(3)))
    assert reader.at_rest


def test_what_is_said_before_its_turn_is_heard(pool: Pool) -> None:
    """A process that is through with its document is free for the next one, whoever's turn it is."""
    reader = pool.reader()
    first, second, third = reader(SOURCE, answer(6000)), reader(SOURCE, page(2)), reader(SOURCE, page(3))
    read = [next(first)]
    while reader._documents[-1].telling is None:
        read.append(next(first))
    assert len(read) < 60
    assert bare(iter([*read, *first])) == bare(steps(SOURCE, answer(6000)))
    assert bare(second) == bare(steps(SOURCE, page(2)))
    assert bare(third) == bare(steps(SOURCE, page(3)))
    assert reader.at_rest
    assert pool._places.taken == 0


def test_what_hinders_a_document_before_its_turn_is_told_in_its_turn(
    pool: Pool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The one whose turn it is stands."""
    reader = pool.reader()

    def gone(*_: object) -> None:
        raise ReadError(FEED, "read_died", "the process that read it was ended (signal 9)")

    first = reader(SOURCE, answer(3))
    with monkeypatch.context() as patch:
        patch.setattr(pool, "try_to_begin", gone)
        second = reader(SOURCE, answer(30))
    assert bare(first) == bare(steps(SOURCE, answer(3)))
    with pytest.raises(ReadError, match="signal 9"):
        next(second)
    assert reader.at_rest
    assert bare(reader(SOURCE, answer(2))) == bare(steps(SOURCE, answer(2)))


def test_one_that_dies_before_its_turn(pool: Pool) -> None:
    """Is no trouble of the one before it."""
    reader = pool.reader()
    first = reader(SOURCE, answer(3))
    (kept,) = pool.pids()
    second = reader(SOURCE, answer(3000))
    for pid in pool.pids():
        if pid != kept:
            os.kill(pid, signal.SIGKILL)
            is_over(pid)
    assert reader.onward(60) == ()
    assert bare(first) == bare(steps(SOURCE, answer(3)))
    with pytest.raises(ReadError, match="signal 9"):
        list(second)
    assert reader.at_rest


def test_a_run_that_is_over_lets_go_of_what_it_did_not_come_to(pool: Pool) -> None:
    """Processes and places are free for others."""
    reader = pool.reader()
    first, _, _ = (reader(SOURCE, answer(2001)) for _ in range(3))
    next(first)
    reader.close()
    assert reader.at_rest
    assert pool._places.taken == 0
    assert bare(pool.reader()(SOURCE, answer(3))) == bare(steps(SOURCE, answer(3)))
