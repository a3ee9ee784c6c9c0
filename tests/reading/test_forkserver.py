"""The process that those who read are forked from: what becomes of it, and what it holds."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.errors import ReadError
from ingest.reading import forkserver, worker
from ingest.reading.document import steps
from ingest.reading.forkserver import Forkserver
from ingest.reading.pool import Pool
from ingest.reading.process import Worker
from ingest.reading.talk import ORDER, START
from tests.reading.test_pool import SOURCE, alive, answer, bare, is_over

pytestmark = pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="no /proc here")
MEMORY, SECONDS = 2**30, 60


@pytest.fixture
def server() -> Iterator[Forkserver]:
    """One that is up."""
    made = Forkserver(MEMORY, SECONDS)
    first = Worker(made, SECONDS, MEMORY)
    assert first.pid
    first.end()
    yield made
    began = time.monotonic()
    made.close()
    assert time.monotonic() - began < 1


def parent_of(pid: int) -> int:
    """Who is told of its end."""
    return int(Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[1])


def descendants(pid: int) -> set[int]:
    """All that came of a process, zombies too."""
    there = [int(path.name) for path in Path("/proc").iterdir() if path.name.isdecimal()]
    parents = {}
    for one in there:
        try:
            parents[one] = parent_of(one)
        except OSError:
            continue
    found = {pid}
    while more := {one for one, above in parents.items() if above in found} - found:
        found |= more
    return found - {pid}


def test_those_who_read_are_its_children_and_it_is_ours(server: Forkserver) -> None:
    """Started by exec, and nothing of ours is open in it."""
    one = Worker(server, SECONDS, MEMORY)
    while one.receive("") is not None:
        pass
    mother = parent_of(one.pid)
    assert parent_of(mother) == os.getpid()
    held = {str(path.readlink()) for path in Path(f"/proc/{one.pid}/fd").iterdir()}
    assert {name.partition(":")[0] for name in held} <= {"/dev/null", "socket", "pipe"}
    assert len(held) == 3
    one.end()


def test_one_is_seen_off_and_how_it_ended_is_known(server: Forkserver) -> None:
    """No zombie stays; a number is nobody's afterwards."""
    first, second = (Worker(server, SECONDS, MEMORY) for _ in range(2))
    pid = first.pid
    os.kill(pid, signal.SIGTERM)
    assert alive(pid), "a signal to the whole group is for the run to answer"
    os.kill(pid, signal.SIGKILL)
    assert first.cause() == -signal.SIGKILL
    assert not Path(f"/proc/{pid}").exists()
    assert (first.cause(), first.pid) == (None, 0)
    first.kill()
    first.end()
    other = second.pid
    while second.receive("") is not None:
        pass
    second.end()
    assert not Path(f"/proc/{other}").exists()


@pytest.mark.parametrize("wait", [0.0, 0.01, 0.03, 0.06, 0.1])
def test_what_is_said_to_the_whole_group_is_for_the_run_to_answer(wait: float) -> None:
    """Ctrl-C, and SIGTERM to all of a unit: also while it is loading."""
    made = Forkserver(MEMORY, SECONDS)
    time.sleep(wait)
    for number in (signal.SIGINT, signal.SIGTERM):
        os.kill(made._process.pid, number)
    one = Worker(made, SECONDS, MEMORY)
    assert one.pid
    one.end()
    made.close()


@pytest.mark.parametrize("wait", [0.0, 0.02, 0.05, 0.08, 0.2])
def test_no_document_is_lost_where_it_is_killed_while_it_is_loading(wait: float) -> None:
    """Each is read by a process of another one."""
    pool = Pool(2)
    try:
        pool.warm(2)
        assert pool._server is not None
        time.sleep(wait)
        pool._server._process.kill()
        for _ in range(3):
            assert bare(pool.reader()(SOURCE, answer())) == bare(steps(SOURCE, answer()))
    finally:
        pool.close()


def test_a_process_without_a_number_reads_nothing() -> None:
    """As one whose forkserver was killed before it told it: it is ended, and the next one reads."""
    pool = Pool(1)
    try:
        list(pool.reader()(SOURCE, answer()))
        (lost,) = pool._all
        pid, lost._child.number = lost.pid, 0
        assert len(list(pool.reader()(SOURCE, answer()))) == 1
        assert lost not in pool._all
        is_over(pid)
    finally:
        pool.close()


def test_one_that_cannot_be_replaced_now_is_replaced_later(monkeypatch: pytest.MonkeyPatch) -> None:
    """The document that wanted it says so; the next one is read; and nothing is closed twice."""
    pool = Pool(1)
    list(pool.reader()(SOURCE, answer()))
    (reading,) = pool.pids()
    mother = parent_of(reading)
    for pid in (mother, reading):
        os.kill(pid, signal.SIGKILL)
        is_over(pid)

    def none(*_: object, **__: object) -> None:
        raise BlockingIOError(11, "no more processes")

    with monkeypatch.context() as patch:
        patch.setattr(subprocess, "Popen", none)
        with pytest.raises(ReadError, match="no more processes"):
            list(pool.reader()(SOURCE, answer()))
    assert len(list(pool.reader()(SOURCE, answer()))) == 1
    pool.close()


