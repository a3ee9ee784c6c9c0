"""Near-duplicates: copies are found, other posts are left alone, and the order of arrival does not matter."""

import random
from collections.abc import Callable, Iterable
from pathlib import Path

import pytest

from ingest.corpus import Corpus, clusters, forget
from ingest.records import Post, RawDate
from ingest.research import duplicates, shingles
from tests.corpus.making import AT, load, modified, post

SYLLABLES = [
    a + b + c for a in ("", "s", "t", "r") for b in ("ka", "lo", "mi", "te", "su", "ve") for c in ("", "n", "l")
]
FURNITURE = "The post appeared first on our pages. Share this: by mail, on paper. You may also like what follows below"
FRAME = (
    "Dieser Beitrag stand zuerst anderswo und wurde mit freundlicher Genehmigung von der Redaktion übernommen",
    "Alle Rechte liegen beim Verfasser, Rückfragen beantwortet die Redaktion gern per Brief oder am Telefon",
)
PLACES = ("Lindau", "Bregenz", "Konstanz", "Meersburg", "Romanshorn", "Arbon", "Rorschach", "Hagnau", "Langenargen")


def words(rng: random.Random, count: int) -> list[str]:
    """Made-up words: some common ones, and many rare ones."""
    return [
        SYLLABLES[int(rng.paretovariate(0.7)) % 9]
        if rng.random() < 0.4
        else "".join(rng.choices(SYLLABLES, k=rng.randint(2, 3)))
        for _ in range(count)
    ]


def edited(rng: random.Random, text: list[str], share: float) -> list[str]:
    """A text in which this share of the words is another word."""
    return [words(rng, 1)[0] if rng.random() < share else word for word in text]


def template(rng: random.Random) -> list[str]:
    """A short post like a hundred others of its site, and yet another one."""
    place, low = rng.choice(PLACES), rng.randint(-9, 20)
    return (
        f"Weather for {place} on {rng.choice(('Monday', 'Tuesday', 'Friday', 'Sunday'))}: {low} to"
        f" {low + rng.randint(1, 12)} degrees, {rng.choice(('rain', 'sun', 'snow', 'fog', 'hail'))} in the"
        f" {rng.choice(('morning', 'evening'))}, wind from the {rng.choice(('west', 'north', 'east', 'south'))} at"
        f" {rng.randint(1, 90)} kilometres an hour, {rng.choice(('calm', 'choppy', 'rough'))} on the lake at"
        f" {rng.choice(PLACES)} with {rng.randint(1, 200)} centimetres. Have a good day"
    ).split()


KINDS: dict[str, Callable[[random.Random, list[str]], list[str]]] = {
    "word for word": lambda _, text: text,
    "with a feed's furniture": lambda _, text: [*text, *FURNITURE.split()],
    "cut to 70 %": lambda _, text: [*text[: int(len(text) * 0.7)], "[…]"],
    "in a frame": lambda _, text: [*FRAME[0].split(), *text, *FRAME[1].split()],
    "5 to 20 % changed": lambda rng, text: edited(rng, text, rng.uniform(0.05, 0.2)),
}


def written(number: int, text: Iterable[str], *, day: int = 1, **more: object) -> Post:
    """A post of these words."""
    told = {"title": f"Post {number}", "published": RawDate(utc=f"2025-01-{day:02}T10:00:00"), **more}
    return post(str(number), f"<p>{' '.join(text)}</p>", **told)


def found(corpus: Corpus) -> set[frozenset[str]]:
    """The clusters, by what does not depend on the order of arrival."""
    held: dict[str, set[str]] = {}
    for row in corpus.rows("SELECT * FROM near_duplicates"):
        held.setdefault(row["cluster"], set()).add(f"{row['position']} {row['doc_id']} {row['similarity']}")
    return {frozenset(one) for one in held.values()}


def clustered(corpus: Corpus) -> list[list[str]]:
    """The clusters as the sites' own ids, the representative first."""
    held: dict[int, list[str]] = {}
    rows = corpus.rows(
        "SELECT d.cluster, p.remote_id FROM duplicates d JOIN posts p ON p.id = d.post_id ORDER BY d.cluster, position"
    )
    for row in rows:
        held.setdefault(row["cluster"], []).append(row["remote_id"])
    return sorted(held.values())


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory):
    """120 posts of 40 to 400 words, a copy of each kind of every one, and 150 posts made from one template."""
    rng = random.Random(5)  # noqa: S311  (the same each time)
    originals = {n: words(rng, rng.randint(40, 400)) for n in range(1, 121)}
    posts = [written(n, text) for n, text in originals.items()]
    for k, kind in enumerate(KINDS.values(), 1):
        posts += [written(k * 1000 + n, kind(rng, text), day=1 + k) for n, text in originals.items()]
    posts += [written(9000 + n, template(rng)) for n in range(150)]
    rng.shuffle(posts)
    with Corpus(tmp_path_factory.mktemp("planted") / "corpus.db", write=True, create=True) as made:
        load(made, *posts)
        told = duplicates.annotate(made)
        assert told.possible
        assert told.signed == len(posts)
        yield {remote_id: n for n, one in enumerate(clustered(made)) for remote_id in one}


