"""A corpus whose sources fare as they do in life: one row of each sort."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from pathlib import Path

from ingest.corpus import Corpus

NOW = "2026-11-21T12:00:00Z"
AT = datetime.fromisoformat(NOW)


def moment(days: float) -> str:
    """So many days before NOW."""
    return (AT - timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def source(corpus: Corpus, host: str, ages: Sequence[float] = (), *, kind: str = "feed", **columns: object) -> int:
    """A polled source of a site, with posts that are so many days old; its number."""
    number, _ = corpus.add_source(kind, f"https://{host}/feed/", moment(400), home=f"https://{host}/", name=None)
    with corpus.transaction() as conn:
        said = {
            "last_run_at": moment(0.01),
            "last_ok_at": moment(0.01),
            "next_due": moment(-0.5),
            "verdict": "complete",
        }
        said |= columns
        sets = ", ".join(f"{column} = ?" for column in said)
        conn.execute(f"UPDATE sources SET {sets} WHERE id = ?", [*said.values(), number])
        (site_id,) = conn.execute("SELECT site_id FROM sources WHERE id = ?", [number]).fetchone()
        for n, age in enumerate(ages):
            (post,) = conn.execute(
                "INSERT INTO posts (doc_id, site_id, type, remote_id, status, title, text, excerpt, published_at, word_count,"
                " text_hash, words_since, rules_version, cleaned, body_rank, first_seen_at, last_seen_at)"
                " VALUES (?, ?, 'post', ?, 'publish', 't', 'x', '', ?, 1, 'h', ?, 1, '[]', 30, ?, ?) RETURNING id",
                [f"{host}-{n}", site_id, str(n), moment(age), *[moment(age)] * 3],
            ).fetchone()
            conn.execute(
                "INSERT INTO sightings (source_id, post_id, remote_id, body_rank, first_seen_at, last_seen_at)"
                " VALUES (?, ?, ?, 30, ?, ?)",
                [number, post, str(n), moment(age), moment(age)],
            )
    return number


def reject(corpus: Corpus, number: int, item: str, reason: str) -> None:
    """An item of a source that could not be stored."""
    with corpus.transaction() as conn:
        conn.execute(
            "INSERT INTO rejects (source_id, key, type, remote_id, reason, raw, first_seen_at, last_seen_at)"
            " VALUES (?, ?, 'post', ?, ?, x'', ?, ?)",
            [number, f"post/{item}", item, reason, NOW, NOW],
        )


def lived_in(path: Path) -> Corpus:
    """A corpus with nine sources: 1 and 2 are well, 3 to 7 need a look, 8 is paused and failing, 9 removed."""
    corpus = Corpus(path, write=True, create=True)
    source(corpus, "well.example", [2 * n for n in range(10)], announced='{"post": 10}')
    source(corpus, "quiet.example", [9 + 2 * n for n in range(10)], verdict="unknown")
    source(
        corpus, "dead.example", [30, 31, 32, 33, 34, 35], verdict="failing", reason="dns", failures=12,
        error="https://dead.example/feed/: dns: no such host", failing_since=moment(19), last_ok_at=moment(20),
        next_due=moment(-3),
    )  # fmt: skip
    source(
        corpus, "walled.example", kind="wordpress", verdict="partial", reason="rate_limited", announced='{"post": 3}',
        missing_ids='["post/7", "post/8"]', next_due=None, retry_after=moment(-0.01),
    )  # fmt: skip
    number = source(corpus, "odd.example", [1, 2, 3], announced='{"post": 5}')
    reject(corpus, number, "77", "no title, no text")
    source(corpus, "silent.example", [96 + 2 * n for n in range(12)])
    source(
        corpus, "both.example", [96 + 2 * n for n in range(12)], verdict="partial", reason="2 announced and not held"
    )
    source(corpus, "paused.example", verdict="failing", reason="gone", failures=3, state="paused")
    source(corpus, "removed.example", verdict="failing", state="removed")
    return corpus
