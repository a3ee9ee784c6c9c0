"""Searching, counting and taking away the corpus as of a date: the words of that day, and no others."""

import json
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import ingest
from ingest.corpus import Corpus, Query, RunWriter, asof, history
from ingest.corpus.search import MARKS, find, numbers, total
from ingest.errors import ConfigError
from ingest.library import Library
from ingest.records import Batch, Gone
from ingest.research.choice import Choice, chosen, columns, held
from ingest.research.stats import coverage, stats
from tests.corpus.making import load, modified, post, source
from tests.prompt import Prompt


def day(n: int) -> str:
    """A moment in January 2026."""
    return f"2026-01-{n:02}T12:00:00Z"


def fill(corpus: Corpus) -> None:
    """A post that changed twice; one that came later; one that went; one in a script without blanks that changed."""
    load(corpus, post(body="<p>One bee sleeps</p>", title="Bees"), at=day(1))
    load(corpus, post(body="<p>Two bees dance and dance</p>", title="Bees", modified=modified(3)), at=day(5))
    load(corpus, post(body="<p>Three wasps</p>", title="Wasps", modified=modified(5)), at=day(9))
    load(corpus, post("2", "<p>A bee came later</p>"), at=day(6))
    load(corpus, post("3", "<p>This bee goes</p>"), at=day(2))
    load(corpus, post("4", "<p>我們的健康生活</p>"), at=day(2))
    load(corpus, post("4", "<p>Nothing Chinese</p>", modified=modified(6)), at=day(7))
    number = corpus.rows("SELECT id FROM sources")[0]["id"]
    RunWriter(corpus, "fetch").apply(source(number=number), Batch(gone=(Gone("post", "3", "erased", "404"),)), day(8))


@pytest.fixture
def told(corpus: Corpus) -> Corpus:
    """An open corpus with that in it."""
    fill(corpus)
    return corpus


@pytest.fixture
def library(prompt: Prompt) -> Iterator[Library]:
    """The same, opened to read in."""
    with Corpus(prompt.db, write=True, create=True) as corpus:
        fill(corpus)
    with ingest.open(prompt.db) as opened:
        yield opened


@pytest.mark.parametrize(
    ("words", "date", "ids"),
    [
        ("bee", "2026-01-01", [1]), ("bee", "2026-01-05", [3]), ("bee", "2026-01-06", [2, 3]), ("bees", "2026-01-01", [1]),
        ("bees", "2026-01-08", [1]), ("bees", "2026-01-09", []), ("wasps", "2026-01-08", []), ("wasps", "2026-01-09", [1]),
        ("dance", "2026-01-04", []), ("dance", "2026-01-05", [1]), ("bee -sleeps", "2026-01-02", [3]),
        ("-sleeps", "2026-01-02", [3, 4]), ("title:bees", "2026-01-05", [1]), ("danc*", "2026-01-08", [1]),
        ("健康", "2026-01-06", [4]), ("健康", "2026-01-07", []), ("我們的", "2026-01-03", [4]), ("健康 OR sleeps", "2026-01-02", [1, 4]),
        ("chinese", "2026-01-06", []), ("chinese", "2026-01-07", [4]), ("bee", "2025-12-31", []), ("健康 bee", "2026-01-02", []),
    ],
)  # fmt: skip
def test_the_words_of_that_day_are_searched(told: Corpus, words: str, date: str, ids: list[int]) -> None:
    """Words that came since find nothing, words that went since are found; count, hits and numbers agree."""
    query = Query(words=words, as_of=date)
    assert sorted(hit["id"] for hit in find(told, query)) == ids
    assert sorted(hit["id"] for hit in find(told, Query(words=words, as_of=date, sort="date"))) == ids
    assert sorted(numbers(told, query)) == ids
    assert total(told, query) == len(ids)


def test_a_hit_shows_that_day(told: Corpus) -> None:
    """Its title and its snippet, and whether it was there."""
    (hit,) = find(told, Query(words="dance", as_of="2026-01-08"))
    assert (hit["title"], hit["snippet"]) == (
        "Bees",
        f"Two bees {MARKS[0]}dance{MARKS[1]} and {MARKS[0]}dance{MARKS[1]}",
    )
    (hit,) = find(told, Query(words="goes", as_of="2026-01-07"))
    assert hit["gone_at"] is None
    (hit,) = find(told, Query(words="goes", as_of="2026-01-08"))
    assert hit["gone_at"] == day(8)
    assert [hit["id"] for hit in find(told, Query(gone=True, as_of="2026-01-08"))] == [3]
    assert find(told, Query(gone=True, as_of="2026-01-07")) == []
    assert [hit["id"] for hit in find(told, Query(as_of="2026-01-02"))] != []


