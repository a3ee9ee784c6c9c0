"""`sources.feed`: cases as folders, and what no folder can show."""

import gc
import io
import json
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import feedparser
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.errors import ParseError
from ingest.records import Page, Source
from ingest.sources.feed import document, onepass, read, start
from tests.sources.documents import cases, check, posts, saved, served


@pytest.mark.parametrize("case", cases("feed"), ids=lambda case: case.name)
def test_case(case: Path) -> None:
    """The document gives what its folder says."""
    check("feed", case)


def feed(*names: str, head: str = "", generator: str = "https://wordpress.org/?v=6.8") -> bytes:
    """A feed with an entry for each name."""
    entries = "".join(
        f"<item><title>{n}</title><link>https://f.example/{n}/</link><guid>https://f.example/?p={n}</guid></item>"
        for n in names
    )
    return (
        '<rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom"><channel><title>F</title>'
        f"<link>https://f.example/</link><generator>{generator}</generator>{head}{entries}</channel></rss>"
    ).encode()


SOURCE = Source("feed", "https://f.example/feed/", now="2026-11-21T10:00:00Z")


def poll(source: Source, answers: dict[str, bytes | int]) -> tuple[list[Page], list[str], Source]:
    """One run of a source against these answers: its pages, what was asked for, and the source as it is next time."""
    waiting, asked, pages, cursor = list(start(source)), [], [], dict(source.cursor)
    while waiting:
        request = waiting.pop(0)
        asked.append(request.url)
        answer = answers.get(request.url, 404)
        body, status = (b"", answer) if isinstance(answer, int) else (answer, 200)
        for page in read(source, served(request, body, status=status)):
            pages.append(page)
            waiting += page.next
            cursor = cursor if page.cursor is None else dict(page.cursor)
    return pages, asked, replace(source, cursor=cursor)


def test_a_first_look_walks_the_whole_history_of_a_wordpress_feed() -> None:
    """Page after page to the 404, and that is that."""
    base = SOURCE.url
    archive: dict[str, bytes | int] = {
        base: feed("5", "4"),
        f"{base}?paged=2": feed("3", "2"),
        f"{base}?paged=3": feed("1"),
    }
    pages, asked, known = poll(SOURCE, archive)
    assert [post.title for post in posts(pages)] == ["5", "4", "3", "2", "1"]
    assert asked == [base, f"{base}?paged=2", f"{base}?paged=3", f"{base}?paged=4"]
    assert known.cursor["history"] == "done"
    _, asked, known = poll(known, {base: feed("6", "5")})
    assert f"{base}?paged=2" not in asked
    assert known.cursor["history"] == "done"


def test_a_wordpress_feed_that_changed_is_asked_for_its_latest_edits() -> None:
    """An edited post from long ago comes by `orderby=modified`; where that is refused, nothing is lost by asking."""
    _, _, known = poll(SOURCE, {SOURCE.url: feed("2", "1")})
    edits = f"{SOURCE.url}?orderby=modified"
    pages, asked, again = poll(known, {SOURCE.url: feed("2", "1"), edits: feed("0")})
    assert asked == [SOURCE.url, edits]
    assert [post.title for post in posts(pages)] == ["2", "1", "0"]
    assert again.cursor == known.cursor
    assert poll(known, {SOURCE.url: feed("2", "1"), edits: 403})[1] == asked


def test_a_walk_goes_on_where_it_stopped() -> None:
    """The cursor of the page that was stored last leads to the next one."""
    (request,) = start(SOURCE)
    (page,) = read(SOURCE, served(request, feed("5", "4")))
    assert page.cursor is not None
    again = start(replace(SOURCE, cursor=json.loads(json.dumps(page.cursor))))
    assert [r.url for r in again] == [SOURCE.url, f"{SOURCE.url}?paged=2"]


def test_a_server_that_repeats_itself_ends_the_walk() -> None:
    """Any page that shows what was shown before is the last one."""
    same = feed("2", "1")
    _, asked, known = poll(SOURCE, {SOURCE.url: same, f"{SOURCE.url}?paged=2": same})
    assert len(asked) == 2
    assert known.cursor["history"] == "done"


