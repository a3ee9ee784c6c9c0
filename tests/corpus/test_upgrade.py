"""Schema upgrades: each whole or not at all, with a backup, from every earlier version, never from a newer one."""

import os
import re
import shutil
import signal
import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest import schema
from ingest.corpus import Corpus, inspect, seal
from ingest.errors import CorpusError
from tests.corpus import flips
from tests.prompt import Prompt

FIXTURES = Path(__file__).parent.parent / "data" / "corpora"

#: A migration as the next version may bring one: a column with a value, a table, an index.
NEXT = """
-- Comments may hold a semicolon; nothing happens to them.
ALTER TABLE posts ADD COLUMN mood TEXT; -- How it reads.
UPDATE posts SET mood = 'calm; mostly';
CREATE TABLE moods (mood TEXT NOT NULL PRIMARY KEY) STRICT, WITHOUT ROWID;
INSERT INTO moods SELECT DISTINCT mood FROM posts;
CREATE INDEX posts_by_mood ON posts (mood);
"""


@pytest.fixture
def newer_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Call it, and the program is of the next version."""

    def grow() -> None:
        folder = tmp_path / "schemas"
        shutil.copytree(schema._folder(), folder)
        (folder / f"{schema.VERSION + 1:04}_moods.sql").write_text(NEXT, encoding="utf-8")
        monkeypatch.setattr(schema, "_folder", lambda: folder)
        monkeypatch.setattr(schema, "VERSION", schema.VERSION + 1)
        schema._migrations.cache_clear()
        schema.read.cache_clear()

    return grow


@pytest.fixture(autouse=True)
def _forget_caches() -> object:
    yield
    schema._migrations.cache_clear()
    schema.read.cache_clear()


def rows(path: Path, sql: str) -> list[tuple[object, ...]]:
    """Plain SQL."""
    conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return conn.execute(sql).fetchall()
    finally:
        conn.close()


def test_an_upgrade_keeps_everything_and_leaves_a_backup(prompt: Prompt, newer_program: Callable[[], None]) -> None:
    """Any command that writes brings the file up to date; the copy before it opens with the old program."""
    flips.make(prompt.db)
    posts, version = rows(prompt.db, "SELECT * FROM corpus"), schema.VERSION
    newer_program()
    assert prompt("search", "hedge").code == 0  # who only looks changes nothing
    assert prompt.ask("PRAGMA user_version") == [(version,)]
    assert prompt("retext").code == 0
    assert prompt.ask("PRAGMA user_version") == [(version + 1,)]
    assert rows(prompt.db, "SELECT * FROM corpus") == posts
    assert prompt.ask("SELECT mood FROM moods") == [("calm; mostly",)]
    assert inspect(prompt.db) == []
    backup = prompt.folder / f"corpus.db.schema-{version}"
    assert rows(backup, "PRAGMA user_version") == [(version,)]
    assert rows(backup, "SELECT * FROM corpus") == posts


def test_no_backup(prompt: Prompt, newer_program: Callable[[], None]) -> None:
    """For those who keep copies of their own."""
    flips.make(prompt.db)
    newer_program()
    assert prompt("--no-backup", "retext").code == 0
    assert [p.name for p in prompt.folder.iterdir() if "schema-" in p.name] == []


def test_killed_in_the_middle(tmp_path: Path, newer_program: Callable[[], None]) -> None:
    """At every statement of it: the old schema or the new one, never something between; and the next start completes it."""
    base, path = tmp_path / "base.db", tmp_path / "corpus.db"
    flips.make(base, 8)
    old, kills = schema.VERSION, 0
    newer_program()
    while True:
        for left in tmp_path.glob("*corpus.db*"):
            left.unlink()
        shutil.copy(base, path)
        child = os.fork()
        if child == 0:  # pragma: no cover  (another process)
            _die_at(kills + 1, path)
            os._exit(7)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        version = rows(path, "PRAGMA user_version")[0][0]
        has = "mood" in {row[1] for row in rows(path, "PRAGMA table_info(posts)")}
        views = {row[0] for row in rows(path, "SELECT name FROM sqlite_master WHERE type = 'view'")}
        assert (version, has) in {(old, False), (old + 1, True)}
        assert views == set(re.findall(r"CREATE VIEW (\w+)", schema.read("views.sql")))
        Corpus(path, write=True).close()
        assert rows(path, "PRAGMA user_version") == [(old + 1,)]
        if status == 7:
            break
        kills += 1
    assert inspect(path) == []
    assert kills > 15


def _die_at(statement: int, path: Path) -> None:
    """Open for writing, killed when the statement of this number begins."""
    count = 0

    def traced(_sql: str) -> None:
        nonlocal count
        count += 1
        if count == statement:
            os.kill(os.getpid(), signal.SIGKILL)

    upgrade = schema.upgrade

    def watched(conn: sqlite3.Connection) -> None:
        conn.set_trace_callback(traced)
        upgrade(conn)

    schema.upgrade = watched
    Corpus(path, write=True)


def test_a_newer_corpus_is_refused_untouched(
    prompt: Prompt, newer_program: Callable[[], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The program from before the upgrade says so and leaves the file alone."""
    flips.make(prompt.db, 4)
    before = schema.VERSION
    newer_program()
    Corpus(prompt.db, write=True).close()
    held = prompt.db.read_bytes()
    monkeypatch.setattr(schema, "VERSION", before)
    done = prompt("load", prompt.db)
    assert done.code == 5
    assert "newer" in done.err
    assert prompt.db.read_bytes() == held


def test_an_older_corpus_is_not_verified_before_its_upgrade(prompt: Prompt, newer_program: Callable[[], None]) -> None:
    """`verify` changes nothing, so it says which command does."""
    flips.make(prompt.db, 4)
    newer_program()
    with pytest.raises(CorpusError, match="retext"):
        inspect(prompt.db)
    assert prompt("verify").code == 5


def test_every_earlier_version_upgrades(tmp_path: Path) -> None:
    """A small corpus of each earlier schema is kept, `vN.db`: it becomes one of today, sound and with its posts."""
    kept = {path.name for path in FIXTURES.glob("v*.db")}
    assert kept == {f"v{n}.db" for n in range(1, schema.VERSION)}, "keep a small corpus of the version that you leave"
    for name in sorted(kept):
        path = tmp_path / name
        shutil.copy(FIXTURES / name, path)
        posts = rows(path, "SELECT doc_id, title, text FROM posts ORDER BY 1")
        assert posts
        Corpus(path, write=True).close()
        assert rows(path, "SELECT doc_id, title, text FROM posts ORDER BY 1") == posts
        assert inspect(path) == []


@pytest.mark.parametrize("fixture", sorted(FIXTURES.glob("v*.db")), ids=lambda path: path.stem)
def test_an_older_corpus_is_sealed_when_it_is_brought_up_to_date(prompt: Prompt, fixture: Path) -> None:
    """Every row, once; from then on a changed fact is found in it too."""
    shutil.copy(fixture, prompt.db)
    assert prompt("retext").code == 0
    assert inspect(prompt.db) == []
    for table in seal.SEALED:
        assert prompt.ask(f"SELECT count(*) FROM {table}") == prompt.ask(
            f"SELECT count(*) FROM seals WHERE kind = '{table}'"
        )
    (number,) = prompt.ask("SELECT max(id) FROM posts")[0]
    conn = sqlite3.connect(prompt.db)
    with conn:
        conn.execute("UPDATE posts SET published_raw = 'x' WHERE id = ?", [number])
    conn.close()
    assert [(one.check, one.post_id) for one in inspect(prompt.db)] == [("seal", number)]
