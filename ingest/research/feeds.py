"""Posts as a feed: a planet of many blogs, an alert on a search. Atom (RFC 4287) and JSON Feed 1.1.

The same posts give the same bytes: no time of export, no path, no locale. A feed is as new as its newest post.
Gone posts are left out: a feed is read by people who follow its links.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from ingest.research.choice import Choice

__all__ = ["FORMATS", "atom", "json_feed"]

Row = Mapping[str, Any]

_NAMES = "urn:x-blogcorpus:"
#: What XML 1.0 §2.2 does not allow.
_FORBIDDEN = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
#: RFC 4287 wants a time of every entry and feed; one without any date has this.
_NEVER = "1970-01-01T00:00:00Z"


def atom(rows: Iterable[Row], choice: Choice) -> Iterator[str]:
    """The posts as an Atom feed, piece by piece. The text is the corpus's, in paragraphs."""
    found = list(rows)
    newest = max((_updated(row) for row in found), default=_NEVER)
    yield '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
    yield _element("title", _title(choice)) + _element("id", _feed_id(choice)) + _element("updated", newest)
    yield _element("generator", "blogcorpus")
    for row in found:
        language = f" xml:lang={_quoted(row['language'])}" if row["language"] else ""
        yield f"<entry{language}>\n{''.join(_entry(row))}</entry>\n"
    yield "</feed>\n"


def _entry(row: Row) -> Iterator[str]:
    yield _element("id", _NAMES + row["doc_id"]) + _element("title", row["title"])
    if row["url"]:
        yield f'<link rel="alternate" href={_quoted(row["url"])}/>\n'
    yield _element("updated", _updated(row))
    if row["published_at"]:
        yield _element("published", row["published_at"])
    for name in json.loads(row["authors"]) or [row["site_name"] or row["site"] or "unknown"]:
        yield f"<author>{_element('name', name).strip()}</author>\n"
    for name in _subjects(row):
        yield f"<category term={_quoted(name)}/>\n"
    if row["site"]:
        home = row["home"] or f"https://{row['site']}"
        told = (
            _element("id", home)
            + _element("title", row["site_name"] or row["site"])
            + _element("updated", _updated(row))
        )
        yield f"<source>\n{told}</source>\n"
    yield f'<content type="html">{escape(_clean(_html(row["text"])))}</content>\n'


def _html(text: str) -> str:
    """Text in paragraphs: a blank line parts them, a line end stays one."""
    parts = (escape(part.strip("\n")).replace("\n", "<br/>\n") for part in re.split(r"\n\s*\n", text) if part.strip())
    return "\n".join(f"<p>{part}</p>" for part in parts)


def json_feed(rows: Iterable[Row], choice: Choice) -> Iterator[str]:
    """The posts as a JSON Feed 1.1 (https://www.jsonfeed.org/version/1.1/), an item a line."""
    head = {"version": "https://jsonfeed.org/version/1.1", "title": _title(choice)}
    yield json.dumps(head, ensure_ascii=False)[:-1] + ', "items": ['
    for number, row in enumerate(rows):
        yield ("," if number else "") + "\n" + json.dumps(_item(row), ensure_ascii=False)
    yield "\n]}\n"


def _item(row: Row) -> dict[str, Any]:
    item = {
        "id": _NAMES + row["doc_id"], "url": row["url"], "title": row["title"], "content_text": row["text"],
        "date_published": row["published_at"], "date_modified": row["modified_at"], "language": row["language"],
        "authors": [{"name": name} for name in json.loads(row["authors"])], "tags": _subjects(row),
    }  # fmt: skip
    return {key: value for key, value in item.items() if value or key == "content_text"}


def _subjects(row: Row) -> list[str]:
    return list(dict.fromkeys(json.loads(row["categories"]) + json.loads(row["tags"])))


def _updated(row: Row) -> str:
    """Of Atom's own order: never before it was published."""
    dates = [row[name] for name in ("published_at", "modified_at") if row[name]]
    return str(max(dates)) if dates else _NEVER


def _title(choice: Choice) -> str:
    about = f": {choice.search}" if choice.search is not None else ""
    return (choice.group or "All blogs") + about


def _feed_id(choice: Choice) -> str:
    asked = "\0".join((choice.search or "", choice.group or ""))
    return f"{_NAMES}feed:{hashlib.sha256(asked.encode('utf-8', 'surrogatepass')).hexdigest()[:24]}"


def _element(name: str, text: str) -> str:
    return f"<{name}>{escape(_clean(text))}</{name}>\n"


def _quoted(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    return _FORBIDDEN.sub("", text)


#: Name of a format -> the file it is written to, and what writes it.
FORMATS: Mapping[str, tuple[str, Callable[[Iterable[Row], Choice], Iterator[str]]]] = {
    "atom": ("atom.xml", atom),
    "jsonfeed": ("feed.json", json_feed),
}
