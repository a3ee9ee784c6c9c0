"""Runs over real sockets, with a clock that is set by hand: patience, manners and memory from run to run."""

import json
import signal
import socket
import ssl
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from ingest.add import Wish, add, configure, secrets
from ingest.corpus import Corpus
from ingest.fetch import Policy
from ingest.run import SourceResult, Stop, advice, fetch
from ingest.unfound import unfound
from tests.fetch.certificates import Authority
from tests.fetch.conftest import authority, tls  # noqa: F401  (fixtures)
from tests.fetch.hostile import Conversation, Script, Server
from tests.prompt import Prompt
from tests.wordpress.server import WordPress

FEED = (
    b'<?xml version="1.0"?><rss version="2.0"><channel><title>B</title><link>http://127.0.0.1/</link>'
    b"<item><title>One</title><link>http://127.0.0.1/1/</link><guid>one</guid>"
    b"<description>Words.</description></item></channel></rss>"
)
DAY = 86_400


@dataclass
class Desk:
    """A corpus, and runs over it at times of our choice."""

    corpus: Corpus
    moment: datetime = datetime(2026, 11, 21, 9, tzinfo=UTC)
    policy: Mapping[str, Any] = field(default_factory=dict)

    def now(self) -> str:
        """The time."""
        return self.moment.strftime("%Y-%m-%dT%H:%M:%SZ")

    def later(self, **by: float) -> None:
        """Let time pass."""
        self.moment += timedelta(**by)

    def made(self, **changed: Any) -> Policy:
        """The limits: quick, and this machine allowed."""
        settings: dict[str, Any] = {"delay": 0, "deadline": 10, "allow_private": ("127.0.0.0/8",)}
        return Policy(**{**settings, **self.policy, **changed})

    def source(self, url: str, kind: str = "feed", **options: Any) -> int:
        """A source that is polled."""
        return self.corpus.add_source(kind, url, self.now(), home=url, endpoint=url, options=options)[0]

    def run(self, *numbers: int, seconds: float | None = None, **how: Any) -> list[SourceResult]:
        """One run, over these or what is due."""
        chosen = list(numbers) or self.corpus.due(self.now())
        return list(fetch(self.corpus, chosen, self.made(), stop=Stop(seconds), now=self.now, **how))

    def row(self, number: int) -> dict[str, Any]:
        """A source as it stands."""
        return self.corpus.rows("SELECT * FROM sources WHERE id = ?", (number,))[0]

    def wait(self, number: int) -> float:
        """Seconds until a source is due."""
        return (datetime.fromisoformat(self.row(number)["next_due"]) - self.moment).total_seconds()


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """An empty corpus."""
    with Corpus(tmp_path / "corpus.db", write=True, create=True) as corpus:
        yield Desk(corpus)


def serves(body: bytes = FEED, status: str = "200 OK", **headers: str) -> Script:
    """An answer."""
    return lambda c: c.answer(body, status, **{"content_type": "application/rss+xml", **headers})


def conditional(c: Conversation) -> None:
    """A feed that answers 304 to whoever knows its ETag."""
    known = c.asked.headers.get("if-none-match") == '"1"'
    c.answer(b"" if known else FEED, "304 Not Modified" if known else "200 OK", etag='"1"')


# ---- robots.txt, from run to run --------------------------------------------------------------------------


def test_robots_txt_is_asked_for_once_a_day(desk: Desk) -> None:
    """The runs of a day share one copy; after a day it is asked for again."""
    with Server({"/robots.txt": serves(b"User-agent: *\nDisallow: /private/"), "/feed": conditional}) as server:
        number = desk.source(server.url("/feed"))
        for hours in (0, 1, 1, 21):
            desk.later(hours=hours)
            desk.run(number)
        assert server.paths == ["/robots.txt", "/feed", "/feed", "/feed", "/feed"]
        desk.later(hours=2)
        desk.run(number)
        assert server.paths[5:] == ["/robots.txt", "/feed"]
    assert [row["outcome"] for row in desk.corpus.rows("SELECT outcome FROM fetches WHERE url LIKE '%/feed'")][:3] == [
        "ok", "unchanged", "unchanged"
    ]  # fmt: skip


def test_add_and_fetch_share_robots_txt_and_the_log(desk: Desk) -> None:
    """What discovery learnt is not asked again; its requests are in the log, without a source."""
    with Server({"/feed": serves()}) as server:
        (added,) = add(desk.corpus, [server.url("/feed")], desk.made(), stop=Stop(), now=desk.now)
        assert added.result.kind == "feed"
        desk.run(added.result.source or 0)
        assert server.paths.count("/robots.txt") == 1
    logged = desk.corpus.rows("SELECT count(*) AS n FROM fetches WHERE source_id IS NULL AND run_id IS NULL")[0]["n"]
    assert logged == len(server.asked) - 1


def test_what_robots_txt_forbids_is_kept_too(desk: Desk) -> None:
    """The second run knows without asking; the verdict says why, in a word."""
    with Server({"/robots.txt": serves(b"User-agent: *\nDisallow: /"), "/feed": serves()}) as server:
        number = desk.source(server.url("/feed"))
        for _ in range(2):
            (result,) = desk.run(number)
            assert (result.verdict, result.reason) == ("failing", "robots")
        assert server.paths == ["/robots.txt"]


