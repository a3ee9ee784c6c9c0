"""`sources.sniff`: a document goes by its first bytes, and every kind asks only for its own."""

from pathlib import Path

import pytest

from ingest.sources import HEAD, sniff
from tests.sources.documents import DATA, cases

DOCUMENTS = [
    (kind, case)
    for kind in ("feed", "page", "text", "wxr")
    for case in cases(kind)
    if '"claims": false' not in (case / "expected.json").read_text(encoding="utf-8")
]


@pytest.mark.parametrize(("kind", "case"), DOCUMENTS, ids=lambda value: value if isinstance(value, str) else value.name)
def test_each_document_is_of_its_kind(kind: str, case: Path) -> None:
    """The kinds asked before it leave it alone."""
    assert sniff(next(case.glob("document.*")).read_bytes()[:HEAD]) == kind
    assert DATA in case.parents


@pytest.mark.parametrize(
    ("head", "kind"),
    [
        (b"Warning: Undefined index in /a.php on line 1\n<?xml version='1.0'?><rss version='2.0'>", "feed"),
        (b"<br />\n<b>Notice</b>: x<rss version='2.0'>", "feed"),
        (b"How to write a feed\n\nBegin with <rss version='2.0'> and go on.", "text"),
        (b"<p>How to write a feed</p><pre>&lt;rss version='2.0'></pre>", "page"),
        (b"<!doctype html><html><body><rss version='2.0'></body>", "page"),
        (b"\xff\xfe" + "<rss version='2.0'>".encode("utf-16-le"), "feed"),
        ("<rss version='2.0'>".encode("utf-16-be"), "feed"),
        (b"<!-- a cache was here --><feed xmlns='http://www.w3.org/2005/Atom'>", "feed"),
        (b"<!-- x -->\xef\xbb\xbf<?xml version='1.0'?><feed xmlns='http://www.w3.org/2005/Atom'>", "feed"),
        (b"<atom:feed xmlns:atom='http://www.w3.org/2005/Atom'>", "feed"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", None),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", None),
        (b"", None),
    ],
)
def test_what_tells_the_kinds_apart(head: bytes, kind: str | None) -> None:
    """Noise before a feed is forgiven; quoting one makes no feed."""
    assert sniff(head) == kind
