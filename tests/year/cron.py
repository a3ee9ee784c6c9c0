"""An hourly cron over a year of blogs: what it mails, what it asks, and what it holds in the end."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any
from unittest.mock import patch

from ingest.corpus import Corpus
from ingest.fetch import Policy
from ingest.fetch.politeness import backoff
from ingest.run import SourceResult, Stop, fetch
from ingest.run.telling import key, news, standing
from tests.year.blogs import DAY, HOUR, Blog
from tests.year.web import Web, stamp

__all__ = ["Mailbox", "Run", "Year", "live", "possible"]


@dataclass(frozen=True, slots=True)
class Run:
    """One turn of the cron."""

    at: int
    #: Sources that were due.
    due: int = 0
    #: Lines that it printed under `-q --fail-on new`, each with its word: cron mails a run that printed any.
    lines: tuple[str, ...] = ()
    #: Sources that are not well, which a cron without memory would mail each time.
    unwell: int = 0


@dataclass
class Mailbox:
    """What the operator was told."""

    told: dict[str, str] = field(default_factory=dict)
    #: Blog -> lines about it.
    of: Counter[int] = field(default_factory=Counter)
    #: Blog -> looks in a row in which it was not well; how many such rows were so long when they ended.
    row: Counter[int] = field(default_factory=Counter)
    rows: Counter[int] = field(default_factory=Counter)

    def take(self, at: int, results: Sequence[SourceResult], numbers: dict[int, Blog]) -> Run:
        """The end of a run."""
        lines = []
        for result in results:
            word, self.told[key(result)] = news(result, self.told.get(key(result), ""))
            if word:
                lines.append(word)
                self.of[numbers[result.source or 0].number] += 1
            self._count(numbers[result.source or 0].number, unwell=standing(result))
        unwell = sum(result.verdict in {"failing", "partial"} for result in results)
        return Run(at, len(results), tuple(lines), unwell)

    def _count(self, blog: int, *, unwell: str | None) -> None:
        if unwell:
            self.row[blog] += 1
        elif unwell is not None and self.row[blog]:
            self.rows[self.row.pop(blog)] += 1


@dataclass
class Year:
    """What came of it."""

    web: Web
    mailbox: Mailbox = field(default_factory=Mailbox)
    runs: list[Run] = field(default_factory=list)
    #: Blog -> numbers of the posts that are held.
    held: dict[int, set[int]] = field(default_factory=dict)
    #: Seconds from publishing to holding, of posts published within the year while their blog was well.
    delays: list[int] = field(default_factory=list)
    revisions: int = 0

    def missed(self, blog: Blog) -> set[int]:
        """Posts that came out in the year, two days before its end or earlier, and are not held."""
        first, last = self.runs[0].at, self.runs[-1].at - 2 * DAY
        return {post.number for post in blog.posts if first < post.at <= last} - self.held.get(blog.number, set())


def live(
    blogs: list[Blog],
    start: int,
    days: int,
    folder: Path,
    *,
    down: tuple[int, int] = (0, 0),
    options: Mapping[str, Any] | None = None,
) -> Year:
    """Let the hourly cron run for so many days over these blogs, into a corpus in `folder`.

    The clock is virtual, the blogs' answers come from memory; everything between is the program itself. `options` are
    those of all sources, as of `[defaults]` in sources.toml.
    """
    web = Web(blogs, start, down)
    year, policy = Year(web), Policy(delay=0)
    with (
        patch("ingest.run.pulling.Fetcher", web.fetcher),
        Corpus(folder / "corpus.db", write=True, create=True) as corpus,
    ):
        numbers = {_added(corpus, blog, start): blog for blog in blogs}
        for tick in range(days * 24):
            web.now = start + tick * HOUR + 17 * 60 + (tick * 7919) % 23  # cron wavers
            due = corpus.due(stamp(web.now))
            results = []
            if due:
                how = partial(fetch, defaults=options, now=lambda: stamp(web.now), workers=1, processes=0)
                results = list(how(corpus, due, policy, stop=Stop()))
            year.runs.append(year.mailbox.take(web.now, results, numbers))
        _look(corpus, year, numbers, start)
    return year


def _added(corpus: Corpus, blog: Blog, start: int) -> int:
    home = f"https://{blog.host}/"
    if blog.kind == "wordpress":
        return corpus.add_source("wordpress", home, stamp(start), home=home, endpoint=f"{home}wp-json/")[0]
    return corpus.add_source("feed", f"{home}feed/", stamp(start), home=home, endpoint=f"{home}feed/")[0]


def _look(corpus: Corpus, year: Year, numbers: dict[int, Blog], start: int) -> None:
    """What is held, and since when."""
    rows = corpus.conn.execute(
        "SELECT g.source_id, p.title, unixepoch(p.first_seen_at) FROM sightings g JOIN posts p ON p.id = g.post_id"
    )
    for source, title, seen in rows:
        blog = numbers[source]
        number = _number(blog, title)
        year.held.setdefault(blog.number, set()).add(number)
        at = blog.posts[number].at
        if at > start and not any(fault.start <= seen and fault.end + DAY > at for fault in blog.faults):
            year.delays.append(seen - at)
    year.revisions = corpus.conn.execute("SELECT count(*) FROM revisions").fetchone()[0]


def _number(blog: Blog, title: str) -> int:
    """A post's number by its title: `Post 7`, or on a WordPress `Title 8, edited …`."""
    number = int(title.split(",", maxsplit=1)[0].rpartition(" ")[2])
    return number - 1 if blog.kind == "wordpress" else number


#: Hours between two looks of who keeps the rules for failing hosts.
_RHYTHMS = (1, 2, 3, 4, 6, 8, 12, 24)


def possible(blog: Blog, year: Year, *, patient: bool) -> set[int]:
    """The posts that a poll at every turn of the cron sees: what nobody who asks hourly could do better.

    `patient`: it backs off from failing hosts as we are bound to, linearly to a day and monthly after thirty failures;
    and what it sees whatever rhythm it counts from, for at which hour of a day it comes back to a host that was down
    for a week is chance. Else it asks again each hour whatever happens. Both leave a host alone for its Retry-After.
    """
    if not patient:
        return _seen(blog, year, None)
    return set.intersection(*(_seen(blog, year, hours * HOUR - 60) for hours in _RHYTHMS))


def _seen(blog: Blog, year: Year, interval: int | None) -> set[int]:
    """What who asks at every turn sees, and backs off from failures by multiples of `interval`, if by any."""
    web, seen, failures, due = year.web, set[int](), 0, 0
    remembers = blog.kind == "wordpress" or blog.wordpress
    for run in year.runs:
        if run.at < due:
            continue
        web.now = run.at
        fault = web.fault(blog)
        if fault is None:
            failures = 0
            seen |= {post.number for post in (blog.posts[: blog.count(run.at)] if remembers else blog.shown(run.at))}
            continue
        if web.is_cut_off():
            continue
        failures += 1
        due = run.at + int(max(fault.wait or 0, backoff(interval, failures) if interval else 0))
    return seen