def test_one_that_is_stopped_is_replaced(monkeypatch: pytest.MonkeyPatch) -> None:
    """It keeps nobody waiting for ever, and no pool from being closed."""
    monkeypatch.setattr(forkserver, "_PATIENCE", 0.5)
    pool = Pool(2)
    first = pool.reader()(SOURCE, answer(3000))
    next(first)
    assert pool._server is not None
    os.kill(pool._server._process.pid, signal.SIGSTOP)
    assert len(list(pool.reader()(SOURCE, answer()))) == 1
    os.kill(pool._server._process.pid, signal.SIGSTOP)
    began = time.monotonic()
    pool.close()
    assert time.monotonic() - began < 10
    with pytest.raises(ReadError):
        list(first)


def test_another_one_is_started_where_it_was_killed() -> None:
    """Also where those who read are in the middle of a document: they go on, and the next one finds a new one."""
    pool = Pool(2)
    try:
        first = pool.reader()(SOURCE, answer(3000))
        next(first)
        (reading,) = pool.pids()
        mother = parent_of(reading)
        os.kill(mother, signal.SIGKILL)
        is_over(mother)
        assert len(list(pool.reader()(SOURCE, answer()))) == 1
        assert len(list(first)) + 1 == len(list(steps(SOURCE, answer(3000))))
        assert {parent_of(pid) for pid in pool.pids() if pid} - {1, mother}
    finally:
        pool.close()


def test_one_that_nobody_knows_is_never_taken_for_ourselves(server: Forkserver) -> None:
    """To the system the number 0 is whoever asks: it would be us who make way, and our clock."""
    one = Worker(server, SECONDS, MEMORY)
    one.end()
    one._child.number = 0
    before = os.sched_getscheduler(0)
    one.step_aside()
    assert os.sched_getscheduler(0) == before
    assert one._clock() == 0.0


def test_a_pool_that_is_closed_starts_nothing() -> None:
    """Whoever comes too late is told so."""
    pool = Pool(1)
    pool.close()
    with pytest.raises(ReadError, match="the run is over"):
        list(pool.reader()(SOURCE, answer()))
    assert pool._server is None


@pytest.mark.parametrize("wait", [0.0, 0.02, 0.5])
def test_nothing_is_left_of_a_pool_that_is_closed(wait: float) -> None:
    """While it is starting, and later; with documents that are being read, and without."""
    before = descendants(os.getpid())
    pool = Pool(2)
    pool.warm(2)
    time.sleep(wait)
    found = pool.reader()(SOURCE, answer(3000)) if wait else iter(())
    began = time.monotonic()
    pool.close()
    assert time.monotonic() - began < 1
    with pytest.raises(Exception, match="ended") if wait else pytest.raises(StopIteration):
        while True:
            next(found)
    until = time.monotonic() + 2
    while (left := descendants(os.getpid()) - before) and time.monotonic() < until:
        time.sleep(0.01)
    assert not left


LOADED = """
import os, socket, sys
from ingest.reading import forkserver, worker
def order(run):
    print(*sorted({"ingest.sources.feed", "ingest.sources.wordpress"} & sys.modules.keys()))
worker._order = order
control, life = socket.socketpair(), os.pipe()
sys.argv[1:] = [str(control[0].detach()), str(life[0]), "0", "0", *sys.argv[1:]]
worker.main()
"""


def test_what_reads_a_kind_is_loaded_once_for_all(tmp_path: Path) -> None:
    """Before there is a document, where it is known which kind will come."""
    for kinds in ([], ["feed"], ["feed", "wordpress"]):
        told = subprocess.run(
            [sys.executable, "-c", LOADED, *kinds], check=True, capture_output=True, text=True, cwd=tmp_path
        )
        assert told.stdout.split() == [f"ingest.sources.{name}" for name in kinds]


def test_where_the_system_starts_no_further_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """It says so, and goes on."""

    def none() -> int:
        raise BlockingIOError

    monkeypatch.setattr(os, "fork", none)
    assert worker._forked() == 0
    monkeypatch.setattr(os, "fork", lambda: 7)
    assert worker._forked() == 7


def test_what_it_is_told_without_descriptors_starts_nothing(server: Forkserver) -> None:
    """As where it has no room for them: the answer is no number, and the next one is served."""
    server._control.sendall(ORDER.pack(START, 0))
    assert ORDER.unpack(server._control.recv(ORDER.size, socket.MSG_WAITALL)) == (START, 0)
    one = Worker(server, SECONDS, MEMORY)
    assert one.pid
    one.end()


ENDLESS = """
import os, signal, sys, time
from ingest.reading.pool import Pool
pool = Pool(2)
pool.warm(2)
print(*pool.pids(), flush=True)
time.sleep(600)
"""


def test_it_is_gone_with_the_run() -> None:
    """At kill -9: the forkserver, too."""
    run = subprocess.Popen([sys.executable, "-c", ENDLESS], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    run.stdout.readline()
    below = descendants(run.pid)
    assert len(below) == 3
    run.kill()
    run.wait()
    run.stdout.close()
    until = time.monotonic() + 2
    while any(map(alive, below)) and time.monotonic() < until:
        time.sleep(0.01)
    assert not any(map(alive, below))
