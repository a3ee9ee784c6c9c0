"""How a corpus fares as it grows: writing, commits, an unchanged second run, searching, and what a post weighs.

    .venv/bin/python benchmarks/growth.py [POSTS] [--png FILE]

POSTS is 60,000 by default (about three minutes); the full curve is 500,000. `--png` draws it and needs matplotlib, in
an environment of the benchmark's own: `python -m venv .cache/bench && .cache/bench/bin/pip install -e . matplotlib`.

Pages of 100 generated posts go through the writer itself: rows, terms, links, payloads, full text, cursor, one
transaction a page with `synchronous = FULL`. What makes the posts is not in the times. In turns with it the same rows
go into a bare table by `executemany`, so that what the machine does beside it meets both.
"""

import argparse
import json
import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from ingest import normalise
from ingest.corpus import Corpus, RunWriter
from ingest.corpus.search import search
from ingest.normalise import identity
from ingest.records import Batch, Post, PostItem, RawDate, Source, TermRef

PAGE = 100
SITE_POSTS = 5_000
AT = "2026-01-01T00:00:00Z"


def vocabulary(size: int = 60_000) -> tuple[list[str], list[float]]:
    """Words with a frequency of 1/rank, as in a language; rank 1 to 100 are the words that every text has."""
    dice = random.Random(1)
    letters = "etaoinshrdlucmfwypvbgkjqxz"
    words = ["".join(dice.choices(letters[: 8 + n % 18], k=2 + n % 9)) + str(n % 7) * (n > 5000) for n in range(size)]
    weights, total = [], 0.0
    for n in range(size):
        total += 1 / (n + 10)
        weights.append(total)
    return words, weights


def posts(number: int, dice: random.Random, words: tuple[list[str], list[float]]) -> Post:
    """A post of about 400 words, 5 kB of REST JSON."""
    site = number // SITE_POSTS
    home = f"https://blog{site}.example"
    body = (
        "".join(
            f"<p>{' '.join(dice.choices(words[0], cum_weights=words[1], k=80))}.</p>\n"
            for _ in range(dice.randint(2, 8))
        )
        + f'<p><a href="{home}/{number - 1}/">before</a></p>'
    )
    told = {
        "id": number, "date_gmt": "2025-01-01T09:00:00", "modified_gmt": "2025-01-02T09:00:00", "type": "post",
        "link": f"{home}/{number}/", "guid": {"rendered": f"{home}/?p={number}"},
        "title": {"rendered": f"Post {number}"}, "categories": [number % 20],
        "content": {"rendered": body, "protected": False}, "excerpt": {"rendered": body[:300]},
        "status": "publish", "author": 1, "featured_media": 0, "comment_status": "open", "ping_status": "open",
        "_links": {"self": [{"href": f"{home}/wp-json/wp/v2/posts/{number}", "targetHints": {"allow": ["GET"]}}]},
    }  # fmt: skip
    item = PostItem(
        type="post", raw=json.dumps(told).encode(), format="application/json", rank="rest", remote_id=str(number),
        home=home, url=told["link"], guid=f"{home}/?p={number}", title=f"Post {number}", body=body,
        published=RawDate(utc="2025-01-01T09:00:00"), modified=RawDate(utc="2025-01-02T09:00:00"),
        terms=(TermRef("category", str(number % 20)), TermRef("post_tag", str(number % 500))),
    )  # fmt: skip
    made = normalise.post(item, Source("wordpress", home, home=home, now=AT))
    assert isinstance(made, Post)
    return made


#: So many bodies are made; a post has one of them and a word of its own. Making each anew took longer than storing it.
BODIES = 2_000


@cache
def bodies() -> list[Post]:
    """Posts to vary."""
    words = vocabulary()
    return [posts(number, random.Random(number), words) for number in range(BODIES)]


def page(start: int) -> list[Post]:
    return [varied(bodies()[(start + n) * 7 % BODIES], start + n) for n in range(PAGE)]