def test_a_gap_is_closed() -> None:
    """When nothing of the last look is left in the feed, older pages are read until a known entry comes."""
    base = SOURCE.url
    _, _, known = poll(SOURCE, {base: feed("2", "1")})
    pages, asked, known = poll(
        known, {base: feed("6", "5"), f"{base}?paged=2": feed("4", "3"), f"{base}?paged=3": feed("2", "1")}
    )
    assert [url for url in asked if "orderby" not in url] == [base, f"{base}?paged=2", f"{base}?paged=3"]
    assert [p.title for p in posts(pages)] == ["6", "5", "4", "3", "2", "1"]


def test_a_gap_that_cannot_be_closed_is_said() -> None:
    """A feed without older pages says that entries may have passed unseen."""
    _, _, known = poll(SOURCE, {SOURCE.url: feed("1", generator="Hugo")})
    pages, _, _ = poll(known, {SOURCE.url: feed("9", generator="Hugo")})
    assert "gap" in pages[-1].notes


def test_history_can_be_switched_off() -> None:
    """With `history` false only the feed itself is read."""
    _, asked, known = poll(replace(SOURCE, options={"history": False}), {SOURCE.url: feed("1")})
    assert asked == [SOURCE.url]
    assert "history" not in known.cursor


@pytest.mark.parametrize("rel", ["next", "prev-archive"])
def test_paged_and_archived_feeds_are_followed(rel: str) -> None:
    """RFC 5005 names the older document; the address is resolved against the feed's."""
    head = f'<atom:link rel="{rel}" href="/old.xml"/>'
    answers: dict[str, bytes | int] = {
        SOURCE.url: feed("2", head=head, generator="x"), "https://f.example/old.xml": feed("1", generator="x"),
    }  # fmt: skip
    pages, asked, _ = poll(SOURCE, answers)
    assert asked == list(answers)
    assert len(posts(pages)) == 2


def test_json_feeds_are_followed() -> None:
    """`next_url` leads to older items."""
    first = {
        "version": "https://jsonfeed.org/version/1.1",
        "next_url": "https://f.example/2.json",
        "items": [{"id": "2"}],
    }
    second = {**first, "next_url": None, "items": [{"id": "1"}]}
    answers: dict[str, bytes | int] = {
        SOURCE.url: json.dumps(first).encode(), "https://f.example/2.json": json.dumps(second).encode(),
    }  # fmt: skip
    pages, _, _ = poll(SOURCE, answers)
    assert [post.guid for post in posts(pages)] == ["2", "1"]


def test_a_poll_is_one_conditional_request() -> None:
    """The validators go along as WordPress can compare them, and a 304 is a page with nothing in it."""
    cursor = {"history": "done"}
    source = replace(SOURCE, cursor=cursor, validators={SOURCE.url: ('W/"e"', "Mon", None)})
    (request,) = start(source)
    assert (request.etag, request.last_modified) == ('"e"', "Mon")
    assert request.context == {"remember": True}
    assert list(read(source, served(request, b"", status=304))) == [Page()]


def test_a_cut_feed_stays_due() -> None:
    """After a cut feed the next request is unconditional, whatever validators it had."""
    (request,) = start(SOURCE)
    *_, page = read(SOURCE, served(request, feed("2", "1")[:-60]))
    assert page.trouble == "truncated"
    assert page.cursor is not None
    assert page.cursor["cut"] is True
    validators = {SOURCE.url: ('"e"', None, None)}
    request, *_ = start(replace(SOURCE, cursor=page.cursor, validators=validators))
    assert request.etag is None
    *_, page = read(SOURCE, served(request, feed("2", "1")))
    assert page.cursor is not None
    assert "cut" not in page.cursor


def test_a_refused_feed_is_an_error() -> None:
    """A 404 of the feed itself is no end of paging."""
    (request,) = start(SOURCE)
    with pytest.raises(ParseError, match="404"):
        list(read(SOURCE, served(request, b"", status=404)))