def test_robots_can_be_ignored_for_one_source_and_every_run_says_so(desk: Desk) -> None:
    """The wish is the source's; `runs.robots` records what was done."""
    with Server(
        {"/robots.txt": serves(b"User-agent: *\nDisallow: /"), "/feed": serves(), "/other": serves()}
    ) as server:
        first, second = desk.source(server.url("/feed"), robots="ignore"), desk.source(server.url("/other"))
        assert [result.verdict for result in desk.run(first, second)] == ["unknown", "failing"]
    rows = desk.corpus.rows("SELECT source_id, robots FROM runs ORDER BY source_id")
    assert [(row["source_id"], row["robots"]) for row in rows] == [(first, "ignore"), (second, "respect")]


# ---- patience ---------------------------------------------------------------------------------------------


def closed_port() -> int:
    """A port on which nobody listens."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def test_trying_by_hand_does_not_make_the_wait_longer(desk: Desk) -> None:
    """Ten looks before its time, all in vain, count as the one that was due; in due time it is one more."""
    with Server({"/robots.txt": serves(b""), "/feed": serves(b"", "500 Oops")}) as server:
        number = desk.source(server.url("/feed"))
        for _ in range(10):
            desk.run(number)
            desk.later(seconds=10)
        assert desk.row(number)["failures"] == 1
        desk.later(seconds=desk.wait(number))
        desk.run()
    assert desk.row(number)["failures"] == 2


def test_sixty_failures_in_a_row(desk: Desk) -> None:
    """An hour, two, three, at most a day; monthly after thirty; never given up, and a success begins anew."""
    number = desk.source(f"http://127.0.0.1:{closed_port()}/feed")
    waits = []
    for _ in range(60):
        assert desk.corpus.due(desk.now()) == [number]
        (result,) = desk.run()
        assert (result.verdict, result.reason) == ("failing", "refused")
        waits.append(desk.wait(number))
        desk.later(seconds=waits[-1] - 1)
        assert desk.corpus.due(desk.now()) == []
        desk.later(seconds=1)
    hour = 3540
    assert waits[:24] == [hour * (n + 1) for n in range(24)]
    assert waits[24:29] == [DAY] * 5
    assert waits[29:] == [30 * DAY] * 31
    assert desk.row(number)["failures"] == 60
    assert desk.row(number)["failing_since"] == "2026-11-21T09:00:00Z"
    with Server({"/feed": serves()}) as server:
        desk.corpus.conn.execute("UPDATE sources SET url = ?1, endpoint = ?1", [server.url("/feed")])
        desk.corpus.conn.commit()
        assert desk.run()[0].verdict == "unknown"
    assert (desk.row(number)["failures"], desk.row(number)["failing_since"], desk.wait(number)) == (0, None, hour)


def test_when_nobody_is_reached_it_is_our_own_network_for_a_day(desk: Desk) -> None:
    """What was well is asked as often as it may be at most, and when the network is back no more is waited for."""
    first, second = (desk.source(f"http://127.0.0.1:{closed_port()}/feed") for _ in range(2))
    rare = desk.source(f"http://127.0.0.1:{closed_port()}/feed", interval=7 * DAY)
    slow = desk.source(f"http://127.0.0.1:{closed_port()}/feed", min_interval=6 * 3600)
    asked = Counter[int]()
    for _ in range(25 * 12):
        due = desk.corpus.due(desk.now())
        asked.update(due)
        if due:
            assert {result.verdict for result in desk.run()} == {"failing"}
        desk.later(minutes=5)
    assert asked == {first: 25, second: 25, slow: 5, rare: 1}
    assert desk.row(first)["failures"] == 25
    assert desk.wait(first) > DAY - 7200, "and then it is left alone like any other"


def test_a_clock_that_was_ahead_makes_nobody_patient(desk: Desk) -> None:
    """What fails since next year is asked no more often for that."""
    numbers = [desk.source(f"http://127.0.0.1:{closed_port()}/feed") for _ in range(2)]
    desk.later(days=365)
    desk.run(*numbers)
    desk.later(days=-365)
    for count in (1, 2, 3):
        desk.run()
        assert {desk.wait(number) for number in numbers} == {3540 * count}
        desk.later(seconds=3540 * count)


def test_a_host_that_is_down_alone_is_not_our_own_network(desk: Desk) -> None:
    """Not when another one answers, be it with an error; and not when there is no other that was well."""
    dead, dying = (desk.source(f"http://127.0.0.1:{closed_port()}/feed") for _ in range(2))
    with Server({"/robots.txt": serves(b""), "/feed": serves(b"", "404 Not Found")}) as server:
        other = desk.source(server.url("/feed"))
        desk.run(dead, dying, other)
        assert {desk.wait(number) for number in (dead, dying)} == {3540}
    desk.corpus.conn.execute("UPDATE sources SET failures = 0, failing_since = NULL, next_due = NULL")
    desk.corpus.conn.commit()
    for count in range(1, 5):
        desk.run(dead)
        assert desk.wait(dead) == 3540 * count
        desk.later(seconds=desk.wait(dead))
    for _ in range(3):
        desk.run(dead)
        desk.later(seconds=desk.wait(dead))
    desk.run(dead)
    desk.later(seconds=desk.wait(dead))
    desk.corpus.conn.execute("UPDATE sources SET interval_s = 7200 WHERE id = ?", [dying])
    desk.corpus.conn.commit()
    desk.run(dead, dying)
    assert (desk.wait(dead), desk.wait(dying)) == (3540 * 9, 7140), "one of two failed for over a day"


@pytest.mark.parametrize("status", ["429 Too Many Requests", "500 Internal Server Error", "503 Service Unavailable"])
def test_a_wordpress_that_is_busy_is_backed_off_from(desk: Desk, status: str) -> None:
    """Also where the verdict is `partial`: what counts is that the host is in trouble and nothing came."""
    with Server({"/robots.txt": serves(b""), "": serves(b"busy", status)}) as server:
        number = desk.source(server.url("/?rest_route=/"), kind="wordpress")
        waits = []
        for _ in range(3):
            desk.run(number)
            waits.append(desk.wait(number))
            desk.later(seconds=waits[-1])
    assert waits == [3540, 7080, 10620]


@pytest.mark.parametrize("status", ["429 Too Many Requests", "503 Service Unavailable"])
def test_retry_after_holds_for_the_whole_host(desk: Desk, status: str) -> None:
    """Also for a source whose turn comes later in the run, and for one that is named; another port is another host."""
    busy = serves(b"", status, retry_after="7200")
    with Server({"/robots.txt": serves(b""), "/a": busy, "": serves()}) as server, Server({"": serves()}) as other:
        first, second = desk.source(server.url("/a")), desk.source(server.url("/b"))
        third = desk.source(other.url("/c"))
        began = time.monotonic()
        results = desk.run(first, second, third)
        assert time.monotonic() - began < 5, "it is never slept out"
        assert [result.verdict for result in results] == ["failing", "unknown", "unknown"]
        assert results[1].reason.startswith("skipped: the host asked to be left alone until 2026-11-21T11:00:00Z")
        assert server.paths == ["/robots.txt", "/a"]
        assert [desk.row(n)["retry_after"] for n in (first, second, third)] == ["2026-11-21T11:00:00Z"] * 2 + [None]
        assert desk.row(first)["next_due"] == "2026-11-21T11:00:00Z"
        desk.later(minutes=119)
        assert desk.corpus.due(desk.now()) == [third]
        assert desk.run(second)[0].reason.startswith("skipped")
        assert len(server.asked) == 2
        desk.later(minutes=2)
        assert desk.corpus.due(desk.now()) == [second, third, first] or set(desk.corpus.due(desk.now())) == {1, 2, 3}
        assert desk.run(second)[0].new == 1


def test_a_clock_that_jumped_starves_nobody(desk: Desk) -> None:
    """A time over thirty days ahead, and a Retry-After beyond a day, were written by a wrong clock: due at once."""
    with Server({"": serves()}) as server:
        number = desk.source(server.url("/feed"))
        desk.later(days=3650)
        desk.run(number)
        desk.later(days=-3650)
        assert desk.corpus.due(desk.now()) == [number]
        desk.corpus.conn.execute("UPDATE sources SET retry_after = '2036-01-01T00:00:00Z'")
        desk.corpus.conn.commit()
        assert desk.corpus.due(desk.now()) == [number]
        assert not desk.run(number)[0].reason.startswith("skipped")


def test_an_interval_of_the_operators(desk: Desk) -> None:
    """Per source, for all, and within bounds."""
    with Server({"": serves()}) as server:
        own, plain = desk.source(server.url("/a"), interval=7200.0), desk.source(server.url("/b"))
        desk.run(own, plain)
        assert (desk.wait(own), desk.wait(plain)) == (7140, 3540)
        desk.run(own, plain, defaults={"min_interval": 21_600.0, "max_interval": 86_400.0})
        assert (desk.wait(own), desk.wait(plain)) == (7140, 21_540)


# ---- one line a failing source ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("script", "word"),
    [
        (serves(b"<!DOCTYPE html><title>Just a moment...</title>", "403 Forbidden", cf_mitigated="challenge"), "challenge"),
        (serves(b'<!DOCTYPE html><title>Log In</title><input type="password">', content_type="text/html"), "login"),
        (serves(b"<!DOCTYPE html><title>blog.example is for sale</title>", content_type="text/html"), "parked"),
        (serves(b"no", "404 Not Found"), "not_found"),
        (serves(b"no", "500 Internal Server Error"), "server_error"),
        (serves(b"<!DOCTYPE html><title>Welcome</title>", content_type="text/html"), "unreadable"),
        (lambda c: c.send(b"SSH-2.0-x\r\n"), "bad_http"),
    ],
)  # fmt: skip
def test_the_reason_is_a_word_the_error_a_sentence(desk: Desk, script: Script, word: str) -> None:
    """And there is something to do about each; nothing is stored."""
    with Server({"/robots.txt": serves(b""), "/feed": script}) as server:
        (result,) = desk.run(desk.source(server.url("/feed")))
    assert (result.verdict, result.reason) == ("failing", word)
    assert server.url("/feed") in (result.error or "")
    assert advice(word)
    assert desk.corpus.rows("SELECT reason, error FROM sources") == [{"reason": word, "error": result.error}]
    assert desk.corpus.rows("SELECT count(*) AS n FROM posts") == [{"n": 0}]


def test_200_but_the_same(desk: Desk) -> None:
    """A server without validators sends the same body again and again: logged as `same`, once a day or not."""
    with Server({"/robots.txt": serves(b""), "/feed": serves()}) as server:
        number = desk.source(server.url("/feed"))
        for _ in range(3):
            desk.run(number)
            desk.later(hours=1)
    rows = desk.corpus.rows("SELECT outcome FROM fetches WHERE url LIKE '%/feed'")
    assert [row["outcome"] for row in rows] == ["ok", "same", "same"]


def test_once_a_day_nothing_is_conditional(desk: Desk) -> None:
    """A feed that answers 304 for ever is read whole each day all the same."""
    with Server({"/robots.txt": serves(b""), "/feed": conditional}) as server:
        number = desk.source(server.url("/feed"))
        for _ in range(49):
            desk.run(number)
            desk.later(hours=1)
        sent = ["if-none-match" in asked.headers for asked in server.asked if asked.path == "/feed"]
    assert [n for n, is_conditional in enumerate(sent) if not is_conditional] == [0, 24, 48]


def test_a_feed_that_moved_for_good(desk: Desk) -> None:
    """The next run asks the new place alone; the run that found it has a note."""
    scripts: dict[str, Script] = {"/robots.txt": serves(b""), "/rss": serves()}
    with Server(scripts) as server:
        scripts["/feed"] = lambda c: c.answer(status="301 Moved Permanently", location=server.url("/rss"))
        number = desk.source(server.url("/feed"))
        desk.run(number)
        desk.run(number)
        assert server.paths == ["/robots.txt", "/feed", "/rss", "/rss"]
        assert desk.row(number)["url"] == server.url("/feed")
        notes = [json.loads(row["notes"]) for row in desk.corpus.rows("SELECT notes FROM runs ORDER BY id")]
        assert f"moved for good: {server.url('/feed')} -> {server.url('/rss')}" in notes[0]
        assert not any("moved" in note for note in notes[1])


def test_a_feed_that_moved_to_a_web_page_stays_where_it_was(desk: Desk) -> None:
    """The endpoint changes only when the new place answers as the same kind."""
    page = serves(b"<!DOCTYPE html><title>Welcome</title>", content_type="text/html")
    scripts: dict[str, Script] = {"/robots.txt": serves(b""), "/": page}
    with Server(scripts) as server:
        scripts["/feed"] = lambda c: c.answer(status="308 Permanent Redirect", location="/")
        number = desk.source(server.url("/feed"))
        desk.run(number)
        assert desk.row(number)["endpoint"] == server.url("/feed")
    ((note,),) = [json.loads(row["notes"]) for row in desk.corpus.rows("SELECT notes FROM runs")]
    assert "does not answer as a feed" in note


# ---- sources.toml -----------------------------------------------------------------------------------------


def apply(desk: Desk, *wishes: Wish, only: list[str] | None = None) -> list[SourceResult]:
    """The beginning of a run under a configuration."""
    found = configure(desk.corpus, wishes, desk.made(), stop=Stop(), only=only, now=desk.now)
    return [added.result for added in found]


def test_an_address_whose_discovery_was_stopped_is_looked_at_again(desk: Desk) -> None:
    """The page was there, and what it names was not asked for yet: nothing is known, so the next run looks anew."""
    stop, page = Stop(1.0), b'<html><head><link rel="alternate" type="application/rss+xml" href="/x"></head></html>'

    def hang(c: Conversation) -> None:
        if stop.go_on():
            c.stopping.wait()
        c.answer(FEED)

    with Server({"/robots.txt": serves(b""), "/x": hang, "": serves(page)}) as server:
        wish = Wish(server.url("/blog/"))
        assert not list(configure(desk.corpus, [wish], desk.made(), stop=stop, now=desk.now))
        told = desk.corpus.rows("SELECT outcome FROM fetches WHERE url = ?", (wish.url,))
        assert told == [{"outcome": "stopped"}]
        (result,) = apply(desk, wish)
    assert (result.kind, result.error) == ("feed", None)


def test_what_the_file_names_is_added_kept_in_step_and_paused(desk: Desk) -> None:
    """Unknown: discovered, due at once. Known: its keys win. Taken out: paused. Put in again: polled again."""
    with Server({"": serves()}) as server:
        wish = Wish(server.url("/feed"), name="Mine", group=("labs",), tags=("a", "ü"), options={"interval": 7200.0})
        (result,) = apply(desk, wish)
        assert (result.kind, result.error) == ("feed", None)
        assert desk.corpus.due(desk.now()) == [1]
        row = desk.row(1)
        assert (row["name"], row["groups"], row["tags"], row["from_config"]) == ("Mine", '["labs"]', '["a", "ü"]', 1)
        asked = len(server.asked)
        assert apply(desk, wish) == []
        assert len(server.asked) == asked, "what is known is not discovered again"
        desk.run()
        assert desk.wait(1) == 7140
        apply(desk)
        assert (desk.row(1)["state"], desk.row(1)["from_config"]) == ("paused", 0)
        assert apply(desk, Wish(server.url("/feed"))) == []
        row = desk.row(1)
        assert (row["state"], row["from_config"], row["name"], row["wishes"]) == ("active", 1, "Mine", "{}")


def test_the_operator_may_pause_what_the_file_names(desk: Desk) -> None:
    """A pause by hand lasts as long as the file goes on naming the source."""
    with Server({"": serves()}) as server:
        wish = Wish(server.url("/feed"))
        apply(desk, wish)
        desk.corpus.conn.execute("UPDATE sources SET state = 'paused'")
        desk.corpus.conn.commit()
        apply(desk, wish)
        assert desk.row(1)["state"] == "paused"


def test_a_source_that_was_added_by_hand_is_taken_over(desk: Desk) -> None:
    """The file and `add` mean one source; others are left alone."""
    with Server({"": serves()}) as server:
        number, other = desk.source(server.url("/feed")), desk.source(server.url("/other"))
        assert apply(desk, Wish(server.url("/feed"), options={"robots": "ignore"})) == []
        assert (desk.row(number)["from_config"], desk.row(other)["from_config"]) == (1, 0)
        desk.run(number)
        assert server.paths == ["/feed"]


def test_only_what_is_named_is_looked_for(desk: Desk) -> None:
    """`fetch NAME` does not discover the rest of the file; a dead address is reported, the others go on."""
    with Server({"": serves()}) as server:
        wishes = [Wish(server.url("/a"), name="a"), Wish(f"http://127.0.0.1:{closed_port()}/"), Wish(server.url("/c"))]
        assert len(apply(desk, *wishes, only=["a"])) == 1
        assert sorted(result.verdict for result in apply(desk, *wishes)) == ["failing", "unknown"]


def test_an_address_where_nothing_is_found_is_looked_at_once_a_day(desk: Desk) -> None:
    """Every run reports it; the site is asked again after a day, or when the operator names it."""
    with Server({"/robots.txt": serves(b"")}) as server:
        wish = Wish(server.url("/blog"))
        (first,) = apply(desk, wish)
        asked = len(server.asked)
        desk.later(hours=1)
        (second,) = apply(desk, wish)
        assert len(server.asked) == asked
        assert (first.verdict, first.was, second.verdict, second.was) == ("failing", "unknown", "failing", "failing")
        assert "once a day" in (second.error or "")
        apply(desk, wish, only=[wish.url])
        assert len(server.asked) > asked
        asked = len(server.asked)
        desk.later(hours=25)
        apply(desk, wish)
        assert len(server.asked) > asked


def test_a_host_that_does_not_answer_is_waited_for_once(desk: Desk) -> None:
    """However many addresses on it are new; the others are told so, and `status` says what the trouble is."""
    with Server({"/robots.txt": stall}) as silent, Server({"/robots.txt": serves(b""), "": serves()}) as good:
        wishes = [*(Wish(silent.url(f"/{n}")) for n in range(4)), Wish(good.url("/feed"))]
        policy, began = desk.made(deadline=1.0), time.monotonic()
        found = [added.result for added in configure(desk.corpus, wishes, policy, stop=Stop(), now=desk.now)]
        assert time.monotonic() - began < 3.5
        errors = sorted(result.error or "" for result in found)
        assert [("not asked" in error, "too_slow" in error) for error in errors].count((True, True)) == 3
        assert errors.count("") == 1
        assert len(silent.asked) == 1
    looks = unfound(desk.corpus, wishes, desk.now())
    assert all("too_slow" in look.why for look in looks)


def test_no_poll_waits_for_an_address_that_nobody_knows_yet(prompt: Prompt) -> None:
    """What is held is polled first, also where the run's time is over before the new addresses have answered."""
    with Server({"": stall}) as silent, Server({"/robots.txt": serves(b""), "/feed": serves()}) as good:
        words = '[fetch]\nallow_private = ["127.0.0.1"]\ndelay = 0\n'
        told = f'{words}[[source]]\nurl = "{good.url("/feed")}"\n'
        file = prompt.file("sources.toml", told)
        assert prompt("--config", file, "--json", "fetch").code == 0
        strange = "".join(f'[[source]]\nurl = "{silent.url(f"/{n}")}"\n' for n in range(3))
        prompt.file("sources.toml", f'{told}{strange}[[source]]\nurl = "{good.url("/other")}"\n')
        asked = good.paths.count("/feed")
        done = prompt("--config", file, "--json", "fetch", "--all", "--deadline-run", "2s")
        assert good.paths.count("/feed") > asked
        assert [row["verdict"] for row in done.rows if row.get("source") == 1] == ["unknown"]


