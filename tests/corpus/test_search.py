"""Search: how words are read, what is found, by what filters, in what order."""

import random
import re
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.corpus import Corpus, RunWriter
from ingest.corpus.days import end_of
from ingest.corpus.search import MARKS, Query, explained, find, plan, search, total
from ingest.corpus.search.words import read, said
from ingest.errors import ConfigError
from ingest.records import Batch, PersonRef, RawDate, TermRef
from tests.corpus.making import AT, load, post, source

#: remote_id -> what is in the post.
POSTS = {
    "1": {"title": "Sleep and rest", "body": "<p>Ketamine in the clinic. The vagus nerve.</p>", "language": "en-GB"},
    "2": {"title": "Apnea", "body": "<p>Sleep apnea is no rest; the nerve of vagus, sleeping.</p>", "language": "en"},
    "3": {"title": "健康", "body": "<p>健康的睡眠 and sleep, 使用AI技術。</p>", "language": "zh"},
    "4": {"title": "生活", "body": "<p>我們的生活。健康與運動不同</p>"},
    "5": {"title": "Nothing", "body": "<p>Café o'brien foo-bar C++ e.g. x_y 100% done</p>", "language": "fr", "type": "page"},
}  # fmt: skip
PEOPLE = {"1": (PersonRef(name="Ines Müller"),), "2": (PersonRef(name="Ada"),)}
TERMS = {
    "1": (TermRef("category", name="Health", slug="health"), TermRef("post_tag", name="brain")),
    "2": (TermRef("category", name="Health care", slug="health-care"),),
}


@pytest.fixture(scope="module")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Corpus]:
    """Five posts of one site and one of another, which is gone."""
    with Corpus(tmp_path_factory.mktemp("search") / "c.db", write=True, create=True) as made:
        for n, told in POSTS.items():
            date = RawDate(utc=f"202{n}-0{n}-01T10:00:00")
            load(made, post(n, authors=PEOPLE.get(n, ()), terms=TERMS.get(n), published=date, **told))
        other, url = "https://other.example/blog", "https://other.example/blog/9/"
        gone = post("9", "<p>Undated badger</p>", title="Gone", home=other, url=url, published=RawDate())
        RunWriter(made, "load").apply(source("feed", other), Batch(posts=(gone,)), AT)
        made.conn.execute(
            "UPDATE posts SET gone_at = '2026-01-02T00:00:00Z', gone_kind = 'erased' WHERE title = 'Gone'"
        )
        yield made


def found(corpus: Corpus, words: str = "", **filters: object) -> str:
    """The hits by their number at their site, in order."""
    hits = find(corpus, Query(words=words, **filters))  # type: ignore[arg-type]
    numbers = [str(hit["url"]).rstrip("/").rsplit("/", 1)[-1] for hit in hits]
    assert total(corpus, Query(words=words, **filters)) == len(hits)  # type: ignore[arg-type]
    return "".join(numbers)


READINGS = {
    "a b": '("a" AND "b")',
    "a AND b OR c": '(("a" AND "b") OR "c")',
    "a (b OR c)": '("a" AND ("b" OR "c"))',
    "a -b": '("a" AND NOT "b")',
    "NOT a": 'NOT "a"',
    "NOT NOT a": '"a"',
    "-(a b) c": '(NOT ("a" AND "b") AND "c")',
    '"a b"* c*': '("a b"* AND "c"*)',
    "title:a text:b": '(title:"a" AND text:"b")',
    'title:"a b"': 'title:"a b"',
    "title:(a text:b)": '(title:"a" AND text:"b")',
    "-title:a": 'NOT title:"a"',
    "foo-bar": '"foo-bar"',
    "col:x": '"col:x"',
    "https://a.example/?p=1": '"https://a.example/?p=1"',
    "and or not": '("and" AND "or" AND "not")',
    "OR": '"OR"',
    "AND NOT": '("AND" AND "NOT")',
    "a OR": '"a"',
    "OR a AND": '"a"',
    "a AND OR b": '("a" OR "b")',
    "a NOT": '"a"',
    '"a': '"a"',
    "((a": '"a"',
    "a))": '"a"',
    "()": "(no word)",
    "title:": '"title:"',
    "f(x)": '("f" AND "x")',
    "a - b": '("a" AND "b")',
    "--a": '"--a"',
    "* ^ \" '": "(no word)",
    "a\x00b\u200bc": '"abc"',
}


