"""Web pages, for sites that have neither REST nor a feed of use: one by one, or all that a sitemap names.

What the page says of itself (JSON-LD, OpenGraph) comes first, the text is found by trafilatura (extra `pages`).
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.errors import FetchError, ParseError
from ingest.records import Page, Reject, Request, Response, Source
from ingest.sources.content import content
from ingest.sources.markup import is_html
from ingest.sources.page import sitemap
from ingest.sources.page.article import article

__all__ = ["NEEDS_HELD", "claims", "read", "start"]

NEEDS_HELD = False

#: Faults that are one page's own, and say nothing of the next one.
_ITS_OWN = frozenset({"too_slow", "too_big", "truncated", "bad_encoding", "bad_http", "redirects"})


def claims(head: bytes) -> bool:
    """Whether these first bytes begin a web page."""
    return is_html(head)


def start(source: Source) -> list[Request]:
    """The sitemap, when the source has one (option `sitemap`: its address); else the page itself."""
    if source.options.get("sitemap"):
        return [sitemap.first(source)]
    return [sitemap.page_request(source, source.url, {})]


def read(source: Source, answer: Response | FetchError) -> Iterator[Page]:
    """One post of type `page`, or a Reject; of a sitemap, the requests for what it names.

    A page of a sitemap that cannot be had is a Reject, and the next one's turn. Raises ParseError for a sitemap or a
    single page that is none, and the FetchError when the host is not there.
    """
    request = answer.request
    if request is not None and request.what == "sitemap":
        document = content(answer)
        yield Page() if document is None else sitemap.read(source, document)
        return
    listed = isinstance(request, Request) and bool(request.context.get("listed"))
    after = sitemap.after(request) if listed else {}
    try:
        document = content(answer)
        items = article(document, source) if document is not None else ()
    except FetchError as error:
        if not listed or error.kind not in _ITS_OWN:
            raise
        items = (Reject(f"not fetched: {error.kind}: {error.cause}", type="page", url=error.url, home=source.home),)
    except ParseError as error:
        if not listed:
            raise
        items = (Reject(error.cause, type="page", url=error.url, home=source.home),)
    yield Page(items=items, **after)