def test_entries_come_in_pages_of_a_hundred() -> None:
    """A long feed never makes a Page of more than a hundred items, and each entry keeps its own bytes."""
    document = feed(*map(str, range(1050)))
    pages = saved("feed", document)
    assert max(len(page.items) for page in pages) <= 100
    found = posts(pages)
    assert [post.title for post in found] == [str(n) for n in range(1050)]
    assert all(post.raw.startswith(b"<item>") and post.raw.endswith(b"</item>") for post in found)
    assert b"".join(post.raw for post in found) in document


@pytest.mark.parametrize(
    "case", [c for c in cases("feed") if not c.name.startswith(("json_", "rdf"))], ids=lambda case: case.name
)
def test_what_is_kept_of_an_entry_can_be_read_again(case: Path) -> None:
    """The text of a post can be made anew from its payload alone."""
    if "error" in json.loads((case / "expected.json").read_text(encoding="utf-8")):
        return
    for post in posts(saved("feed", next(case.glob("document.*")).read_bytes())):
        if not {"damaged"} & set(post.flags) and len(post.raw) < 3000:
            again = [p for p in posts(saved("feed", post.raw)) if p.guid == post.guid]
            assert [(p.title, p.body, p.rank) for p in again] == [(post.title, post.body, post.rank)]


def test_a_feed_in_parts_is_what_feedparser_sees_in_the_whole() -> None:
    """Cutting a feed into entries changes nothing of what feedparser makes of each."""
    for case in cases("feed"):
        body = next(case.glob("document.*")).read_bytes()
        if not body.lstrip().startswith(b"<") or b"<rss" not in body or case.name in UNTIDY:
            continue
        whole = feedparser.parse(io.BytesIO(body), sanitize_html=False, resolve_relative_uris=False).entries
        found = posts(saved("feed", body))
        if found:
            assert [(dict.get(e, "id"), dict.get(e, "title")) for e in whole] == [(p.guid, p.title) for p in found], (
                case.name
            )


#: Feeds that are not well-formed, or which we decode better.
UNTIDY = {"rss2_cut", "rss2_damaged", "rss2_untidy", "rss2_one_bad_byte", "external_entity", "own_entities"}


@pytest.mark.parametrize("pattern", ["<a ", '<a href="', "<!--", "<![CDATA[", "<?", "&", "&x", "<", "<div>", "</a"])
def test_a_damaged_feed_takes_time_in_proportion_to_its_size(pattern: str) -> None:
    """No pattern makes feedparser's loose parser quadratic: four times the input, under eleven times the work."""

    def work(count: int) -> int:
        calls = 0

        def count_calls(*_: object) -> None:
            nonlocal calls
            calls += 1

        body = f"<rss version='2.0'><channel><oops><item><title>t</title><description>{pattern * count}</description></item></channel></rss>"
        sys.setprofile(count_calls)
        try:
            saved("feed", body.encode())
        finally:
            sys.setprofile(None)
        return calls

    work(10)
    assert work(2000) < 11 * work(500) + 1000


def test_a_tag_with_too_many_attributes_is_refused() -> None:
    """As feedparser is quadratic in them: it is never given such a tag, in a sound feed or a damaged one."""
    many = " ".join(f'a{n}="1"' for n in range(5000))
    for between in ("", "<oops>"):
        body = f"<rss version='2.0'><channel>{between}<item {many}><title>t</title></item></channel></rss>"
        with pytest.raises(ParseError, match="attributes"):
            saved("feed", body.encode())


@pytest.mark.parametrize("reference", ["&#xD800;", "&#x110000;", "&#0;", "&#99999999999999999999;"])
def test_references_to_no_character_are_replaced(reference: str) -> None:
    """U+FFFD stands in place of what feedparser raises on."""
    (post,) = posts(saved("feed", feed("x").replace(b"<title>x", f"<title>x{reference}".encode())))
    assert post.title == "x\ufffd"


@given(st.binary(max_size=400))
@settings(max_examples=150, deadline=None)
def test_no_bytes_raise_anything_but_a_parse_error(noise: bytes) -> None:
    """Whatever stands in a feed, it is read or refused in words."""
    with suppress(ParseError):
        saved(
            "feed",
            b"<rss version='2.0'><channel><title>t</title><item><title>" + noise + b"</title></item></channel></rss>",
        )


