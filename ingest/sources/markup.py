"""What the first bytes of a document in XML or HTML say about its kind."""

import re

from ingest.charset import decode

__all__ = ["beginning", "is_feed", "is_html", "is_wxr", "root_tag"]

#: What may stand before the root: declarations, comments, processing instructions, blanks.
_PROLOGUE = re.compile(
    r"(?:[\s\ufeff]++|<\?.*?\?>|<!--.*?-->|<!DOCTYPE\b[^\[>]*(?:\[.*?\]\s*)?>)*+", re.DOTALL | re.IGNORECASE
)
_TAG = re.compile(r"<(?:[\w.-]+:)?([A-Za-z][\w.-]*)")
#: Behind noise only a root that says what it is counts: a text about feeds may quote `<rss>`.
_FEED = re.compile(r"<(?:[\w.-]+:)?(?:rss|feed|rdf)\s[^<>]{0,2000}?(?:xmlns|version)\b", re.IGNORECASE)
#: What PHP writes before a document when it has something to complain about.
_NOISE = re.compile(
    r"(?:<br ?/?>|<b>|PHP |\s)*(?:Warning|Notice|Deprecated|Strict Standards|Fatal error|Parse error)\b"
)
_HTML = re.compile(r"<!doctype\s+html\b|<(?:html|head|body)\b", re.IGNORECASE)
_WXR = re.compile(r"xmlns:\w+\s*=\s*[\"']https?://wordpress\.org/export/|<!--[^>]{0,60}WordPress eXtended RSS")
#: Elements by which a fragment of a web page is known, and with which no feed begins.
_FRAGMENT = re.compile(
    r"html|head|body|title|meta|link|style|script|article|section|main|header|footer|nav|aside|div|p|h[1-6]|ul|ol|dl"
    r"|table|blockquote|pre|figure|img|a|span|strong|em|b|i|br|hr|center|font|form|iframe"
)


def beginning(head: bytes) -> str:
    """The first bytes as text, without a byte order mark and leading blanks."""
    return decode(head, kind="xml").text.lstrip("\ufeff \t\r\n\0")


def root_tag(text: str) -> str:
    """The name of the root element without its prefix, in lower case; empty when no element begins the document."""
    prologue = _PROLOGUE.match(text)
    tag = _TAG.match(text, prologue.end() if prologue else 0)
    return tag[1].lower() if tag else ""


def is_wxr(head: bytes) -> bool:
    """Whether it is a WordPress export: RSS with the export's namespace, or with the comment exports begin with."""
    text = beginning(head)
    return text.startswith("<") and bool(_WXR.search(text))


def is_feed(head: bytes) -> bool:
    """Whether it is RSS, RDF or Atom, also behind noise (a PHP warning); an HTML page is none, whatever it quotes."""
    text = beginning(head)
    if root_tag(text) in {"rss", "feed", "rdf", "channel"}:
        return True
    return bool(_NOISE.match(text) and (found := _FEED.search(text)) and not _HTML.search(text, 0, found.start()))


def is_html(head: bytes) -> bool:
    """Whether it is a web page, or a fragment of one."""
    text = beginning(head)
    if not text.startswith("<"):
        return False
    return bool(_HTML.search(text)) or _FRAGMENT.fullmatch(root_tag(text)) is not None
