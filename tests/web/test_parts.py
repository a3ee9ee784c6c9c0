"""What the pages are made of: addresses, bars, comparisons, originals, downloads that are broken off."""

import math
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from ingest.corpus import Corpus, Query
from ingest.web import corpora, server
from ingest.web.asked import address, ask
from ingest.web.charts import spark, timeline
from ingest.web.comparing import compare
from ingest.web.original import original
from ingest.web.sending import Streamed
from ingest.web.shown import Download
from tests.prompt import Prompt
from tests.web.conftest import awaited
from tests.web.garden import item, keep


@pytest.mark.parametrize(
    "query",
    [
        Query(words='"a b" -c', site=("x.example", "y.example"), since="2024", until="2025-03", gone=False),
        Query(author=("Ä & Ö",), tag=("a=b",), language=("und",), as_of="2026-01-01", gone=True),
        Query(),
    ],
)
def test_an_address_asks_the_same_again(query: Query) -> None:
    """A question survives the way into an address and back."""
    assert ask(address(query)).query == query


def test_an_address_is_changed_piece_by_piece() -> None:
    """One filter more, one less, another page: the rest stays."""
    asked = ask("q=a&site=x&site=y&page=3&sort=date&nonsense=1")
    assert asked.address(page=4) == "q=a&site=x&site=y&sort=date&page=4"
    assert asked.also("tag", "t") == "q=a&site=x&site=y&sort=date&tag=t"
    assert asked.without("site", "x") == "q=a&site=y&sort=date"
    assert asked.address(sort=None, since="2024") == "q=a&site=x&site=y&from=2024"
    for wrong in ("from=2013-02-30", "to=0000", "as-of=2026-02-31"):
        assert not ask(wrong).query.narrowed
        assert "passed over" in ask(wrong).notes[0]
    assert ask("as-of=2026-02").query.as_of == "2026-02"
    long = ask(f"q={'word+' * 5000}")
    assert len(long.address()) < 2_100
    assert long.notes == ("only the first 2,000 of 25,000 characters are looked at",)
    assert ask("page=501").page == 500
    assert ask("page=501").notes


def test_months_without_a_hit_are_there_and_long_times_are_years() -> None:
    """No gap is hidden; a wrong date does not push all others into one bar."""
    short = timeline({"2024-11": 2, "2025-02": 1, None: 3}, {"2024-11": 4, "2025-01": 9, "2025-02": 1})
    assert short
    assert [(bar.key, bar.count, bar.of, bar.share) for bar in short.bars] == [
        ("2024-11", 2, 4, 50), ("2024-12", 0, 0, 0), ("2025-01", 0, 9, 0), ("2025-02", 1, 1, 100),
    ]  # fmt: skip
    assert short.undated == 3
    long = timeline({"2001-01": 1, "2026-12": 4}, {"2001-01": 1, "2026-11": 4, "2026-12": 4})
    assert long
    assert (long.by, len(long.bars), long.bars[-1].of) == ("year", 26, 8)
    odd = timeline({"0001-01": 1, "2026-12": 4, "<img sr": 1}, {})
    assert odd
    assert [bar.key for bar in odd.bars] == ["0001", "2026"]
    assert timeline({None: 2}, {None: 2}) is None


def test_a_spark_shows_what_is_not_nothing() -> None:
    """One beside a thousand is still to be seen; nothing is not."""
    assert spark([0, 1, 1000]) == [0, 8, 100]
    assert spark([0, 0]) == [0, 0]


def test_a_comparison_that_would_not_end_is_not_begun(tmp_path: Path) -> None:
    """Two texts of one word over and over: both are shown instead, at once."""
    with Corpus(tmp_path / "corpus.db", write=True, create=True) as corpus:
        for day, words in ((2, "a b " * 8000), (3, "a c " * 8000)):
            keep(corpus, item(1, "https://x.example", "T", f"<p>{words}</p>", modified=f"2025-01-0{day}T10:00:00"))
        compared = compare(corpus, 1, None, None)
        assert compared
        assert compared.text is None
        assert compare(corpus, 1, 1, 3) is None


