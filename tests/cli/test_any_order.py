"""One post, one row: by REST, by feed, by export and as a page, in whatever order the views arrive."""

import itertools
import json
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import load
from ingest.corpus import Corpus
from ingest.corpus.verify import verify
from ingest.run import Stop
from tests.prompt import Prompt

HOME = "https://blog.example"
COLUMNS = (
    "doc_id, url, site, type, title, text, authors, categories, tags, published_at, modified_at, language, word_count,"
    " revisions, gone_at, gone_kind"
)
#: What a view may leave out.
GAPS = ("author", "terms", "date", "modified", "excerpt", "guid", "language")
#: Long enough for an article to be seen in it.
WORDS = "The bees came back in the second week of March and found the water where they had left it. " * 6


def rest(says: set[str], n: int) -> str:
    """A post as the REST API shows it."""
    post: dict[str, Any] = {
        "id": n, "type": "post", "link": f"{HOME}/bees-{n}/", "slug": f"bees-{n}", "status": "publish",
        "title": {"rendered": f"Bees {n}"}, "content": {"rendered": f"<p>REST {n}. {WORDS}</p>"},
        "excerpt": {"rendered": "<p>by REST</p>" if "excerpt" in says else ""},
        "date_gmt": "2026-03-01T08:00:00" if "date" in says else None,
        "modified_gmt": "2026-03-04T08:00:00" if "modified" in says else None,
    }  # fmt: skip
    post |= {"guid": {"rendered": f"{HOME}/?p={n}"}} if "guid" in says else {}
    post |= {"author": 7} if "author" in says else {}
    post |= {"categories": [3], "tags": [], "class_list": ["category-hives"]} if "terms" in says else {}
    return json.dumps([post])


def feed(says: set[str], n: int) -> str:
    """The same post in a feed."""
    item = f"<title>Bees {n}</title><link>{HOME}/bees-{n}/</link>"
    item += f'<guid isPermaLink="false">{HOME}/?p={n}</guid>' if "guid" in says else ""
    item += "<dc:creator>Ann of the feed</dc:creator>" if "author" in says else ""
    item += "<category>Hives of the feed</category>" if "terms" in says else ""
    item += "<pubDate>Sun, 01 Mar 2026 09:00:00 +0000</pubDate>" if "date" in says else ""
    item += "<atom:updated>2026-03-03T10:00:00Z</atom:updated>" if "modified" in says else ""
    item += "<description>by the feed</description>" if "excerpt" in says else ""
    item += f"<content:encoded><![CDATA[<p>Feed {n}. {WORDS}</p>]]></content:encoded>"
    language = "<language>en-GB</language>" if "language" in says else ""
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:atom="http://www.w3.org/2005/Atom"><channel>'
        f"<title>B</title><link>{HOME}</link>{language}<item>{item}</item></channel></rss>"
    )


def export(says: set[str], n: int) -> str:
    """The same post in the owner's export."""
    item = f"<title>Bees {n}</title><link>{HOME}/bees-{n}/</link><wp:post_id>{n}</wp:post_id>"
    item += "<wp:post_type>post</wp:post_type><wp:status>publish</wp:status>"
    item += f'<guid isPermaLink="false">{HOME}/?p={n}</guid>' if "guid" in says else ""
    item += "<dc:creator>ann</dc:creator>" if "author" in says else ""
    item += '<category domain="category" nicename="hives">Hives</category>' if "terms" in says else ""
    item += "<wp:post_date_gmt>2026-03-01 08:30:00</wp:post_date_gmt>" if "date" in says else ""
    item += "<wp:post_modified_gmt>2026-03-02 08:30:00</wp:post_modified_gmt>" if "modified" in says else ""
    item += "<excerpt:encoded><![CDATA[by the export]]></excerpt:encoded>" if "excerpt" in says else ""
    item += f"<content:encoded><![CDATA[<p>Export {n}. {WORDS}</p>]]></content:encoded>"
    return (
        '<?xml version="1.0"?><rss version="2.0" xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/"'
        ' xmlns:content="http://purl.org/rss/1.0/modules/content/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        f' xmlns:wp="http://wordpress.org/export/1.2/"><channel><title>B</title><link>{HOME}</link>'
        f"<wp:wxr_version>1.2</wp:wxr_version><wp:base_blog_url>{HOME}</wp:base_blog_url><item>{item}</item></channel></rss>"
    )


