"""Readers never wait and never block: a reader beside a running ingest sees whole pages, and neither hears `locked`."""

import sqlite3
import subprocess
import sys
import time
from pathlib import Path

from ingest.corpus import Corpus, inspect
from ingest.corpus.search import search
from ingest.corpus.snapshot import snapshot
from tests.corpus.making import AT
from tests.durability import pages

ROOT = Path(__file__).parent.parent.parent
PAGES = 300


def test_a_reader_loop_beside_an_ingest_loop(tmp_path: Path) -> None:
    """Searches, views and a snapshot while pages come in: every answer is that of a whole page, no answer is an error."""
    path = tmp_path / "corpus.db"
    pages.ingest(path, 1, 1, 0)
    words = [sys.executable, "-m", "tests.durability.pages", str(path), "1", str(PAGES)]
    running = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    looks, seen = 0, set()
    while running.poll() is None:
        with Corpus(path) as corpus:
            corpus.conn.execute("PRAGMA busy_timeout = 0")  # waiting is not allowed either
            corpus.conn.execute("BEGIN")
            held = tuple(corpus.rows(pages._COUNTS)[0].values())
            page = pages.cursor(corpus)
            assert held == pages.expected(page)
            assert list(search(corpus, "first1x1"))
            corpus.conn.execute("COMMIT")
            seen.add(page)
            looks += 1
            if looks == 5:
                snapshot(corpus, tmp_path / "copy.db", AT)
        time.sleep(0.005)
    _, err = running.communicate(timeout=30)
    assert (running.returncode, err) == (0, "")
    assert looks > 5
    assert len(seen) > 2
    assert pages.trouble(path) == (PAGES, "")
    assert inspect(tmp_path / "copy.db") == []


def test_a_reader_that_stays_costs_only_the_log(tmp_path: Path) -> None:
    """It sees its own moment for as long as it likes; the writer goes on; when it leaves, the log is folded in."""
    path = tmp_path / "corpus.db"
    pages.ingest(path, 1, 1, 0)
    reader = sqlite3.connect(f"file:{path}?mode=ro", uri=True, isolation_level=None)
    reader.execute("BEGIN")
    assert reader.execute("SELECT count(*) FROM posts").fetchone() == (pages.POSTS,)
    with Corpus(path, write=True) as corpus:
        about, writer = pages.begin(corpus)
        for number in range(2, 30):
            writer.apply(about, pages.batch(number), AT)
        grown = corpus.log_bytes
        assert reader.execute("SELECT count(*) FROM posts").fetchone() == (pages.POSTS,)
        reader.close()
        assert corpus.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0] == 0
        assert corpus.log_bytes == 0 < grown
    assert pages.trouble(path) == (29, "")
