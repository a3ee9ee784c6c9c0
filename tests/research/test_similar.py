"""More like this: planted copies come first, in every kind of script."""

import random
from collections.abc import Iterator
from pathlib import Path

import pytest

from ingest.corpus import Corpus
from ingest.research.similar import similar
from tests.corpus.making import load, post

LETTERS = {"spaced": "abcdefghijklmnop", "unspaced": "的一是不了人我在有他這中大來上國"}


def text(rng: random.Random, script: str, words: int) -> list[str]:
    """Made-up words: a few common ones, and many rare ones."""
    letters = LETTERS[script]
    common = ["".join(letters[n : n + 2]) for n in range(8)]
    return [
        rng.choice(common) if rng.random() < 0.5 else "".join(rng.choices(letters, k=rng.randint(4, 7)))
        for _ in range(words)
    ]


@pytest.fixture(scope="module", params=["spaced", "unspaced"])
def planted(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Corpus, int]]:
    """120 posts, and of each of the first 20 a copy that was cut to half and changed in every tenth word."""
    rng = random.Random(9)  # noqa: S311  (the same each time)
    glue = " " if request.param == "spaced" else ""
    words = {n: text(rng, request.param, 80) for n in range(1, 121)}
    for n in range(1, 21):
        half = words[n][:40]
        words[1000 + n] = [text(rng, request.param, 1)[0] if m % 10 == 0 else word for m, word in enumerate(half)]
    with Corpus(tmp_path_factory.mktemp("similar") / "c.db", write=True, create=True) as corpus:
        load(corpus, *(post(str(n), f"<p>{glue.join(one)}</p>", title=f"Post {n}") for n, one in words.items()))
        yield corpus, 20


def test_a_planted_copy_is_the_likest(planted: tuple[Corpus, int]) -> None:
    """Each original names its copy first, and the other way round; never itself."""
    corpus, copies = planted
    number = {row["remote_id"]: row["id"] for row in corpus.rows("SELECT id, remote_id FROM posts")}
    for n in range(1, copies + 1):
        for one, other in ((str(n), str(1000 + n)), (str(1000 + n), str(n))):
            found = similar(corpus, number[one], limit=3)
            assert found.hits[0]["title"] == f"Post {other}"
            assert number[one] not in [hit["id"] for hit in found.hits]
            assert found.hits[0]["shared"] > max((hit["shared"] for hit in found.hits[1:]), default=0)


def test_what_is_like_nothing(tmp_path: Path) -> None:
    """Without a word that another post has, there is nothing to go by; an empty post is no failure."""
    with Corpus(tmp_path / "c.db", write=True, create=True) as corpus:
        load(
            corpus,
            post("1", "<p>alone here</p>", title="x"),
            post("2", "", title=""),
            post("3", "<p>健康</p>", title=""),
        )
        for row in corpus.rows("SELECT id FROM posts"):
            assert similar(corpus, row["id"]).hits == ()
