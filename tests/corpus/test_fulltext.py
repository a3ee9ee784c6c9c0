"""How the full-text indexes are fed and merged."""

from pathlib import Path

from ingest.corpus import Corpus
from tests.corpus.making import load, post

TABLES = ("posts_fts", "posts_trigram")


def settings(corpus: Corpus) -> set[int | None]:
    """At how many segments the indexes are merged, as the file says."""
    return {
        row["v"]
        for table in TABLES
        for row in corpus.rows(f"SELECT max(CASE k WHEN 'automerge' THEN v END) AS v FROM {table}_config")
    }


def segments(corpus: Corpus) -> int:
    """How many segments the index of words has (https://www.sqlite.org/fts5.html: `rowid >> 37` of its data)."""
    return int(corpus.rows("SELECT count(DISTINCT id >> 37) AS n FROM posts_fts_data WHERE id > 10")[0]["n"])


def test_a_corpus_of_any_age_merges_its_indexes_as_we_wish(tmp_path: Path) -> None:
    """One that says nothing of it, or something else, has the setting when words are next written, and not before."""
    path = tmp_path / "c.db"
    with Corpus(path, write=True, create=True) as corpus:
        assert settings(corpus) == {None}
        load(corpus, post("1"))
        assert settings(corpus) == {8}
        corpus.conn.execute("INSERT INTO posts_fts (posts_fts, rank) VALUES ('automerge', 4)")
        load(corpus, post("2"))
        assert settings(corpus) == {4, 8}  # looked at once, by whoever writes
    with Corpus(path, write=True) as corpus:
        load(corpus, post("3"))
        assert settings(corpus) == {8}
        for n in range(4, 60):
            load(corpus, post(str(n), f"<p>word{n} and others</p>"))
        assert 1 < segments(corpus) < 16
        assert corpus.rows("SELECT count(*) AS n FROM posts_fts WHERE posts_fts MATCH 'others'") == [{"n": 56}]


def test_what_was_rolled_back_is_set_again(tmp_path: Path) -> None:
    """A first transaction that did not come about takes the setting with it; the next one to open the corpus has it."""
    path = tmp_path / "c.db"
    with Corpus(path, write=True, create=True) as corpus:
        with corpus.together():
            load(corpus, post("1"))
            corpus.words.write(corpus.conn)
            corpus.conn.execute("ROLLBACK")
        load(corpus, post("2"))
        assert settings(corpus) == {None}
        assert corpus.rows("SELECT rowid FROM posts_fts WHERE posts_fts MATCH 'hello'") == [{"rowid": 1}]
    with Corpus(path, write=True) as corpus:
        load(corpus, post("3"))
        assert settings(corpus) == {8}
