"""What the corpus says of a source's rhythm."""

from pathlib import Path

from ingest.corpus import Corpus
from ingest.corpus.pace import Pace, pace

NOW = "2026-11-21T09:00:00Z"


def sighted(corpus: Corpus, source: int, *dates: str | None) -> None:
    """Posts of a source's site, published at these times, that the source has shown."""
    site = corpus.conn.execute("SELECT site_id FROM sources WHERE id = ?", [source]).fetchone()[0]
    for date in dates:
        number = corpus.conn.execute(
            "INSERT INTO posts (doc_id, site_id, type, status, title, text, excerpt, published_at, word_count, text_hash,"
            " words_since, rules_version, cleaned, body_rank, first_seen_at, last_seen_at)"
            " VALUES (hex(randomblob(8)), ?, 'post', 'publish', '', '', '', ?, 0, '', ?3, 1, '[]', 30, ?3, ?3) RETURNING id",
            [site, date, NOW],
        ).fetchone()[0]
        corpus.conn.execute(
            "INSERT INTO sightings (source_id, post_id, body_rank, first_seen_at, last_seen_at) VALUES (?, ?, 30, ?, ?)",
            [source, number, NOW, NOW],
        )
    corpus.conn.commit()


def test_the_newest_dates_of_a_source_and_what_its_feed_shows(tmp_path: Path) -> None:
    """Newest first, a hundred at most; no undated ones, none from tomorrow on, none of another source of the site."""
    with Corpus(tmp_path / "corpus.db", write=True, create=True) as corpus:
        first = corpus.add_source("feed", "https://a.example/feed", NOW, home="https://a.example/")[0]
        other = corpus.add_source("wordpress", "https://a.example/", NOW, home="https://a.example/")[0]
        assert pace(corpus.conn, {first: NOW})[first] == Pace()
        sighted(corpus, first, "2026-11-20T09:00:00Z", None, "2026-11-21T08:00:00Z", "2031-01-01T00:00:00Z")
        sighted(corpus, other, "2026-11-21T07:00:00Z")
        corpus.conn.execute('UPDATE sources SET cursor = \'{"seen": ["a", "b", "c"]}\'')
        corpus.conn.commit()
        assert pace(corpus.conn, {first: NOW})[first] == Pace(("2026-11-21T08:00:00Z", "2026-11-20T09:00:00Z"), 3)
        assert pace(corpus.conn, {other: NOW})[other] == Pace(("2026-11-21T07:00:00Z",), None), (
            "only a feed has a window"
        )
        sighted(corpus, first, *(f"2026-10-{day:02}T{hour:02}:00:00Z" for day in range(1, 29) for hour in (1, 2, 3, 4)))
        assert len(pace(corpus.conn, {first: NOW})[first].published) == 100
        plan = corpus.rows(
            "EXPLAIN QUERY PLAN SELECT published_at FROM posts WHERE site_id = 1 AND published_at <= ''"
            " ORDER BY published_at DESC LIMIT 200"
        )
        assert "COVERING INDEX posts_by_date" in plan[0]["detail"]


def test_a_feed_without_dates_has_the_times_at_which_its_posts_were_seen(tmp_path: Path) -> None:
    """One for each post; not those that were there before; a hundred at most; and none where a date is of the last year."""

    def run(source: int, at: str, new: int) -> None:
        corpus.conn.execute(
            "INSERT INTO runs (source_id, command, version, started_at, new) VALUES (?, 'fetch', '1', ?, ?)",
            [source, at, new],
        )

    with Corpus(tmp_path / "corpus.db", write=True, create=True) as corpus:
        number = corpus.add_source("feed", "https://a.example/feed", NOW, home="https://a.example/")[0]
        other = corpus.add_source("feed", "https://b.example/feed", NOW, home="https://b.example/")[0]
        corpus.conn.execute('UPDATE sources SET cursor = \'{"seen": ["a", "b", "c"]}\'')
        run(number, "2026-10-31T00:00:00Z", 0)
        run(number, "2026-11-01T00:00:00Z", 10)
        assert pace(corpus.conn, {number: NOW})[number].seen == ()
        run(other, "2026-11-01T12:00:00Z", 7)
        for day, new in ((2, 0), (3, 2), (4, 1)):
            run(number, f"2026-11-{day:02}T00:00:00Z", new)
        times = ("2026-11-04T00:00:00Z", "2026-11-03T00:00:00Z", "2026-11-03T00:00:00Z")
        sighted(corpus, number, None, "1970-01-01T00:00:00Z")
        assert pace(corpus.conn, {number: NOW, other: NOW})[number].seen == times
        sighted(corpus, number, "2026-06-01T00:00:00Z")
        assert pace(corpus.conn, {number: NOW})[number].seen == ()
        assert pace(corpus.conn, {number: "2027-07-01T00:00:00Z"})[number].seen == times
        run(number, "2027-06-01T00:00:00Z", 500)
        assert len(pace(corpus.conn, {number: "2027-07-01T00:00:00Z"})[number].seen) == 100