def page(says: set[str], n: int) -> str:
    """The same post as a reader sees it."""
    data: dict[str, Any] = {"@context": "https://schema.org", "@type": "BlogPosting", "headline": f"Bees {n}"}
    data |= {"author": {"@type": "Person", "name": "Ann of the page"}} if "author" in says else {}
    data |= {"datePublished": "2026-03-01T07:45:00Z"} if "date" in says else {}
    data |= {"dateModified": "2026-03-05T07:45:00Z"} if "modified" in says else {}
    language = ' lang="en-US"' if "language" in says else ""
    about = '<meta name="description" content="by the page">' if "excerpt" in says else ""
    about += '<meta property="article:tag" content="Tag of the page">' if "terms" in says else ""
    return (
        f'<!DOCTYPE html><html{language}><head><title>Bees {n}</title><link rel="canonical" href="{HOME}/bees-{n}/">'
        f'{about}<script type="application/ld+json">{json.dumps(data)}</script></head><body><article><h1>Bees {n}</h1>'
        f"<p>Page {n}. {WORDS}</p><p>{WORDS}</p></article></body></html>"
    )


VIEWS = {"rest": rest, "feed": feed, "wxr": export, "page": page}
SAYS = st.sets(st.sampled_from(GAPS))


def loaded(folder: Path, names: tuple[str, ...], *, apart: bool) -> list[tuple[Any, ...]]:
    """What a researcher reads once these files were loaded in this order, each by itself or all in one go."""
    path = folder / "corpus.db"
    path.unlink(missing_ok=True)
    with Corpus(path, write=True, create=True) as corpus:
        corpus.conn.execute("PRAGMA synchronous = OFF")
        calls = [[name] for name in names] if apart else [list(names)]
        for call in calls:
            told = load.load(corpus, [str(folder / name) for name in call], home=None, stop=Stop())
            assert not [one.errors for one in told if isinstance(one, load.FileResult) and one.errors]
        rows = corpus.conn.execute(f"SELECT {COLUMNS} FROM corpus ORDER BY doc_id").fetchall()
        corpus.conn.execute("INSERT INTO posts_fts (posts_fts, rank) VALUES ('integrity-check', 1)")
    return rows