def test_what_is_new_in_the_file_is_pulled_in_the_same_run(prompt: Prompt) -> None:
    """After what was known before."""
    with Server({"/robots.txt": serves(b""), "": serves()}) as server:
        words = '[fetch]\nallow_private = ["127.0.0.1"]\ndelay = 0\n'
        told = f'{words}[[source]]\nurl = "{server.url("/feed")}"\n'
        file = prompt.file("sources.toml", told)
        prompt("--config", file, "--json", "fetch")
        prompt.file("sources.toml", f'{told}[[source]]\nurl = "{server.url("/new")}"\n')
        done = prompt("--config", file, "--json", "fetch", "--all")
        assert [row["source"] for row in done.rows if row["type"] == "source"] == [1, 2]


@pytest.mark.parametrize("words", [["fetch"], ["add"], ["doctor"], ["load"]])
def test_an_empty_word_means_no_folder(prompt: Prompt, words: list[str]) -> None:
    """A variable of the shell that was never set is an error, and not the folder that one is in."""
    done = prompt(*words, "")
    assert done.code == 2
    assert "an empty word" in done.err
    assert not prompt.db.exists()


@pytest.mark.parametrize("address", ["http://[::1", "http://[x]/"])
@pytest.mark.parametrize("command", ["fetch", "add", "doctor"])
def test_what_is_no_address_is_said_to_be_none(prompt: Prompt, command: str, address: str) -> None:
    """As for any other address that leads nowhere."""
    done = prompt(command, address)
    assert done.code == 4
    assert "this is not a web address" in done.err + done.out
    assert "Traceback" not in done.err


