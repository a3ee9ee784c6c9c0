"""`sources.wxr`: cases as folders, and what no folder can show."""

import io
import re
import tracemalloc
from contextlib import suppress
from itertools import chain
from pathlib import Path
from typing import BinaryIO, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import ParseError
from ingest.records import Page, Request, Response, Source
from ingest.sources.wxr import read, start
from ingest.sources.wxr.paragraphs import paragraphs
from tests.sources.documents import cases, check, posts, saved, served


@pytest.mark.parametrize("case", cases("wxr"), ids=lambda case: case.name)
def test_case(case: Path) -> None:
    """The document gives what its folder says."""
    check("wxr", case)


def export(*items: str) -> bytes:
    """A small export around these items."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>E</title>'
        f"<wp:base_blog_url>https://e.example</wp:base_blog_url>{''.join(items)}</channel></rss>"
    ).encode()


def item(number: int, content: str = "<p>x</p>") -> str:
    """A published post."""
    return (
        f"<item><title>{number}</title><content:encoded><![CDATA[{content}]]></content:encoded>"
        f"<wp:post_id>{number}</wp:post_id><wp:status>publish</wp:status><wp:post_type>post</wp:post_type></item>"
    )


def test_an_export_comes_in_pages_of_a_hundred() -> None:
    """No Page has more than a hundred items, and none is lost between them."""
    pages = saved("wxr", export(*map(item, range(1, 351))))
    assert max(len(page.items) for page in pages) <= 100
    assert [post.remote_id for post in posts(pages)] == [str(n) for n in range(1, 351)]


def test_an_export_is_read_as_a_stream(monkeypatch: pytest.MonkeyPatch) -> None:
    """The memory for an export of 12 MB is that of a page of posts and a few chunks."""
    monkeypatch.setattr("ingest.sources.slices.CHUNK", 2**16)

    class Endless(io.RawIOBase):
        """An export that is made while it is read."""

        def __init__(self) -> None:
            self.parts = chain([export()[:-16]], (item(n, "word " * 2000).encode() for n in range(1, 1201)))
            self.rest = bytearray()

        def read(self, size: int = -1) -> bytes:
            while len(self.rest) < size and (part := next(self.parts, b"")):
                self.rest += part
            found = bytes(self.rest[:size])
            del self.rest[:size]
            return found

        def seek(self, _offset: int, _whence: int = 0) -> int:
            self.__init__()
            return 0

    document = Response(Request("big", what="saved"), "big", 200, {}, cast("BinaryIO", Endless()))
    pages = read(Source("wxr", "big"), document)
    tracemalloc.start()
    count = sum(len(posts([page])) for page in pages)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count > 1150
    assert peak < 6 * 2**20, f"{peak:,} bytes"


def test_what_is_kept_of_a_post_can_be_read_again() -> None:
    """The text of a post can be made anew from its payload alone."""
    (post,) = posts(saved("wxr", export(item(7, "One\n\nTwo"))))
    (again,) = posts(saved("wxr", post.raw))
    assert (again.remote_id, again.title, again.body) == (post.remote_id, post.title, post.body)


def test_the_declared_home_wins() -> None:
    """`load --site` says whose the export is."""
    pages = saved("wxr", export(item(1)), home="https://other.example")
    assert {getattr(i, "home", None) for page in pages for i in page.items} == {"https://other.example"}


def test_numbers_that_are_no_identifiers_are_none() -> None:
    """0, negative and too large numbers identify nothing."""
    for number in ("0", "-1", "9223372036854775808", "x", ""):
        body = export(item(1)).replace(b"<wp:post_id>1<", f"<wp:post_id>{number}<".encode())
        assert posts(saved("wxr", body))[0].remote_id is None


def test_a_known_export_is_asked_for_conditionally() -> None:
    """Validators go along, and a 304 is a page with nothing in it."""
    source = Source("wxr", "https://e.example/x.xml", validators={"https://e.example/x.xml": ('"e"', None, None)})
    (request,) = start(source)
    assert request.etag == '"e"'
    assert list(read(source, served(request, b"", status=304))) == [Page()]


@pytest.mark.parametrize(
    ("stored", "shown"),
    [
        ("", ""),
        ("a", "\n<p>a</p>\n"),
        ("a\r\nb", "\n<p>a<br>\nb</p>\n"),
        ("a<br />\nb", "\n<p>a<br>\nb</p>\n"),
        ("a\n \n\nb", "\n<p>a</p>\n<p>b</p>\n"),
        ("<p>a</p>\n\nb", "<p>a</p>\n<p>b</p>\n"),
        ("<div>a</div>", "<div>a</div>"),
        ("<div>a\n\nb</div>", "<div>\n<p>a</p>\n<p>b</p>\n</div>"),
        ("<blockquote>a</blockquote>", "<blockquote>\n<p>a</p>\n</blockquote>"),
        ("<h2>a\nb</h2>", "<h2>a<br>\nb</h2>"),
        ("<pre>\na\n\nb</pre>", "<pre>\na\n\nb</pre>"),
        ("<script>\na\n\nb</script>x", "<script>\na\n\nb</script>\n<p>x</p>\n"),
        ("<em>a</em> b", "\n<p><em>a</em> b</p>\n"),
        ("<!-- wp:html -->\na\n\nb\n<!-- /wp:html -->", "<!-- wp:html -->\na\n\nb\n<!-- /wp:html -->"),
        ("<pre>never closed\n\nb", "<pre>never closed\n\nb"),
    ],
)
def test_paragraphs(stored: str, shown: str) -> None:
    """Blank lines part paragraphs where no block and no `pre` says otherwise."""
    assert paragraphs(stored) == shown


@given(st.text(alphabet="ab \n<>/p'\"", max_size=60))
@settings(max_examples=200, deadline=None)
def test_paragraphs_lose_no_letter(stored: str) -> None:
    """Whatever is stored, its letters come out in order outside of tags we add."""
    shown = re.sub(r"<p>|</p>|<br>", "", paragraphs(stored))
    assert [c for c in re.sub(r"<p>|</p>|<br>", "", stored) if c in "ab"] == [c for c in shown if c in "ab"]


@given(st.binary(max_size=300))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise_anything_but_a_parse_error(noise: bytes) -> None:
    """Whatever stands in an export, it is read or refused in words."""
    body = export(item(1)).replace(b"<title>1", b"<title>" + noise)
    with suppress(ParseError):
        saved("wxr", body)
