"""Many sources at once: hosts side by side, one request at a time for each, and nobody pays for his neighbour."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack
from functools import partial
from pathlib import Path

import pytest

from ingest import lock
from ingest.corpus import Corpus, RunWriter
from ingest.fetch import Policy, politeness
from ingest.reading.pool import Pool
from ingest.run import Stop, clock, crew, fetch, outset, pulling
from ingest.run.lanes import Lanes
from tests.fetch.hostile import Conversation, Script, Server
from tests.prompt import Prompt
from tests.reading.test_pool import alive
from tests.test_run import FEED, Desk, desk, drip, serves  # noqa: F401

SLOW = b"".join(
    b"<item><guid>%d</guid><description>" % n + b"&lt;p&gt;x&lt;/p&gt; &amp;amp; " * 400 + b"</description></item>"
    for n in range(1500)
)
#: A feed that takes its reader several seconds: one with a DTD is left to the thorough parser.
LONG = b'<?xml version="1.0"?><!DOCTYPE rss><rss version="2.0"><channel><title>B</title>' + SLOW + b"</channel></rss>"


@pytest.fixture
def hosts() -> Iterator[ExitStack]:
    """Servers that end with the test."""
    with ExitStack() as stack:
        yield stack


def host(hosts: ExitStack, script: Script) -> Server:
    """A host of its own that serves one feed."""
    return hosts.enter_context(Server({"/robots.txt": serves(b""), "/feed": script}))


def test_hosts_are_asked_at_the_same_time(desk: Desk, hosts: ExitStack) -> None:
    """Each of eight feeds is answered only once all eight have been asked for."""
    together = threading.Barrier(8, timeout=20)

    def wait(c: Conversation) -> None:
        together.wait()
        c.answer(FEED)

    numbers = [desk.source(host(hosts, wait).url("/feed")) for _ in range(8)]
    assert {result.verdict for result in desk.run(*numbers)} <= {"complete", "unknown"}
    assert desk.corpus.rows("SELECT count(*) AS n FROM posts") == [{"n": 8}]


def test_a_host_is_asked_one_thing_at_a_time(desk: Desk) -> None:
    """Also where a dozen sources lie on it."""
    under_way, most = threading.Semaphore(0), list[int]()
    lock_, now = threading.Lock(), [0]

    def one(c: Conversation) -> None:
        with lock_:
            now[0] += 1
            most.append(now[0])
        under_way.release()
        time.sleep(0.02)
        with lock_:
            now[0] -= 1
        c.answer(FEED)

    with Server({"/robots.txt": serves(b""), "": one}) as server:
        numbers = [desk.source(server.url(f"/{n}/feed")) for n in range(12)]
        desk.run(*numbers)
    assert len(most) == 12
    assert max(most) == 1


def test_the_good_go_on_beside_the_bad(desk: Desk, hosts: ExitStack) -> None:
    """Six hosts that stall, drip or break; six good ones are whole before the bad ones have had their time."""
    done: list[float] = []
    bad = [drip, lambda c: c.stopping.wait(), lambda c: c.reset(), serves(b"", "500 Oops"), serves(b"<html>"), drip]
    numbers = [desk.source(host(hosts, script).url("/feed")) for script in bad]
    good = [desk.source(host(hosts, serves(FEED)).url("/feed")) for _ in range(6)]
    desk.policy = {"deadline": 4}
    began = time.monotonic()
    for result in fetch(desk.corpus, [*numbers, *good], desk.made(), stop=Stop(), now=desk.now):
        if result.source in good:
            assert result.new == 1
            done.append(time.monotonic() - began)
        else:
            assert result.verdict in {"failing", "partial"}
    assert len(done) == 6
    assert max(done) < 4 < time.monotonic() - began


@pytest.mark.parametrize(("limits", "words"), [
    ({"seconds": 1}, {"read_too_slow"}), ({"memory": 2**26}, {"read_too_big", "read_died"}),
])  # fmt: skip
def test_a_document_that_eats_the_machine(
    desk: Desk,
    hosts: ExitStack,
    monkeypatch: pytest.MonkeyPatch,
    limits: dict[str, int],
    words: set[str],
) -> None:
    """Its reader is ended: that source has failed, with a word and what to do; the others never notice."""
    monkeypatch.setattr(outset, "Pool", partial(Pool, **limits))
    eats = desk.source(host(hosts, serves(LONG)).url("/feed"))
    good = [desk.source(host(hosts, serves(FEED)).url("/feed")) for _ in range(4)]
    found = {result.source: result for result in desk.run(eats, *good, processes=1)}
    assert (found[eats].verdict, found[eats].reason in words) == ("failing", True)
    assert all(found[number].new == 1 for number in good)
    assert desk.corpus.rows("SELECT verdict, failures FROM sources WHERE id = ?", (eats,)) == [
        {"verdict": "failing", "failures": 1}
    ]


def test_a_page_that_cannot_be_stored_is_its_source_s_trouble(
    desk: Desk,
    hosts: ExitStack,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """A bug of ours in one page: the source says so, nothing of the page is there, the others are whole."""
    bad = desk.source(host(hosts, serves(FEED)).url("/feed"))
    good = [desk.source(host(hosts, serves(FEED)).url("/feed")) for _ in range(3)]
    apply = RunWriter._apply

    def broken(self: RunWriter, conn: object, source: object, *rest: object) -> object:
        found = apply(self, conn, source, *rest)  # type: ignore[arg-type]
        if source.id == bad and rest[1].posts:  # type: ignore[attr-defined]
            raise TypeError("a mistake of ours")
        return found

    monkeypatch.setattr(RunWriter, "_apply", broken)
    found = {result.source: result for result in desk.run(bad, *good)}
    assert (found[bad].verdict, found[bad].reason) == ("failing", "bug")
    assert "a mistake of ours" in (found[bad].error or "")
    assert all(found[number].new == 1 for number in good)
    assert desk.corpus.rows("SELECT count(*) AS n FROM posts") == [{"n": 3}]


def test_a_run_ends_at_its_own_time(desk: Desk, hosts: ExitStack) -> None:
    """What is under way is finished and stored, the rest is due first next time."""
    late = threading.Event()

    def wait(c: Conversation) -> None:
        late.wait(1.5)
        c.answer(FEED)

    numbers = [desk.source(host(hosts, wait).url("/feed")) for _ in range(6)]
    results = desk.run(*numbers, workers=2, seconds=1)
    assert 0 < len(results) < 6
    assert all(result.new == 1 for result in results)
    left = set(numbers) - {result.source for result in results}
    assert set(desk.corpus.due(desk.now())) == left


def test_a_backfill_that_is_cut_by_the_run_s_time_is_due_at_once(desk: Desk, hosts: ExitStack) -> None:
    """It is partial, says why, and goes on where it stood."""

    def page(c: Conversation) -> None:
        time.sleep(0.3)
        number = int(c.asked.path.rpartition("=")[2]) if "=" in c.asked.path else 1
        body = FEED.replace(b"<guid>one</guid>", b"<guid>%d</guid>" % number)
        c.answer(body.replace(b"</channel>", b"<generator>https://wordpress.org/?v=6</generator></channel>"))

    server = hosts.enter_context(Server({"/robots.txt": serves(b""), "": page}))
    number = desk.source(server.url("/feed/"), history=True)
    (result,) = desk.run(number, seconds=1)
    assert (result.verdict, result.reason) == ("partial", "deadline")
    assert result.new >= 1
    assert desk.corpus.due(desk.now()) == [number]


def test_whose_turn_it_is() -> None:
    """Polls before backfills, one at a time of a host, and a backfill that had its slice waits behind the others."""
    lanes = Lanes([("a", "a-fill", True), ("b", "b-fill", True), ("a", "a-poll", False), ("c", "c-poll", False),
                   ("c", "c-poll-2", False)])  # fmt: skip
    assert [lanes.take(), lanes.take(), lanes.take(), lanes.take()] == [
        ("a", "a-poll"), ("c", "c-poll"), ("b", "b-fill"), None
    ]  # fmt: skip
    lanes.done("a")
    lanes.done("b", again="b-fill")
    assert [lanes.take(), lanes.take(), lanes.take()] == [("a", "a-fill"), ("b", "b-fill"), None]
    lanes.done("c")
    assert lanes.take() == ("c", "c-poll-2")
    lanes.done("a")
    lanes.done("b")
    lanes.done("c")
    assert (lanes.take(), len(lanes)) == (None, 0)


def test_another_writer_gets_its_turn(tmp_path: Path, hosts: ExitStack) -> None:
    """While a run writes without a pause, `sources pause` and the like get in long before they give up."""
    stop, waits = Stop(), list[float]()
    with Corpus(tmp_path / "corpus.db", write=True, create=True) as corpus:
        busy = Desk(corpus)
        server = hosts.enter_context(Server({"/robots.txt": serves(b""), "": serves(FEED)}))
        numbers = [busy.source(server.url(f"/{n}/feed")) for n in range(300)]

        def other() -> None:
            conn = sqlite3.connect(tmp_path / "corpus.db", timeout=30, isolation_level=None)
            for _ in range(3):
                began = time.monotonic()
                conn.execute("UPDATE sources SET name = 'x' WHERE id = 1")
                waits.append(time.monotonic() - began)
            conn.close()

        thread = threading.Thread(target=other)
        thread.start()
        found = list(fetch(corpus, numbers, busy.made(), stop=stop, now=busy.now))
        thread.join()
    assert len(found) == 300
    assert len(waits) == 3
    assert max(waits) < 20


def test_nothing_is_left_of_a_killed_run(tmp_path: Path, hosts: ExitStack) -> None:
    """Kill -9 in the middle of reading: no process after two seconds, the lock is free, the next run goes on."""
    db = tmp_path / "corpus.db"
    server = host(hosts, serves(LONG))
    with Corpus(db, write=True, create=True) as corpus:
        Desk(corpus).source(server.url("/feed"))
    words = ["--db", str(db), "--allow-private", "127.0.0.0/8", "--delay", "0", "-q", "fetch", "--processes", "2"]
    running = subprocess.Popen([Path(sys.executable).with_name("blogcorpus"), *words])
    children = Path(f"/proc/{running.pid}/task/{running.pid}/children")
    if not children.exists():
        running.kill()
        pytest.skip("no /proc here")
    until, pids = time.monotonic() + 60, list[int]()
    while not pids and time.monotonic() < until:
        time.sleep(0.02)
        pids = [int(word) for task in Path(f"/proc/{running.pid}/task").iterdir()
                for word in (task / "children").read_text().split()]  # fmt: skip
    time.sleep(0.5)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    assert pids
    until = time.monotonic() + 2
    while any(alive(pid) for pid in pids) and time.monotonic() < until:
        time.sleep(0.02)
    assert not any(alive(pid) for pid in pids)
    with lock.held(db, "fetch", "2026-11-21T09:00:00Z"):
        pass


def test_mail_comes_once_when_it_breaks_and_once_when_it_heals(prompt: Prompt) -> None:
    """`-q fetch --fail-on new` prints nothing else, and its exit status says the same."""
    state = {"up": True}

    def feed(c: Conversation) -> None:
        c.answer(FEED) if state["up"] else c.answer(b"", "500 Oops")

    with Server({"/robots.txt": serves(b""), "/feed": feed}) as server:
        with Corpus(prompt.db, write=True, create=True) as corpus:
            Desk(corpus).source(server.url("/feed"))
        told = []
        for up in (True, True, False, False, False, True, True):
            state["up"] = up
            done = prompt("-q", "--allow-private", "127.0.0.1", "--delay", "0", "fetch", "--all", "--fail-on", "new")
            told.append((done.code, bool(done.err), done.out))
    assert told == [
        (0, False, ""), (0, False, ""), (4, True, ""), (0, False, ""), (0, False, ""), (0, True, ""), (0, False, "")
    ]  # fmt: skip


def test_the_log_of_a_run(prompt: Prompt) -> None:
    """One object a line: the beginning, each source, the end."""
    with Server({"/robots.txt": serves(b""), "/feed": serves(FEED)}) as server:
        with Corpus(prompt.db, write=True, create=True) as corpus:
            Desk(corpus).source(server.url("/feed"))
        log = prompt.folder / "log.jsonl"
        done = prompt("-q", "--allow-private", "127.0.0.1", "--delay", "0", "fetch", "--log-file", log)
    assert done.code == 0
    rows = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    assert [row["event"] for row in rows] == ["start", "source", "end"]
    assert (rows[1]["new"], rows[1]["verdict"], rows[2]["exit_code"]) == (1, "unknown", 0) or rows[1]["new"] == 1


@pytest.mark.parametrize(("words", "seconds"), [("90", 90), ("90s", 90), ("50m", 3000), ("1.5h", 5400), ("1d", 86_400)])
def test_how_long_a_run_may_take_is_told_in_words(words: str, seconds: float) -> None:
    """As cron's lines have it."""
    from ingest.cli.options import Duration

    assert Duration().convert(words, None, None) == seconds