@settings(max_examples=6, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(says=st.fixed_dictionaries(dict.fromkeys(VIEWS, SAYS)), apart=st.booleans())
def test_four_views_of_a_post_in_every_order(
    tmp_path_factory: pytest.TempPathFactory, says: dict[str, set[str]], apart: bool
) -> None:
    """24 orders, one corpus: words, dates, names and doc_id; a gap is filled by the best view that has it."""
    folder = tmp_path_factory.mktemp("views")
    for name, view in VIEWS.items():
        (folder / name).write_text(view(says[name], 12))
    told = {order: loaded(folder, order, apart=apart) for order in itertools.permutations(VIEWS)}
    first = next(iter(told.values()))
    assert len(first) == 1, "one post, one row"
    assert first[0][5].startswith("REST 12")
    for order, rows in told.items():
        assert rows == first, order


@settings(max_examples=8, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(
    says=st.fixed_dictionaries(dict.fromkeys(VIEWS, SAYS)),
    names=st.sampled_from(list(itertools.combinations(VIEWS, 3))), apart=st.booleans(),
)  # fmt: skip
def test_three_views_of_a_post_in_every_order(
    tmp_path_factory: pytest.TempPathFactory, says: dict[str, set[str]], names: tuple[str, ...], apart: bool
) -> None:
    """Also where the best one is missing."""
    folder = tmp_path_factory.mktemp("views")
    for name in names:
        (folder / name).write_text(VIEWS[name](says[name], 12))
    told = {order: loaded(folder, order, apart=apart) for order in itertools.permutations(names)}
    assert len({json.dumps(rows) for rows in told.values()}) == 1, told


@pytest.mark.parametrize("order", list(itertools.permutations(("rest", "feed", "page"))))
def test_a_gap_is_filled_by_the_best_view_that_has_it(prompt: Prompt, order: tuple[str, ...]) -> None:
    """REST names no author and no language: the feed's stand, also when the page came before the feed."""
    prompt.file("rest", rest({"date", "modified", "guid"}, 5))
    prompt.file("feed", feed({"author", "language", "terms", "guid"}, 5))
    prompt.file("page", page({"author", "language", "terms", "excerpt"}, 5))
    for name in order:
        assert prompt("load", name).code == 0
    ((authors, language, categories, excerpt),) = prompt.ask(
        "SELECT c.authors, c.language, c.categories, p.excerpt FROM corpus c JOIN posts p USING (doc_id)"
    )
    assert (json.loads(authors), language) == (["Ann of the feed"], "en-GB")
    assert json.loads(categories) in (["Hives of the feed"], [])
    assert excerpt == "by the page"
    assert prompt.ask("SELECT count(*) FROM sightings") == [(3,)]


def test_a_date_that_another_view_filled_in_holds_no_news_back(prompt: Prompt) -> None:
    """A feed without `updated` is not taken for stale because a page said when the post was changed."""
    prompt.file("feed", feed({"guid"}, 5))
    prompt.file("page", page({"modified"}, 5))
    prompt.file("later", feed({"guid"}, 5).replace("Feed 5.", "Feed 5, corrected."))
    prompt("load", "feed")
    prompt("load", "page")
    assert prompt.ask("SELECT modified_at FROM posts") == [("2026-03-05T07:45:00Z",)]
    prompt("load", "later")
    assert prompt.ask("SELECT substr(text, 1, 18), modified_at FROM posts") == [
        ("Feed 5, corrected.", "2026-03-05T07:45:00Z")
    ]
    assert prompt.ask("SELECT count(*) FROM revisions") == [(1,)]


def test_what_one_source_alone_has_shown_keeps_no_facts_twice(prompt: Prompt) -> None:
    """Facts are kept from the second source on."""
    prompt.file("rest", rest(set(GAPS), 5))
    prompt("load", "rest")
    assert prompt.ask("SELECT facts FROM sightings") == [(None,)]
    prompt.file("feed", feed(set(GAPS), 5))
    prompt("load", "feed")
    facts = [json.loads(text) for (text,) in prompt.ask("SELECT facts FROM sightings ORDER BY body_rank")]
    assert [one["rank"] for one in facts] == [30, 50]
    assert facts[0]["authors"][0]["name"] == "Ann of the feed"
    assert sqlite3.connect(prompt.db).execute("PRAGMA foreign_key_check").fetchall() == []


#: The same views, the feed's from before the slug changed: its guid is all that it has in common with the others, and
#: the page has the new address alone. REST and the export know both.
MOVED: dict[str, Callable[[set[str], int], str]] = {**VIEWS, "feed": lambda says, n: feed(says | {"guid"}, n).replace(f"/bees-{n}/", f"/old-bees-{n}/"),
         "rest": lambda says, n: rest(says | {"guid"}, n)}  # fmt: skip
#: What lies beside the rows, by what it is and not by number.
BESIDE = (
    "SELECT o.kind, g.remote_id, g.body_rank, g.modified_at, g.facts FROM sightings g JOIN sources o ON o.id = g.source_id",
    "SELECT a.kind, a.value, o.kind FROM aliases a JOIN sources o ON o.id = a.source_id",
    "SELECT hex(y.sha256) FROM post_payloads x JOIN payloads y ON y.id = x.payload_id",
    "SELECT n, url, anchor FROM links",
    "SELECT n, url FROM media WHERE n IS NOT NULL",
    "SELECT status, excerpt, published_raw, modified_raw, body_rank, cleaned, outline FROM posts",
    "SELECT rowid FROM posts_fts WHERE posts_fts MATCH 'bees' AND rowid NOT IN (SELECT id FROM posts)",
)


def beside(folder: Path) -> list[list[tuple[Any, ...]]]:
    """All that a corpus holds beside the view `corpus`, and `verify` has nothing to say of it."""
    with Corpus(folder / "corpus.db", write=True) as corpus:
        held = [sorted(corpus.conn.execute(sql).fetchall(), key=repr) for sql in BESIDE]
        assert list(verify(corpus.conn, writable=True)) == []
    return held


@settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(says=st.fixed_dictionaries(dict.fromkeys(VIEWS, SAYS)), apart=st.booleans())
def test_a_changed_slug_in_every_order(
    tmp_path_factory: pytest.TempPathFactory, says: dict[str, set[str]], apart: bool
) -> None:
    """The feed knows a post by its guid, the page by its address, REST by both: 24 orders, one row, the same corpus."""
    folder = tmp_path_factory.mktemp("views")
    for name, view in MOVED.items():
        (folder / name).write_text(view(says[name], 12))
    told = {o: (loaded(folder, o, apart=apart), beside(folder)) for o in itertools.permutations(MOVED)}
    first = next(iter(told.values()))
    assert len(first[0]) == 1, "one post, one row"
    for order, corpus in told.items():
        assert corpus == first, order


@pytest.mark.parametrize("order", list(itertools.permutations(("rest", "feed", "page"))))
def test_the_name_of_a_row_that_was_joined_is_still_its_name(prompt: Prompt, order: tuple[str, ...]) -> None:
    """Whoever cited the second row finds the post; what it was made from is among its payloads."""
    cited = set()
    for name in order:
        prompt.file(name, MOVED[name](set(GAPS), 12))
        assert prompt("load", name).code == 0
        cited |= {row[0] for row in prompt.ask("SELECT doc_id FROM posts")}
    assert prompt.ask("SELECT count(*), sum(length(text) > 0) FROM posts") == [(1, 1)]
    for doc_id in cited:
        done = prompt("--json", "show", doc_id)
        assert (done.code, done.rows[0]["title"]) == (0, "Bees 12")
    assert prompt.ask("SELECT count(*) FROM post_payloads") == [(3,)]
    found = {word: [row["type"] for row in prompt("--json", "search", word).rows] for word in ("REST", "Page", "Feed")}
    assert found == {"REST": ["hit", "summary"], "Page": ["summary"], "Feed": ["summary"]}
    assert prompt("verify").code == 0


@pytest.mark.parametrize("order", [("rest", "feed"), ("feed", "rest")])
@pytest.mark.parametrize(("said", "shown"), [({}, ["Hives of the feed"]), ({"categories": [], "tags": []}, [])])
def test_saying_nothing_of_terms_is_not_saying_that_there_are_none(
    prompt: Prompt, order: tuple[str, str], said: dict[str, Any], shown: list[str]
) -> None:
    """A saved post without them leaves those of the feed; one whose lists are empty has none, whatever came first."""
    prompt.file("rest", json.dumps([json.loads(rest({"guid"}, 5))[0] | said]))
    prompt.file("feed", feed({"guid", "terms"}, 5))
    for name in order:
        assert prompt("load", name).code == 0
    assert prompt.ask("SELECT categories FROM corpus") == [(json.dumps(shown),)]


@pytest.mark.parametrize("order", list(itertools.permutations(("rest", "feed", "page"))))
def test_an_author_known_by_number_is_named_by_the_feed(prompt: Prompt, order: tuple[str, ...]) -> None:
    """Until the site itself says who it is; and for this post alone, which a guest may have written."""
    prompt.file("rest", json.dumps([json.loads(rest({"author", "guid"}, n))[0] for n in (5, 6)]))
    prompt.file("feed", feed({"author", "guid"}, 5))
    prompt.file("page", page({"author"}, 5))
    for name in order:
        assert prompt("load", name).code == 0
    assert prompt.ask("SELECT title, authors FROM corpus ORDER BY 1") == [
        ("Bees 5", '["Ann of the feed"]'), ("Bees 6", "[]"),
    ]  # fmt: skip
    assert prompt("--json", "show", f"{HOME}/bees-5/").rows[0]["author_ids"] == ["7"]
    prompt.file("users", json.dumps([{"id": 7, "name": "Anna", "slug": "ann", "link": f"{HOME}/author/ann/",
                                      "description": "", "url": "", "_links": {"self": [{"href": f"{HOME}/wp-json/wp/v2/users/7"}]}}]))  # fmt: skip
    assert prompt("load", "users").code == 0
    assert prompt.ask("SELECT DISTINCT authors FROM corpus") == [('["Anna"]',)]
    for name in order:
        assert prompt("load", name).code == 0
    assert prompt.ask("SELECT DISTINCT authors FROM corpus") == [('["Anna"]',)]


def test_a_language_that_was_detected_is_no_source_s_word(prompt: Prompt) -> None:
    """What `annotate` found in the text of a first view does not stand before what a second one declares."""
    prompt.file("rest", rest(set(), 5))
    prompt.file("feed", feed({"language"}, 5))
    prompt("load", "rest")
    with Corpus(prompt.db, write=True) as corpus, corpus.transaction() as conn:
        conn.execute("DELETE FROM post_languages")
        conn.execute(
            "INSERT INTO post_languages (post_id, words, detected, confidence, language, made_by)"
            " SELECT id, substr(text_hash, 1, 16), 'en', 1.0, 'en', 'test' FROM posts"
        )
        conn.execute("UPDATE posts SET language = 'en', language_from = 'detected'")
    prompt("load", "feed")
    facts = [json.loads(text) for (text,) in prompt.ask("SELECT facts FROM sightings ORDER BY body_rank")]
    assert [one.get("language") for one in facts] == ["en-GB", None]
    again = prompt("--json", "load", "rest", "feed").rows
    assert [row["changed"] for row in again if row["type"] == "source"] == [0, 0]
