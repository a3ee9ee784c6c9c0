"""What the page's server does for each page: on a generated corpus of 100,000 posts, warm, CPU time, medians.

    python benchmarks/page.py [POSTS]

The posts are those of `search.py` made as long as real ones (400 words, 2.6 kB): 200 sites over ten years, with three
authors, 20 categories and 300 tags a site, two links a post and 30 runs a source. A page is everything between
Datasette and the browser: questions, facets, timeline, snippets, HTML. The goal is 0.3 s for every one of them.
"""

import random
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import quote

from search import AT, near, words

from ingest.corpus import Corpus
from ingest.web import pages, reading, sites
from ingest.web.routes import rendered
from ingest.web.shown import Here

SITES = 200
WORDS = 400
GOAL = 0.3


def fill(corpus: Corpus, posts: int) -> tuple[dict[str, int], str]:
    """Write it; in how many posts each word is, and a word of a script without blanks."""
    rng, held = random.Random(1), {}
    draw = words(rng)
    with corpus.transaction() as conn:
        for site in range(1, SITES + 1):
            _site(conn, rng, site)
        for n in range(1, posts + 1):
            title, body = draw(6), draw(WORDS)
            for word in {*title, *body}:
                held[word] = held.get(word, 0) + 1
            _post(conn, rng, n, 1 + n * SITES // (posts + 1), " ".join(title), " ".join(body))
        for index, where in (("posts_fts", "1"), ("posts_trigram", "unspaced")):
            conn.execute(f"INSERT INTO {index} (rowid, title, text) SELECT id, title, text FROM posts WHERE {where}")
    return held, corpus.rows("SELECT substr(text, 11, 2) AS w FROM posts WHERE id = 50")[0]["w"]


def _site(conn: sqlite3.Connection, rng: random.Random, site: int) -> None:
    home = f"https://blog{site}.example"
    conn.execute(
        "INSERT INTO sites (id, site, home, name, first_seen_at) VALUES (?, ?, ?, ?, ?)",
        [site, home[8:], home, f"Blog {site}", AT],
    )
    conn.execute(
        "INSERT INTO sources (id, site_id, kind, url, added_at, verdict, announced, last_ok_at, next_due)"
        " VALUES (?, ?, 'wordpress', ?, ?, ?, '{\"post\": 500}', ?, ?)",
        [site, site, home, AT, rng.choice(["complete"] * 7 + ["partial", "failing", "unknown"]), AT, AT],
    )
    runs = [(site, f"2025-01-{1 + n:02}T00:00:00Z", rng.randint(0, 5)) for n in range(30)]
    conn.executemany(
        "INSERT INTO runs (source_id, command, version, started_at, new, verdict)"
        " VALUES (?, 'fetch', '0', ?, ?, 'complete')",
        runs,
    )
    people = [(site * 3 + n, site, str(n), f"Author {(site * 3 + n) % 211}") for n in range(3)]
    conn.executemany("INSERT INTO authors (id, site_id, remote_id, name) VALUES (?, ?, ?, ?)", people)
    terms = [(site * 1000 + n, site, "category", str(n), f"Category {n}") for n in range(20)]
    terms += [(site * 1000 + 100 + n, site, "post_tag", str(n), f"tag {n * site % 997}") for n in range(300)]
    conn.executemany("INSERT INTO terms (id, site_id, taxonomy, remote_id, name) VALUES (?, ?, ?, ?, ?)", terms)


def _post(conn: sqlite3.Connection, rng: random.Random, n: int, site: int, title: str, text: str) -> None:
    unspaced = n % 50 == 0
    if unspaced:
        text = "".join(chr(0x4E00 + ord(c) % 97 * 7) for c in text[:800])
    conn.execute(
        "INSERT INTO posts (id, doc_id, site_id, type, status, url, title, text, excerpt, published_at, language,"
        " word_count, text_hash, words_since, rules_version, cleaned, unspaced, body_rank, first_seen_at, last_seen_at)"
        " VALUES (?, ?, ?, 'post', 'publish', ?, ?, ?, '', ?, ?, ?, '', ?, 1, '[]', ?, 50, ?, ?)",
        [n, f"{rng.getrandbits(128):032x}", site, f"https://blog{site}.example/{n}/", title, text,
         f"{2015 + n % 10}-{1 + n % 12:02}-{1 + n % 28:02}T10:00:00Z", "en" if n % 3 else "de", WORDS, AT,
         int(unspaced), AT, AT],
    )  # fmt: skip
    conn.execute(
        "INSERT INTO sightings (source_id, post_id, body_rank, first_seen_at, last_seen_at) VALUES (?, ?, 50, ?, ?)",
        [site, n, AT, AT],
    )
    conn.execute("INSERT INTO post_authors VALUES (?, 0, ?)", [n, site * 3 + n % 3])
    terms = [(n, site * 1000 + n % 20, 0), *((n, site * 1000 + 100 + rng.randrange(300), k) for k in (1, 2, 3))]
    conn.executemany("INSERT OR IGNORE INTO post_terms VALUES (?, ?, ?)", terms)
    links = [(n, 0, f"https://blog{site}.example/", 1, max(n - 1, 1)), (n, 1, "https://other.example/", 0, None)]
    conn.executemany(
        "INSERT INTO links (post_id, n, url, anchor, internal, target_post_id) VALUES (?, ?, ?, '', ?, ?)", links
    )


def measured(path: Path, name: str, page: Callable, asked: str = "", word: str = "") -> float:
    """Print the median and the slowest of seven, in milliseconds; the median in seconds."""
    times, html = [], ""
    for _ in range(8):
        start = time.process_time()
        _, html = rendered(page, path, Here("corpus", "/corpus", "/style.css", asked, word))
        times.append(time.process_time() - start)
    times = times[1:]
    hits = html.partition('role="status">')[2].partition(" post")[0]
    print(f"| {name} | {hits} | {statistics.median(times) * 1000:.0f} | {max(times) * 1000:.0f} |", flush=True)
    return statistics.median(times)


def main() -> int:
    posts = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "corpus.db"
        with Corpus(path, write=True, create=True) as corpus:
            held, han = fill(corpus, posts)
        print(f"{posts:,} posts, {path.stat().st_size / 1e6:.0f} MB\n")
        print("| page | hits | median, ms | slowest, ms |\n|---|---|---|---|")
        slowest = max(_pages(path, {share: near(held, posts, share) for share in (0.58, 0.29, 0.012)}, han))
    return int(slowest > GOAL)


def _pages(path: Path, common: dict[float, str], han: str) -> list[float]:
    most, often, some = common.values()
    asked = {
        "search: the commonest word": f"q={most}",
        "a word in 29 %": f"q={often}",
        "a word in 1.2 %": f"q={some}",
        "two common words": f"q={most}+{often}",
        "the commonest word, newest first": f"q={most}&sort=date",
        "the commonest word, five years": f"q={most}&from=2020",
        "the commonest word, one language": f"q={most}&lang=de",
        "the commonest word, hits 7,981 to 8,000": f"q={most}&page=400",
        "all but a word": f"q=-{some}",
        "two characters of Han": f"q={quote(han)}",
        "one author": "author=Author+7",
        "one category of all sites": "category=Category+7",
        "one language": "lang=de",
        "one site": "site=blog7.example",
    }
    times = [measured(path, name, pages.search, query) for name, query in asked.items()]
    times.append(measured(path, "first page", pages.search))
    times.append(measured(path, "a post", reading.post, word="777"))
    times.append(measured(path, "similar posts", reading.like, word="777"))
    times.append(measured(path, "a site", sites.site, "site=blog7.example"))
    times.append(measured(path, "source health (100 of 200)", sites.health))
    return times


if __name__ == "__main__":
    sys.exit(main())
