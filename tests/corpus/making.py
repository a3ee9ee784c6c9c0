"""Posts to write into a corpus, made the way the program makes them."""

import json
from typing import Any

from ingest import normalise
from ingest.corpus import Corpus, RunWriter, Tally
from ingest.records import Batch, Post, PostItem, RawDate, Source

AT = "2026-01-01T00:00:00Z"
HOME = "https://blog.example"


def source(kind: str = "wordpress", home: str | None = HOME, number: int | None = None) -> Source:
    """A source as the loop hands it out; without a number: saved documents."""
    return Source(kind=kind, url=f"{home}/", id=number, home=home, now=AT)


def post(remote_id: str | None = "1", body: str = "<p>Hello world</p>", **wishes: Any) -> Post:
    """A post after every rule; `raw` differs whenever anything differs."""
    told: dict[str, Any] = {
        "type": "post", "remote_id": remote_id, "title": "Title", "body": body, "rank": "rest",
        "format": "application/json", "url": f"{HOME}/{remote_id}/" if remote_id else None, "home": HOME,
        "published": RawDate(utc="2025-01-01T10:00:00"), "modified": RawDate(utc="2025-01-02T10:00:00"),
    }  # fmt: skip
    told |= wishes
    told.setdefault("raw", json.dumps({k: repr(v) for k, v in told.items()}, sort_keys=True).encode())
    made = normalise.post(PostItem(**told), source())
    assert isinstance(made, Post)
    return made


def modified(day: int) -> RawDate:
    """A modification date in January 2025."""
    return RawDate(utc=f"2025-01-{day:02}T10:00:00")


def load(corpus: Corpus, *posts: Post, kind: str = "wordpress", at: str = AT) -> Tally:
    """One load of saved documents, as a run of its own."""
    return RunWriter(corpus, "load").apply(source(kind), Batch(posts=posts), at)


def content(corpus: Corpus) -> list[dict[str, Any]]:
    """What a researcher sees, in an order that does not depend on row numbers."""
    rows = corpus.rows("SELECT * FROM corpus ORDER BY doc_id")
    return [{k: v for k, v in row.items() if k != "first_seen_at"} for row in rows]