@pytest.mark.parametrize(("number", "kind"), list(enumerate(KINDS, 1)), ids=list(KINDS))
def test_copies_are_found(planted: dict[str, int], number: int, kind: str) -> None:
    """Of each kind of copy at least 95 in a hundred are in one cluster with what they are copies of."""
    together = [planted.get(str(n), -1) == planted.get(str(number * 1000 + n), -2) for n in range(1, 121)]
    assert sum(together) / len(together) >= 0.95, kind


def test_other_posts_are_left_alone(planted: dict[str, int]) -> None:
    """Of all pairs that share a cluster at least 99 in a hundred are copies; short posts of one template are none."""
    held: dict[int, list[int]] = {}
    for remote_id, cluster in planted.items():
        held.setdefault(cluster, []).append(int(remote_id) if int(remote_id) >= 9000 else int(remote_id) % 1000)
    pairs = [a == b for one in held.values() for n, a in enumerate(one) for b in one[:n]]
    assert len(pairs) > 1000
    assert sum(pairs) / len(pairs) >= 0.99


def test_the_order_of_arrival_does_not_matter(tmp_path: Path) -> None:
    """One by one, in three loads or all at once, backwards or not: the same clusters, in the same order inside."""
    rng = random.Random(7)  # noqa: S311
    texts = [words(rng, 120) for _ in range(12)]
    posts = [written(n, text) for n, text in enumerate(texts, 1)]
    posts += [written(100 + n, edited(rng, text, 0.08), day=2) for n, text in enumerate(texts[:8], 1)]
    posts += [written(200 + n, edited(rng, texts[0], 0.1), day=3) for n in range(6)]
    results = []
    for number, parts in enumerate((1, 3, len(posts))):
        rng.shuffle(posts)
        with Corpus(tmp_path / f"{number}.db", write=True, create=True) as corpus:
            for part in range(parts):
                load(corpus, *posts[part::parts])
                duplicates.annotate(corpus)
            results.append(found(corpus))
    assert len(results[0]) == 8
    assert results[0] == results[1] == results[2]


def test_a_cluster_is_led_by_the_earliest(corpus: Corpus) -> None:
    """The earliest published is the representative, undated posts come last; and a date that changes changes that."""
    text = words(random.Random(1), 100)  # noqa: S311
    load(corpus, written(1, text, published=RawDate()), written(2, text, day=5), written(3, [*text, "more"], day=9))
    duplicates.annotate(corpus)
    assert clustered(corpus) == [["2", "3", "1"]]
    assert [row["similarity"] for row in corpus.rows("SELECT similarity FROM duplicates ORDER BY position")] == [
        1.0, pytest.approx(0.99, abs=0.01), 1.0,
    ]  # fmt: skip
    load(corpus, written(3, [*text, "more"], day=2, modified=modified(20)))
    duplicates.annotate(corpus)
    assert clustered(corpus) == [["3", "2", "1"]]


def test_documents_unique_has_one_row_a_cluster(corpus: Corpus) -> None:
    """The earliest of each cluster with the number of its posts, every other post with 1; columns as in `corpus`."""
    rng = random.Random(2)  # noqa: S311
    text = words(rng, 100)
    load(corpus, *(written(n, text, day=n) for n in (1, 2, 3)), written(9, words(rng, 100)))
    assert [row["copies"] for row in corpus.rows("SELECT * FROM documents_unique")] == [1, 1, 1, 1]
    duplicates.annotate(corpus)
    rows = corpus.rows("SELECT * FROM documents_unique ORDER BY url")
    assert [(row["title"], row["copies"]) for row in rows] == [("Post 1", 3), ("Post 9", 1)]
    assert list(rows[0]) == [*corpus.rows("SELECT * FROM corpus LIMIT 1")[0], "copies"]


def test_a_post_that_is_rewritten_leaves(corpus: Corpus) -> None:
    """Its words decide: the bridge between two posts that are not alike is taken away, and both are single again."""
    rng = random.Random(3)  # noqa: S311
    middle = words(rng, 100)
    left, right = middle[:60] + words(rng, 10), words(rng, 10) + middle[40:]
    load(corpus, written(1, left), written(2, middle, day=2), written(3, right, day=3))
    duplicates.annotate(corpus)
    assert clustered(corpus) == [["1", "2", "3"]]
    load(corpus, written(2, words(rng, 100), modified=modified(9)))
    assert duplicates.annotate(corpus).signed == 1
    assert clustered(corpus) == []