BOTH = {
    "plain": "<title>A</title><link>https://f.example/a</link><guid>https://f.example/a</guid><description>d</description>",
    "wordpress": (
        "<title>A &amp;#038; B</title><link>https://f.example/a/?x=1&amp;y=2</link><comments>https://f.example/a/#c</comments>"
        "<dc:creator><![CDATA[Ann]]></dc:creator><pubDate>Fri, 08 May 2026 15:45:10 +0000</pubDate><category>X</category>"
        '<category domain="t">X</category><category> </category><guid isPermaLink="false">https://f.example/?p=1</guid>'
        "<description><![CDATA[S [&#8230;]]]></description><content:encoded><![CDATA[<p>T</p>\n]]></content:encoded>"
        "<wfw:commentRss>https://f.example/a/feed/</wfw:commentRss><slash:comments>0</slash:comments>"
    ),
    "no link": "<guid>https://f.example/a</guid>",
    "no link, no address": '<guid isPermaLink="true"> x </guid>',
    "empty link": "<link/><guid>https://f.example/a</guid>",
    "content first": "<content:encoded>c</content:encoded><description>d</description>",
    "content only": "<content:encoded>&lt;p&gt;c&lt;/p&gt;</content:encoded>",
    "empty description": "<description/><content:encoded>c</content:encoded>",
    "twice": "<title>A</title><title>B</title>",
    "enclosure": '<enclosure url=" /a.mp3 " type="audio/mpeg" length="1"/><enclosure url="b.jpg"/>',
    "mangled link": "<link>https://f.example/?a=1&amp;b;=2&amp;amp;c=3</link>",
    "slashes": "<link>http:///f.example/a</link>",
    "mojibake": "<title>cafÃ©</title><description>naïve</description>",
    "c1": "<title>a\x93b\x94</title>",
    "wide": "<title>日本</title><dc:creator>李</dc:creator>",
    "mail": "<dc:creator>ann@f.example (Ann)</dc:creator>",
    "two authors": "<dc:creator>Ann</dc:creator><dc:creator>Bo</dc:creator>",
    "no author": "<dc:creator/>",
    "markup in a title": "<title>A <b>B</b></title>",
    "other element": "<title>A</title><media:title>B</media:title>",
    "own namespace": '<title>A</title><post-id xmlns="com-wordpress:feed-additions:1">7</post-id>',
    "xml:lang": '<title xml:lang="de">A</title>',
    "own base": '<comments xml:base="https://x.example/y/">c</comments><link>a</link>',
    "text between": "<title>A</title>text",
    "blanks": "<title>\n  A \t</title>\n\n<link>\n https://f.example/a\n</link>",
    "dates": "<dc:date>2026-05-08</dc:date>",
    "nothing": "",
}