def test_best_first_and_page_by_page(told: Corpus) -> None:
    """A title's words weigh more in either index, and pages do not overlap."""
    load(told, *(post(str(n), f"<p>{'bees ' * (n % 3)} and more text {n}</p>") for n in range(10, 20)), at=day(3))
    query = Query(words="bees", as_of="2026-01-06")
    every = [hit["id"] for hit in find(told, query, limit=100)]
    assert len(set(every)) == len(every) == total(told, query) == 8
    assert [hit["id"] for at in range(0, 9, 3) for hit in find(told, query, limit=3, offset=at)] == every


def test_the_documented_query_gives_the_same(told: Corpus) -> None:
    """docs/as-of.md, `held` and the library agree on every day."""
    for n in range(1, 12):
        date = f"2026-01-{n:02}"
        ours = {row["doc_id"]: row for row in held(told, Choice(filters=Query(as_of=date)))}
        rows = history.as_of(told, date)
        assert [row["doc_id"] for row in rows] == list(ours)
        for row in rows:
            assert {name: ours[row["doc_id"]][name] for name in row} == row


def test_rows_have_the_columns_of_the_view(told: Corpus) -> None:
    """Today and as of a date; as of now they are the same rows, and earlier ones count the revisions of then."""
    today = list(held(told))
    assert [list(row) for row in today] == [columns(told)] * 4
    assert list(held(told, Choice(filters=Query(as_of="2030-01-01")))) == today
    first = next(row for row in held(told, Choice(search="dance", filters=Query(as_of="2026-01-06"))))
    assert list(first) == columns(told)
    assert (first["revisions"], first["word_count"], first["modified_at"]) == (1, 5, "2025-01-03T10:00:00Z")
    assert next(held(told, Choice(search="sleeps", filters=Query(as_of="2026-01-01"))))["revisions"] == 0
    assert [row["gone_at"] for row in held(told, Choice(search="goes"))] == [day(8)]
    assert list(chosen(told, Choice(search="goes"))) == []
    assert [row["title"] for row in chosen(told, Choice(search="goes", filters=Query(as_of="2026-01-07")))] == ["Title"]
    assert list(held(told, Choice(search="()"))) == []
    assert len(list(held(told, Choice(limit=2)))) == 2


def test_figures_of_that_day(told: Corpus) -> None:
    """Posts, words, shares and coverage."""
    (figure,) = stats(told, search=["bee", "dance"], within=Query(as_of="2026-01-02"))
    assert (figure.posts, figure.words, figure.counts) == (3, 3 + 3 + 1, (2, 0))
    (figure,) = stats(told, within=Query(as_of="2026-01-06"))
    assert figure.posts == 4
    assert coverage(told, Query(as_of="2025-12-31")) == {}
    assert list(coverage(told, Query(as_of="2026-01-01"))) == ["blog.example"]


def test_what_is_forgotten_is_in_no_days_corpus(told: Corpus) -> None:
    """Neither found nor counted, whatever the date."""
    from ingest.corpus import forget

    assert total(told, Query(words="sleeps", as_of="2026-01-02")) == 1
    forget.forget(told, [1], "asked", day(10))
    assert total(told, Query(words="sleeps", as_of="2026-01-02")) == 0
    assert [row["title"] for row in held(told, Choice(filters=Query(as_of="2026-01-01")))] == []


def test_a_reader_sees_one_moment_and_then_the_next(prompt: Prompt) -> None:
    """What is written meanwhile is seen by the next question, not by the one that is being answered."""
    with Corpus(prompt.db, write=True, create=True) as writer, Corpus(prompt.db) as reader:
        fill(writer)
        query = Query(words="wasps", as_of="2026-01-10")
        assert total(reader, query) == 1
        rows = held(reader, Choice(filters=Query(as_of="2026-01-10")))
        next(rows)
        load(writer, post(body="<p>Four moths</p>", title="Moths", modified=modified(9)), at=day(12))
        assert "Moths" not in {row["title"] for row in rows}
        assert total(reader, query) == 1
        assert total(reader, Query(words="moths", as_of="2026-01-10")) == 0
        assert total(reader, Query(words="moths", as_of="2026-01-12")) == 1
        with pytest.raises(Exception, match="readonly"):
            reader.conn.execute("DELETE FROM posts")
        assert reader.conn.execute("PRAGMA query_only").fetchone() == (1,)


