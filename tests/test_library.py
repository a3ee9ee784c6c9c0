"""The corpus from Python: `ingest.open`."""

import importlib.util
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import ingest
from ingest.corpus import Corpus
from ingest.errors import ConfigError, CorpusError
from ingest.library import Library
from ingest.records import PersonRef, RawDate
from tests.corpus.making import load, modified, post


@pytest.fixture(scope="module")
def library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Library]:
    """Three posts, one of them with a history."""
    path = tmp_path_factory.mktemp("library") / "c.db"
    with Corpus(path, write=True, create=True) as corpus:
        load(corpus, post("1", "<p>Sleep and rest</p>", title="One", authors=(PersonRef(name="Ada"),), language="en"))
        load(
            corpus,
            post("2", "<p>Sleep, rest and apnea</p>", title="Two"),
            post("3", "<p>健康</p>", published=RawDate()),
        )
        load(corpus, post("1", "<p>Sleep or rest</p>", title="One", modified=modified(9)), at="2026-02-01T00:00:00Z")
    with ingest.open(path) as opened:
        yield opened


def test_every_post(library: Library) -> None:
    """Iterating gives the rows of the view `corpus`, lists as lists, in the order of `doc_id`."""
    rows = list(library)
    assert len(rows) == len(library) == 3
    assert [row["doc_id"] for row in rows] == sorted(row["doc_id"] for row in rows)
    assert {row["title"]: row["authors"] for row in rows}["One"] == ["Ada"]
    assert set(rows[0]) == set(library.sql("SELECT * FROM corpus LIMIT 1")[0])


def test_searching(library: Library) -> None:
    """Hits with snippets, counts, and whole posts; filters take one value or several."""
    assert [hit["title"] for hit in library.search("sleep -apnea")] == ["One"]
    assert library.count("sleep") == library.count("sleep", type=["post", "page"], site="blog.example") == 2
    assert [hit["title"] for hit in library.search("sleep", sort="date", limit=1, offset=1)]
    assert [row["text"] for row in library.posts("健康")] == ["健康"]
    assert [row["title"] for row in library.posts(language="en")] == ["One"]
    assert list(library.posts("***")) == []
    assert len(library.search("sleep", limit=10**20)) == 2
    assert library.search("sleep", offset=10**20) == []
    for told in ("soon", "2013-02-30", "0000"):
        with pytest.raises(ConfigError, match="is no date"):
            library.count(since=told)
        with pytest.raises(ConfigError, match="is no date"):
            list(library.as_of(told))
    assert "Sleep and rest" in [row["text"] for row in library.as_of("2026-01")]


def test_one_post(library: Library) -> None:
    """By number, doc_id or address; its versions, and the corpus of a day."""
    found = library.post("https://blog.example/1/")
    assert library.post(found["id"]) == library.post(found["doc_id"]) == found
    assert [one.text for one in library.versions(found["id"])] == ["Sleep and rest", "Sleep or rest"]
    assert "Sleep and rest" in [row["text"] for row in library.as_of("2026-01-15")]
    assert [hit["title"] for hit in library.similar(found["id"])] == ["Two"]
    with pytest.raises(ConfigError, match="no post"):
        library.post("nothing")


WRITES = [
    "attach '{0}' as y", "vacuum into '{0}'", "vacuum", "create table x (y)", "create temp table x (y)", "begin", "commit",
    "delete from posts", "update sqlite_master set sql = ''", "alter table posts rename to x", "update posts set title = ''", "insert into posts_fts (posts_fts) values ('rebuild')",
    "pragma query_only = off", "pragma user_version = 1", "pragma writable_schema = on", "pragma wal_checkpoint",
    "drop table posts", "reindex", "analyze", "detach main", "savepoint x", "select load_extension('x')",
]  # fmt: skip


@pytest.mark.parametrize("wrong", [*WRITES, "selct", "select nothing", "select 1; select 2", "select ?", "select '\0"])
def test_sql_only_reads(library: Library, tmp_path: Path, wrong: str) -> None:
    """Whatever writes, to this file or another, and whatever is no SQL, is refused in words; reading goes on after."""
    with pytest.raises(ConfigError):
        library.sql(wrong.format(tmp_path / "made.db"))
    assert not list(tmp_path.iterdir())
    assert len(library.search("sleep")) == 2
    assert list(library.as_of("2026-01-15"))


READS = {
    "with recursive n (i) as (values (1) union all select i + 1 from n where i < 5) select sum(i) as s from n": 15,
    "select count(*) as s from posts_fts where posts_fts match 'sleep'": 2,
    "select count(*) as s from posts_trigram where posts_trigram match 'sleep'": 0,
    "select count(*) as s from corpus c, json_each(c.authors)": 1,
    "select snippet(posts_fts, 1, '[', ']', '', 9) as s from posts_fts where posts_fts match 'apnea'": "Sleep, rest and [apnea]",
    "select count(*) > 5 as s from pragma_table_info('posts')": 1,
    "pragma user_version": None,
    "pragma table_info(posts)": None,
    "explain query plan select * from posts order by title": None,
    "values (1)": None,
}  # fmt: skip


@pytest.mark.parametrize(("query", "value"), READS.items())
def test_sql_reads_everything(library: Library, query: str, value: object) -> None:
    """Full-text indexes, views, functions, table-valued ones, descriptions; on a connection that has read nothing."""
    with ingest.open(library._corpus.path) as fresh:
        rows = fresh.sql(query)
    assert rows
    assert value is None or rows[0]["s"] == value
    assert library.sql("") == []


def test_figures(library: Library) -> None:
    """As the command `stats` gives them."""
    found = library.stats("language", search="sleep")
    assert [(one.key, one.posts, one.counts) for one in found] == [("en", 1, (1,)), (None, 2, (1,))]
    assert library.coverage()["blog.example"].undated == 1


def test_nothing_can_be_written(library: Library, tmp_path_factory: pytest.TempPathFactory) -> None:
    """The file stays as it is, and a corpus that is not there is not made."""
    with pytest.raises(Exception, match="only read"):
        library.sql("DELETE FROM posts")
    nowhere = tmp_path_factory.mktemp("nowhere") / "c.db"
    with pytest.raises(CorpusError):
        ingest.open(nowhere)
    assert not nowhere.exists()


def test_pandas_is_asked_for_where_it_is_needed(library: Library) -> None:
    """A data frame with the columns of the view and true dates; without pandas, a line that says so."""
    if importlib.util.find_spec("pandas") is None:
        with pytest.raises(ConfigError, match="pip install pandas"):
            library.to_pandas()
        return
    frame = library.to_pandas("sleep")
    assert list(frame.columns) == list(library.sql("SELECT * FROM corpus LIMIT 1")[0])
    assert str(frame["published_at"].dtype).startswith("datetime64[")
    assert len(library.to_pandas("xylophone")) == 0


def test_the_package_stays_light() -> None:
    """`import ingest` loads none of the rooms; `ingest.open` does; another name is an AttributeError."""
    code = (
        "import sys, ingest; assert not [m for m in sys.modules if m.startswith('ingest.')]; ingest.open; ingest.corpus"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    with pytest.raises(AttributeError, match="nothing_here"):
        ingest.nothing_here  # noqa: B018