@pytest.mark.parametrize("entry", BOTH.values(), ids=BOTH.keys())
def test_the_fast_lane_gives_what_feedparser_gives(entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """An entry comes to the same post, whichever of the two has read it."""
    spaces = "".join(
        f' xmlns:{prefix}="{uri}"'
        for prefix, uri in (
            ("content", "http://purl.org/rss/1.0/modules/content/"),
            ("dc", "http://purl.org/dc/elements/1.1/"),
            ("wfw", "http://wellformedweb.org/CommentAPI/"),
            ("slash", "http://purl.org/rss/1.0/modules/slash/"),
            ("media", "http://search.yahoo.com/mrss/"),
        )
    )
    other = "<item><title>Other</title><guid>other</guid></item>"
    body = f'<rss version="2.0"{spaces}><channel><link>https://f.example/</link><item>{entry}</item>{other}</channel></rss>'
    quick = saved("feed", body.encode())
    monkeypatch.setattr(onepass, "read", lambda *_: None)
    assert quick == saved("feed", body.encode())
    assert len(posts(quick)) == 2


#: Atom entries that the fast lane reads, or has to leave alone; feedparser says what they come to.
BOTH_ATOM = {
    "as Jekyll writes it": (
        '<title type="html">A &amp;amp; B</title><link href="https://f.example/a/" rel="alternate" type="text/html"'
        ' title="A"/><published>2026-05-08T10:00:00+00:00</published><updated>2026-05-09T10:00:00+00:00</updated>'
        '<id>https://f.example/a</id><content type="html" xml:base="https://f.example/a/"><![CDATA[<p>Hi</p>]]></content>'
        '<author><name>Ann</name></author><category term="x"/><category term="y"/><summary type="html">s</summary>'
        '<media:thumbnail xmlns:media="http://search.yahoo.com/mrss/" url="https://f.example/a.jpg"/>'
        '<media:content medium="image" url="https://f.example/a.jpg" xmlns:media="http://search.yahoo.com/mrss/"/>'
    ),
    "as Blogger writes it": (
        "<id>tag:blogger.com,1999:blog-1.post-2</id><published>2026-05-08T10:00:00.000-07:00</published>"
        "<category scheme='http://www.blogger.com/atom/ns#' term='bees'/><title type='text'>A &lt;b&gt;</title>"
        "<content type='html'>&lt;p&gt;Hi&lt;/p&gt;</content><link rel='replies' type='application/atom+xml'"
        " href='https://f.example/feeds/2/comments/default' title='Comments'/><link rel='self' href='https://f.example/2'/>"
        "<link rel='alternate' type='text/html' href='https://f.example/a.html' title='A'/><author><name>Ann</name>"
        "<uri>http://www.blogger.com/profile/1</uri><email>noreply@blogger.com</email><gd:image rel='x' width='1'"
        " src='//img'/></author><thr:total>0</thr:total>"
    ),
    "no link": "<id>https://f.example/a</id><title>A</title>",
    "link behind the id": "<id>tag:a</id><link href='https://f.example/a'/><link rel='enclosure' href='a.mp3' type='audio/mpeg'/>",
    "two alternates": "<link href='https://f.example/a'/><link href='https://f.example/b' type='application/pdf'/><link href='c'/>",
    "content first": "<content>c</content><summary>s</summary>",
    "content only": "<content type='html'>&lt;p&gt;c&lt;/p&gt;</content>",
    "plain content": "<content type='text'>a &lt; b\n\nc</content>",
    "empty summary first": "<summary/><content type='html'>c</content>",
    "empty summary behind": "<content type='html'>c</content><summary/>",
    "xhtml": "<content type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'><p>c</p></div></content>",
    "xhtml title": "<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>A</div></title>",
    "markup unescaped": "<content type='html'><p>c</p></content>",
    "base64": "<content type='image/png'>AAAA</content>",
    "elsewhere": "<content src='https://f.example/c' type='html'/>",
    "own language": "<title xml:lang='de'>A</title>",
    "relative base": "<content type='html' xml:base='/a/'>c</content>",
    "twice": "<title>A</title><title>B</title>",
    "two authors": "<author><name>Ann</name></author><author><name> Bo \n</name><uri>/bo</uri></author>",
    "an author by mail": "<author><email>ann@f.example</email></author>",
    "an author in text": "<author>Ann</author>",
    "an author with more": "<author><name>Ann</name><role>x</role></author>",
    "an author twice named": "<author><name>Ann</name><name>Bo</name></author>",
    "no name": "<author><name/></author>",
    "mail as a name": "<author><name>ann@f.example</name></author>",
    "odd name": "<author><name>cafÃ© \x93b\x94</name></author>",
    "contributor": "<contributor><name>Bo</name></contributor>",
    "labels": "<category term='a' label='A'/><category term='a' scheme='s' label='A'/><category/><category term=''/>",
    "category in text": "<category>bees</category>",
    "a reply": "<thr:in-reply-to ref='x'/><title>A</title>",
    "rights": "<rights>None</rights><title>A</title>",
    "source": "<source><id>s</id><title>S</title></source><title>A</title>",
    "mojibake": "<title>cafÃ©</title><summary>naïve</summary>",
    "c1": "<title>a\x93b\x94</title>",
    "slashes": "<link href='http:///f.example/a'/><id>http:///f.example/a</id>",
    "mangled link": "<link href='https://f.example/?a=1&amp;b;=2&amp;amp;c=3'/>",
    "no address": "<link rel='alternate'/><title>A</title>",
    "blanks": "<title>\n A \t</title>\n<id>\n tag:a \n</id><link href=' https://f.example/a '/>",
    "text between": "<title>A</title>text",
    "unknown type": "<title type='text/markdown'>A</title>",
    "attributes": "<title foo='1'>A</title>",
    "another namespace": "<title xmlns='urn:x'>A</title>",
    "nothing": "",
}


@pytest.mark.parametrize(
    "around", ["", " xml:lang='en_GB'", " xml:base='https://f.example/x/'", " xmlns:thr='urn:other'"]
)
@pytest.mark.parametrize("entry", BOTH_ATOM.values(), ids=BOTH_ATOM.keys())
def test_the_fast_lane_for_atom_gives_what_feedparser_gives(
    entry: str, around: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An entry comes to the same post, whichever of the two has read it."""
    thr = "" if "thr" in around else " xmlns:thr='http://purl.org/syndication/thread/1.0'"
    spaces = f" xmlns='http://www.w3.org/2005/Atom' xmlns:gd='http://schemas.google.com/g/2005'{thr}{around}"
    other = "<entry><title>Other</title><id>other</id></entry>"
    body = f"<feed{spaces}><link href='https://f.example/'/><title>F</title><entry>{entry}</entry>{other}</feed>"
    quick = saved("feed", body.encode())
    monkeypatch.setattr(onepass, "read", lambda *_: None)
    assert quick == saved("feed", body.encode())
    assert len(posts(quick)) == 2


#: What a channel says of itself, as WordPress does, and as the fast lane has to leave it alone.
CHANNELS = {
    "wordpress": (
        '<title>B &amp;#038; C</title><atom:link href="https://f.example/feed/" rel="self" type="application/rss+xml"/>'
        "<link>https://f.example</link><description>About &lt;b&gt;</description><language>de-DE</language>"
        "<lastBuildDate>Fri, 08 May 2026 15:45:10 +0000</lastBuildDate><sy:updatePeriod>\n\thourly\t</sy:updatePeriod>"
        "<sy:updateFrequency>\n2\n</sy:updateFrequency><generator>https://wordpress.org/?v=6.8</generator>"
        "<image><url>https://f.example/a.png</url><title>Other</title><link>https://other.example</link><width>32</width>"
        '</image> <site xmlns="com-wordpress:feed-additions:1">7</site><atom:link rel="next" href="?paged=2"/>'
    ),
    "image first": "<image><title>Other</title><link>https://other.example</link></image><title>A</title><link>/a</link>",
    "image with text": "<image>x<url>a.png</url></image><title>A</title>",
    "image with more": "<image><description>d</description><name>n</name></image><title>A</title>",
    "links to itself": '<link>https://f.example/feed/</link><atom:link rel="self" href="https://f.example/feed/"/>',
    "an alternate": '<atom:link href="https://f.example/b"/><link>https://f.example/a</link>',
    "an alternate behind": '<link>https://f.example/a</link><atom:link href="https://f.example/b" type="text/html"/>',
    "a link in a link": '<image/><atom:link rel="self" href="b"><link>https://f.example/a</link></atom:link>',
    "a link without address": '<atom:link rel="self"/><link>https://f.example/a</link>',
    "twice": "<title>A</title><title>B</title>",
    "a mangled link": "<link>https://f.example/?a=1&amp;b;=2&amp;amp;c=3</link>",
    "ttl": "<ttl>60</ttl><ttl>90</ttl>",
    "ttl once": "<link/><ttl> 60 </ttl>",
    "dublin core": "<dc:language>fr</dc:language><title>A</title>",
    "input": "<textInput><title>T</title><description>d</description><name>n</name><link>/x</link></textInput>",
    "text": "<title>A</title>text",
    "markup": "<title>A <b>B</b></title>",
    "own language": '<title xml:lang="de">A</title><description>d</description>',
    "own base": '<category xml:base="https://other.example/">x</category><link>/a</link>',
    "podcast": "<itunes:summary>s</itunes:summary><description>d</description>",
    "c1": "<title>a\x93b\x94</title>",
    "nothing": "",
}
CHANNELS_ATOM = {
    "wordpress": (
        "<title type='text'>B &amp;amp; C</title><subtitle type='html'>About &lt;b&gt;</subtitle><updated>2026-05-08</updated>"
        "<link rel='alternate' type='text/html' href='https://f.example'/><id>https://f.example/feed/atom/</id>"
        "<link rel='self' type='application/atom+xml' href='https://f.example/feed/atom/'/>"
        "<generator uri='https://wordpress.org/' version='6.8'>WordPress</generator>"
    ),
    "blogger": (
        "<id>tag:blogger.com,1999:blog-1</id><updated>2026-05-08</updated><category term='x'/><title type='text'>B</title>"
        "<subtitle type='html'>&lt;p&gt;a&lt;/p&gt;</subtitle><link rel='next' href='https://f.example/2'/>"
        "<author><name>Ann</name><uri>https://f.example/ann</uri><email>noreply@blogger.com</email></author>"
        "<openSearch:totalResults>7</openSearch:totalResults>"
    ),
    "only an id": "<id>https://f.example/</id><title>A</title>",
    "xhtml": "<title type='xhtml'><div xmlns='http://www.w3.org/1999/xhtml'>A</div></title>",
    "rights": "<rights>R</rights><title>A</title>",
    "two authors": "<author><name>Ann</name></author><author><name>Bo</name></author>",
    "pictures": "<icon>a.png</icon><logo>b.png</logo><title>A</title>",
    "own base": "<title xml:base='https://other.example/'>A</title><link href='a'/>",
    "a generator": "<generator uri='http:///x'>G</generator>",
    "text": "text<title>A</title>",
}
FEEDS = {
    **{
        f"rss, {name}": f"<rss version='2.0' %s><channel>{said}%s{{}}</channel></rss>"
        for name, said in CHANNELS.items()
    },
    **{f"atom, {name}": f"<feed %s>{said}%s{{}}</feed>" for name, said in CHANNELS_ATOM.items()},
    "rss, said behind": "<rss version='2.0' %s><channel>%s<title>A</title><link>https://f.example/a</link>{}</channel></rss>",
    "rss, two channels": "<rss version='2.0' %s><channel><title>A</title></channel><channel>%s{}</channel></rss>",
    "rss, no channel": "<rss version='2.0' %s>%s{}</rss>",
    "rss, cut": "<rss version='2.0' %s><channel><title>A</title>%s{}",
    "rss, junk": "<?xml version='1.0'?><!-- x --><rss version='2.0' %s><channel><title>A</title>%s{}</channel></rss>junk",
    "rss, doctype": "<!DOCTYPE rss [<!ENTITY a 'b'>]><rss version='2.0' %s><channel><title>&a;</title>%s{}</channel></rss>",
    "rss, mark": "\ufeff<rss version='2.0' %s><channel><title>A</title>%s{}</channel></rss>",
    "atom, language": "<feed xml:lang='de_AT' %s>%s{}</feed>",
    "atom, said behind": "<feed %s>%s<title>A</title><link href='https://f.example/a'/>{}</feed>",
}


@pytest.mark.parametrize("between", ["", "\n<!-- c -->\n<?p i?>"], ids=["", "comments"])
@pytest.mark.parametrize("written", FEEDS.values(), ids=FEEDS.keys())
def test_a_feed_in_one_pass_is_what_it_is_the_long_way(
    written: str, between: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its site, language and rhythm, the posts and the very bytes of each, and where it goes on."""
    spaces = {
        "atom": "http://www.w3.org/2005/Atom", "content": "http://purl.org/rss/1.0/modules/content/",
        "dc": "http://purl.org/dc/elements/1.1/", "sy": "http://purl.org/rss/1.0/modules/syndication/",
        "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd", "openSearch": "http://a9.com/-/spec/opensearch/1.1/",
    }  # fmt: skip
    declared = "".join(f" xmlns:{prefix}='{uri}'" for prefix, uri in spaces.items())
    atom = written.startswith("<feed")
    one = "<entry><id>tag:1</id><title>A</title></entry>" if atom else "<item><title>A</title></item>"
    last = "<entry><content type='html'>c</content></entry>" if atom else "<item ><guid>2</guid></item >"
    root = f"{declared} xmlns='{spaces['atom']}'" if atom else declared
    body = (written % (root, one + between)).format(last).encode()
    quick = list(read(SOURCE, served(start(SOURCE)[0], body)))
    monkeypatch.setattr(onepass, "read", lambda *_: None)
    assert quick == list(read(SOURCE, served(start(SOURCE)[0], body)))
    assert [post.raw.decode() for post in posts(quick)] == [one, last]


@pytest.mark.parametrize("spaces", ["", "xmlns:sy='urn:x' xmlns:atom='urn:y'", "xmlns='urn:x'"])
def test_names_that_mean_something_else_are_left_to_feedparser(spaces: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """A prefix that is not declared, or declared for something else."""
    said = "<sy:updatePeriod>hourly</sy:updatePeriod><atom:link rel='next' href='https://f.example/2'/>"
    body = f"<rss version='2.0' {spaces}><channel>{said}<item><title>A</title></item></channel></rss>".encode()
    quick = list(read(SOURCE, served(start(SOURCE)[0], body)))
    monkeypatch.setattr(onepass, "read", lambda *_: None)
    assert quick == list(read(SOURCE, served(start(SOURCE)[0], body)))


@pytest.mark.parametrize("reference", ["&#1;", "&#xFFFE;", "&#8217;", "&#150;"])
def test_references_in_cdata_are_text_whichever_way(reference: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Those that name no character are replaced there too."""
    body = feed("x").replace(b"<title>x", f"<title><![CDATA[x{reference}]]>".encode())
    quick = saved("feed", body)
    monkeypatch.setattr(onepass, "read", lambda *_: None)
    assert quick == saved("feed", body)


@pytest.mark.parametrize("writer", ["as Jekyll writes it", "as Blogger writes it"])
def test_the_common_case_of_atom_takes_the_fast_lane(writer: str) -> None:
    """And no doctype, no other root does."""
    spaces = "xmlns='http://www.w3.org/2005/Atom' xmlns:thr='http://purl.org/syndication/thread/1.0'"
    body = f"<feed {spaces}>{CHANNELS_ATOM['wordpress']}<entry>{BOTH_ATOM[writer]}</entry></feed>"
    found = onepass.read(body.encode(), "feed")
    assert found is not None
    assert len(found.entries) == 1
    assert onepass.read(b"<!DOCTYPE feed []>" + body.encode(), "feed") is None
    assert onepass.read(body.replace("2005/Atom", "2003/Atom").encode(), "feed") is None


def test_the_common_case_takes_the_fast_lane(monkeypatch: pytest.MonkeyPatch) -> None:
    """A feed as WordPress writes it needs no feedparser, and one with an odd channel for the channel alone."""
    calls: list[bytes] = []
    real = document._parsed
    monkeypatch.setattr(document, "_parsed", lambda url, data: calls.append(data) or real(url, data))
    assert len(posts(saved("feed", feed("1", "2")))) == 2
    assert not calls
    assert len(posts(saved("feed", feed("1", "2", head="<rating>x</rating>")))) == 2
    assert len(calls) == 1
    assert b"<item" not in calls[0]


def test_entities_keep_a_feed_out_of_the_fast_lane() -> None:
    """A document type may declare some."""
    assert onepass.read(b'<!DOCTYPE rss [<!ENTITY a "b">]><rss version="2.0"><channel/></rss>', "rss") is None


@pytest.mark.parametrize("root", ["rss", "feed"])
def test_nothing_of_a_document_waits_for_the_garbage_collector(root: str) -> None:
    """Parser and reader let go of each other: a reading process has hundreds of feeds before a cycle is looked for."""
    rss = b"<rss version='2.0'><channel><title>B</title><item><title>P</title><guid>1</guid></item></channel></rss>"
    atom = b"<feed xmlns='http://www.w3.org/2005/Atom'><title>B</title><entry><title>P</title><id>1</id></entry></feed>"
    gc.collect()
    gc.disable()
    try:
        assert onepass.read({"rss": rss, "feed": atom}[root], root) is not None
        assert onepass.read(b"<rss><channel><item>", root) is None
        assert gc.collect() == 0
    finally:
        gc.enable()