def test_questions_of_two_dates_at_once(library: Library) -> None:
    """One can be asked while another's rows are still being read."""
    rows = library.posts(as_of="2026-01-01")
    first = next(rows)
    assert (first["title"], library.count("bees", as_of="2026-01-06")) == ("Bees", 1)
    assert list(rows) == []
    assert [row["title"] for row in library.as_of("2026-01-01")] == ["Bees"]
    assert library.search("sleeps", as_of="2026-01-01")[0]["title"] == "Bees"


def test_no_date_is_refused(told: Corpus) -> None:
    """Nothing but a day or a time."""
    for word in ("May", "2026-5-1", "2026-01-01'; DROP TABLE posts", ""):
        with pytest.raises(ConfigError):
            total(told, Query(words="bee", as_of=word))
        with pytest.raises(ConfigError):
            list(held(told, Choice(filters=Query(as_of=word))))


def test_a_date_that_is_there_stays_quick(told: Corpus) -> None:
    """The words of a date are gathered once for a connection, and from the index of changed posts alone."""
    plan = told.rows(f"EXPLAIN QUERY PLAN {asof._WORDS}".replace("words_in(r.text)", "0").replace(
        "unspaced_in(r.title, r.text)", "0"), ["2026-01-06"])  # fmt: skip
    assert any("posts_changed" in row["detail"] for row in plan)
    total(told, Query(words="bee", as_of="2026-01-06"))
    before = told.conn.total_changes
    total(told, Query(words="bees", as_of="2026-01-06"))
    assert told.conn.total_changes == before


story = st.lists(st.tuples(st.integers(1, 4), st.sampled_from("abc"), st.sampled_from("xyz")), min_size=1, max_size=8)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@example(told=[(1, "a", "x"), (1, "a", "x")], date=2)
@given(told=story, date=st.integers(1, 9))
def test_as_of_a_day_is_what_was_answered_on_that_day(
    tmp_path_factory: pytest.TempPathFactory, told: list[tuple[int, str, str]], date: int
) -> None:
    """A corpus asked on a day, and asked later as of that day, gives the same rows and the same hits."""
    path = tmp_path_factory.mktemp("then") / "c.db"
    with Corpus(path, write=True, create=True) as corpus:
        for n, (number, title, word) in enumerate(told[: date - 1], 1):
            load(corpus, post(str(number), f"<p>word {word}</p>", title=title, modified=modified(n)), at=day(n))
        said = list(held(corpus)), {w: sorted(numbers(corpus, Query(words=w))) for w in ("word", "x", "a", "-y")}
        for n, (number, title, word) in enumerate(told[date - 1 :], date):
            load(corpus, post(str(number), f"<p>word {word}</p>", title=title, modified=modified(n)), at=day(n))
        then = f"2026-01-{date - 1:02}" if date > 1 else "2025-12-31"
        again = list(held(corpus, Choice(filters=Query(as_of=then))))
        # A date that moved without the words leaves no trace: it is today's.
        assert [row | {"modified_at": None} for row in again] == [row | {"modified_at": None} for row in said[0]]
        hits = {w: sorted(numbers(corpus, Query(words=w, as_of=then))) for w in said[1]}
        assert hits == said[1]


def test_the_commands(library: Library, prompt: Prompt) -> None:
    """`search --as-of`, `stats --as-of`; the answer is that of then."""
    found = prompt("search", "bee", "--as-of", "2026-01-01", "--json")
    assert [row["title"] for row in found.rows[:-1]] == ["Bees"]
    assert prompt("search", "--as-of", "2026-01-01", "--json").rows[-1]["total"] == 1
    assert prompt("search", "wasps", "--as-of", "2026-01-01").code == 0
    figures = prompt("stats", "--as-of", "2026-01-02", "--search", "bee", "--json")
    assert [(row["posts"], row["count"]) for row in figures.rows[:-1]] == [(3, 2)]
    assert prompt("stats", "--as-of", "yesterday").code == 2
    assert json.loads(prompt("search", "bee", "--as-of", "May", "--json").out.splitlines()[-1])["exit_code"] == 2
