"""The cases of `run.py`: who competes in what, and what the goal is."""

import json
import shutil
import sqlite3
from collections.abc import Callable, Mapping
from pathlib import Path

from bench import Bench, Contender, Server, Wrong, copy
from serving import WORDPRESS
from sites import address

__all__ = ["CASES"]


def feeds_of(server: Server, count: int) -> list[str]:
    """The addresses of the server's feeds."""
    return [f"http://{address(host)}:{server.port}/feed.xml" for host in range(count)]


def ours(bench: Bench, urls: list[str], posts: int, least: int = 100) -> Contender:
    """Our first run over these feeds; a text has at least so many characters."""
    return Contender(
        "blogcorpus", lambda db: bench.ours(db, "-q", "fetch"), bench.sources(urls),
        (f"SELECT count(*) FROM posts WHERE length(text) >= {least}", posts),
    )  # fmt: skip


def reader(bench: Bench, urls: list[str], posts: int, workers: int, most: int = 99, name: str = "") -> Contender:
    """lemon24/reader: update and search index."""
    listing = bench.folder / "urls.txt"
    listing.write_text("\n".join(urls), encoding="utf-8")
    return Contender(
        name or "reader", lambda db: bench.peer("reader_run.py", "update", str(db), str(workers)),
        lambda db: bench.do(bench.peer("reader_run.py", "add", str(db), str(listing))),
        ("SELECT count(*) FROM entries", posts), most,
    )  # fmt: skip


def feeds(bench: Bench, case: str, count: int, entries: int, goals: tuple[float, str]) -> None:
    """A first run over `count` feeds of `entries` entries each, full text included."""
    count = count // 10 if bench.quick else count
    posts = count * entries
    with Server(feeds=(count, entries, 6000)) as server:
        urls = feeds_of(server, count)
        slow = 1 if posts > 5000 else 99
        peers = [
            reader(bench, urls, posts, 1, slow),
            Contender(
                "feed-to-sqlite",
                lambda db: [bench.tool("feed-to-sqlite"), "--table", "items", str(db), *urls],
                holds=("SELECT count(*) FROM items", posts), most=slow,
            ),
            Contender(
                "requests + feedparser",
                lambda db: bench.peer("bare_feeds.py", str(db), str(bench.folder / "urls.txt")),
                holds=("SELECT count(*) FROM entries", posts), most=slow,
            ),
        ]  # fmt: skip
        found = bench.compare(case, [ours(bench, urls, posts), *([] if bench.alone else peers)], server)
    mine = found["blogcorpus"]
    bench.note(f"{case}: posts a second", f"{posts / mine.wall:,.0f}")
    if not bench.alone:
        bench.goal(f"{case}: reader / ours", found["reader"].wall / mine.wall, goals[0], aim=goals[1])
        bench.goal(f"{case}: feed-to-sqlite / ours", found["feed-to-sqlite"].wall / mine.wall, 3)
        bench.note(f"{case}: requests + feedparser, no text, no index / ours",
                   f"{found['requests + feedparser'].wall / mine.wall:.2f} x")  # fmt: skip


def unchanged(bench: Bench) -> None:
    """A second run over 1,000 feeds of which none changed, without and with 50 ms of latency."""
    count = 100 if bench.quick else 1000
    with Server(feeds=(count, 10, 1500)) as server:
        urls = feeds_of(server, count)
        held = {"blogcorpus": bench.folder / "held-ours.db", "reader": bench.folder / "held-reader.db"}
        first = {"blogcorpus": ours(bench, urls, count * 10, least=0), "reader": reader(bench, urls, count * 10, 4)}
        for name in ["blogcorpus"] if bench.alone else list(first):
            first[name].prepare(held[name])
            bench.do(first[name].command(held[name]))
            settle(held[name])
        for ms in (0, 50):
            server.tell("latency", ms=ms)
            mine = Contender(
                "blogcorpus", lambda db: bench.ours(db, "-q", "fetch", "--all"), copying(held["blogcorpus"]),
                ("SELECT count(*) FROM posts", count * 10),
            )  # fmt: skip
            theirs = [
                Contender(f"reader, {n} workers", _updating(bench, n), copying(held["reader"]),
                          ("SELECT count(*) FROM entries", count * 10))
                for n in ((1, 4) if ms == 0 else (32,))
            ]  # fmt: skip
            found = bench.compare(f"unchanged-{ms}ms", [mine, *([] if bench.alone else theirs)], server)
            best = min((f.wall for name, f in found.items() if name != "blogcorpus"), default=0.0)
            if not bench.alone and not ms:
                bench.goal("unchanged, 0 ms: the best reader / ours", best / found["blogcorpus"].wall, 2)
            if ms:  # 32 at a time: 1.6 s of these are latency, whoever asks
                bench.goal("unchanged, 50 ms: seconds", found["blogcorpus"].wall, 3, most=True, unit="s")
                bench.note("unchanged, 50 ms: the best reader / ours", f"{best / found['blogcorpus'].wall:.2f} x")


