"""A corpus to export, made the same way every time, and what an export of it holds."""

import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest import normalise
from ingest.corpus import Corpus, RunWriter
from ingest.records import Batch, PersonRef, Post, PostItem, RawDate, TermRef
from tests.corpus.making import AT, load, modified, post, source

DATA = ("parquet", "jsonl", "csv", "txt", "markdown", "sqlite")
PAPERS = {"README.md", "DATASHEET.md", "CITATION.cff", "croissant.json", "SHA256SUMS"}

#: What must stay text, wherever it goes.
HOSTILE = (
    "../../x", "CON", "nul.txt", "=cmd|' /C calc'!A0", "+1", "-1+2", "@SUM(A1)", "'=already", "\u202eevil\u202c gpj.exe",
    "a | b | c", "two\nlines\r\nand more", "<script>alert(1)</script>", "\\<img src=x onerror=alert(1)>", "---\nkey: value",
    "```\ncode", "{{ template }} {% raw %}", "100 % & $5 # _ {a} ~ ^ \\end", "😀" * 80, "x" * 300, "\x7f\x85 \u2028 \ufeff",
    "\tTab", "\rReturn", "CAFÉ", "café", "", "'; DROP TABLE posts; --", "null", "2024-01-01", "NaN", "[1, 2]", "健康",
)  # fmt: skip


def posts() -> list[Post]:
    """Of two blogs: dated in three years and not at all, with authors and terms, in English and not."""
    ada, ines = PersonRef(name="Ada"), PersonRef(name='Ines "I" O\'Hara, MD')
    terms = (
        TermRef("category", name="Sleep, rest"),
        TermRef("post_tag", name="night"),
        TermRef("post_tag", name="läuft"),
    )
    licence = "<p>By <a href='https://creativecommons.org/licenses/by/4.0/'>licence</a>, sleep.</p>"
    return [
        post("1", "<p>All about sleep.</p><p>Twice</p>", title="Sleep &amp; rest", authors=(ada, ines), terms=terms),
        post("2", "<p>=1+1</p>", title="+Sums", published=RawDate(utc="2023-05-01T00:00:00")),
        post("3", "<p>Undated</p>", title="No date", published=RawDate()),
        post("4", "<p>Gone since</p>", title="Wasps", published=RawDate(utc="2024-12-31T23:59:59")),
        other("5", licence, title="Other", published=RawDate(utc="2023-07-01T00:00:00")),
        other("6", "<p>Short</p>", title="", status="protected"),
    ]


def other(number: str, body: str, **wishes: Any) -> Post:
    """A post of another blog."""
    home = "https://other.example"
    told = {
        "type": "post",
        "rank": "rest",
        "format": "application/json",
        "published": RawDate(utc="2025-02-01T00:00:00"),
    }
    told |= {"home": home, "url": f"{home}/{number}/", "remote_id": number, "body": body, "raw": body.encode()} | wishes
    made = normalise.post(PostItem(**told), source(home=home))
    assert isinstance(made, Post)
    return made


def make(path: Path, *, backwards: bool = False) -> Path:
    """Load them, in one order or the other; the fourth is gone, the first was edited."""
    with Corpus(path, write=True, create=True) as corpus:
        for one in reversed(posts()) if backwards else posts():
            RunWriter(corpus, "load").apply(source(home=f"https://{one.site}"), Batch(posts=(one,)), AT)
        edited = post("1", "<p>All about sleep.</p><p>Thrice</p>", title="Sleep &amp; rest", modified=modified(9),
                      authors=posts()[0].authors, terms=posts()[0].terms)  # fmt: skip
        load(corpus, edited)
        corpus.conn.execute(
            "UPDATE posts SET gone_at = '2026-01-02T00:00:00Z', gone_kind = 'erased' WHERE title = 'Wasps'"
        )
    return path