def test_a_forgotten_post_leaves_nothing(corpus: Corpus) -> None:
    """Neither its signature nor its place in a cluster stays, and the others are clustered anew without it."""
    text = words(random.Random(4), 60)  # noqa: S311
    load(corpus, *(written(n, text, day=n) for n in (1, 2, 3)))
    duplicates.annotate(corpus)
    number = corpus.rows("SELECT id FROM posts WHERE remote_id = '1'")[0]["id"]
    forget.forget(corpus, [number], "asked to", AT)
    duplicates.annotate(corpus)
    assert clustered(corpus) == [["2", "3"]]
    assert corpus.rows("SELECT signature FROM signatures WHERE post_id = ?", [number]) == [{"signature": None}]


@pytest.mark.parametrize("vanished", ["1", "2", "3"])
def test_a_member_that_vanishes(corpus: Corpus, vanished: str) -> None:
    """Where the row of a post is taken away, as a join of two posts does, the others are compared without it."""
    rng = random.Random(3)  # noqa: S311
    middle = words(rng, 100)
    left, right = middle[:60] + words(rng, 10), words(rng, 10) + middle[40:]
    load(corpus, written(1, left), written(2, middle, day=2), written(3, right, day=3))
    duplicates.annotate(corpus)
    corpus.conn.execute("DELETE FROM duplicates WHERE post_id = (SELECT id FROM posts WHERE remote_id = ?)", [vanished])
    corpus.conn.execute("DELETE FROM signatures WHERE post_id = (SELECT id FROM posts WHERE remote_id = ?)", [vanished])
    corpus.conn.execute("UPDATE posts SET text = '', text_hash = 'x' WHERE remote_id = ?", [vanished])
    duplicates.annotate(corpus)
    assert clustered(corpus) == {"1": [["2", "3"]], "2": [], "3": [["1", "2"]]}[vanished]


def test_leaving_a_cluster(corpus: Corpus) -> None:
    """What `leave` takes out is gone at once; the rest is compared anew by the next call."""
    text = words(random.Random(4), 60)  # noqa: S311
    load(corpus, *(written(n, text, day=n) for n in (1, 2, 3)))
    duplicates.annotate(corpus)
    number = corpus.rows("SELECT id FROM posts WHERE remote_id = '1'")[0]["id"]
    with corpus.transaction() as conn:
        clusters.leave(conn, number)
    assert corpus.rows("SELECT 1 FROM signatures WHERE post_id = ?", [number]) == []
    assert clustered(corpus) == []


def test_stopped_it_goes_on(corpus: Corpus) -> None:
    """A call that is stopped after its first batch leaves the rest to the next one, with the same result."""
    rng = random.Random(6)  # noqa: S311
    text = words(rng, 60)
    load(corpus, *(written(n, words(rng, 60)) for n in range(1, 251)), written(999, text, day=2), written(998, text))
    asked = iter([False, True, True])
    assert duplicates.annotate(corpus, lambda: next(asked)).signed == 200
    assert clustered(corpus) == []
    assert duplicates.annotate(corpus).signed == 52
    assert clustered(corpus) == [["998", "999"]]
    assert duplicates.annotate(corpus).signed == 0


def test_without_the_extra(corpus: Corpus, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is compared, and it says so."""
    monkeypatch.setattr(shingles, "made_by", lambda: None)
    load(corpus, written(1, ["a"] * 50))
    assert duplicates.annotate(corpus) == duplicates.Compared(possible=False)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("Happy new year!", "Happy new year!", False),
        ("A short notice that is carried word for word", "A short notice, that is carried word for word.", True),
        ("A short notice that is carried word for word", "A short notice that is carried word for money", False),
        ("", "", False),
        ("今日は天気がいいので、散歩に行きました。公園で花を見て、帰りに本屋へ寄りました。" * 2,
         "今日は天気がいいので散歩に行きました。公園で花を見て、帰りに本屋へ寄りました。" * 2, True),
        ("今日は天気がいいので、散歩に行きました。", "昨日は雨が降ったので、家で本を読みました。", False),
    ],
)  # fmt: skip
def test_short_and_unspaced_texts(corpus: Corpus, one: str, other: str, same: bool) -> None:
    """A few words are nobody's; a short text is a copy word for word only; scripts without blanks are read as well."""
    load(corpus, written(1, [one]), written(2, [other]))
    duplicates.annotate(corpus)
    assert (clustered(corpus) != []) is same


def test_a_post_that_a_hundred_sites_carry(corpus: Corpus) -> None:
    """Many copies of one text are one cluster, without comparing each with each."""
    text = words(random.Random(8), 50)  # noqa: S311
    load(corpus, *(written(n, text, day=1 + n % 28) for n in range(1, 301)))
    told = duplicates.annotate(corpus)
    assert (told.clusters, told.members) == (1, 300)
