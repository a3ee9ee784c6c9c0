"""A corpus with some of everything in it, and what becomes of it when a bit of the file flips."""

import json
import random
import sqlite3
from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from ingest import load as saved
from ingest import run
from ingest.corpus import Corpus, inspect
from ingest.errors import CorpusError
from tests.corpus.making import AT

WORDS = (
    "hedge",
    "garden",
    "winter",
    "pump",
    "radiator",
    "honey",
    "bees",
    "brick",
    "draught",
    "valve",
    "copper",
    "sensor",
)


def prose(seed: int, words: int = 120) -> str:
    """HTML of our own, never the same twice."""
    dice = random.Random(seed)  # noqa: S311
    return "".join(f"<p>{' '.join(dice.choices(WORDS, k=20))} n{seed}x{n}.</p>" for n in range(words // 20))


def rest(n: int, day: int, body: str | None = None) -> dict[str, object]:
    """A REST object of our own, as it was on a day of January 2025."""
    home = "https://blog.example"
    content = body or prose(n * 100 + day) + f'<p><a href="https://other.example/{n}">away</a></p>'
    return {
        "id": n, "date": "2025-01-01T10:00:00", "date_gmt": "2025-01-01T09:00:00",
        "modified": f"2025-01-{day:02}T10:00:00", "modified_gmt": f"2025-01-{day:02}T09:00:00", "slug": f"post-{n}",
        "guid": {"rendered": f"{home}/?p={n}"}, "status": "publish", "type": "post", "link": f"{home}/post-{n}/",
        "title": {"rendered": f"Post {n}"}, "content": {"rendered": content, "protected": False},
        "excerpt": {"rendered": f"<p>In short {n}</p>"}, "author": n % 3 + 1, "categories": [n % 5 + 1], "tags": [],
        "class_list": [f"post-{n}", f"category-room-{n % 5}"],
    }  # fmt: skip


def load(path: Path, objects: Iterable[dict[str, object]], *, now: str = AT) -> None:
    """Load saved REST objects into a corpus, made when it is missing."""
    document = path.with_suffix(".json")
    document.write_text(json.dumps(list(objects)), encoding="utf-8")
    with Corpus(path, write=True, create=True) as corpus:
        list(saved.load(corpus, [str(document)], home=None, stop=run.Stop(), now=lambda: now))
    document.unlink()


def make(path: Path, posts: int = 40) -> None:
    """Posts with revisions, terms, authors and links; one in a script without blanks."""
    load(path, [*(rest(n, 2) for n in range(1, posts + 1)), rest(9000, 2, "<p>我們的健康生活</p>")])
    load(path, (rest(n, 5) for n in range(4, posts + 1, 4)), now="2026-02-01T00:00:00Z")


def flip(data: bytes, at: int, bit: int) -> bytes:
    """One bit the other way round."""
    return data[:at] + bytes([data[at] ^ (1 << bit)]) + data[at + 1 :]


def dump(path: Path) -> object:
    """Every row of every table, as bytes; the error where there is one."""
    conn = sqlite3.connect(f"file:{path}?mode=ro&immutable=1", uri=True)
    conn.text_factory = bytes
    try:
        tables = [
            row[0].decode() for row in conn.execute("SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY 1")
        ]
        return {t: conn.execute(f"SELECT * FROM {t} ORDER BY 1, 2").fetchall() for t in tables}
    except (sqlite3.DatabaseError, UnicodeDecodeError) as error:
        return str(error)
    finally:
        conn.close()


def found(path: Path) -> str:
    """The first check that speaks; empty when the file is called sound."""
    try:
        news = [one for one in inspect(path) if not one.known]
    except CorpusError:
        return "header"
    return news[0].check if news else ""


def tried(path: Path, positions: list[tuple[int, int]]) -> tuple[Counter[str], list[tuple[int, int]]]:
    """What became of each flip: the check that saw it, `harmless` when no row changed; and those that were missed."""
    sound, before = path.read_bytes(), dump(path)
    counts: Counter[str] = Counter()
    missed = []
    for at, bit in positions:
        path.write_bytes(flip(sound, at, bit))
        word = found(path)
        if not word:
            word = "harmless" if dump(path) == before else "missed"
        if word == "missed":
            missed.append((at, bit))
        counts[word] += 1
    path.write_bytes(sound)
    return counts, missed
