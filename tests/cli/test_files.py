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


def test_a_checkpoint_that_was_killed_is_no_damage(prompt: Prompt) -> None:
    """A log beside the file may hold what the file lacks: SQLite puts them together, and we let it."""
    prompt("load", SAMPLES)
    conn = sqlite3.connect(prompt.db)
    conn.execute("PRAGMA wal_autocheckpoint = 0")
    conn.execute("CREATE TABLE filler (x)")
    conn.execute("INSERT INTO filler VALUES (zeroblob(900000))")
    conn.commit()
    copies = {name: (prompt.folder / name).read_bytes() for name in ("corpus.db", "corpus.db-wal")}
    pages = len(copies["corpus.db"]) // 4096 + 230
    conn.close()
    # What a checkpoint leaves that died after its first page: the new page count, and a file that is too short for it.
    head = bytearray(copies["corpus.db"])
    head[28:32] = pages.to_bytes(4, "big")
    head[92:96] = head[24:28]
    (prompt.folder / "corpus.db-shm").unlink(missing_ok=True)
    prompt.db.write_bytes(bytes(head))
    (prompt.folder / "corpus.db-wal").write_bytes(copies["corpus.db-wal"])
    assert prompt("search", "bees").code == 0
    assert prompt("load", SAMPLES).code == 0


def test_a_corpus_is_made_whole_or_not_at_all(prompt: Prompt) -> None:
    """A disk that fills up while it is made leaves no file that would be refused ever after."""
    import subprocess
    import sys

    code = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (60_000, 60_000));"
        f"from ingest.cli import main; main(['load', {str(SAMPLES)!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 74
    assert "cannot be written" in done.stderr
    assert not [path.name for path in prompt.folder.iterdir() if "corpus.db" in path.name and "lock" not in path.name]
    assert prompt("load", SAMPLES).code == 0


def test_a_missing_folder_is_named(prompt: Prompt) -> None:
    """One clear line."""
    done = prompt("--db", "no/such/corpus.db", "load", SAMPLES)
    assert done.code == 5
    assert "there is no folder" in done.err


def test_an_archived_corpus_is_read_where_nothing_can_be_written(prompt: Prompt) -> None:
    """A researcher without rights in the folder searches all the same."""
    import subprocess
    import sys
    import tempfile

    prompt("load", SAMPLES)
    shared = Path(tempfile.mkdtemp())  # pytest's own folders are closed to other users
    copy = shared / "corpus.db"
    copy.write_bytes(prompt.db.read_bytes())
    copy.chmod(0o444)
    shared.chmod(0o555)
    code = (
        "import os, encodings.idna, ingest.cli, ingest.corpus.search, ingest.cli.reading\n"
        "if os.getuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        f"ingest.cli.main(['--db', {str(copy)!r}, 'search', 'bees'])"
    )
    try:
        done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
        assert (done.returncode, "Keeping Bees" in done.stdout) == (0, True), done.stderr
    finally:
        shared.chmod(0o755)
        for path in shared.iterdir():
            path.unlink()
        shared.rmdir()


def test_the_lock_is_the_files_whatever_its_name(prompt: Prompt) -> None:
    """A link to a corpus is that corpus."""
    prompt("load", SAMPLES)
    (prompt.folder / "elsewhere").mkdir()
    link = prompt.folder / "elsewhere" / "other.db"
    link.symlink_to(prompt.db)
    with (prompt.folder / "corpus.db-lock").open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        assert prompt("--db", link, "load", SAMPLES).code == 75


@pytest.mark.parametrize("target", ["/dev/full", "pipe"])
def test_an_output_that_cannot_be_written(prompt: Prompt, target: str) -> None:
    """A full disk is 74 and one line; a reader who has seen enough is no failure."""
    import subprocess
    import sys

    prompt("load", SAMPLES)
    words = f"{sys.executable} -m ingest.cli --db {prompt.db} show 1"
    end = "> /dev/full" if target == "/dev/full" else "| true; exit ${PIPESTATUS[0]}"
    done = subprocess.run(["bash", "-c", f"{words} {end}"], capture_output=True, text=True, check=False)
    assert "Traceback" not in done.stderr
    assert done.returncode == (74 if target == "/dev/full" else 0)