def test_the_original_of_every_kind(prompt: Prompt) -> None:
    """REST, feed, page and plain text: each shows what came, made safe, with addresses that lead somewhere."""
    feed = (
        '<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>F</title>'
        "<link>https://feed.example/</link><item><title>One</title><link>https://feed.example/1</link>"
        "<guid>https://feed.example/1</guid><content:encoded><![CDATA[<p>Some <b>bold</b> text"
        ' <a href="/x" onclick="y()">there</a></p>]]></content:encoded></item></channel></rss>'
    )
    page = (
        "<!DOCTYPE html><html><head><title>Leaf mould</title><link rel=canonical href=https://leaf.example/mould/></head>"
        "<body><article><h1>Leaf mould</h1><p>Pile the leaves up, keep them wet, and wait two years. That is all there"
        " is to it, and it costs nothing but patience and a corner that nobody wants.</p></article><script>x()</script>"
    )
    text = "Bees\n\nThey <b>hum</b> & sting.\n"
    for name, content in (("feed.xml", feed), ("page.html", page), ("bees.txt", text)):
        assert prompt("load", prompt.file(name, content)).code == 0
    with Corpus(prompt.db) as corpus:
        shown = {row["title"]: original(corpus, row["id"]) for row in corpus.rows("SELECT id, title FROM posts")}
    htmls = {title: str(one.html) for title, one in shown.items() if one}
    assert '<a href="https://feed.example/x" rel="noopener noreferrer nofollow">there</a>' in htmls["One"]
    assert "<h1>Leaf mould</h1>" in htmls["Leaf mould"]
    assert "x()" not in htmls["Leaf mould"]
    assert "They &lt;b&gt;hum&lt;/b&gt; &amp; sting." in htmls["Bees"]


def test_a_damaged_payload_is_said(tmp_path: Path) -> None:
    """The text is still shown; the original says what is wrong."""
    with Corpus(tmp_path / "corpus.db", write=True, create=True) as corpus:
        keep(corpus, item(1, "https://x.example", "T", "<p>hello</p>"))
        with corpus.transaction() as conn:
            conn.execute("UPDATE payloads SET data = x'00'")
        found = original(corpus, 1)
    assert found
    assert found.html is None
    assert "damaged" in found.why


def test_a_reader_may_hang_up() -> None:
    """A download that nobody takes any more is ended, and what it held is closed."""
    closed: list[bool] = []

    def pieces() -> Iterator[bytes]:
        try:
            while True:
                yield b"x" * 1000
        finally:
            closed.append(True)

    sent: list[dict[str, Any]] = []

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)
        if len(sent) == 4:
            raise ConnectionResetError

    async def taken() -> None:
        answer = await Streamed.of(lambda: Download("posts.csv", "text/csv; charset=utf-8", pieces()))
        with pytest.raises(ConnectionResetError):
            await answer.asgi_send(send)
        answer._thread.shutdown(wait=True)

    awaited(taken())
    assert closed == [True]
    assert sent[0]["status"] == 200


def test_a_question_is_broken_off_when_the_server_ends(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """After a signal a page has as long as a download to end, and not the 15 s that a page may ask."""
    monkeypatch.setattr(corpora, "_END", [math.inf])
    monkeypatch.setattr(server, "_PATIENCE", 0.1)
    with Corpus(tmp_path / "c.db", write=True, create=True):
        pass
    slow = "WITH RECURSIVE n (i) AS (VALUES (1) UNION ALL SELECT i + 1 FROM n) SELECT max(i) FROM n"
    with corpora.opened(tmp_path / "c.db") as corpus:
        assert corpus.rows("SELECT 1 AS one") == [{"one": 1}]
    server._Server(uvicorn.Config("none:none")).handle_exit(signal.SIGTERM, None)
    began = time.monotonic()
    with pytest.raises(corpora.TooSlowError), corpora.opened(tmp_path / "c.db") as corpus:
        corpus.rows(slow)
    assert time.monotonic() - began < corpora.PATIENCE / 2
