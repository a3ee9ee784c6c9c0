"""The writer: identity, revisions, what wins, what is never lost."""

import itertools
import re
import zlib

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.corpus import Corpus, RunWriter
from ingest.corpus.search import search
from ingest.records import Batch, Gone, PersonItem, PersonRef, RawDate, Reject, TermItem, TermRef
from tests.corpus.making import AT, HOME, content, load, modified, post, source


def test_a_post_is_stored_with_its_exact_bytes(corpus: Corpus) -> None:
    """The payload unpacks to what was sent, under its hash."""
    one = post()
    assert load(corpus, one).new == 1
    row = corpus.rows("SELECT y.* FROM posts p JOIN payloads y ON y.id = p.payload_id")[0]
    data = zlib.decompress(row["data"]) if row["encoding"] == "zlib" else row["data"]
    assert data == one.raw
    assert row["size"] == len(one.raw)


def test_loading_again_changes_nothing(corpus: Corpus) -> None:
    """The second load finds everything as it was, down to the row."""
    posts = [post(str(n), f"<p>Text {n}</p>") for n in range(1, 6)]
    load(corpus, *posts)
    before = corpus.rows("SELECT * FROM posts")
    again = load(corpus, *posts, at="2026-02-02T00:00:00Z")
    assert (again.new, again.changed, again.same) == (0, 0, 5)
    assert corpus.rows("SELECT * FROM posts") == before


def test_an_edit_is_a_revision(corpus: Corpus) -> None:
    """New words of the publisher become the post; the old ones are kept and no longer found."""
    load(corpus, post(body="<p>An aardvark</p>"))
    assert load(corpus, post(body="<p>A badger</p>", modified=modified(3))).changed == 1
    assert corpus.rows("SELECT text FROM posts") == [{"text": "A badger"}]
    assert corpus.rows("SELECT n, text FROM revisions") == [{"n": 1, "text": "An aardvark"}]
    assert list(search(corpus, "aardvark")) == []
    assert [hit["snippet"] for hit in search(corpus, "badger")] == ["A \x01badger\x02"]


def test_changed_markup_is_no_revision(corpus: Corpus) -> None:
    """A new theme or WordPress version changes tags, not words: the payload is re-pointed, that is all."""
    load(corpus, post(body="<p>Same words</p>"))
    load(corpus, post(body='<p class="wp-block-paragraph">Same words</p>', modified=modified(3)))
    assert corpus.rows("SELECT * FROM revisions") == []
    assert corpus.rows("SELECT count(*) AS n FROM payloads") == [{"n": 2}]
    assert corpus.rows("SELECT payload_id, modified_at FROM posts") == [
        {"payload_id": 2, "modified_at": "2025-01-03T10:00:00Z"}
    ]


def test_an_older_copy_never_overwrites(corpus: Corpus) -> None:
    """A stale cache shows the past; the corpus knows better, and keeps it as history."""
    load(corpus, post(body="<p>New</p>", modified=modified(5)))
    assert load(corpus, post(body="<p>Old</p>", modified=modified(4))).same == 1
    assert corpus.rows("SELECT text FROM posts") == [{"text": "New"}]
    assert corpus.rows("SELECT text FROM revisions") == [{"text": "Old"}]


@pytest.mark.parametrize("order", list(itertools.permutations(range(4))))
def test_copies_in_any_order_give_one_history(corpus: Corpus, order: tuple[int, ...]) -> None:
    """Four saved versions of a post, loaded in any order: the newest is the post, the others its revisions in time."""
    copies = [
        post(body=f"<p>{text}</p>", modified=modified(day)) for day, text in ((2, "a"), (3, "b"), (4, "c"), (5, "d"))
    ]
    for n in order:
        load(corpus, copies[n])
    assert corpus.rows("SELECT text FROM posts") == [{"text": "d"}]
    history = corpus.rows("SELECT n, text, modified_at FROM revisions ORDER BY n")
    assert [(row["n"], row["text"]) for row in history] == [(1, "a"), (2, "b"), (3, "c")]
    assert [row["modified_at"][8:10] for row in history] == ["02", "03", "04"]


def test_a_post_with_no_name_but_its_id_has_a_doc_id(corpus: Corpus) -> None:
    """What `_fields=id,title,content` saves: the site and the id are enough."""
    load(corpus, post("5", url=None))
    ((doc_id,),) = corpus.conn.execute("SELECT doc_id FROM posts").fetchall()
    assert re.fullmatch(r"[0-9a-f]{32}", doc_id)