def make_hostile(path: Path) -> Path:
    """A corpus whose every title and text is trouble, past all rules; one text has ten megabytes."""
    with Corpus(path, write=True, create=True) as corpus:
        for n in range(len(HOSTILE)):
            load(corpus, post(str(n + 1), f"<p>{n}</p>", published=RawDate(utc=f"{2000 + n % 3}-01-01T00:00:00")))
        for n, told in enumerate(HOSTILE):
            values = [told, told if n else "long word " * 1_000_000, str(n + 1)]
            corpus.conn.execute("UPDATE posts SET title = ?, text = ? WHERE remote_id = ?", values)
        corpus.conn.execute("INSERT INTO authors (site_id, name) SELECT id, '@=\n| --- <b>' FROM sites")
        corpus.conn.execute("INSERT INTO post_authors SELECT id, 0, (SELECT max(id) FROM authors) FROM posts")
    return path


def rows(count: int, size: int) -> Iterator[dict[str, Any]]:
    """Posts of fifty years; no two texts are one object."""
    for n in range(count):
        yield {
            "doc_id": f"{n:032x}", "url": None, "site": None, "type": "post", "title": f"Post {n}", "text": f"{n:08} " * (size // 9),
            "authors": "[]", "categories": "[]", "tags": '["a"]', "published_at": f"{1970 + n % 50}-01-01T00:00:00Z",
            "modified_at": None, "language": None, "word_count": size // 9, "revisions": 0,
            "first_seen_at": "2026-01-01T00:00:00Z", "gone_at": None, "gone_kind": None,
        }  # fmt: skip


def view(path: Path) -> list[dict[str, Any]]:
    """The rows of the view `corpus` with lists as lists, by `doc_id`."""
    conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    cursor = conn.execute("SELECT * FROM corpus ORDER BY doc_id")
    names = [column[0] for column in cursor.description]
    rows = [dict(zip(names, row, strict=True)) for row in cursor]
    conn.close()
    return [row | {name: json.loads(row[name]) for name in ("authors", "categories", "tags")} for row in rows]


def read(folder: Path, form: str) -> list[dict[str, Any]]:
    """The rows that an export holds, as its format has them; of texts and Markdown with the name of the `file`."""
    if form == "jsonl":
        return [json.loads(line) for line in (folder / "posts.jsonl").read_bytes().split(b"\n")[:-1]]
    if form == "parquet":
        import pyarrow.parquet as pq

        found = [row for path in sorted((folder / "posts").rglob("*.parquet")) for row in pq.read_table(
            path, partitioning=None).to_pylist()]  # fmt: skip
        return sorted(found, key=lambda row: row["doc_id"])
    if form == "sqlite":
        conn = sqlite3.connect(folder / "posts.sqlite")
        cursor = conn.execute("SELECT * FROM posts")
        rows = [dict(zip((c[0] for c in cursor.description), row, strict=True)) for row in cursor]
        conn.close()
        return [row | {name: json.loads(row[name]) for name in ("authors", "categories", "tags")} for row in rows]
    if form == "markdown":
        return sorted((_front(path) for path in (folder / "posts").iterdir()), key=lambda row: row["doc_id"])
    csv.field_size_limit(2**31 - 1)
    name = {"csv": "posts.csv", "txt": "metadata.csv"}[form]
    rows = list(csv.DictReader(io.StringIO((folder / name).read_bytes().decode(), newline="")))
    if form == "txt":
        return [row | {"text": (folder / row["file"]).read_bytes().decode()} for row in rows]
    return rows


def _front(path: Path) -> dict[str, Any]:
    import yaml

    begin, front, text = path.read_bytes().decode().split("---\n", 2)
    assert begin == ""
    return yaml.safe_load(front) | {"text": text[1:-1], "file": path.name}


def as_cells(row: dict[str, Any], *, text: bool = True) -> dict[str, str]:
    """A row as a spreadsheet may have it."""
    cells = {k: "" if v is None else json.dumps(v, ensure_ascii=False, separators=(",", ":")) if isinstance(v, list) else str(v)
             for k, v in row.items()}  # fmt: skip
    guarded = {k: f"'{v}" if v.startswith(("=", "+", "-", "@", "\t", "\r")) else v for k, v in cells.items()}
    return guarded if text else guarded | {"text": row["text"]}


def content(folder: Path) -> dict[str, bytes]:
    """Every file of a folder."""
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
