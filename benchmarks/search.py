"""How long a question takes: on a generated corpus of 100,000 posts, warm, CPU time, medians.

    python benchmarks/search.py [POSTS]

The posts have about 950 characters of made-up words whose numbers fall as they do in language (Zipf), so there is a
word in 29 % of the posts, one in about 1 %, and one in some forty posts. They are written by plain SQL: what is
measured is reading.
"""

import bisect
import itertools
import random
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from ingest.corpus import Corpus, Query
from ingest.corpus.search import find, total
from ingest.research import similar, stats

AT = "2026-01-01T00:00:00Z"
VOCABULARY = [
    "".join(p)
    for p in itertools.islice(itertools.product("bdfgklmnprstvz", "aeiou", "bdfgklmnprstvz", "aeiou", "nrst"), 30000)
]
RUNS = 15


def words(rng: random.Random) -> Callable[[int], list[str]]:
    """Draws words by Zipf's law, shifted so that the commonest is in about a third of the posts."""
    heap = list(itertools.accumulate(1 / (rank + 75) for rank in range(len(VOCABULARY))))
    return lambda count: [VOCABULARY[bisect.bisect(heap, rng.random() * heap[-1])] for _ in range(count)]


def fill(corpus: Corpus, posts: int) -> Counter[str]:
    """Write the posts; in how many of them each word is. One post in fifty is in a script without blanks."""
    rng, held = random.Random(1), Counter()
    draw = words(rng)
    with corpus.transaction() as conn:
        conn.executemany(
            "INSERT INTO sites (id, site, first_seen_at) VALUES (?, ?, ?)",
            [(n, f"blog{n}.example", AT) for n in range(1, 201)],
        )
        for n in range(1, posts + 1):
            title, body = draw(6), draw(150)
            held.update({*title, *body})
            text, unspaced = " ".join(body), n % 50 == 0
            if unspaced:
                text = "".join(chr(0x4E00 + ord(c) % 97 * 7) for c in text[:400])
            date = f"{2015 + n % 10}-{1 + n % 12:02}-{1 + n % 28:02}T10:00:00Z"
            conn.execute(
                "INSERT INTO posts (id, doc_id, site_id, type, status, url, title, text, excerpt, published_at,"
                " language, word_count, text_hash, words_since, rules_version, cleaned, unspaced, body_rank,"
                " first_seen_at, last_seen_at)"
                " VALUES (?, ?, ?, 'post', 'publish', ?, ?, ?, '', ?, ?, 150, '', ?, 1, '[]', ?, 50, ?, ?)",
                (n, f"{n:032x}", 1 + n * 200 // (posts + 1), f"https://blog.example/{n}/", " ".join(title), text, date,
                 "en" if n % 3 else "de", AT, int(unspaced), AT, AT),
            )  # fmt: skip
        for index, where in (("posts_fts", "1"), ("posts_trigram", "unspaced")):
            conn.execute(f"INSERT INTO {index} (rowid, title, text) SELECT id, title, text FROM posts WHERE {where}")
    return held


def near(held: Counter[str], posts: int, share: float) -> str:
    """The word whose share of the posts is nearest to this one."""
    return min(held, key=lambda word: abs(held[word] - share * posts))


def measured(name: str, ask: Callable[[], object], hits: int | str = "") -> None:
    """Print the median and the slowest of some runs, in milliseconds."""
    ask()
    times = []
    for _ in range(RUNS):
        start = time.process_time()
        ask()
        times.append((time.process_time() - start) * 1000)
    print(f"| {name} | {hits} | {statistics.median(times):.1f} | {max(times):.1f} |", flush=True)


def main() -> None:
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus.db"
        with Corpus(path, write=True, create=True) as corpus:
            held = fill(corpus, posts)
        print(f"{posts:,} posts, {path.stat().st_size / 1e6:.0f} MB\n")
        print("| | hits | median, ms | slowest, ms |\n|---|---|---|---|")
        with Corpus(path) as corpus:
            ask(corpus, held, posts)


def ask(corpus: Corpus, held: Counter[str], posts: int) -> None:
    """Every kind of question in turn."""
    common, medium, rare = (near(held, posts, share) for share in (0.29, 0.012, 0.0004))
    other = near(held, posts, 0.011)
    han = corpus.rows("SELECT substr(text, 11, 2) AS w FROM posts WHERE id = 50")[0]["w"]
    for name, query in {
        "top 20 with snippet: a word in 1.2 %": Query(words=medium),
        "a word in 29 %": Query(words=common),
        "a rare word": Query(words=rare),
        "two words": Query(words=f"{medium} {common}"),
        "either of two": Query(words=f"{medium} OR {other}"),
        "in the title": Query(words=f"title:{common}"),
        "without another": Query(words=f"{medium} -{common}"),
        "a prefix of 4": Query(words=f"{medium[:4]}*"),
        "1.2 %, newest first": Query(words=medium, sort="date"),
        "1.2 %, one language, a year": Query(words=medium, language=("de",), since="2020", until="2020"),
        "1.2 %, one site": Query(words=medium, site=("blog7.example",)),
        "two characters of Han": Query(words=han),
        "Han and a word": Query(words=f"{han} AND {medium}"),
        "all but a word": Query(words=f"-{medium}"),
        "a site's posts, newest first": Query(site=("blog7.example",)),
    }.items():
        measured(name, lambda query=query: find(corpus, query), f"{total(corpus, query):,}")
    measured("count of 1.2 %", lambda: total(corpus, Query(words=medium)))
    measured("similar", lambda: similar.similar(corpus, 77))
    measured("stats by month, one search", lambda: stats.stats(corpus, "month", search=[medium]))
    measured("stats by site", lambda: stats.stats(corpus, "site"))
    measured("coverage of 200 sites", lambda: stats.coverage(corpus))


if __name__ == "__main__":
    main()