def test_the_same_date_with_other_words_is_a_revision_once(corpus: Corpus) -> None:
    """Plugins rewrite posts without touching `modified`; and a payload held already changes nothing."""
    first, second = post(body="<p>One</p>"), post(body="<p>Two</p>")
    load(corpus, first)
    load(corpus, second)
    assert corpus.rows("SELECT text FROM posts") == [{"text": "Two"}]
    for _ in range(2):
        assert load(corpus, first, second).changed == 0
    assert corpus.rows("SELECT count(*) AS n FROM revisions") == [{"n": 1}]


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
def test_within_one_load_the_order_of_files_means_nothing(corpus: Corpus, order: tuple[int, ...]) -> None:
    """At equal `modified` the winner is decided by the bytes, not by which file came first."""
    variants = [post(body=f"<p>{'word ' * n}{n}</p>") for n in (1, 2, 3)]
    writer = RunWriter(corpus, "load")
    for n in order:
        writer.apply(source(), Batch(posts=(variants[n],)), AT)
    assert corpus.rows("SELECT text FROM posts") == [{"text": "word word word 3"}]
    kept = {row["text"] for row in corpus.rows("SELECT text FROM revisions")}
    assert kept == {"word 1", "word word 2"}


def test_ids_of_different_types_are_different_posts(corpus: Corpus) -> None:
    """Identity is (site, type, id)."""
    load(corpus, post("7"), post("7", type="page", url=f"{HOME}/about/"))
    assert corpus.rows("SELECT count(DISTINCT doc_id) AS n FROM posts") == [{"n": 2}]


def test_sites_do_not_mix(corpus: Corpus) -> None:
    """The same id and guid on another site is another post."""
    writer = RunWriter(corpus, "load")
    for home in ("https://a.example", "https://b.example"):
        made = post("1", home=home, url=f"{home}/x/", guid="tag:shared")

        made = made._replace(site=home.removeprefix("https://"), home=home)
        writer.apply(source(home=home), Batch(posts=(made,)), AT)
    assert corpus.rows("SELECT count(*) AS n FROM posts") == [{"n": 2}]


@pytest.mark.parametrize("feed_first", [False, True])
def test_a_guid_joins_different_sources(corpus: Corpus, feed_first: bool) -> None:
    """A feed's entry and the REST object of the same guid are one row, with the better body, in either order."""
    rest = post("5", "<p>The whole text of it</p>", guid=f"{HOME}/?p=5&#038;x=1")
    entry = post(
        None, "<p>The whole</p>", guid=f"{HOME}/?p=5&amp;x=1", rank="feed", url=f"{HOME}/other/", language="en"
    )
    views = [(rest, "wordpress"), (entry, "feed")]
    for view, kind in reversed(views) if feed_first else views:
        load(corpus, view, kind=kind)
    rows = corpus.rows("SELECT remote_id, text, language FROM posts")
    assert rows == [{"remote_id": "5", "text": "The whole text of it", "language": "en"}]
    assert corpus.rows("SELECT count(*) AS n FROM sightings") == [{"n": 2}]
    assert corpus.rows("SELECT count(*) AS n FROM revisions") == [{"n": 0}]


def test_either_order_gives_the_same_corpus(tmp_path_factory: pytest.TempPathFactory) -> None:
    """Content for content, `doc_id` included."""
    rest = post("5", "<p>The whole text</p>", guid=f"{HOME}/?p=5", url=f"{HOME}/a/")
    entry = post(None, "<p>The whole</p>", guid=f"{HOME}/?p=5", rank="feed", url=f"{HOME}/a/")
    seen = []
    for views in ([(rest, "wordpress"), (entry, "feed")], [(entry, "feed"), (rest, "wordpress")]):
        with Corpus(tmp_path_factory.mktemp("order") / "c.db", write=True, create=True) as corpus:
            for view, kind in views:
                load(corpus, view, kind=kind)
            seen.append(content(corpus))
    assert seen[0] == seen[1]


def test_the_path_joins_where_no_guid_does(corpus: Corpus) -> None:
    """Http or https, www or not: the permalink's path within the site is the post's."""
    load(corpus, post("5", guid=f"{HOME}/?p=5", url=f"{HOME}/2025/a-post/"))
    load(corpus, post(None, guid="other-guid", rank="feed", url="http://www.blog.example/2025/a-post"), kind="feed")
    assert corpus.rows("SELECT count(*) AS n FROM posts") == [{"n": 1}]


