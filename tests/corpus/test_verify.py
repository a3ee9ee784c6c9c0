"""`verify`: what is damaged is found, named and, where it can be, made whole again."""

import os
import random
import shutil
import sqlite3
from pathlib import Path

import pytest

from ingest.corpus import Corpus, inspect
from ingest.repair import repair
from tests.corpus import flips
from tests.corpus.making import AT
from tests.prompt import Prompt

SOAK = bool(os.environ.get("BLOGCORPUS_SOAK"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A corpus that has some of everything in it, made once."""
    path = tmp_path_factory.mktemp("made") / "corpus.db"
    flips.make(path)
    return path


@pytest.fixture
def sound(prompt: Prompt, made: Path) -> Prompt:
    """A prompt with a copy of it."""
    shutil.copy(made, prompt.db)
    return prompt


def spoil(path: Path, sql: str) -> None:
    """Damage, by a hand that knows SQL."""
    conn = sqlite3.connect(path, isolation_level=None)
    conn.execute(sql)
    conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    conn.close()


def state(prompt: Prompt) -> list[object]:
    """What a repair must bring back."""
    return [
        prompt.ask("SELECT id, title, text, text_hash, links FROM posts JOIN (SELECT post_id, group_concat(url) AS links"
                   " FROM links GROUP BY 1) ON post_id = id ORDER BY id"),
        prompt.ask("SELECT * FROM revisions ORDER BY 1, 2"), prompt.ask("SELECT * FROM payloads ORDER BY 1"),
    ]  # fmt: skip


def test_a_sound_corpus_is_called_sound(sound: Prompt) -> None:
    """Exit status 0, and not a byte of the file is changed."""
    before = sound.db.read_bytes()
    done = sound("verify", "--json")
    assert done.rows == [{"type": "summary", "wrong": 0, "known": 0, "lost": 0, "exit_code": 0}]
    assert sound.db.read_bytes() == before


@pytest.mark.soak
def test_flipped_bits_are_found(sound: Prompt) -> None:
    """Anywhere in the file, as far as a flip changes anything. What every look changes has no seal: two in 100 hide."""
    dice = random.Random(11)  # noqa: S311
    size = sound.db.stat().st_size
    positions = [(at, dice.randrange(8)) for at in range(dice.randrange(1000), size, 100 if SOAK else 4099)]
    counts, missed = flips.tried(sound.db, positions)
    seen = counts.total() - counts["harmless"]
    assert seen > 20
    assert len(missed) <= (0.04 if SOAK else 0.08) * seen, (counts, missed)


@pytest.mark.soak
@pytest.mark.parametrize(
    ("table", "column", "check"),
    [("payloads", "data", "payload"), ("posts", "text", "words"), ("revisions", "text", "words")],
)
def test_every_flip_inside_what_came_is_found_and_names_its_post(
    sound: Prompt, table: str, column: str, check: str
) -> None:
    """Payloads, texts and revisions: each bit is proven, and `--repair` puts it right."""
    before = state(sound)
    dice = random.Random(3)  # noqa: S311
    values = sound.ask(f"SELECT CAST({column} AS BLOB) FROM {table} WHERE length({column}) > 40")
    file = sound.db.read_bytes()
    for (value,) in dice.sample(values, len(values) if SOAK else 3):
        at = file.find(value[:40])
        assert at > 0
        sound.db.write_bytes(flips.flip(file, at + dice.randrange(40), dice.randrange(8)))
        done = sound("verify", "--json")
        assert done.code == 5
        assert check in {row["check"] for row in done.rows[:-1] if row["doc_id"]}
        assert sound("verify", "--repair").code == 0
        assert state(sound) == before
        assert inspect(sound.db) == []


@pytest.mark.parametrize(
    ("sql", "check"),
    [
        ("UPDATE posts SET text = 'other words' WHERE id = 3", "words"),
        ("UPDATE posts SET text_hash = 'f' || substr(text_hash, 2) WHERE id = 3", "words"),
        ("UPDATE revisions SET title = 'x' WHERE post_id = 8", "words"),
        ("INSERT INTO posts_fts (posts_fts, rowid, title, text) SELECT 'delete', id, title, text FROM posts WHERE id = 7",
         "fulltext"),
        ("INSERT INTO posts_trigram (rowid, title, text) SELECT id, title, text FROM posts WHERE id = 7", "fulltext"),
        ("INSERT INTO posts_trigram (posts_trigram) VALUES ('delete-all')", "fulltext"),
    ],
)  # fmt: skip
def test_what_can_be_made_again_is(sound: Prompt, sql: str, check: str) -> None:
    """Words from their payload, indexes from the words."""
    before = state(sound)
    spoil(sound.db, sql)
    assert check in {row["check"] for row in sound("verify", "--json").rows[:-1]}
    assert sound("verify", "--repair").code == 0
    assert state(sound) == before
    assert inspect(sound.db) == []
    assert sound("search", "n702x1").code == 0


def test_what_cannot_is_marked_and_named(sound: Prompt) -> None:
    """A payload with many wrong bytes: exit status 5 with the way to get it again, then known damage, then whole."""
    spoil(sound.db, "UPDATE payloads SET data = CAST('rotten' || hex(data) AS BLOB) WHERE id = 2")
    done = sound("verify", "--repair")
    assert done.code == 5
    assert "load the files of blog.example again" in done.err
    again = sound("verify", "--json")
    assert (again.code, again.rows[-1]["known"]) == (0, 1)
    assert sound.ask("SELECT flags FROM posts WHERE id = 2") == [('["payload-damaged"]',)]
    assert sound("show", "2", "--raw").code == 5
    flips.load(sound.db, [flips.rest(2, 2)])
    assert sound("verify", "--json").rows[-1] == {"type": "summary", "wrong": 0, "known": 0, "lost": 0, "exit_code": 0}
    assert sound("show", "2", "--raw").code == 0


@pytest.mark.parametrize(
    ("sql", "checks"),
    [
        ("UPDATE posts SET doc_id = 'x' WHERE id = 3", ["seal", "row"]),
        ("DELETE FROM sightings WHERE post_id = 3", ["seal", "count"]),
        ("UPDATE links SET target_post_id = 999 WHERE post_id = 3", ["reference"]),
        ("DROP INDEX posts_by_date", ["schema"]),
    ],
)
def test_damage_beyond_repair_is_told(sound: Prompt, sql: str, checks: list[str]) -> None:
    """A lost number, orphans, a missing index: told, marked where that is possible, and the exit status stays 5."""
    spoil(sound.db, sql)
    done = sound("verify", "--json")
    assert [row["check"] for row in done.rows[:-1]] == checks
    assert done.code == 5
    assert sound("verify", "--repair").code == 5


#: Every fact of post 8, which has a revision, terms, an author, links and names -> whether payloads prove it again.
_FACTS = {
    **{f"UPDATE posts SET {column} = {value} WHERE id = 8": whole for column, value, whole in (
        ("url", "'https://evil.example/'", True), ("excerpt", "'x'", True), ("status", "'draft'", True),
        ("published_at", "'2020-02-02T00:00:00Z'", True), ("published_at", "'yesterday'", True),
        ("modified_at", "NULL", True), ("published_raw", "'x'", True), ("modified_raw", "NULL", True),
        ("date_precision", "'day'", True), ("language", "'xx'", True), ("language_from", "'detected'", False),
        ("word_count", "1", True), ("type", "'page'", True), ("remote_id", "'77'", True), ("cleaned", "'[\"x\"]'", True),
        ("outline", "'[[1]]'", True), ("flags", "'[\"x\"]'", True), ("body_rank", "1", True),
        ("rules_version", "0", True), ("rules_off", "'[\"x\"]'", True), ("unspaced", "1", True),
        ("doc_id", "'0123456789abcdef0123456789abcdef'", False), ("first_seen_at", "'2020-01-01T00:00:00Z'", False),
        ("words_since", "'2026-03-01T00:00:00Z'", False), ("gone_at", "'2026-03-01T00:00:00Z', gone_kind = 'erased'", False),
    )},
    **{f"DELETE FROM {table} WHERE post_id = 8": whole for table, whole in (
        ("revisions", True), ("links", True), ("post_terms", True), ("post_authors", True), ("aliases", True),
        ("post_payloads", False),
    )},
    "UPDATE revisions SET seen_at = '2020-01-01T00:00:00Z' WHERE post_id = 8": True,
    "UPDATE revisions SET modified_at = NULL WHERE post_id = 8": True,
    "UPDATE links SET url = 'https://evil.example/' WHERE post_id = 8": True,
    "UPDATE links SET anchor = 'x' WHERE post_id = 8": True,
    "UPDATE aliases SET value = 'x' WHERE post_id = 8 AND kind = 'guid'": False,
    "INSERT INTO post_terms SELECT 8, max(id), 9 FROM terms WHERE id NOT IN (SELECT term_id FROM post_terms WHERE post_id = 8)": True,
    "UPDATE sightings SET first_seen_at = '2020-01-01T00:00:00Z' WHERE post_id = 8": False,
    "UPDATE sightings SET modified_at = NULL WHERE post_id = 8": False,
    "UPDATE sightings SET remote_id = '9' WHERE post_id = 8": False,
    "UPDATE seals SET seal = zeroblob(16) WHERE kind = 'posts' AND id = 8": False,
    "DELETE FROM seals WHERE kind = 'posts' AND id = 8": False,
}  # fmt: skip


@pytest.mark.parametrize("sql", _FACTS)
def test_a_fact_changed_past_us_is_found_and_names_its_post(sound: Prompt, sql: str) -> None:
    """Every column and every row beside the post: found with its doc_id, and proven whole again, or marked."""
    before = state(sound)
    spoil(sound.db, sql)
    (doc_id,) = sound.ask("SELECT doc_id FROM posts WHERE id = 8")[0]
    found = inspect(sound.db)
    assert ("seal", doc_id) in {(one.check, one.doc_id) for one in found}
    with Corpus(sound.db, write=True) as corpus:
        done = list(repair(corpus, found, AT))
    whole = _FACTS[sql]
    assert all(one.whole for one in done) == whole, done
    assert not whole or state(sound) == before
    # What was marked is known from then on; a payload that lost its post cannot be marked away.
    after = inspect(sound.db)
    assert [one.known for one in after if one.check == "seal"] == [True] * (not whole)
    assert {one.check for one in after} <= {"seal", "count"}


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("UPDATE terms SET name = 'x' WHERE id = 1", "terms: row 1 is not as it was sealed"),
        ("UPDATE authors SET slug = 'x' WHERE id = 1", "authors: row 1 is not as it was sealed"),
        ("UPDATE sites SET home = 'https://evil.example/' WHERE id = 1", "sites: row 1 is not as it was sealed"),
        ("DELETE FROM posts WHERE id = 3", "post 3 is not in its table any more"),
    ],
)
def test_names_and_lost_rows(sound: Prompt, sql: str, said: str) -> None:
    """Names of terms, people and sites are sealed by themselves; a row that is gone leaves its seal behind."""
    spoil(sound.db, sql)
    done = sound("verify", "--json")
    assert done.code == 5
    assert said in {row.get("what") for row in done.rows}


def test_what_changes_with_every_look_is_not_sealed(sound: Prompt) -> None:
    """Nor what is made from the rest: then `verify` has nothing to say."""
    spoil(sound.db, "UPDATE posts SET last_seen_at = '2026-05-01T00:00:00Z'")
    spoil(sound.db, "UPDATE sightings SET last_seen_at = '2026-05-01T00:00:00Z', run_id = 7")
    spoil(sound.db, "UPDATE links SET target_post_id = 3 WHERE post_id = 8")
    assert sound("verify").code == 0


def test_a_read_only_file_is_verified_too(sound: Prompt) -> None:
    """Its index is held against one built beside it."""
    from ingest.corpus import verify

    spoil(sound.db, "PRAGMA journal_mode = DELETE")
    for sql, expected in (
        ("SELECT 1", set()),
        ("INSERT INTO posts_fts (posts_fts, rowid, title, text) SELECT 'delete', id, title, text FROM posts WHERE id = 7",
         {"fulltext"}),
    ):  # fmt: skip
        spoil(sound.db, sql)
        conn = sqlite3.connect(f"file:{sound.db}?mode=ro", uri=True)
        assert {one.check for one in verify.verify(conn, writable=False)} == expected
        conn.close()


def test_a_view_that_was_dropped(prompt: Prompt) -> None:
    """Is missed, and made again by the next command that writes."""
    flips.make(prompt.db, 4)
    conn = sqlite3.connect(prompt.db)
    conn.execute("DROP VIEW corpus")
    conn.close()
    done = prompt("verify")
    assert (done.code, "the view corpus is not there" in done.out + done.err) == (5, True)
    assert prompt("retext").code == 0
    assert prompt("verify").code == 0


def test_a_dry_run_of_retext_writes_nothing(prompt: Prompt) -> None:
    """Also over a corpus of an older schema."""
    shutil.copy(Path(__file__).parent.parent / "data" / "corpora" / "v1.db", prompt.db)
    held = prompt.db.read_bytes()
    assert prompt("retext", "--dry-run").code == 0
    assert prompt.db.read_bytes() == held
    assert [path.name for path in prompt.folder.iterdir() if path.name.startswith("corpus.db.")] == []
