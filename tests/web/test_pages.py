"""The pages as Datasette answers them: what is on them, whatever is asked."""

import io
import json
import re
import sqlite3
import zipfile
from pathlib import Path
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest.corpus import Corpus
from tests.corpus.making import load, post
from tests.web.conftest import Get, ask_all, awaited

PAGES = (
    "search?q=hive",
    "search?q=hive&sort=date&page=2",
    "health",
    "saved",
    "site?site=bees.example",
    "search?site=bees.example",
)


def doc_id(path: Path, where: str) -> str:
    """The post that a condition means."""
    conn = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    try:
        return str(conn.execute(f"SELECT doc_id FROM posts WHERE {where}").fetchone()[0])
    finally:
        conn.close()


def test_the_first_page_is_a_search(get: Get) -> None:
    """Where a corpus is all there is, `/` has a GET form whose field is `q`, and links to the health of the sources."""
    answer = get("/")
    assert answer.status == 200
    assert re.search(r'<form[^>]*method="get"', answer.text)
    assert re.search(r'<input[^>]*name="q"', answer.text)
    assert re.search(r'<a href="/garden/-/health">[^<]*health', answer.text)


@pytest.mark.parametrize("page", PAGES)
def test_every_page_has_a_strict_policy_and_no_script(get: Get, page: str) -> None:
    """Nothing but our own style sheet may be loaded, and no page needs more."""
    answer = get(f"/garden/-/{page}")
    assert answer.status == 200
    policy = answer.headers["content-security-policy"]
    assert policy.startswith("default-src 'none'; style-src 'self';")
    assert "script-src" not in policy
    assert "<script" not in answer.text
    assert not re.search(r"\sstyle=|\son\w+=", answer.text)


def test_hits_are_links_with_marked_snippets(get: Get) -> None:
    """A hit is a link, its text the whole title, to the post's own page; the words stand in `<mark>`."""
    answer = get("/garden/-/search?q=%22lime+trees%22")
    hits = re.findall(r'<h3><a href="(/garden/-/post/[0-9a-f]+)" dir="auto">([^<]+)</a></h3>', answer.text)
    assert hits
    assert "<mark>lime trees</mark>" in answer.text
    assert f'<h1 dir="auto">{hits[0][1]}</h1>' in get(hits[0][0]).text


def test_facets_narrow_and_widen(get: Get) -> None:
    """A value of a facet is a link that narrows; its count is the number of hits then; chosen, it is taken out again."""
    answer = get("/garden/-/search?q=winter")
    link, count = re.search(r'href="([^"]*category=Heating)"><bdi>Heating</bdi></a> <span class="n">(\d+)<', answer.text).groups()  # fmt: skip
    narrowed = get(link.replace("&amp;", "&"))
    assert re.search(rf'role="status">{count} posts?\b', narrowed.text)
    assert re.search(r'href="/garden/-/search\?q=winter"[^>]*>Category: <bdi>Heating', narrowed.text)
    assert 'aria-current="true"><bdi>Heating</bdi>' in narrowed.text
    for title in ("Site", "Author", "Category", "Tag", "Type", "Language", "Year"):
        assert f"<h2>{title}</h2>" in answer.text