def test_a_guid_of_two_posts_is_nobodys(corpus: Corpus) -> None:
    """One guid on three pages of a site joins nothing, and names none of them."""
    load(corpus, post("1", guid="shared", url=f"{HOME}/a/"), post("2", guid="shared", url=f"{HOME}/b/"))
    assert corpus.rows("SELECT count(*) AS n FROM posts") == [{"n": 2}]
    load(corpus, post(None, guid="shared", rank="feed", url=f"{HOME}/c/"), kind="feed")
    assert corpus.rows("SELECT count(*) AS n FROM posts") == [{"n": 3}]
    assert corpus.rows("SELECT count(DISTINCT doc_id) AS n FROM posts") == [{"n": 3}]


def test_within_a_source_another_guid_is_another_post(corpus: Corpus) -> None:
    """Even at the same address."""
    for guid in ("one", "two"):
        load(corpus, post(None, f"<p>{guid}</p>", guid=guid, rank="feed", url=f"{HOME}/same/"), kind="feed")
    assert corpus.rows("SELECT count(*) AS n FROM posts") == [{"n": 2}]


def test_a_former_doc_id_stays_an_alias(corpus: Corpus) -> None:
    """Whoever cited the old name still finds the post."""
    load(corpus, post(None, rank="feed", url=f"{HOME}/a/"), kind="feed")
    old = corpus.rows("SELECT doc_id FROM posts")[0]["doc_id"]
    load(corpus, post("5", guid="g", url=f"{HOME}/a/"))
    new = corpus.rows("SELECT doc_id FROM posts")[0]["doc_id"]
    assert new != old
    assert corpus.rows("SELECT value FROM aliases WHERE kind = 'doc_id'") == [{"value": old}]


def test_names_come_later(corpus: Corpus) -> None:
    """A term known by its slug and an author known by id get their names when the site tells them."""
    refs = (TermRef("category", "3", slug="bees"), TermRef("post_tag", None, slug="honey"))
    load(corpus, post(terms=refs, authors=(PersonRef("9"),)))
    row = corpus.rows("SELECT authors, categories, tags FROM corpus")[0]
    assert row == {"authors": "[]", "categories": '["bees"]', "tags": '["honey"]'}
    told = Batch(
        terms=(TermItem("category", "3", "Bees &amp; wasps", "bees"), TermItem("post_tag", "4", "Honey", "honey")),
        people=(PersonItem("9", "Ines", "ines"),),
    )
    RunWriter(corpus, "fetch").apply(source(number=1), told, AT)
    row = corpus.rows("SELECT authors, categories, tags FROM corpus")[0]
    assert row == {"authors": '["Ines"]', "categories": '["Bees & wasps"]', "tags": '["Honey"]'}
    assert corpus.rows("SELECT count(*) AS n FROM terms") == [{"n": 2}]


def test_gone_and_back(corpus: Corpus) -> None:
    """What vanished keeps its words and says how we know; when it shows itself again it is there again."""
    one = post()
    load(corpus, one)
    number = corpus.rows("SELECT id FROM sources")[0]["id"]
    writer = RunWriter(corpus, "fetch")
    tally = writer.apply(
        source(number=number), Batch(gone=(Gone("post", "1", "erased", "404 rest_post_invalid_id"),)), AT
    )
    assert tally.gone == 1
    assert corpus.rows("SELECT gone_at, gone_kind, text FROM corpus") == [
        {"gone_at": AT, "gone_kind": "erased", "text": "Hello world"}
    ]
    assert writer.apply(source(number=number), Batch(posts=(one,)), AT).changed == 1
    assert corpus.rows("SELECT gone_at, gone_kind FROM corpus") == [{"gone_at": None, "gone_kind": None}]


def test_a_post_that_becomes_protected_keeps_its_words(corpus: Corpus) -> None:
    """Its text is empty now; what was public stays, marked."""
    load(corpus, post())
    load(corpus, post(body="", status="protected", modified=modified(9)))
    row = corpus.rows("SELECT status, text, gone_kind FROM posts")[0]
    assert row == {"status": "protected", "text": "Hello world", "gone_kind": "protected"}
    load(corpus, post(body="<p>Hello again</p>", modified=modified(10)))
    row = corpus.rows("SELECT status, text, gone_kind FROM posts")[0]
    assert row == {"status": "publish", "text": "Hello again", "gone_kind": None}


