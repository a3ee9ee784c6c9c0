"""feedparser's entries to PostItems: fields mapped, nothing decided.

Full text or summary: `content:encoded` and Atom's `content` are the post. A feed that has only `description` (RSS)
may hold the whole post in it, and most feeds of RSS 0.9x do. It counts as the post when it is marked up as one (two
blocks or line breaks) or longer than 1,000 characters, and does not end in the mark of an excerpt (`[…]`, `…`,
`Read more`). Atom's `summary` never does: RFC 4287 §4.2.13 says that it is an excerpt.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from ingest import urls
from ingest.records import Medium, PostItem, RawDate, TermRef
from ingest.sources.feed.channel import Channel
from ingest.sources.feed.document import Entry
from ingest.sources.feed.values import as_html, escaped, part_of, people, text_of, values

__all__ = ["is_protected", "is_summary", "kind_of_medium", "post_item"]

#: Plain text under the name of a description is a whole post when it is longer than any excerpt.
EXCERPT = 1000

_BLOCK = re.compile(r"<(?:p|div|br|li|h[1-6]|blockquote|pre|table|figure)\b", re.IGNORECASE)
_MARK = re.compile(
    r"(?:\u2026|\.\.\.|&hellip;|&#8230;|&#x2026;)\]?"
    r"(?:\s|&nbsp;|&#160;|<[^>]{1,300}>|[^<>.!?]{1,60}(?=</a>)|\u2192|&rarr;|&#8594;|&raquo;|\u00bb|&#187;)*\Z"
    r"|<a\b[^>]{1,300}>\s*(?:continue reading|read (?:more|on|the rest))\b[^<]{0,200}"
    r"(?:<[^>]{1,100}>[^<]{0,100}){0,4}\Z",
    re.IGNORECASE,
)
#: The form that stands in place of the text (`get_the_password_form` in wp-includes/post-template.php).
_POSTPASS = re.compile(r"action=[\"'][^\"']{0,500}wp-login\.php\?action=postpass", re.IGNORECASE)
_WEB = re.compile(r"https?://", re.IGNORECASE)
_TAGS = re.compile(r"<[^<>]*>")
_DC_DATE = re.compile(rb"<[\w.-]+:date\b")
_UPDATED = re.compile(rb"<(?:[\w.-]+:)?(?:updated|modified)\b")
_ENDINGS = {
    **dict.fromkeys(("jpg", "jpeg", "png", "gif", "webp", "svg", "avif"), "image"),
    **dict.fromkeys(("mp3", "m4a", "ogg", "oga", "opus", "wav", "flac"), "audio"),
    **dict.fromkeys(("mp4", "m4v", "webm", "mov", "ogv"), "video"),
}


def post_item(entry: Entry, channel: Channel) -> PostItem:
    """A post of a feed."""
    data = entry.data
    content = _content(data)
    body, excerpt, rank = _body(data, content, atom=channel.atom)
    detail = part_of(data, "summary_detail") if content is None else content
    hidden = is_protected(body)
    link, original = _link(data), text_of(data, "feedburner_origlink")
    return PostItem(
        type="post",
        raw=entry.raw,
        format="application/atom+xml" if channel.atom else "application/rss+xml",
        rank=rank,
        home=channel.home,
        status="protected" if hidden else "publish",
        url=original or link or None,
        guid=text_of(data, "id") or None,
        also_at=(link,) if original and link != original else (),
        title=as_html(data, "title", atom=channel.atom),
        body="" if hidden else body,
        excerpt="" if hidden else excerpt,
        published=RawDate(local=_published(entry, atom=channel.atom)),
        modified=RawDate(local=_modified(entry, atom=channel.atom)),
        authors=people(data) or channel.authors,
        terms=_terms(data),
        language=text_of(detail, "language") or channel.language,
        base=_base(detail, link, channel.home),
        flags=entry.flags,
        media=tuple(_media(data, link or channel.home)),
    )


def _link(data: dict[str, Any]) -> str:
    """The entry's address. feedparser gives the guid where there is none, and a guid need not be an address."""
    link = text_of(data, "link")
    if _WEB.match(link):
        return link
    named = [text_of(other, "href") for other in values(data, "links") if text_of(other, "rel") in {"", "alternate"}]
    return next(filter(_WEB.match, named), link if named else "")