def _updating(bench: Bench, workers: int) -> Callable[[Path], list[str]]:
    return lambda db: bench.peer("reader_run.py", "update", str(db), str(workers))


def settle(db: Path) -> None:
    """What stands in a log comes into its file."""
    for path in db.parent.glob(f"{db.name}*"):
        if path.suffix in {".db", ".search"}:
            conn = sqlite3.connect(path)
            conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            conn.close()


def copying(held: Path) -> Callable[[Path], None]:
    """Begin with what is held."""
    return lambda db: copy(held, db)


def wordpress(bench: Bench) -> None:
    """A first run over a WordPress of 5,000 posts, REST, full text included."""
    posts = 500 if bench.quick else 5000
    with Server(wordpress=posts) as server:
        home = f"http://{WORDPRESS}:{server.port}/"

        def prepare(db: Path) -> None:
            bench.do(bench.ours(db, "-q", "add", home))

        rehearsal, listing = bench.folder / "rehearsal.db", bench.folder / "rest.txt"
        prepare(rehearsal)
        server.tell("asked")
        bench.do(bench.ours(rehearsal, "-q", "fetch"))
        listing.write_text("\n".join(server.tell("asked")), encoding="utf-8")
        count = ("SELECT count(*) FROM posts WHERE type = 'post' AND length(text) > 100", posts)
        mine = Contender("blogcorpus", lambda db: bench.ours(db, "-q", "fetch"), prepare, count)
        full = Contender(
            "blogcorpus, all extras", lambda db: bench.ours(db, "-q", "fetch", extras=True), prepare, count
        )
        bare = Contender("bare limit", lambda db: bench.peer("bare_rest.py", str(db), str(listing)),
                         holds=("SELECT count(DISTINCT url) FROM posts WHERE type = 'post'", posts))  # fmt: skip
        scripts = [
            Contender(f"requests + bs4 ({parser}) + sqlite-utils",
                      lambda db, parser=parser: bench.peer("soup_rest.py", str(db), f"{home}wp-json/", parser),
                      holds=("SELECT count(*) FROM posts", posts))
            for parser in ("html.parser", "lxml")
        ]  # fmt: skip
        found = bench.compare("wordpress", [mine, bare, *([] if bench.alone else [*scripts, full])], server)
    bench.note("wordpress: posts a second", f"{posts / found['blogcorpus'].wall:,.0f}")
    bench.goal(
        "wordpress: share of the bare limit", found["bare limit"].wall / found["blogcorpus"].wall, 0.25, aim="0.4"
    )
    if not bench.alone:
        for one in scripts:
            bench.goal(f"wordpress: {one.name} / ours", found[one.name].wall / found["blogcorpus"].wall, 3)