def test_the_command_applies_the_file(prompt: Prompt) -> None:
    """The first `fetch` makes the corpus and adds what the file names; later it is found by its name."""
    with Server({"/robots.txt": serves(b""), "/feed": serves()}) as server:
        words = '[fetch]\nallow_private = ["127.0.0.1"]\ndelay = 0\n'
        file = prompt.file("sources.toml", f'{words}[[source]]\nurl = "{server.url("/feed")}"\nname = "mine"\n')
        done = prompt("--config", file, "--json", "fetch")
        assert (done.code, done.rows[0]["new"]) == (0, 1)
        assert prompt("--config", file, "--json", "fetch", "mine").rows[0]["same"] == 0
        prompt.file("sources.toml", words)
        assert prompt("--config", file, "--json", "fetch").code == 0
        assert prompt.ask("SELECT state, from_config FROM sources") == [("paused", 0)]
        assert prompt("--json", "fetch").code == 0, "without a file nothing is paused or taken up again"


def test_a_failing_source_is_one_line(prompt: Prompt) -> None:
    """What happened, and what to do about it."""
    url = f"http://127.0.0.1:{closed_port()}/feed"
    with Corpus(prompt.db, write=True, create=True) as corpus:
        corpus.add_source("feed", url, "2026-11-21T09:00:00Z", home=url, endpoint=url)
    done = prompt("--allow-private", "127.0.0.1", "-q", "fetch")
    assert done.code == 4
    (line,) = [line for line in done.err.splitlines() if url in line]
    assert line.startswith(f"{url}: failing: ")
    assert "refused: 127.0.0.1 cannot be reached" in line
    assert line.endswith(advice("refused"))


