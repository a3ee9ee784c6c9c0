"""`snapshot`: a copy that describes itself, proves itself, and opens anywhere."""

import hashlib
import json
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest import schema
from ingest.corpus import Corpus, inspect
from tests.corpus import flips
from tests.prompt import Prompt


@pytest.fixture
def desk(prompt: Prompt) -> Prompt:
    """A corpus of two sites, one of them in a group, with a log of requests."""
    flips.make(prompt.db)
    other = {**flips.rest(1, 2), "link": "https://other.example/a/", "guid": {"rendered": "https://other.example/?p=1"}}
    flips.load(prompt.db, [other])
    with Corpus(prompt.db, write=True) as corpus, corpus.transaction() as conn:
        conn.execute("UPDATE sources SET groups = '[\"press\"]' WHERE url = 'load:other.example'")
        conn.execute(
            "INSERT INTO fetches (at, url, bytes, ms, outcome) VALUES ('2026-01-01T00:00:00Z', 'http://q/', 1, 1, 'ok')"
        )
    return prompt


def ask(path: Path, sql: str) -> list[tuple[object, ...]]:
    """A question to the copy, as SQLite alone answers it."""
    conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return conn.execute(sql).fetchall()
    finally:
        conn.close()


def test_it_holds_what_the_corpus_holds_and_says_what_it_is(desk: Prompt) -> None:
    """Posts, history and payloads; tool, schema, counts, sources with verdicts, licence, date; no requests."""
    done = desk("snapshot", "copy.db", "--json")
    copy = desk.folder / "copy.db"
    assert done.rows[-1] == {"type": "summary", "file": "copy.db", "posts": 42, "revisions": 10,
                             "bytes": copy.stat().st_size, "exit_code": 0}  # fmt: skip
    for table in ("posts", "revisions", "payloads", "corpus", "aliases"):
        assert ask(copy, f"SELECT * FROM {table}") == desk.ask(f"SELECT * FROM {table}"), table
    about = dict(ask(copy, "SELECT key, value FROM _about"))
    assert about["schema"] == str(schema.VERSION)
    assert json.loads(about["counts"])["posts"] == 42
    assert [s["verdict"] for s in json.loads(about["sources"])] == ["unknown", "unknown"]
    assert about["licence"]
    assert about["made_at"].endswith("Z")
    assert about["tool"].startswith("blogcorpus ")
    assert ask(copy, "SELECT count(*) FROM fetches") == [(0,)]
    assert ask(copy, "PRAGMA journal_mode") == [("delete",)]
    assert [p.name for p in desk.folder.iterdir() if p.name.startswith(".")] == []


def test_the_checksum_beside_it_proves_every_byte(desk: Prompt) -> None:
    """In the form of sha256sum; `verify` holds the file against it."""
    desk("snapshot", "copy.db")
    copy = desk.folder / "copy.db"
    digest = hashlib.sha256(copy.read_bytes()).hexdigest()
    assert (desk.folder / "copy.db.sha256").read_text() == f"{digest}  copy.db\n"
    assert desk("--db", copy, "verify").code == 0
    copy.write_bytes(flips.flip(copy.read_bytes(), copy.stat().st_size - 1, 0))
    assert desk("--db", copy, "verify", "--json").rows[0]["check"] == "file"


@pytest.mark.parametrize(
    ("words", "posts"),
    [
        (("--only", "press"), 1), (("--only", "load:other.example"), 1), (("--only", "1"), 41),
        (("--only", "1", "--only", "press"), 42), (("--since", "2025-01-01"), 42), (("--since", "2025-01-02"), 0),
    ],
)  # fmt: skip
def test_a_part(desk: Prompt, words: tuple[str, ...], posts: int) -> None:
    """Only what was wished for, nothing of the rest, and an index that is in step."""
    assert desk("snapshot", "part.db", *words, "--json").rows[-1]["posts"] == posts
    part = desk.folder / "part.db"
    assert inspect(part) == []
    if words == ("--only", "press"):
        assert ask(part, "SELECT DISTINCT site FROM corpus") == [("other.example",)]
        assert b"blog.example/" not in part.read_bytes()
    assert ask(part, "SELECT count(*) FROM posts_fts WHERE posts_fts MATCH 'hedge'")[0][0] <= posts


@pytest.fixture
def open_folder() -> Iterator[Path]:
    """A folder that anybody may look into and nobody may write to."""
    folder = Path(tempfile.mkdtemp(prefix="snapshot-"))
    folder.chmod(0o755)
    yield folder
    folder.chmod(0o755)
    shutil.rmtree(folder)


def test_another_user_reads_it_in_a_read_only_folder(desk: Prompt, open_folder: Path) -> None:
    """Which a database with a write-ahead log does not allow."""
    desk("snapshot", open_folder / "copy.db")
    assert stat.S_IMODE((open_folder / "copy.db").stat().st_mode) & 0o044 == 0o044
    open_folder.chmod(0o555)
    child = os.fork()
    if child == 0:  # pragma: no cover  (another process)
        code = 1
        try:
            if os.geteuid() == 0:
                os.setgid(65534)
                os.setuid(65534)
            with Corpus(open_folder / "copy.db") as corpus:
                code = 0 if corpus.rows("SELECT count(*) AS n FROM corpus") == [{"n": 42}] else 2
        finally:
            os._exit(code)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_it_replaces_an_older_one_and_refuses_nonsense(desk: Prompt) -> None:
    """Whole or not at all: the folder never holds half a copy."""
    for _ in range(2):
        assert desk("snapshot", "copy.db").code == 0
    assert desk("snapshot", desk.db).code == 2
    assert desk("snapshot", "nowhere/copy.db").code == 2
    assert desk("snapshot", "copy.db", "--only", "nobody").code == 2
    assert desk("snapshot", "copy.db", "--since", "May").code == 2
    assert [p.name for p in desk.folder.iterdir() if ".new-" in p.name] == []
    assert desk("--db", "copy.db", "search", "hedge").code == 0