def test_posts_without_words_come_newest_first(planted: Path) -> None:
    """A site's posts, page by page: each once, the newest first, as the engine itself has them."""
    from ingest.corpus import Query
    from ingest.corpus.search import find

    with Corpus(planted) as corpus:
        told = [hit["doc_id"] for hit in find(corpus, Query(site=("bees.example",)), limit=1000)]
    pages = ask_all(
        [planted], *(f"/garden/-/search?site=bees.example&page={n}" for n in range(1, -(-len(told) // 20) + 1))
    )
    shown = [one for page in pages for one in re.findall(r'<h3><a href="/garden/-/post/([0-9a-f]+)"', page.text)]
    assert shown == told


def test_beyond_the_last_page_there_is_the_last_one(get: Get) -> None:
    """And it is said; also where nothing is found at all."""
    last = get("/garden/-/search?q=hive&page=500").text
    number, pages = re.findall(r"<span>page (\d+) of (\d+)</span>", last)[0]
    assert number == pages
    assert int(pages) > 1
    assert re.findall("<h3>.*", last) == re.findall("<h3>.*", get(f"/garden/-/search?q=hive&page={pages}").text) != []
    assert "there is no page 500: this is the last one" in last
    assert 'rel="next"' not in last
    assert get("/garden/-/search?q=xylophone&page=7").text.count("<h3>") == 0


def test_the_timeline_counts_and_gives_the_share(get: Get, planted: Path) -> None:
    """Months are counted as SQL counts them, beside all posts of the month; without a script."""
    answer = get("/garden/-/search?q=hive")
    rows = re.findall(r'<th scope="row">(\d{4}-\d\d)</th><td class="n">(\d+)</td><td class="n">(\d+)</td>', answer.text)
    conn = sqlite3.connect(f"file:{planted}?mode=ro", uri=True)
    hits = dict(conn.execute("SELECT substr(published_at, 1, 7), count(*) FROM posts_fts JOIN posts ON posts.id ="
                             " posts_fts.rowid WHERE posts_fts MATCH 'hive' GROUP BY 1"))  # fmt: skip
    every = dict(conn.execute("SELECT substr(published_at, 1, 7), count(*) FROM posts GROUP BY 1"))
    conn.close()
    assert {month: int(count) for month, count, _ in rows if count != "0"} == hits
    assert all(int(of) == every.get(month, 0) for month, _, of in rows)
    assert '<svg class="counts"' in answer.text
    assert '<svg class="shares"' in answer.text


def test_a_post_is_shown_as_stored(get: Get, planted: Path) -> None:
    """Text, author, date, terms, address, citation, copies; the live address gets no referrer."""
    number = doc_id(planted, "remote_id = '21'")
    answer = get(f"/garden/-/post/{number}")
    conn = sqlite3.connect(f"file:{planted}?mode=ro", uri=True)
    text, title = conn.execute("SELECT text, title FROM posts WHERE doc_id = ?", [number]).fetchone()
    conn.close()
    assert f'lang="en">{text}</div>' in answer.text
    assert f'<h1 dir="auto">{title}</h1>' in answer.text
    assert re.search(
        r'<a href="https?://[^"]+" rel="noopener noreferrer nofollow">as it is on the web now', answer.text
    )
    assert "@online{" in answer.text
    assert "post-weblog" in answer.text
    assert "Near-duplicates" in answer.text
    assert "copies.example" in answer.text
    assert "Similar posts" in answer.text
    assert f"/garden/-/post/{number}/similar" in answer.text


def test_the_original_is_sanitised_and_its_images_wait(get: Get, planted: Path) -> None:
    """The original HTML unfolds; an image is loaded only by whoever asks, and only then may it be."""
    page = f"/garden/-/post/{doc_id(planted, 'remote_id = 21')}"
    answer = get(page)
    assert "The original HTML</summary>" in answer.text
    assert "1 image not loaded" in answer.text
    assert " src=" not in answer.text
    assert "img-src 'self';" in answer.headers["content-security-policy"]
    asked = get(f"{page}?images=1")
    assert '<img src="https://' in asked.text
    assert "img-src 'self' http: https:;" in asked.headers["content-security-policy"]


def test_versions_are_compared_in_words(get: Get, planted: Path) -> None:
    """The last two by default, any two when asked."""
    page = f"/garden/-/post/{doc_id(planted, 'remote_id = 9001')}"
    assert f"{page}/changes?old=1&amp;new=2" in get(page).text
    answer = get(f"{page}/changes")
    assert "<ins> whole</ins>" in answer.text
    assert "<del>More</del>" in answer.text
    assert "measured" in get(f"{page}/changes?old=1&new=3").text
    assert "There are no two such versions" in get(f"{page}/changes?old=8&new=x").text


def test_health_says_the_verdict_of_each_source(get: Get) -> None:
    """Verdict by the contract's word, why, what is missing, the last runs, when it is due; one verdict alone on request."""
    answer = get("/garden/-/health")
    for word in ("complete", "partial", "failing", "unknown"):
        assert f'<span class="verdict {word}">{word}</span>' in answer.text
    assert "2 announced and not held" in answer.text
    assert "post/511" in answer.text
    assert "too_slow" in answer.text
    assert '<svg class="spark"' in answer.text
    assert "2026-03-02 06:00" in answer.text
    assert "slow-garden.example" not in get("/garden/-/health?verdict=failing").text


def test_a_site_has_a_page(get: Get) -> None:
    """Its posts by month, authors, last posts, verdict, what is most linked to."""
    answer = get("/garden/-/site?site=bees.example")
    assert "Bees in Town" in answer.text
    assert "Ines Okafor" in answer.text
    assert '<svg class="counts"' in answer.text
    assert "Most linked to" in answer.text
    assert '<span class="verdict complete">' in answer.text


def test_saved_searches_are_links(get: Get) -> None:
    """A search that was given a name is there for everyone."""
    for page in ("/", "/garden/-/saved"):
        assert '<a href="/garden/-/search?q=bees+OR+hedge" dir="auto">Bees and hedges</a>' in get(page).text


def test_results_are_taken_away(planted: Path) -> None:
    """All hits, and not the page of them, as CSV, as JSON Lines and as a zip of texts."""
    from datasette.app import Datasette

    async def taken() -> list[bytes]:
        datasette = Datasette([str(planted)])
        await datasette.invoke_startup()
        found = []
        for name in ("csv", "jsonl", "zip"):
            answer = await datasette.client.get(f"/garden/-/result.{name}?q=hive")
            assert answer.status_code == 200
            assert f'attachment; filename="posts.{name}"' in answer.headers["content-disposition"]
            found.append(answer.content)
        datasette.executor.shutdown()
        return found

    table, lines, packed = awaited(taken())
    conn = sqlite3.connect(f"file:{planted}?mode=ro", uri=True)
    hits = conn.execute("SELECT count(*) FROM posts_fts WHERE posts_fts MATCH 'hive'").fetchone()[0]
    conn.close()
    assert hits > 20
    assert len(lines.splitlines()) == hits
    assert all("hive" in json.dumps(json.loads(line)).lower() for line in lines.splitlines())
    assert table.startswith(b"doc_id,")
    names = zipfile.ZipFile(io.BytesIO(packed)).namelist()
    assert "metadata.csv" in {name.rsplit("/", 1)[-1] for name in names}
    assert sum(name.endswith(".txt") for name in names) == hits


@pytest.mark.parametrize(
    "asked",
    [
        "q=%22", "q=*", "q=AND", "q=(((((", "q=%00", "q=%ff%fe", "q=%ed%a0%80", "q=title:", "page=-1&q=a", "page=99999999999&q=hive",
        "from=2025-13-99", "to=x&from=1", "as-of=2026-02-10&q=heat", "as-of=never", "sort=%27", "gone=maybe", "site=%27%3B--",
        "source=99999999999999999999", "lang=%25", "author=%2A%2A%2A", "tag=" + "%" * 400, "q=" + "a+" * 1500, "&&&=&=&q", "site=a&site=b",
        "&".join(f"x{n}=1" for n in range(500)),
    ],
)  # fmt: skip
def test_any_query_is_answered(get: Get, asked: str) -> None:
    """However odd, a query string is a question: 200."""
    for page in ("search", "health", "saved"):
        answer = get(f"/garden/-/{page}?{asked}")
        assert answer.status == 200, asked
        assert "content-security-policy" in answer.headers


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.sampled_from(["q", "site", "author", "tag", "from", "as-of", "lang", "source", "page"]), st.text(max_size=30)), max_size=5))  # fmt: skip
def test_any_text_is_a_search(get: Get, said: list[tuple[str, str]]) -> None:
    """Whatever a person, or a program, puts into the fields."""
    asked = "&".join(f"{name}={quote(value, errors='replace')}" for name, value in said)
    assert get(f"/garden/-/search?{asked}").status == 200