def is_protected(body: str) -> bool:
    """Whether the body is the form that WordPress shows in place of a post with a password."""
    return "action=postpass" in body and _POSTPASS.search(body) is not None


def is_summary(value: str) -> bool:
    """Whether a description that stands alone is an excerpt, and not the post (the rule at the head of the module)."""
    if _MARK.search(value[-1000:]):
        return True
    return len(_BLOCK.findall(value[:100_000])) < 2 and len(_TAGS.sub("", value[:100_000])) <= EXCERPT


def kind_of_medium(media_type: str, url: str) -> str:
    """`image`, `audio`, `video` or `file`, by the media type, else by the name in the address."""
    kind = media_type.partition("/")[0].strip().lower()
    if kind in {"image", "audio", "video"}:
        return kind
    path = url.partition("?")[0].partition("#")[0]
    return _ENDINGS.get(path.rpartition(".")[2].lower(), "file")


def _content(data: dict[str, Any]) -> dict[str, Any] | None:
    """The content that is the post: HTML before plain text, then the longest; None when there is only a summary."""
    found = [part for part in values(data, "content") if text_of(part, "value")]
    if len(found) < 2:
        return found[0] if found else None
    return max(found, key=lambda part: ("html" in text_of(part, "type"), len(part["value"])))


def _body(data: dict[str, Any], content: dict[str, Any] | None, *, atom: bool) -> tuple[str, str, str]:
    """The body, the excerpt beside it, and the body's rank."""
    summary = as_html(data, "summary", atom=atom)
    if content is None:
        full = not atom and not is_summary(summary)
        return summary, "", "feed" if full else "summary"
    body = text_of(content, "value")
    if atom and not text_of(content, "type").endswith(("html", "xml", "html+xml")):
        body = escaped(body)
    return body, summary if summary != body else "", "feed"


def _published(entry: Entry, *, atom: bool) -> str | None:
    """As written. feedparser files RSS's `dc:date` under `updated`; where there is no `pubDate`, it stands for it."""
    found = text_of(entry.data, "published") or text_of(entry.data, "created")
    if found or atom:
        return found or None
    updated = text_of(entry.data, "updated")
    return updated if updated and _DC_DATE.search(entry.raw) else None


def _modified(entry: Entry, *, atom: bool) -> str | None:
    """As written. In RSS only where an element says that it is one: `atom:updated`, `dcterms:modified`."""
    updated = text_of(entry.data, "updated")
    return updated if updated and (atom or _UPDATED.search(entry.raw)) else None


def _terms(data: dict[str, Any]) -> tuple[TermRef, ...] | None:
    """Categories by name; None when the entry names none, since most feeds just do not say."""
    names = [text_of(tag, "label") or text_of(tag, "term") for tag in values(data, "tags")]
    return tuple([TermRef("category", None, name) for name in dict.fromkeys(names) if name]) or None


def _base(content: dict[str, Any], url: str, home: str | None) -> str | None:
    """`xml:base` where there is one that is an address; where the post has no address, the site's."""
    base = text_of(content, "base")
    return urls.absolute(base, url or home) if base else None if url else home


def _media(data: dict[str, Any], base: str | None) -> Iterator[Medium]:
    """Enclosures, and what Media RSS names."""
    named = [(link, "") for link in values(data, "links") if text_of(link, "rel") == "enclosure"]
    named += [(part, "") for part in values(data, "media_content")]
    named += [(part, "image/") for part in values(data, "media_thumbnail")]
    seen: set[str] = set()
    for part, default in named:
        address = text_of(part, "href") or text_of(part, "url")
        url = urls.absolute(address, base) if address else None
        if url and url not in seen:
            seen.add(url)
            yield Medium(url, kind_of_medium(text_of(part, "type") or text_of(part, "medium") or default, url))
