"""Plain text: a title, and the rest. A saved file, a document served as `text/plain`, or a folder (`inbox`).

Front matter is read where there is some (`matter`); else the title is the first line that is not empty, and the body
what comes after it, to the letter. What a copied page drags along at its end is cut by `normalise`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import partial

from ingest.charset import Decoded, decode
from ingest.errors import FetchError, ParseError
from ingest.records import Page, PersonRef, PostItem, RawDate, Reject, Request, Response, Source, TermRef
from ingest.sources import inbox
from ingest.sources.content import SAVED, content
from ingest.sources.matter import Matter, split

__all__ = ["NEEDS_HELD", "claims", "read", "start"]

NEEDS_HELD = True

#: A post is no longer than this; what is longer is a log, a dump or hostile.
LONGEST = 20 * 2**20
#: How far a NUL is looked for: text has none.
HEAD = 8192

_NOT_TEXT = "not plain text (binary, or another kind of document)"
_WIDE = (b"\xff\xfe", b"\xfe\xff")
#: Documents whose first bytes are printable and which are no text for people; other XML is some other kind's.
_NO_TEXT = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:%PDF-|%!PS|\{\\rtf|<\?xml\b|<!DOCTYPE\b|<(?:svg|opml|urlset|sitemapindex)\b)",
    re.IGNORECASE,
)
#: C0 controls that no text holds, beside tab, line ends, form feed and escape.
_CONTROLS = re.compile(rb"[\x01-\x08\x0b\x0e-\x1a\x1c-\x1f]")
_FIRST_LINE = re.compile(r"\s*(\S[^\r\n]*)(?:\r\n|\r|\n|\Z)")


def start(source: Source) -> list[Request]:
    """The folder; or the document itself, asked for conditionally once it is known."""
    if inbox.is_inbox(source):
        return inbox.start(source)
    etag, modified, _ = source.validators.get(source.url, (None, None, None))
    if source.full:
        etag = modified = None
    return [Request(source.url, "text", {"remember": True}, {"Accept": "text/plain"}, etag, modified)]


def claims(head: bytes) -> bool:
    """Whether these bytes can be text: something, and nothing binary. To be asked after every other kind."""
    if head.startswith(_WIDE):
        return len(head) > len(_WIDE[0])
    if not head or b"\0" in head or _NO_TEXT.match(head):
        return False
    return len(_CONTROLS.findall(head)) * 50 <= len(head)


def read(source: Source, answer: Response | FetchError) -> Iterator[Page]:
    """One Page with one post of type `text`; with a Reject when the file holds no words or is too long.

    Raises ParseError for what is no text.
    """
    if isinstance(answer, Response) and answer.request.what == inbox.FOLDER:
        yield from inbox.listed(source, answer)
        return
    if isinstance(answer, Response) and answer.request.what == inbox.FILE and answer.status not in {200, 304}:
        yield inbox.refused(source, answer)
        return
    document = content(answer)
    if document is None:
        yield Page()
        return
    document.stream.seek(0)
    raw = document.stream.read(LONGEST + 1)
    url = None if document.request.what in {SAVED, inbox.FILE} else document.url
    path = document.request.context.get("path")
    reject = partial(Reject, type="text", remote_id=path, url=url, home=source.home)
    if raw and not claims(raw[:HEAD]):
        if path is None:
            raise ParseError(document.url, _NOT_TEXT)
        yield Page(items=(reject(f"{_NOT_TEXT}; `blogcorpus load` takes the other kinds", raw),))
        return
    if len(raw) > LONGEST:
        yield Page(items=(reject("too big: the text is longer than 20 MiB"),))
        return
    found = decode(raw, header=document.charset, kind="text")
    if not found.text.strip():
        yield Page(items=(reject("the file is empty: it holds no words", raw),))
        return
    yield Page(items=(_post(raw, found, url)._replace(remote_id=path),))


def _post(raw: bytes, found: Decoded, url: str | None) -> PostItem:
    matter, rest = split(found.text)
    title, body = (matter.title, rest) if matter.title else _titled(rest)
    return PostItem(
        type="text",
        raw=raw,
        format="text/plain",
        rank="text",
        url=matter.url or url,
        title=title,
        body=body,
        is_text=True,
        published=RawDate(local=matter.date),
        modified=RawDate(local=matter.modified),
        authors=tuple(PersonRef(name=name) for name in matter.authors),
        terms=_terms(matter),
        language=matter.language,
        flags=(f"replaced:{found.replaced}",) if found.replaced else (),
    )


def _titled(text: str) -> tuple[str, str]:
    """The first line that is not empty, and what comes after it."""
    line = _FIRST_LINE.match(text)
    return (line[1].strip(), text[line.end() :]) if line else ("", "")


def _terms(matter: Matter) -> tuple[TermRef, ...] | None:
    """None when the front matter does not speak of them."""
    if matter.categories is None and matter.tags is None:
        return None
    categories = [TermRef("category", name=name) for name in matter.categories or ()]
    return (*categories, *(TermRef("post_tag", name=name) for name in matter.tags or ()))