@pytest.mark.parametrize(("words", "tree"), READINGS.items())
def test_how_words_are_read(words: str, tree: str) -> None:
    """NOT, then AND, then OR; what cannot be an operator is a word or is passed over."""
    assert said(read(words).tree) == tree


FOUND = {
    "ketamine": "1",
    "KETAMINE": "1",
    "sleep": "123",
    "sleep rest": "12",
    "sleep NOT apnea": "13",
    "sleep -apnea": "13",
    "ketamine OR apnea": "12",
    '"vagus nerve"': "1",
    "slee*": "123",
    "title:sleep": "1",
    "text:sleep": "23",
    "title:(sleep OR apnea)": "12",
    "cafe": "5",
    "o'brien": "5",
    "foo-bar": "5",
    "c++": "5",
    "100%": "5",
    "健康": "34",
    "健康 AND sleep": "3",
    "健康 -sleep": "4",
    "健康 OR ketamine": "134",
    "健康 AI": "3",
    "健康與運動": "4",
    "健康 (運動 OR sleep)": "34",
    "title:健康": "3",
    "text:生活": "4",
    "-健康 sleep": "12",
    "sleep OR NOT the": "12345",
    "xylophone": "",
    "xylophone OR NEAR(": "",
}


@pytest.mark.parametrize(("words", "numbers"), FOUND.items())
def test_what_is_found(corpus: Corpus, words: str, numbers: str) -> None:
    """Each query finds these posts of the one site, in whatever order."""
    assert "".join(sorted(found(corpus, words, site=("blog.example",)))) == numbers


ORDERS = [
    ("rest", {}, "12"),  # a word of the title weighs more
    ("rest", {"sort": "date"}, "21"),
    ("健康", {}, "34"),
    ("健康", {"sort": "date"}, "43"),
    ("NOT sleep", {}, "549"),  # only exclusions: everything else, newest first, undated last
    ("-sleep -badger", {}, "54"),
    ("", {"site": ("https://www.blog.example/",)}, "54321"),
    ("", {"site": ("other.example",)}, "9"),  # a host of it
    ("", {"site": ("other.example/blog", "nowhere.example")}, "9"),
    ("", {"author": ("ines m*",)}, "1"),
    ("", {"author": ("ada", "Ines Müller")}, "21"),
    ("", {"category": ("health",)}, "1"),
    ("", {"category": ("health*",)}, "21"),
    ("", {"category": ("brain",)}, ""),
    ("", {"tag": ("BRAIN",)}, "1"),
    ("", {"type": ("page",)}, "5"),
    ("", {"since": "2024"}, "54"),
    ("", {"until": "2022-02"}, "21"),
    ("", {"since": "2022-02-01", "until": "2023-03-01"}, "32"),
    ("", {"language": ("en",)}, "21"),
    ("", {"language": ("EN-gb", "zh")}, "31"),
    ("", {"language": ("und",), "gone": False}, "4"),
    ("", {"source": ("1",), "since": "2025"}, "5"),
    ("", {"gone": True}, "9"),
    ("badger", {"gone": False}, ""),
    ("sleep", {"author": ("Ada",)}, "2"),
    ("sleep", {"author": ("Ada",), "sort": "date"}, "2"),
    ("健康", {"language": ("zh",)}, "3"),
    ("", {}, ""),
    ("***", {}, ""),
]


@pytest.mark.parametrize(("words", "filters", "numbers"), ORDERS, ids=str)
def test_filters_and_order(corpus: Corpus, words: str, filters: dict[str, object], numbers: str) -> None:
    """Filters of one kind mean either, of several kinds all; best first, or newest first."""
    assert found(corpus, words, **filters) == numbers


