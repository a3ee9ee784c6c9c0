"""Text made again, offline, from what the sites sent: after our own rules changed, or were switched on or off.

No revision comes of it: a revision is a change by the publisher. In batches, a transaction each; a row says by which
rules it was made, so a run that was stopped goes on where it was.
"""

import io
import sqlite3
from collections.abc import Collection, Iterator
from dataclasses import dataclass

from ingest import normalise
from ingest.corpus import Corpus, fulltext, rewrite
from ingest.errors import SourceError
from ingest.records import Post, PostItem, Request, Response, Source
from ingest.sources import kind

__all__ = ["Retexted", "one", "render", "retext"]

_BATCH = 100


@dataclass(frozen=True, slots=True)
class Retexted:
    """A post that was looked at."""

    post_id: int
    doc_id: str
    title: str
    #: Whether title or text came out differently.
    changed: bool
    before: str
    after: str
    #: Why it could not be made again; the text then stays as it was.
    error: str | None = None


def render(payload: rewrite.Held, off: Collection[str]) -> Post | None:
    """What a payload comes to under today's rules; None where its kind finds no such post in it."""
    options = {"rules_off": tuple(off), "include_private": True, "gmt_offset": payload.gmt_offset}
    source = Source(payload.kind, payload.url or "", home=payload.home, options=options)
    document = Response(
        Request(payload.url or "payload", what="saved"), payload.url or "payload", 200,
        {"content-type": payload.format}, io.BytesIO(payload.raw),
    )  # fmt: skip
    items = [i for page in kind(payload.kind).read(source, document) for i in page.items if isinstance(i, PostItem)]
    if len(items) > 1:
        ours = [i for i in items if i.remote_id and (i.type, i.remote_id) == (payload.type, payload.remote_id)]
        items = ours or [i for i in items if i.guid in payload.guids] or [i for i in items if i.url == payload.url]
    made = normalise.post(items[0], source) if items else None
    return made if isinstance(made, Post) else None


def one(conn: sqlite3.Connection, post_id: int, off: Collection[str], pending: fulltext.Pending) -> bool:
    """Make one post and its revisions anew, inside a transaction. Whether the post's words changed.

    Raises SourceError where its payload cannot be read again; the row is left as it was.
    """
    changed = False
    for payload in list(rewrite.held(conn, post_id)):
        made = render(payload, off)
        if made is not None:
            differs = rewrite.apply(conn, payload, made, pending)
            changed |= differs and payload.revision is None
    return changed


def retext(corpus: Corpus, off: Collection[str] = (), *, dry_run: bool = False) -> Iterator[Retexted]:
    """Bring every post up to today's rules. `dry_run`: only say what would change."""
    stored, after = rewrite.off_as_stored(tuple(off)), 0
    while True:
        numbers = rewrite.outdated(corpus.conn, normalise.RULES_VERSION, stored, after=after, limit=_BATCH)
        if not numbers:
            return
        after = numbers[-1]
        if dry_run:
            yield from (_would(corpus.conn, number, off) for number in numbers)
            continue
        with corpus.transaction() as conn:
            pending = fulltext.Pending()
            done = [_one(conn, number, off, pending) for number in numbers]
            pending.write(conn)
        yield from done


def _would(conn: sqlite3.Connection, number: int, off: Collection[str]) -> Retexted:
    doc_id, title, before = conn.execute("SELECT doc_id, title, text FROM posts WHERE id = ?", [number]).fetchone()
    try:
        payload = next(p for p in rewrite.held(conn, number) if p.revision is None)
        made = render(payload, off)
    except SourceError as error:
        return Retexted(number, doc_id, title, changed=False, before=before, after=before, error=error.cause)
    if made is None:
        return Retexted(number, doc_id, title, changed=False, before=before, after=before, error="not in its payload")
    return Retexted(number, doc_id, title, (made.title, made.text) != (title, before), before, made.text)


def _one(conn: sqlite3.Connection, number: int, off: Collection[str], pending: fulltext.Pending) -> Retexted:
    doc_id, title, before = conn.execute("SELECT doc_id, title, text FROM posts WHERE id = ?", [number]).fetchone()
    try:
        changed = one(conn, number, off, pending)
    except SourceError as error:
        return Retexted(number, doc_id, title, changed=False, before=before, after=before, error=error.cause)
    after = conn.execute("SELECT text FROM posts WHERE id = ?", [number]).fetchone()[0]
    return Retexted(number, doc_id, title, changed, before, after)