def test_what_is_not_there_is_said(get: Get) -> None:
    """An unknown post or site is a page that says so, with the policy of all pages."""
    for page in ("post/ffffffffffff", "post/%3Cscript%3E", "site?site=nowhere.example"):
        answer = get(f"/garden/-/{page}")
        assert answer.status == 404
        assert "Not here" in answer.text
        assert "content-security-policy" in answer.headers
        assert "<script>" not in answer.text


def test_as_of_finds_the_words_of_then(get: Get) -> None:
    """The corpus as it was held: words that were edited away are found on the day they were held."""
    assert 'role="status">1 post' in get("/garden/-/search?q=%22measured+it+yet%22&as-of=2026-02-08").text
    assert 'role="status">0 posts' in get("/garden/-/search?q=%22measured+it+yet%22").text


def test_datasette_is_one_click_away(get: Get) -> None:
    """Tables, JSON and SQL are where Datasette has them, with a policy that loads nothing from elsewhere."""
    assert '<a href="/garden">Tables and SQL</a>' in get("/garden/-/search?q=hive").text
    for page in ("/garden", "/garden/posts?_size=1", "/garden/corpus.json?_size=1"):
        answer = get(page)
        assert answer.status == 200
        assert "default-src 'self'" in answer.headers["content-security-policy"]