IMPOSSIBLE = ["2013-02-30", "2023-02-29", "0000", "0000-01", "2024-00", "2024-04-31", "2024-01-01T24:00:00Z",
              "2024-01-01T10:60:00Z", "٢٠٢٤", "2024-01-01T10:00", "2024\n"]  # fmt: skip


@pytest.mark.parametrize("told", IMPOSSIBLE)
def test_a_day_that_there_is_none(corpus: Corpus, told: str) -> None:
    """Days, months and times that no calendar has are refused in every filter that is a date."""
    for name in ("since", "until", "as_of"):
        with pytest.raises(ConfigError, match="is no date"):
            find(corpus, Query(words="sleep", **{name: told}))  # type: ignore[arg-type]
        with pytest.raises(ConfigError, match="is no date"):
            total(corpus, Query(**{name: told}))  # type: ignore[arg-type]


def test_the_end_of_a_year_or_month() -> None:
    """`--as-of 2020` is the end of that year, as `--to 2020` is."""
    ends = {
        "2020": "2020-12-31T23:59:59Z", "2024-02": "2024-02-29T23:59:59Z", "2023-02": "2023-02-28T23:59:59Z",
        "2024-02-29": "2024-02-29T23:59:59Z", "2024-02-29T12:00:00Z": "2024-02-29T12:00:00Z", "0001": "0001-12-31T23:59:59Z",
    }  # fmt: skip
    assert {told: end_of(told) for told in ends} == ends


def test_a_date_that_is_none(corpus: Corpus) -> None:
    """The one thing that is an error: a filter that cannot be read."""
    for told in ("yesterday", "2024-13", "2024-1-1", "20240101", *IMPOSSIBLE):
        with pytest.raises(ConfigError, match="is no date"):
            find(corpus, Query(words="sleep", since=told))


def test_pages(corpus: Corpus) -> None:
    """Page after page, each hit once, in the order of the whole."""
    whole = [hit["doc_id"] for hit in find(corpus, Query(words="sleep OR 健康 OR nothing"))]
    assert len(whole) == 5
    for query in (Query(words="the OR sleep OR nothing"), Query(words="健康 OR sleep", sort="date")):
        whole = [hit["doc_id"] for hit in find(corpus, query)]
        paged = [hit["doc_id"] for n in range(6) for hit in find(corpus, query, limit=1, offset=n)]
        assert paged == whole


SNIPPETS = {
    "ketamine": "[Ketamine] in the clinic. The vagus nerve.",
    "title:apnea": "[Apnea]",
    "健康與運動": "我們的生活。[健康與運動]不同",
    "健康 AND sleep": "[健康]的睡眠 and [sleep], 使用AI技術。",
    "title:生活": "[生活]",
    "-sleep badger": "Undated [badger]",
}


@pytest.mark.parametrize(("words", "snippet"), SNIPPETS.items())
def test_snippets(corpus: Corpus, words: str, snippet: str) -> None:
    """The words found are marked, in the title where they stand there alone."""
    hit = next(search(corpus, words))
    assert hit["snippet"].replace(MARKS[0], "[").replace(MARKS[1], "]") == snippet


def test_a_long_text_is_cut_round_the_words(tmp_path: Path) -> None:
    """A snippet is short, and says with … where it was cut."""
    with Corpus(tmp_path / "c.db", write=True, create=True) as corpus:
        load(
            corpus,
            post("1", f"<p>{'長' * 500}健康{'文' * 500}</p>"),
            post("2", f"<p>{'so ' * 500}badger{' on' * 500}</p>"),
        )
        for words in ("健康", "badger", "NOT 健康"):
            (hit,) = search(corpus, words)
            assert len(hit["snippet"]) < 120
            assert hit["snippet"].endswith("…")
            assert hit["snippet"].startswith("…") != words.startswith("NOT")


#: Words -> what is marked in QUOTED, whatever its length, and however the snippet is made.
QUOTED = "Start the party, dear walking café owner: CAFE\nau lait, 100% Straße; vagus. Nerve walked."
MARKED = {
    "party OR art": ["party"],
    "cafe": ["café", "CAFE"],
    "CAFÉ": ["café", "CAFE"],
    '"cafe au lait"': ["CAFE\nau lait"],
    "walk*": ["walking", "walked"],
    "vagus-nerve": ["vagus. Nerve"],
    '"vagus ner"*': ["vagus. Nerve"],
    "start -apnea": ["Start"],
    "text:owner": ["owner"],
    "missing OR dear": ["dear"],
    "dear OR NOT dear": ["dear"],
}


