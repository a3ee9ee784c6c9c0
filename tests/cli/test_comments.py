"""Readers' comments in an export: never kept unasked, and their addresses never at all."""

import pytest

from ingest.sources.wxr.comments import scrubbed
from tests.prompt import Prompt

HEAD = (
    '<?xml version="1.0"?><rss version="2.0" xmlns:wp="http://wordpress.org/export/1.2/"'
    ' xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel><title>E</title>'
    "<wp:base_blog_url>https://e.example</wp:base_blog_url>"
)
BEFORE = (
    b"<item><title>Bees</title><link>https://e.example/bees/</link><content:encoded><![CDATA[<p>How to <b>quote</b> "
    b"</wp:comment> and <wp:comment> in a post, &amp; more.</p>]]></content:encoded><wp:post_id>4</wp:post_id>"
    b"<wp:post_type>post</wp:post_type><wp:status>publish</wp:status>\n\t"
)
ADDRESSES = b"<wp:comment_author_email><![CDATA[reader@mail.example]]></wp:comment_author_email>"
NETWORK = b"<wp:comment_author_IP>192.0.2.7</wp:comment_author_IP>"
META = b"<wp:commentmeta><wp:meta_key>akismet_as_submitted</wp:meta_key><wp:meta_value>192.0.2.7</wp:meta_value></wp:commentmeta>"
ID, REST = b"<wp:comment_id>9</wp:comment_id><wp:comment_author>Ben</wp:comment_author>", (
    b"<wp:comment_approved>1</wp:comment_approved><wp:comment_content><![CDATA[Nice </wp:comment> and <wp:commentmeta> too.]]>"
    b"</wp:comment_content>"
)  # fmt: skip
COMMENT = b"<wp:comment>" + ID + ADDRESSES + NETWORK + REST + META + b"</wp:comment>"
AFTER = b"\n</item>"
EXPORT = (
    HEAD.encode() + BEFORE + COMMENT + b"<wp:comment/>" + COMMENT.replace(b">9<", b">10<") + AFTER + b"</channel></rss>"
)


def payload(prompt: Prompt) -> bytes:
    """The bytes that are kept for the only post."""
    import zlib

    ((encoding, data),) = prompt.ask("SELECT encoding, data FROM payloads JOIN posts ON posts.payload_id = payloads.id")
    return zlib.decompress(data) if encoding == "zlib" else data


def test_unasked_no_comment_stays(prompt: Prompt) -> None:
    """The item to the byte, less its comments; the text is what it was."""
    prompt.file("export", EXPORT)
    assert prompt("load", "export").code == 0
    assert payload(prompt) == BEFORE + AFTER
    assert prompt.ask("SELECT text FROM posts") == [("How to quote and in a post, & more.",)]
    assert prompt.ask("SELECT count(*) FROM comments") == [(0,)]
    assert b"192.0.2.7" not in prompt.db.read_bytes()


def test_asked_for_they_stay_without_addresses(prompt: Prompt) -> None:
    """Words and names, in the table and in the payload; no mail, no network address, nothing of spam filters."""
    prompt.file("export", EXPORT)
    assert prompt("load", "--comments", "export").code == 0
    kept = b"<wp:comment>" + ID + REST + b"</wp:comment>"
    assert payload(prompt) == BEFORE + kept + b"<wp:comment/>" + kept.replace(b">9<", b">10<") + AFTER
    assert prompt.ask("SELECT remote_id, author, text FROM comments ORDER BY 1 DESC") == [
        ("9", "Ben", "Nice and too."), ("10", "Ben", "Nice and too."),
    ]  # fmt: skip
    assert prompt("retext").code == 0


@pytest.mark.parametrize(
    ("raw", "kept"),
    [
        (b"<item>no comments</item>", b"<item>no comments</item>"),
        (b"<item></wp:comment><wp:comment>a</wp:comment>b</item>", b"<item></wp:comment>b</item>"),
        (b"<item>a<wp:comment>cut", b"<item>a"),
        (b"<item>a<wp:comment><wp:comment>x</wp:comment>y</wp:comment>b", b"<item>ab"),
        (b"<wp:comment_status>open</wp:comment_status><wp:comment >x</wp:comment >", b"<wp:comment_status>open</wp:comment_status>"),
        (b"<item>" + b"<wp:comment>" * 50_000, b"<item>"),
    ],
)  # fmt: skip
def test_whatever_the_markup(raw: bytes, kept: bytes) -> None:
    """Stray, cut and nested elements; nothing else is touched, and no input is slow."""
    assert scrubbed(raw, comments=False) == kept