def test_other_databases_are_left_alone(tmp_path: Path, planted: Path) -> None:
    """A database that is none of ours: Datasette as it is. Two databases: ours has its pages, `/` stays Datasette's."""
    other = tmp_path / "other.db"
    conn = sqlite3.connect(other)
    conn.execute("CREATE TABLE t (a)")
    conn.close()
    alone = ask_all([other], "/", "/other/t", "/other/-/search?q=x")
    assert [one.status for one in alone] == [200, 200, 404]
    assert all("content-security-policy" not in one.headers for one in alone)
    assert "blogcorpus" not in alone[0].text
    both = ask_all([other, planted], "/", "/garden/-/search?q=hive", "/other/t", "/garden", "/other/-/search")
    assert [one.status for one in both] == [200, 200, 200, 200, 404]
    assert 'href="/garden/-/search"' in both[0].text
    assert "<mark>hive</mark>" in both[1].text
    assert ["content-security-policy" in one.headers for one in both] == [False, True, False, True, False]


def test_a_private_database_stays_private(planted: Path) -> None:
    """Datasette's own permissions hold for our pages."""
    from datasette.app import Datasette

    told = {"databases": {"garden": {"allow": {"id": "root"}}}}
    new = "config" in Datasette.__init__.__code__.co_varnames
    answers = ask_all(
        [planted], "/garden/-/search?q=hive", "/garden/-/result.csv?q=hive", **{"config" if new else "metadata": told}
    )
    assert [one.status for one in answers] == [403, 403]


def test_below_another_path(planted: Path) -> None:
    """Mounted elsewhere, every link and the style sheet still lead to where they are."""
    answer = ask_all([planted], "/garden/-/search?q=hive", settings={"base_url": "/blogs/"})[0]
    assert answer.status == 200
    links = re.findall(r'(?:href|action)="(/[^"]*)"', answer.text)
    assert links
    assert all(link.startswith("/blogs/") for link in links)


@pytest.mark.parametrize("name", ["my blogs", "a.b", "Ünï", "50%"])
def test_a_corpus_may_have_any_name(tmp_path: Path, name: str) -> None:
    """Whatever the file is called, its pages are found, and lead to one another."""
    with Corpus(tmp_path / f"{name}.db", write=True, create=True) as corpus:
        load(corpus, post("1", "<p>hello</p>"))
    first = ask_all([tmp_path / f"{name}.db"], "/?q=hello")[0]
    links = [link for link in re.findall(r'href="([^"]*/-/[^"]*)"', first.text) if link.startswith("/")]
    assert any("/-/post/" in link for link in links)
    assert {
        one.status for one in ask_all([tmp_path / f"{name}.db"], *(link.replace("&amp;", "&") for link in links))
    } == {200}


def test_an_empty_corpus_has_pages_too(tmp_path: Path) -> None:
    """Before anything was fetched."""
    Corpus(tmp_path / "new.db", write=True, create=True).close()
    answers = ask_all([tmp_path / "new.db"], "/", "/new/-/search?q=x", "/new/-/health", "/new/-/saved")
    assert [one.status for one in answers] == [200] * 4


def test_an_older_corpus_says_what_to_do(tmp_path: Path) -> None:
    """A corpus of schema 1 is not searched with questions that it cannot answer."""
    import shutil

    shutil.copy(Path(__file__).parent.parent / "data" / "corpora" / "v1.db", tmp_path / "v1.db")
    answer = ask_all([tmp_path / "v1.db"], "/v1/-/search?q=x")[0]
    assert answer.status == 200
    assert "blogcorpus retext" in answer.text


def test_a_text_without_spaces_is_found(tmp_path: Path) -> None:
    """健康, marked in its snippet."""
    with Corpus(tmp_path / "corpus.db", write=True, create=True) as corpus:
        load(corpus, post("1", "<p>使用人工智能改善健康的方法</p>", title="健康"))
    answer = ask_all([tmp_path / "corpus.db"], f"/corpus/-/search?q={quote('健康')}")[0]
    assert "<mark>健康</mark>" in answer.text