def test_rejects_are_kept_and_resolved(corpus: Corpus) -> None:
    """What could not be stored is kept as it came, and closed when it can be stored after all."""
    writer = RunWriter(corpus, "load")
    broken = Reject("no title", b'{"id": 1}', "post", "1", home=HOME)
    assert writer.apply(source(), Batch(rejects=(broken,)), AT).rejected == 1
    assert corpus.rows("SELECT reason, raw, resolved_at FROM rejects") == [
        {"reason": "no title", "raw": b'{"id": 1}', "resolved_at": None}
    ]
    writer.apply(source(), Batch(posts=(post(),)), AT)
    assert corpus.rows("SELECT resolved_at FROM rejects") == [{"resolved_at": AT}]


def test_a_failing_page_leaves_nothing(corpus: Corpus) -> None:
    """A page is stored whole or not at all, and the writer can go on."""
    writer = RunWriter(corpus, "load")
    bad = post("2")._replace(title=object())  # type: ignore[arg-type]
    with pytest.raises(Exception, match="bind"):
        writer.apply(source(), Batch(posts=(post("1"), bad)), AT)
    for table in ("posts", "payloads", "sites", "sources", "runs", "aliases"):
        assert corpus.rows(f"SELECT count(*) AS n FROM {table}") == [{"n": 0}], table
    assert writer.apply(source(), Batch(posts=(post("1"),)), AT).new == 1


def test_scripts_without_blanks_are_found_by_substring(corpus: Corpus) -> None:
    """健康 is a word inside a row of characters."""
    load(corpus, post(body="<p>我們的健康生活</p>"), post("2", "<p>Only English</p>"))
    assert [hit["snippet"] for hit in search(corpus, "健康")] == ["我們的\x01健康\x02生活"]
    load(corpus, post(body="<p>不同</p>", modified=modified(8)))
    assert list(search(corpus, "健康")) == []


@pytest.mark.parametrize(
    "words", ['"unbalanced', "foo-bar", "col:x", "*", "o'brien", "", "AND", "NOT x", "a OR", "(((", "^", "NEAR(", '""']
)
def test_any_input_is_a_search(corpus: Corpus, words: str) -> None:
    """Odd input finds what it says, or nothing; it never raises."""
    load(corpus, post(body="<p>foo-bar col:x o'brien unbalanced</p>"))
    hits = list(search(corpus, words))
    assert len(hits) == (1 if words in {'"unbalanced', "foo-bar", "col:x", "o'brien"} else 0)


steps = st.lists(
    st.tuples(st.sampled_from(["edit", "markup", "gone", "same", "stale"]), st.integers(1, 3), st.sampled_from("abc")),
    max_size=12,
)


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps)
def test_no_words_are_ever_lost(tmp_path_factory: pytest.TempPathFactory, story: list[tuple[str, int, str]]) -> None:
    """Whatever the publisher does, every text once stored is the post's or one of its revisions."""
    with Corpus(tmp_path_factory.mktemp("story") / "c.db", write=True, create=True) as corpus:
        corpus.conn.execute(
            "CREATE TEMP TRIGGER kept BEFORE DELETE ON main.posts BEGIN SELECT raise(ABORT, 'lost'); END"
        )
        writer, told = RunWriter(corpus, "fetch"), set()
        number, _ = corpus.add_source("wordpress", HOME, AT, home=HOME)
        for day, (what, which, letter) in enumerate(story, 1):
            if what == "gone":
                writer.apply(source(number=number), Batch(gone=(Gone("post", str(which), "erased", "404"),)), AT)
                continue
            body = f"<p>{letter} {which}</p>" if what != "markup" else f"<p class='{day}'>{letter} {which}</p>"
            date = RawDate(utc="2020-01-01T00:00:00") if what == "stale" else modified(day)
            held = {row["text"] for row in corpus.rows("SELECT text FROM posts")}
            writer.apply(source(number=number), Batch(posts=(post(str(which), body, modified=date),)), AT)
            told |= held
        kept = {r["text"] for r in corpus.rows("SELECT text FROM posts UNION SELECT text FROM revisions")}
        assert told <= kept