def varied(post: Post, number: int) -> Post:
    """The same body as another post: its own id, address, guid, bytes, title, and a word at the end."""
    home = f"https://blog{number // SITE_POSTS}.example"
    title, text = f"Post {number}", f"{post.text} word{number}{' marker' * (number % 100 == 0)}"
    return post._replace(
        site=home.removeprefix("https://"), home=home, remote_id=str(number), url=f"{home}/{number}/",
        guid=f"{home}/?p={number}", path=f"/{number}", title=title, text=text,
        text_hash=identity.text_hash(title, text), raw=post.raw.replace(b'{"id": ', b'{"id": %d' % number, 1),
        terms=(TermRef("category", str(number % 20)), TermRef("post_tag", str(number % 500))),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Stretch:
    """A fiftieth of the way."""

    #: Posts held at its end.
    posts: int
    #: Posts a second: ours, the bare table's, and ours by the second of our own CPU time alone.
    ours: float
    bare: float
    cpu: float


def write(path: Path, total: int) -> tuple[list[Stretch], list[float], dict[str, int]]:
    """The curve; every commit's seconds; bytes of raw and text."""
    curve, commits, size = [], [], {"raw": 0, "text": 0}
    bare = sqlite3.connect(path.with_name("bare.db"), isolation_level=None)
    bare.execute("PRAGMA journal_mode = WAL")
    bare.execute("PRAGMA synchronous = FULL")
    bare.execute("CREATE TABLE posts (id INTEGER PRIMARY KEY, url TEXT, title TEXT, text TEXT, raw BLOB)")
    step, ours, theirs, cpu = max(total // 50, PAGE), 0.0, 0.0, 0.0
    with Corpus(path, write=True, create=True) as corpus:
        writer, sources = RunWriter(corpus, "fetch"), {}
        for start in range(0, total, PAGE):
            made = page(start)
            home = made[0].home
            if home not in sources:
                sources[home] = corpus.add_source("wordpress", str(home), AT, home=home)[0]
            source = Source("wordpress", str(home), id=sources[home], home=home, now=AT)
            begun, spent = time.perf_counter(), time.process_time()
            writer.apply(source, Batch(posts=tuple(made), cursor={"after": start}), AT)
            commits.append(time.perf_counter() - begun)
            cpu += time.process_time() - spent
            ours += commits[-1]
            rows = [(start + n, p.url, p.title, p.text, p.raw) for n, p in enumerate(made)]
            begun = time.perf_counter()
            bare.execute("BEGIN IMMEDIATE")
            bare.executemany("INSERT INTO posts VALUES (?, ?, ?, ?, ?)", rows)
            bare.execute("COMMIT")
            theirs += time.perf_counter() - begun
            size["raw"] += sum(len(p.raw) for p in made)
            size["text"] += sum(len(p.text.encode()) for p in made)
            if (start + PAGE) % step == 0:
                curve.append(Stretch(start + PAGE, step / ours, step / theirs, step / cpu))
                print(
                    f"{start + PAGE:>9,} posts  {step / ours:>7,.0f} posts/s  {step / cpu:>7,.0f} by CPU time"
                    f"  bare {step / theirs:>8,.0f} rows/s",
                    flush=True,
                )
                ours = theirs = cpu = 0.0
    bare.close()
    return curve, commits, size


_FEET = (
    "posts",
    "payloads",
    "revisions",
    "terms",
    "post_terms",
    "posts_fts_data",
    "posts_fts_docsize",
    "links",
    "aliases",
)


def kept(curve: list[Stretch], rate: Callable[[Stretch], float]) -> float:
    """What a rate comes to over the last fifth, against up to 10,000 posts: medians."""
    first = [one for one in curve if one.posts <= 10_000] or curve[:1]
    last = curve[-max(len(curve) // 5, 1) :]
    return statistics.median(map(rate, last)) / statistics.median(map(rate, first))


def unchanged(path: Path) -> tuple[int, int]:
    """A second run over the last 1,000 posts: pages written to the log, and those of them that it must not touch."""
    with Corpus(path, write=True) as corpus:
        total = corpus.rows("SELECT count(*) AS n FROM posts")[0]["n"]
        corpus.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        corpus.conn.execute("PRAGMA wal_autocheckpoint = 0")
        writer = RunWriter(corpus, "fetch")
        for start in range(max(total - 1000, 0), total, PAGE):
            made = page(start)
            number = corpus.named(str(made[0].home))[0]
            source = Source("wordpress", str(made[0].home), id=number, home=made[0].home, now=AT)
            tally = writer.apply(source, Batch(posts=tuple(made)), AT)
            assert tally.same == PAGE, tally
        numbers = logged(path)
        marks = ",".join("?" * len(_FEET))
        ours = {row[0] for row in corpus.conn.execute(f"SELECT pageno FROM dbstat WHERE name IN ({marks})", _FEET)}
    return len(numbers), len(ours.intersection(numbers))


def logged(path: Path) -> list[int]:
    """The pages that stand in the write-ahead log (https://www.sqlite.org/fileformat.html §4.1)."""
    log = path.with_name(path.name + "-wal").read_bytes()
    return [int.from_bytes(log[at : at + 4], "big") for at in range(32, len(log), 24 + 4096)]


def searching(path: Path) -> tuple[float, float]:
    """Milliseconds for a word of 1 % of the posts, 20 hits with snippets: ours, and bare FTS5; medians of 15."""
    bare = (
        "SELECT p.doc_id, p.title, snippet(posts_fts, 1, '[', ']', '…', 16) FROM posts_fts"
        " JOIN posts p ON p.id = posts_fts.rowid WHERE posts_fts MATCH 'marker' ORDER BY rank LIMIT 20"
    )
    with Corpus(path) as corpus:
        times: dict[str, list[float]] = {"ours": [], "bare": []}
        for _ in range(15):
            begun = time.perf_counter()
            assert len(list(search(corpus, "marker"))) == 20
            times["ours"].append(time.perf_counter() - begun)
            begun = time.perf_counter()
            assert len(corpus.conn.execute(bare).fetchall()) == 20
            times["bare"].append(time.perf_counter() - begun)
    return statistics.median(times["ours"]) * 1000, statistics.median(times["bare"]) * 1000


def weight(path: Path) -> dict[str, float]:
    """Bytes a post, of the file's parts."""
    groups = {"posts_fts": "full text", "payloads": "payloads", "posts": "posts", "post_payloads": "links between rows",
              "aliases": "names", "sightings": "sightings", "links": "links"}  # fmt: skip
    found: dict[str, float] = {}
    conn = sqlite3.connect(path)
    total = conn.execute("SELECT count(*) FROM posts").fetchone()[0]
    for name, size in conn.execute("SELECT name, sum(pgsize) FROM dbstat GROUP BY name"):
        table = conn.execute("SELECT tbl_name FROM sqlite_master WHERE name = ?", [name]).fetchone()
        key = table[0] if table else name
        key = "posts_fts" if key.startswith("posts_fts") else key
        word = groups.get(key, "the rest")
        found[word] = found.get(word, 0) + size / total
    conn.close()
    return dict(sorted(found.items(), key=lambda one: -one[1]))


def draw(curve: list[Stretch], file: Path) -> None:
    import matplotlib as mpl

    mpl.use("Agg")
    import matplotlib.pyplot as plt

    figure, axes = plt.subplots(figsize=(7, 3.5))
    held = [one.posts for one in curve]
    axes.plot(held, [one.ours for one in curve], label="by the clock, of a machine that others use too")
    axes.plot(held, [one.cpu for one in curve], label="by its own CPU time")
    axes.set(xlabel="posts held", ylabel="posts a second", ylim=(0, None), title="Write rate as a corpus grows")
    axes.legend()
    axes.grid(alpha=0.3)
    figure.tight_layout()
    figure.savefig(file, dpi=120)


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("posts", type=int, nargs="?", default=60_000)
    parser.add_argument("--png", type=Path)
    told = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus.db"
        curve, commits, size = write(path, told.posts)
        growth, clock, cpu = (
            kept(curve, how) for how in (lambda one: one.ours / one.bare, lambda one: one.ours, lambda one: one.cpu)
        )
        frames, touched = unchanged(path)
        ours, bare = searching(path)
        p99 = statistics.quantiles(commits, n=100)[98]
        parts = weight(path)
        whole = path.stat().st_size
    print(f"rate at the end / up to 10,000: {clock:.2f} by the clock, {cpu:.2f} by CPU time (goal 0.75)", end="")
    print(f", {growth:.2f} each over the bare table's")
    middle, longest = statistics.median(commits), max(commits)
    print(f"commit of a page of 100: median {middle:.3f} s, p99 {p99:.3f} s, longest {longest:.3f} s (goal 0.25)")
    print(f"second run over 1,000 unchanged posts: {frames} pages in the log, {touched} of those it must not touch")
    print(f"search of a word in 1 %: {ours:.1f} ms, bare FTS5 {bare:.1f} ms, {ours / bare:.1f} times (goal 5)")
    raw, text, file = (total / told.posts for total in (size["raw"], size["text"], whole))
    print(f"bytes a post: raw {raw:,.0f}, text {text:,.0f}, file {file:,.0f} ({file / raw:.2f} of raw): ", end="")
    print(", ".join(f"{word} {n:,.0f}" for word, n in parts.items()))
    if told.png:
        draw(curve, told.png)
    return 0 if cpu >= 0.75 and p99 <= 0.25 and not touched and ours <= 5 * bare else 1


if __name__ == "__main__":
    sys.exit(main())