def test_a_time_that_is_none_is_refused(prompt: Prompt) -> None:
    """With what one looks like."""
    done = prompt("fetch", "--deadline-run", "soon")
    assert done.code == 2
    assert "50m" in done.err


def test_reading_without_processes(desk: Desk, hosts: ExitStack) -> None:
    """`--processes 0` starts none, and comes to the same."""
    number = desk.source(host(hosts, serves(FEED)).url("/feed"))
    (result,) = desk.run(number, processes=0)
    assert result.new == 1
    assert isinstance(desk.made(), Policy)


def test_a_mail_does_not_name_thousands(prompt: Prompt) -> None:
    """When our own network is down, some are named, and how many there are."""
    with Server({"/robots.txt": serves(b""), "": serves(b"", "500 Oops")}) as server:
        with Corpus(prompt.db, write=True, create=True) as corpus:
            for n in range(30):
                Desk(corpus).source(server.url(f"/{n}/feed"))
        done = prompt("-q", "--allow-private", "127.0.0.1", "--delay", "0", "fetch", "--fail-on", "new")
    assert done.code == 4
    lines = done.err.splitlines()
    assert len(lines) == 21
    assert lines[-1] == "10 more sources: broke: server_error"


def test_long_documents_beside_more_hosts_than_threads(
    desk: Desk, hosts: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A source that makes way for others holds no reading process meanwhile: nobody waits for ever."""
    monkeypatch.setattr(crew, "SLICE", 0.0)
    many = b"".join(
        b"<item><guid>%d</guid><description>Words of %d.</description></item>" % (n, n) for n in range(3000)
    )
    feed = b'<?xml version="1.0"?><rss version="2.0"><channel><title>B</title>' + many + b"</channel></rss>"
    numbers = [desk.source(host(hosts, serves(feed)).url("/feed")) for _ in range(4)]
    numbers += [desk.source(host(hosts, serves(FEED)).url("/feed")) for _ in range(6)]
    results = desk.run(*numbers, workers=2, processes=2)
    assert {result.source: result.new for result in results} == dict.fromkeys(numbers[:4], 3000) | dict.fromkeys(
        numbers[4:], 1
    )


def test_a_long_answer_makes_way_for_what_is_under_way(
    desk: Desk, hosts: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It pauses while another source is being pulled, and no longer."""
    paused, give_way = threading.Event(), politeness.Turn.give_way

    def gives(turn: politeness.Turn) -> float:
        seconds = give_way(turn)
        if seconds:
            paused.set()
        return seconds

    def waits(c: Conversation) -> None:
        paused.wait(60)
        serves(FEED)(c)

    monkeypatch.setattr(politeness.Turn, "give_way", gives)
    long = desk.source(host(hosts, serves(FEED + b" " * 4_000_000)).url("/feed"))
    other = desk.source(host(hosts, waits).url("/feed"))
    found = {result.source: result for result in desk.run(long, other)}
    assert paused.is_set()
    assert found[other].new == 1
    assert not found[long].error


def test_a_long_answer_waits_for_nobody_who_waits_for_it(
    desk: Desk, hosts: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sources that have no thread yet, because long ones have them all, are none the better for its pauses."""
    paused: list[float] = []
    give_way = politeness.Turn.give_way
    monkeypatch.setattr(politeness.Turn, "give_way", lambda turn: paused.append(give_way(turn)) or paused[-1])
    numbers = [desk.source(host(hosts, serves(FEED + b" " * 4_000_000)).url("/feed"))]
    numbers += [desk.source(host(hosts, serves(FEED)).url("/feed")) for _ in range(4)]
    assert all(not result.error for result in desk.run(*numbers, workers=1))
    assert paused
    assert not any(paused)


def test_what_hangs_does_not_outlast_the_run_s_time(
    desk: Desk, hosts: ExitStack, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After a grace it is broken off, logged, and no failure of the source."""
    monkeypatch.setattr(pulling, "GRACE", 0.5)
    number = desk.source(host(hosts, lambda c: c.stopping.wait()).url("/feed"))
    desk.policy = {"deadline": 60}
    began = time.monotonic()
    (result,) = desk.run(number, seconds=1)
    assert time.monotonic() - began < 20
    assert (result.verdict, result.reason) == ("partial", "deadline")
    assert desk.corpus.rows("SELECT failures FROM sources WHERE id = ?", (number,)) == [{"failures": 0}]
    assert [row["outcome"] for row in desk.corpus.rows("SELECT outcome FROM fetches ORDER BY id")] == ["ok", "stopped"]


def test_discovery_ends_at_the_run_s_time(prompt: Prompt) -> None:
    """An address that hangs while it is found out what it is does not outlast the run; it is due the next time."""
    with Server({"/robots.txt": serves(b""), "": lambda c: c.stopping.wait()}) as server:
        listing = prompt.file("blogs.toml", f'[[source]]\nurl = "{server.url("/x")}"\n')
        prompt("-q", "sources", "import", str(listing))
        began = time.monotonic()
        done = prompt("--allow-private", "127.0.0.1", "--delay", "0", "fetch", "--deadline-run", "1s")
        assert "stopped before any was looked at" in done.err + done.out
        assert time.monotonic() - began < 20
    with Corpus(prompt.db) as corpus:
        assert [row["kind"] for row in corpus.rows("SELECT kind FROM sources WHERE state = 'active'")] == ["auto"]
        assert corpus.rows("SELECT count(*) AS n FROM fetches WHERE outcome = 'stopped'") == [{"n": 1}]
        assert len(corpus.due(clock())) == 1


def test_not_modified_since_never(desk: Desk, hosts: ExitStack) -> None:
    """A server that says 304 to whom it never gave anything is at fault, and said to be."""
    number = desk.source(host(hosts, serves(b"", "304 Not Modified")).url("/feed"))
    (result,) = desk.run(number)
    assert (result.verdict, result.reason) == ("failing", "bad_http")
    assert "304" in (result.error or "")