@pytest.mark.parametrize("around", [0, 30_000])
@pytest.mark.parametrize(("words", "marked"), MARKED.items())
def test_whole_words_are_marked(tmp_path: Path, words: str, marked: list[str], around: int) -> None:
    """The words that the index finds, in short and long texts, and beside words of a script without blanks."""
    filling = "filling startle artful " * (around // 23)
    with Corpus(tmp_path / "c.db", write=True, create=True) as corpus:
        load(corpus, post("1", f"<p>{filling}</p><pre>{QUOTED}</pre><p>{filling}</p>", title="Cafés"))
        load(corpus, post("2", f"<p>{filling}</p><pre>健康 {QUOTED}</pre><p>{filling}</p>", title="Cafés"))
        for asked in (words, f"健康 OR ({words})"):
            for hit in search(corpus, asked):
                told = re.findall(f"{MARKS[0]}(.*?){MARKS[1]}", hit["snippet"], re.DOTALL)
                assert [one for one in told if one in marked or one == "健康"] == told != []
                assert len(hit["snippet"]) < 250


def test_a_phrase_over_the_cut_of_a_long_text(tmp_path: Path) -> None:
    """Wherever a phrase stands in a long text, also one without blanks, and far behind, it is marked whole."""
    with Corpus(tmp_path / "c.db", write=True, create=True) as corpus:
        for before in range(4_950, 5_050, 9):
            text = "x" * 3 + " y" * (before // 2) + " vagus nerve" + " z" * 30_000
            load(corpus, post(str(before), f"<p>{text}</p>"))
        load(corpus, post("1", f"<p>{'長' * 30_000} vagus nerve {'文' * 9_000}</p>", title="Vagus nerve"))
        hits = list(search(corpus, '"vagus nerve"', limit=50))
    assert len(hits) == 13
    for hit in hits:
        assert f"{MARKS[0]}vagus nerve{MARKS[1]}" in hit["snippet"]


def test_words_of_a_long_text_s_title(tmp_path: Path) -> None:
    """The title is quoted where the words stand there alone; else the text, also when the words stand far apart."""
    with Corpus(tmp_path / "c.db", write=True, create=True) as corpus:
        load(corpus, post("1", f"<p>bee {'so ' * 20_000} hive</p>", title="The badger"))
        told = {
            words: next(search(corpus, words))["snippet"]
            for words in ("badger", "title:badger", "hive bee", "hive badger")
        }
    marked = {words: re.findall("\x01(.*?)\x02", snippet) for words, snippet in told.items()}
    assert marked == {"badger": ["badger"], "title:badger": ["badger"], "hive bee": ["bee"], "hive badger": ["hive"]}
    assert told["badger"] == "The \x01badger\x02"


def test_how_it_was_read_can_be_asked() -> None:
    """For -v: the whole reading, and each thing that was passed over."""
    lines = explained(Query(words='bees AND ("x'))
    assert lines[0] == 'read as ("bees" AND "x")'
    assert lines[1:] == ["a quotation mark without a second one was passed over"]
    assert "OR has nothing before it: passed over" in explained(Query(words="OR a"))
    assert "no word in '***': passed over" in explained(Query(words="a ***"))


def test_a_question_has_its_bounds() -> None:
    """What is said again is asked once; of very many words the first are looked for, and that is said."""
    again = {"a a a": '"a"', "a OR a OR b": '("a" OR "b")', "NOT a NOT a": 'NOT "a"', "-a b -a b": '(NOT "a" AND "b")',
             "(a b) (a b)": '("a" AND "b")', "a A title:a": '("a" AND "A" AND title:"a")'}  # fmt: skip
    assert {words: said(read(words).tree) for words in again} == again
    many = read(" ".join(f"w{n}" for n in range(150)))
    assert many.notes == ("only the first 100 of 150 words are looked for",)
    assert said(many.tree).endswith('"w99")')
    long = read("word " * 399 + "beyond behind")
    assert (said(long.tree), long.notes) == ('"word"', ("only the first 2,000 of 2,008 characters are looked at",))
    assert said(read("x" * 9_999).tree) == f'"{"x" * 2_000}"'


@pytest.mark.parametrize("joined", [" ", " OR ", " AND "])
def test_many_exclusions_are_one(corpus: Corpus, joined: str) -> None:
    """The index is asked once for words that are excluded side by side, and says the same as for each alone."""
    words = ["sleep", "apnea", "badger", '"vagus nerve"', "slee*", "-rest"]
    asked = joined.join(f"-{word}" if word[0] != "-" else f"NOT NOT {word}" for word in words)
    assert str(plan(Query(words=asked))).count("MATCH") <= 3
    with_both = {hit["doc_id"] for hit in find(corpus, Query(words=f"健康 OR ({asked})"))}
    alone = {hit["doc_id"] for hit in find(corpus, Query(words=asked))}
    assert alone | {hit["doc_id"] for hit in search(corpus, "健康")} == with_both


PIECES = ['"', "(", ")", "-", "AND", "OR", "NOT", "title:", "text:", "NEAR(", "*", "^", ":", "{", "}", "+", ",", "'", " ",
          "sleep", "健康", "é", "\x00", "\ud800", "_", "٣", "🦆", "\\", "%", ";--"]  # fmt: skip


@settings(max_examples=250, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.one_of(st.sampled_from(PIECES), st.text(max_size=4)), max_size=14).map("".join))
def test_any_input_is_a_search(corpus: Corpus, words: str) -> None:
    """Whatever is typed, hits come out, and as many as are counted; never an error."""
    hits = list(search(corpus, words, limit=100))
    assert len(hits) == total(corpus, Query(words=words))
    assert {hit["doc_id"] for hit in hits} == {hit["doc_id"] for hit in find(corpus, Query(words=words, sort="date"))}


@pytest.mark.parametrize(
    "words", ["a " * 5000, "NOT " * 5000 + "a", "(" * 5000 + "a", "a OR " * 5000 + "健康", "健康 " * 300, '"' * 9999,
              "-(" * 3000 + "sleep", "(a OR (b AND " * 100 + "sleep"]
)  # fmt: skip
def test_no_input_is_too_long(corpus: Corpus, words: str) -> None:
    """Thousands of words, operators or parentheses are a search too."""
    assert len(list(search(corpus, words))) <= 6
    assert len(explained(Query(words=words))) >= 1


def test_exclusion_is_the_complement(corpus: Corpus) -> None:
    """A query and its NOT share no post, and together they are everything."""
    every = {hit["doc_id"] for hit in find(corpus, Query(words="NOT xylophone"))}
    assert len(every) == 6
    rng = random.Random(1)  # noqa: S311  (the same each time)
    words = ["sleep", "健康", "rest", "title:apnea", '"vagus nerve"', "AI", "badger", "slee*"]
    for _ in range(40):
        asked = f" {rng.choice(['AND', 'OR', 'NOT'])} ".join(rng.sample(words, 3))
        one = {hit["doc_id"] for hit in search(corpus, asked)}
        other = {hit["doc_id"] for hit in search(corpus, f"NOT ({asked})")}
        assert not one & other, asked
        assert one | other == every, asked


def test_a_post_made_to_be_slow_to_quote(tmp_path: Path) -> None:
    """FTS5's own snippets take the square of how often a word stands in a text; a long text's is made by us."""
    with Corpus(tmp_path / "corpus.db", write=True, create=True) as corpus:
        load(corpus, post("1", "<p>Once upon a time</p><p>" + "word and " * 500_000 + "needle</p>"))
        began = time.monotonic()
        (hit,) = search(corpus, "word needle")
        assert time.monotonic() - began < 20
    assert f"{MARKS[0]}word{MARKS[1]}" in hit["snippet"]
    assert len(hit["snippet"]) < 500
