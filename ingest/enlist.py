"""Many sources at once, from a list and without a look at the network; and, once they are due, the look after all."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from ingest.add import Added, add
from ingest.corpus import Corpus, Outcome, RunWriter, polled
from ingest.fetch import Policy, backoff
from ingest.lists import Listed
from ingest.records import Verdict
from ingest.run import SourceResult, Stop, clock
from ingest.run.schedule import INTERVAL, later
from ingest.urls import canonical

__all__ = ["decide", "listed", "take_up", "take_up_folder"]


def take_up(corpus: Corpus, entries: Sequence[Listed], at: str) -> list[tuple[SourceResult, bool]]:
    """Make sources of a list, in one transaction; the line of each, and whether it is new. They are due at once."""
    found = []
    with corpus.transaction() as conn:
        for one in entries:
            url = canonical(one.url)
            number, new = polled.take_up(
                conn, one.kind, url, at, name=one.name, groups=one.groups, tags=one.tags, options=one.options
            )
            found.append((SourceResult(number, one.kind, url), new))
    return found


def take_up_folder(corpus: Corpus, folder: Path, at: str) -> tuple[SourceResult, bool]:
    """Make a source of a folder, an inbox of texts; its line, and whether it is new."""
    place = folder.resolve()
    url = place.as_uri().rstrip("/") + "/"
    with corpus.transaction() as conn:
        number, new = polled.take_up_folder(conn, url, place.name or "root", at)
    return SourceResult(number, "text", url), new


def listed(corpus: Corpus) -> tuple[list[Listed], int]:
    """The sources that are polled, for a list of them; and how many paused ones were left out."""
    rows = corpus.sources("h.state IN ('active', 'paused')")
    found = [
        Listed(
            row["url"], row["kind"], row["name"], tuple(json.loads(row["groups"])), tuple(json.loads(row["tags"])),
            polled.wishes_of(corpus.conn, row["source"]),
        )
        for row in rows if row["state"] == "active"
    ]  # fmt: skip
    return found, len(rows) - len(found)


def decide(
    corpus: Corpus, numbers: Sequence[int], policy: Policy, *, stop: Stop, now: Callable[[], str] = clock
) -> Iterator[tuple[int, Added]]:
    """Find out what the sources are that nobody has looked at yet (kind `auto`): number, and how it fared.

    One at which nothing is found is failing, like any other, and looked at again ever more rarely.
    """
    waiting = {
        row["url"]: row for number in numbers for row in corpus.sources("h.source = ? AND h.kind = 'auto'", (number,))
    }
    for added in add(corpus, list(waiting), policy, stop=stop, now=now):
        row = waiting[added.word]
        if added.result.source is None:
            _note_failure(corpus, row["source"], row["failures"], added, now())
            yield row["source"], replace(added, result=replace(added.result, source=row["source"], kind="auto"))
        else:
            number = _become(corpus, row["source"], added.result.source)
            yield row["source"], replace(added, result=replace(added.result, source=number))


def _note_failure(corpus: Corpus, number: int, failures: int, added: Added, at: str) -> None:
    writer, word = RunWriter(corpus, "fetch"), Verdict("failing", added.result.reason)
    writer.begin(number, at)
    due = later(at, backoff(INTERVAL, failures + 1))
    writer.finish(Outcome(number, word, at, added.result.error, failures=failures + 1, schedule={"next_due": due}))


def _become(corpus: Corpus, number: int, found: int) -> int:
    """Let the waiting source be what was found, under its own number; or, where that is known already, give way."""
    with corpus.transaction() as conn:
        held = conn.execute("SELECT site_id, kind, url, endpoint FROM sources WHERE id = ?", [found]).fetchone()
        if found > number and not conn.execute("SELECT 1 FROM runs WHERE source_id = ?", [found]).fetchone():
            conn.execute("DELETE FROM sources WHERE id = ?", [found])
            conn.execute(
                "UPDATE sources SET config_url = coalesce(config_url, url), site_id = ?, kind = ?, url = ?,"
                " endpoint = ? WHERE id = ?",
                [*held, number],
            )
            return number
        ((name, groups, tags),) = conn.execute("SELECT name, groups, tags FROM sources WHERE id = ?", [number])
        conn.execute(
            "UPDATE sources SET name = coalesce(name, ?1), groups = CASE groups WHEN '[]' THEN ?2 ELSE groups END,"
            " tags = CASE tags WHEN '[]' THEN ?3 ELSE tags END WHERE id = ?4",
            [name, groups, tags, found],
        )
        polled.set_state(conn, number, "removed")
    return found
