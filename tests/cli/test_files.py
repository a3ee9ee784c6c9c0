"""The corpus file: what is not ours, damaged, newer or held by another is refused and left untouched."""

import fcntl
import json
import sqlite3
import stat
from pathlib import Path

import pytest

from ingest import schema
from tests.prompt import Prompt

SAMPLES = Path(__file__).parent.parent.parent / "samples"


def foreign(path: Path) -> None:
    """A database of another program."""
    conn = sqlite3.connect(path)
    conn.execute("CREATE TABLE posts (id)")
    conn.commit()
    conn.close()


def newer(path: Path) -> None:
    """A corpus of a program to come."""
    conn = sqlite3.connect(path)
    conn.execute(f"PRAGMA application_id = {schema.APPLICATION_ID}")
    conn.execute(f"PRAGMA user_version = {schema.VERSION + 1}")
    conn.execute("CREATE TABLE x (y)")
    conn.commit()
    conn.close()


def truncated(path: Path) -> None:
    """A corpus that lost its second half."""
    from ingest.corpus import Corpus

    Corpus(path, write=True, create=True).close()
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])


MAKERS = {
    "text": lambda path: path.write_text("notes of a person\n" * 20),
    "empty": lambda path: path.write_bytes(b""),
    "foreign": foreign, "newer": newer, "truncated": truncated,
}  # fmt: skip


@pytest.mark.parametrize("name", MAKERS)
@pytest.mark.parametrize(
    "words", [("load", SAMPLES), ("search", "x"), ("status",), ("fetch",), ("show", "1"), ("sources", "list")]
)
def test_a_file_that_is_no_corpus_is_refused_and_untouched(
    prompt: Prompt, name: str, words: tuple[object, ...]
) -> None:
    """Exit status 5, one clear line, not a byte changed."""
    MAKERS[name](prompt.db)
    before = prompt.db.read_bytes()
    done = prompt(*words)
    assert done.code == 5
    assert "corpus.db" in done.err
    assert prompt.db.read_bytes() == before
    assert {p.name for p in prompt.folder.iterdir()} <= {"corpus.db", "corpus.db-lock"}


@pytest.mark.parametrize("words", [("search", "x"), ("status",), ("fetch",), ("show", "1"), ("sources", "list")])
def test_a_missing_corpus_is_not_made_by_looking(prompt: Prompt, words: tuple[str, ...]) -> None:
    """Exit status 5, and no empty file that hides the mistake."""
    assert prompt(*words).code == 5
    assert not prompt.db.exists()


def test_errors_come_as_json_too(prompt: Prompt) -> None:
    """The last line of --json is the summary with the exit status, however the call ended."""
    done = prompt("status", "--json")
    assert done.rows[-1]["exit_code"] == done.code == 5
    assert "no such corpus" in done.rows[-1]["error"]
    assert prompt("load", "--json").rows[-1]["exit_code"] == 2


def test_a_second_run_is_told_who_holds_the_corpus(prompt: Prompt) -> None:
    """Exit status 75 at once; when the holder is gone, the lock is too."""
    prompt("load", SAMPLES)
    lock = prompt.folder / "corpus.db-lock"
    with lock.open("w") as held:
        held.write(json.dumps({"pid": 4711, "what": "fetch", "since": "2026-01-01T00:00:00Z"}))
        held.flush()
        fcntl.flock(held, fcntl.LOCK_EX)
        done = prompt("load", SAMPLES)
        assert done.code == 75
        assert "process 4711, since 2026-01-01T00:00:00Z" in done.err
        assert prompt("search", "bees").code == 0
    assert prompt("load", SAMPLES).code == 0


def test_readers_do_not_write(prompt: Prompt) -> None:
    """Looking leaves the file as it was."""
    prompt("load", SAMPLES)
    before = prompt.db.read_bytes()
    prompt.db.chmod(stat.S_IRUSR)
    for words in (("search", "bees"), ("status",), ("show", "1"), ("sources", "list")):
        assert prompt(*words).code == 0
    assert prompt.db.read_bytes() == before


def test_the_file_says_what_it_is(prompt: Prompt) -> None:
    """application_id and user_version are set, the journal is a WAL, tables are strict."""
    prompt("load", SAMPLES)
    assert prompt.ask("PRAGMA application_id") == [(schema.APPLICATION_ID,)]
    assert prompt.ask("PRAGMA user_version") == [(schema.VERSION,)]
    assert prompt.ask("PRAGMA journal_mode") == [("wal",)]
    loose = prompt.ask(
        "SELECT name FROM pragma_table_list WHERE type = 'table' AND strict = 0 AND name NOT LIKE 'sqlite_%'"
    )
    assert {name for (name,) in loose} <= {"_sqlite_migrations"}