# ---- secrets ----------------------------------------------------------------------------------------------

SECRET = "hunter2 secret"
TOKEN = "t0ken-s3cret"


def test_secrets_go_to_their_own_origin_and_nowhere_else(
    prompt: Prompt,
    authority: Authority,
    tls: ssl.SSLContext,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Over https, from the environment; not to a redirect's target; in no table, log, error or --json."""
    monkeypatch.setenv("FIRST", SECRET)
    monkeypatch.setenv("SECOND", TOKEN)
    failing = {"status": False}

    def guarded(c: Conversation) -> None:
        if failing["status"] or "authorization" not in c.asked.headers:
            c.answer(b"no", "401 Unauthorized", content_type="text/plain")
        else:
            serves()(c)

    scripts: dict[str, Script] = {"/robots.txt": serves(b""), "/first": guarded, "/elsewhere": serves()}
    with Server(scripts, tls) as server, Server(dict(scripts), tls) as second:
        scripts["/first"] = guarded
        second.scripts = {
            **scripts,
            "/second": lambda c: c.answer(status="302 Found", location=server.url("/elsewhere")),
        }
        file = prompt.file(
            "sources.toml",
            f'[fetch]\nca_file = "{authority.file}"\nallow_private = ["127.0.0.0/8"]\ndelay = 0\n'
            f'[[source]]\nurl = "{server.url("/first")}"\nuser = "me"\npassword_env = "FIRST"\n'
            f'[[source]]\nurl = "{second.url("/second")}"\ntoken_env = "SECOND"\n',
        )
        done = prompt("--config", file, "--json", "fetch")
        assert [row["verdict"] for row in done.rows[:-1]] == ["unknown", "unknown"], done.err
        failing["status"] = True
        again = prompt("--config", file, "--json", "-v", "fetch", "--all")
        assert again.rows[0]["reason"] == "auth"
        status = prompt("--config", file, "--json", "status")
        sent = {a.headers.get("authorization") for a in server.asked if a.path == "/first"}
        assert sent == {"Basic bWU6aHVudGVyMiBzZWNyZXQ="}
        assert {a.headers.get("authorization") for a in second.asked if a.path == "/second"} == {f"Bearer {TOKEN}"}
        assert all(TOKEN not in str(a.headers) for a in server.asked)
    told = "".join(done.out + done.err for done in (done, again, status))
    held = b"".join(path.read_bytes() for path in prompt.folder.iterdir() if path.name != "sources.toml")
    for word in (SECRET, TOKEN, "bWU6aHVudGVyMiBzZWNyZXQ"):
        assert word not in told
        assert word.encode() not in held


def test_a_secret_over_http_stops_the_run(prompt: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit status 2 before anything is asked, with the line and what to do; without the secret."""
    monkeypatch.setenv("FIRST", SECRET)
    with Server({"": serves()}) as server:
        file = prompt.file("sources.toml", f'[[source]]\nurl = "{server.url()}"\nuser = "me"\npassword_env = "FIRST"\n')
        done = prompt("--config", file, "fetch")
        assert (done.code, server.asked) == (2, [])
    assert "sources.toml:2: " in done.err
    assert "https" in done.err
    assert SECRET not in done.err


def test_secrets_are_found_by_the_number_of_the_source(desk: Desk) -> None:
    """Only sources with a secret have one."""
    number, _ = desk.source("https://a.example/"), desk.source("https://b.example/")
    wish = Wish("https://a.example/", secret=("me", SECRET))
    assert secrets(desk.corpus, [wish, Wish("https://b.example/")]) == {number: {"https://a.example": ("me", SECRET)}}
    assert SECRET not in repr(wish)


# ---- signals ----------------------------------------------------------------------------------------------


def stall(c: Conversation) -> None:
    """Say nothing."""
    c.stopping.wait()


def drip(c: Conversation) -> None:
    """A body without end, byte by byte."""
    c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
    c.drip(iter(lambda: b"x", b""))


WAITS: dict[str, tuple[dict[str, Script], float]] = {
    "the answer": ({"/robots.txt": serves(b""), "/feed": stall}, 0),
    "the body": ({"/robots.txt": serves(b""), "/feed": drip}, 0),
    "robots.txt": ({"/robots.txt": stall}, 0),
    "the host's turn": ({"/robots.txt": serves(b""), "/feed": serves()}, 60),
}


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("where", WAITS)
@pytest.mark.parametrize("command", ["fetch", "add"])
def test_the_first_signal_ends_the_run_in_good_order(tmp_path: Path, where: str, number: int, command: str) -> None:
    """Within five seconds, wherever it waits; the run is closed with its verdict, the request under way is logged."""
    scripts, delay = WAITS[where]
    db = tmp_path / "corpus.db"
    with Server(dict(scripts)) as server:
        with Corpus(db, write=True, create=True) as corpus:
            url = server.url("/feed")
            if command == "fetch":
                corpus.add_source("feed", url, "2026-11-21T09:00:00Z", home=url, endpoint=url)
        words = ["--db", str(db), "--allow-private", "127.0.0.0/8", "--delay", str(delay), "--json", command, url]
        running = subprocess.Popen(
            [Path(sys.executable).with_name("blogcorpus"), *words], stdout=subprocess.PIPE, stderr=subprocess.PIPE
        )
        until = time.monotonic() + 30
        wanted = 1 if where in {"robots.txt", "the host's turn"} else 2
        while len(server.asked) < wanted and time.monotonic() < until:
            time.sleep(0.02)
        time.sleep(0.2)
        began = time.monotonic()
        running.send_signal(number)
        out, err = running.communicate(timeout=30)
        took = time.monotonic() - began
    assert took < 5
    assert running.returncode == 128 + number, err
    assert b"Traceback" not in err
    assert json.loads(out.splitlines()[-1])["exit_code"] == 128 + number
    with Corpus(db) as corpus:
        if command == "fetch":
            assert corpus.rows("SELECT verdict, reason, ended_at IS NULL AS open FROM runs") == [
                {"verdict": "partial", "reason": "stopped", "open": 0}
            ]
            assert corpus.rows("SELECT next_due, failures FROM sources") == [{"next_due": None, "failures": 0}]
        outcomes = [row["outcome"] for row in corpus.rows("SELECT outcome FROM fetches ORDER BY id")]
    assert outcomes == {1: ["ok"] if where == "the host's turn" else ["stopped"], 2: ["ok", "stopped"]}[wanted]


@pytest.mark.parametrize("taken", [1, 3])
def test_a_signal_loses_nothing_that_was_just_taken(tmp_path: Path, taken: int) -> None:
    """It comes between a page's way out of the queue and its way into the corpus: there is no gap before later pages."""
    posts = b"".join(b"<item><guid>g%d</guid><title>Post %d</title></item>" % (n, n) for n in range(3000))
    feed = b'<?xml version="1.0"?><rss version="2.0"><channel><title>B</title>%b</channel></rss>' % posts
    program = (
        "import os, signal, sys\nfrom ingest.cli import main\nfrom ingest.run import crew\n"
        "taken = crew.Crew._taken\nleft = [int(sys.argv.pop())]\n"
        "def takes(self, seconds):\n    event = taken(self, seconds)\n    left[0] -= bool(getattr(event[1], 'posts', ()))\n"
        "    if left[0] == 0:\n        left[0] = -1\n        os.kill(os.getpid(), signal.SIGTERM)\n    return event\n"
        "crew.Crew._taken = takes\nsys.exit(main())\n"
    )
    db, here = tmp_path / "corpus.db", Path(__file__).parent.parent
    with Server({"/robots.txt": serves(b""), "/feed": serves(feed)}) as server:
        words = ["--db", str(db), "--allow-private", "127.0.0.0/8", "--delay", "0"]
        ran = subprocess.run(
            [sys.executable, "-c", program, *words, "fetch", server.url("/feed"), str(taken)],
            cwd=here, capture_output=True, timeout=120, check=False,
        )  # fmt: skip
    assert ran.returncode == 143, ran.stderr
    with Corpus(db) as corpus:
        held = [row["title"] for row in corpus.rows("SELECT title FROM posts ORDER BY id")]
    assert len(held) >= taken * 100
    assert held == [f"Post {n}" for n in range(len(held))]


def test_the_second_signal_ends_it_at_once(tmp_path: Path) -> None:
    """Whoever presses again does not want to wait for anything."""
    db, here = tmp_path / "corpus.db", Path(__file__).parent.parent
    program = (
        "import signal, time; from ingest.cli.signals import listening; from ingest.run import Stop\n"
        "stop = Stop(); stop.writing = True\n"
        "with listening(stop):\n print('ready', flush=True); time.sleep(60)"
    )
    running = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, cwd=here)
    assert running.stdout
    assert running.stdout.readline() == b"ready\n"
    running.send_signal(signal.SIGINT)
    time.sleep(0.3)
    assert running.poll() is None, "a page that is being written is not broken off"
    running.send_signal(signal.SIGTERM)
    assert running.wait(10) == -signal.SIGTERM
    running.stdout.close()
    assert not db.exists()


# ---- what an operator answers a webmaster -------------------------------------------------------------------


def test_the_query_for_a_webmasters_complaint(desk: Desk) -> None:
    """docs/operating.md has it; it is run here as it stands there."""
    page = (Path(__file__).parent.parent / "docs" / "operating.md").read_text(encoding="utf-8")
    query = page.split("```sql")[1].split("```")[0].replace("blog.example", "127.0.0.1")
    with Server({"/robots.txt": serves(b""), "/feed": conditional}) as server:
        number = desk.source(server.url("/feed?token=abc"))
        desk.run(number)
        desk.later(minutes=10)
        desk.run(number)
    rows = desk.corpus.rows(query)
    assert [(row["url"].rpartition(":")[2].partition("/")[2], row["status"]) for row in rows][:1] == [
        ("robots.txt", 200)
    ]
    assert sum(row["bytes"] for row in rows) > 0
    assert {"at", "url", "status", "bytes", "ms", "outcome", "etag", "robots", "source"} <= rows[0].keys()
    assert "token=***" in rows[1]["url"]


def test_a_feed_that_stands_in_for_a_closed_api_moves_nothing(desk: Desk) -> None:
    """Where the feed of a WordPress went says nothing of its REST API: the endpoint stays."""
    closed = serves(b'{"code":"rest_disabled","message":"no"}', "401 Unauthorized", content_type="application/json")
    scripts: dict[str, Script] = {"/robots.txt": serves(b""), "/rss": serves(), "": closed}
    with Server(scripts) as server:
        scripts["/feed/"] = lambda c: c.answer(status="301 Moved Permanently", location=server.url("/rss"))
        root = server.url("/?rest_route=/")
        number = desk.corpus.add_source("wordpress", server.url("/"), desk.now(), home=server.url("/"), endpoint=root)[
            0
        ]
        (result,) = desk.run(number)
        assert "/rss" in server.paths
    assert (result.verdict, result.reason, result.new) == ("partial", "rest_closed", 1)
    assert desk.row(number)["endpoint"] == root


@pytest.mark.wordpress
@pytest.mark.xdist_group("wordpress")
def test_an_unchanged_poll_of_a_wordpress_is_two_requests(desk: Desk, wordpress_small: WordPress) -> None:
    """The feed and a total, and no robots.txt within its day; a deliberate look a day later reads it anew."""
    wordpress_small.reset()
    (added,) = add(desk.corpus, [wordpress_small.url], desk.made(), stop=Stop(), now=desk.now)
    number = added.result.source or 0
    assert desk.run(number)[0].verdict == "complete"
    for _ in range(3):
        desk.later(hours=1)
        wordpress_small.clear_requests()
        (result,) = desk.run(number)
        assert (result.verdict, result.new, result.changed) == ("complete", 0, 0)
        assert len(wordpress_small.requests()) == 2, [one.target for one in wordpress_small.requests()]
