"""An ingest whose every committed page can be told from what the corpus holds, and ways to kill it.

Page `n` brings three posts, an edit of a post of the page before, a reject, names, a request and the cursor `n`. So the
corpus is exactly a function of its cursor, and every table takes part.

    python -m tests.durability.pages DB FIRST LAST [WAIT]   ingest pages, saying the number of each that is committed
    python -m tests.durability.pages DB statement           kill a page at every SQL statement of it; says what came of it
"""

import hashlib
import json
import os
import signal
import sqlite3
import sys
import time
from pathlib import Path
from typing import Any

from ingest.corpus import Corpus, RunWriter, inspect
from ingest.records import Batch, Fetched, PersonItem, Post, RawDate, Reject, Source, TermItem, TermRef
from tests.corpus.making import AT, HOME, post, source

POSTS = 3


def batch(number: int) -> Batch:
    """Page `number`, counted from 1."""
    first = (number - 1) * POSTS
    posts = [_post(first + n, "first") for n in range(1, POSTS + 1)]
    if number > 1:
        posts.append(_post(first, "second"))
    return Batch(
        posts=tuple(posts), cursor={"page": number}, terms=(TermItem("category", str(number), f"Term {number}", f"t{number}"),),
        people=(PersonItem(str(number), f"Person {number}", f"p{number}"),),
        rejects=(Reject("no title", b'{"id": %d}' % -number, "post", str(-number), home=HOME),),
        fetches=(Fetched(AT, f"{HOME}/page/{number}", 200, 1000, 5, "ok"),),
        validators={f"{HOME}/page/{number}": (f'"{number}"', None, None)},
    )  # fmt: skip


def _post(number: int, words: str) -> Post:
    text = " ".join(f"{words}{number}x{n}" for n in range(60))
    day = 2 if words == "first" else 3
    cjk = "健康生活" if number % 3 == 0 else ""
    return post(
        str(number), f"<p>{text} {cjk}</p><p><a href='/{number - 1}/'>back</a></p>", guid=f"{HOME}/?p={number}",
        modified=RawDate(utc=f"2025-01-0{day}T10:00:00"), terms=(TermRef("category", str((number - 1) // POSTS + 1)),),
    )  # fmt: skip


def begin(corpus: Corpus) -> tuple[Source, RunWriter]:
    """The source, as polled, and a run of it."""
    number, _ = corpus.add_source("wordpress", HOME, AT, home=HOME)
    writer = RunWriter(corpus, "fetch")
    writer.begin(number, AT)
    return source(number=number), writer


def cursor(corpus: Corpus) -> int:
    """The last committed page."""
    rows = corpus.rows("SELECT cursor FROM sources")
    return int(json.loads(rows[0]["cursor"]).get("page", 0)) if rows else 0


_COUNTS = (
    "SELECT (SELECT count(*) FROM posts), (SELECT count(*) FROM revisions), (SELECT count(*) FROM payloads),"
    " (SELECT count(*) FROM rejects), (SELECT count(*) FROM terms), (SELECT count(*) FROM authors),"
    " (SELECT count(*) FROM fetches), (SELECT count(*) FROM validators), (SELECT count(*) FROM posts_fts_docsize),"
    " (SELECT count(*) FROM sightings), (SELECT count(*) FROM links), (SELECT count(*) FROM post_terms)"
)


def expected(page: int) -> tuple[int, ...]:
    """What the tables hold after so many pages."""
    posts, edits = page * POSTS, max(page - 1, 0)
    return (posts, edits, posts + edits, page, page, page, page, page, posts, posts, posts, posts)


def trouble(path: Path) -> tuple[int, str]:
    """The last committed page, and what is wrong: empty when the file is sound and holds exactly that many pages."""
    with Corpus(path, write=True) as corpus:
        page = cursor(corpus)
        held = tuple(corpus.rows(_COUNTS)[0].values())
        ids = {int(row["remote_id"]) for row in corpus.rows("SELECT remote_id FROM posts")}
    if held != expected(page):
        return page, f"torn: {held} after page {page}, not {expected(page)}"
    if ids != set(range(1, page * POSTS + 1)):
        return page, f"torn: other posts than those of {page} pages"
    return page, "; ".join(f"{one.check}: {one.what}" for one in inspect(path))


def content(path: Path) -> str:
    """Hash of everything a researcher sees, with the history, but for the days on which we saw it."""
    conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    rows: list[Any] = conn.execute(
        "SELECT doc_id, url, site, type, title, text, authors, categories, tags, published_at, modified_at, language,"
        " word_count, revisions, gone_kind FROM corpus ORDER BY doc_id"
    ).fetchall()
    rows += conn.execute(
        "SELECT p.doc_id, r.n, r.title, r.text, r.modified_at FROM revisions r JOIN posts p ON p.id = r.post_id"
        " ORDER BY 1, 2"
    ).fetchall()
    conn.close()
    return hashlib.sha256(repr(rows).encode()).hexdigest()


def ingest(path: Path, first: int, last: int, wait: float) -> None:
    """Pages as a run brings them; each is said when it is committed."""
    with Corpus(path, write=True, create=True) as corpus:
        about, writer = begin(corpus)
        for number in range(max(first, cursor(corpus) + 1), last + 1):
            writer.apply(about, batch(number), AT)
            os.write(1, b"%d\n" % number)
            time.sleep(wait)


def _die_at(statement: int, path: Path) -> None:
    """Page 3, killed when its statement of this number begins."""
    with Corpus(path, write=True) as corpus:
        about, writer = begin(corpus)
        page, count = batch(3), 0

        def traced(sql: str) -> None:
            nonlocal count
            count += not sql.startswith("--")  # a trigger is a part of the statement that fires it
            if count == statement:
                os.kill(os.getpid(), signal.SIGKILL)

        corpus.conn.set_trace_callback(traced)
        writer.apply(about, page, AT)


def every_statement(folder: Path) -> dict[str, int]:
    """How page 3 ended for a kill at each of its statements."""
    base = folder / "base.db"
    ingest(base, 1, 2, 0)
    ended = {"kills": 0, "before": 0, "after": 0, "bad": 0}
    while True:
        path = folder / "corpus.db"
        for old in folder.glob("corpus.db*"):
            old.unlink()
        path.write_bytes(base.read_bytes())
        child = os.fork()
        if child == 0:
            _die_at(ended["kills"] + 1, path)
            os._exit(7)  # past the last statement: the page is committed, and nothing was closed
        past = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 7
        ended["kills"] += 1
        page, wrong = trouble(path)
        ended["bad" if wrong else {2: "before", 3: "after"}.get(page, "bad")] += 1
        ingest(path, 1, 3, 0)  # the next run goes on
        ended["bad"] += trouble(path) != (3, "")
        if past:
            return ended


if __name__ == "__main__":
    where, *words = sys.argv[1:]
    if words == ["statement"]:
        sys.stdout = open(os.devnull, "w")  # noqa: SIM115, PTH123
        told = every_statement(Path(where))
        sys.stderr.write(json.dumps(told))
    else:
        ingest(Path(where), int(words[0]), int(words[1]), float(words[2]) if len(words) > 2 else 0)