def many(bench: Bench) -> None:
    """Thousands of sources of which 1 % changed: what a run of cron costs, and how it grows."""
    walls: dict[int, float] = {}
    for count in (100, 300, 1000) if bench.quick else (1000, 3000, 10_000):
        with Server(feeds=(count, 2, 800)) as server:
            urls, held = feeds_of(server, count), bench.folder / f"many-{count}.db"
            first = ours(bench, urls, count * 2, least=0)
            rounds, bench.rounds = bench.rounds, 1
            bench.compare(f"many-{count}-first", [first], server)
            shutil.copy(bench.folder / f"many-{count}-first.db", held)
            bench.rounds = min(rounds, 3)
            server.tell("news", hosts=",".join(map(str, range(0, count, 100))))
            again = Contender("blogcorpus", lambda db: bench.ours(db, "-q", "fetch", "--all"), copying(held),
                              ("SELECT count(*) FROM posts", count * 2 + -(-count // 100)))  # fmt: skip
            found = bench.compare(f"many-{count}", [again], server)["blogcorpus"]
            bench.rounds = rounds
        walls[count] = found.wall
        bench.note(f"{count:,} sources, 1 % changed", f"{found.wall:.2f} s, {found.requests:,} requests,"
                   f" {found.parent_mb:.0f} MB parent, {found.all_mb:.0f} MB in all")  # fmt: skip
    few, *_, most = walls
    bench.goal(f"{most:,} sources: parent's peak", found.parent_mb, 200, most=True, unit="MB")
    bench.goal(f"seconds a source at {most:,} / at {few:,}", walls[most] / most / (walls[few] / few), 1.2, most=True)


def hostile(bench: Bench) -> None:
    """When 30 good sources are done, alone and beside 10 hostile ones."""
    from hostile_hosts import Hostile, batches

    count, entries = 30, 20
    with Server(feeds=(count, entries, 6000)) as server:
        server.tell("latency", ms=50)
        good = feeds_of(server, count)
        ratios: dict[str, float] = {}
        for names in batches(2 if bench.quick else None):
            with Hostile(names) as bad:
                walls = [_good_done(bench, server, good, urls) for _ in range(bench.rounds)
                         for urls in ([], bad.urls)]  # fmt: skip
            alone, beside = sorted(walls[::2])[len(walls) // 4], sorted(walls[1::2])[len(walls) // 4]
            ratios[", ".join(names)] = beside / alone
            print(f"  hostile  {beside / alone:5.2f}  {alone:5.2f} s  {beside:5.2f} s  {', '.join(names)}", flush=True)
    ordered = sorted(ratios.values())
    worst = max(ratios, key=lambda one: ratios[one])
    bench.goal(
        "hostile: good ones beside 10 bad / alone, median of the batches", ordered[len(ordered) // 2], 1.2, most=True
    )
    bench.goal(f"hostile: the worst batch ({worst})", ordered[-1], 1.2, most=True)


def _good_done(bench: Bench, server: Server, good: list[str], bad: list[str]) -> float:
    """Seconds until the last good source's line."""
    mixed = [url for n, url in enumerate(good) for url in ([bad[n // 3], url] if bad and n % 3 == 0 else [url])]
    one = Contender("beside 10 bad" if bad else "alone",
                    lambda db: bench.ours(db, "--json", "--deadline", "4", "fetch", "--fail-on", "never"),
                    bench.sources(mixed), ("SELECT count(DISTINCT url) >= 600 FROM posts", 1))  # fmt: skip
    for old in bench.folder.glob("hostile-0.*"):
        old.unlink()
    rounds, bench.rounds = bench.rounds, 1
    done = bench.compare("hostile", [one], server)[one.name].runs[-1]
    bench.rounds = rounds
    told = [(at, json.loads(line)) for at, line in done.lines if line.startswith("{")]
    mine = [at for at, row in told if row["type"] == "source" and row["url"] in good and row["new"] == 20]
    if len(mine) != len(good):
        raise Wrong(f"hostile: only {len(mine)} of the good ones are done")
    return max(mine)


CASES: Mapping[str, Callable[[Bench], None]] = {
    "feeds-100": lambda bench: feeds(bench, "feeds-100x20", 100, 20, (6, "8")),
    "feeds-1000": lambda bench: feeds(bench, "feeds-1000x10", 1000, 10, (6, "12")),
    "unchanged": unchanged, "wordpress": wordpress, "many": many, "hostile": hostile,
}  # fmt: skip
