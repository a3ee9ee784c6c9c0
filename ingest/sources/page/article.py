"""A web page to a post: what it says of itself first, its text by trafilatura."""

from __future__ import annotations

import html
import re
from typing import Any

from ingest import urls
from ingest.charset import decode
from ingest.errors import ParseError
from ingest.records import Item, PersonRef, PostItem, RawDate, Reject, Response, SiteItem, Source, TermRef
from ingest.sources.answers import html_title
from ingest.sources.content import SAVED
from ingest.sources.markup import is_html
from ingest.sources.page.metadata import Metadata, metadata

__all__ = ["LONGEST", "article"]

#: A page longer than this is no article, and trafilatura works on the tree of all of it.
LONGEST = 20 * 2**20

_XML = re.compile(r"\A\ufeff?\s*<\?xml[^>]{0,500}\?>")


def article(document: Response, source: Source) -> tuple[Item, ...]:
    """The post that a page is, and what it says of its site; a Reject when trafilatura finds no text in it.

    Raises ParseError for what is no web page, and where trafilatura is not installed.
    """
    document.stream.seek(0)
    raw = document.stream.read(LONGEST + 1)
    if len(raw) > LONGEST:
        raise ParseError(document.url, "too big: the page is longer than 20 MiB")
    if not is_html(raw[:4096]):
        raise ParseError(document.url, "not a web page")
    found = decode(raw, header=document.charset, kind="html")
    text = _XML.sub("", found.text, count=1)
    saved = document.request.what == SAVED
    said = metadata(text, None if saved else document.url)
    url = _url(said.url, None if saved else document.url)
    body, guessed = _main(text, url, document.url, source.now)
    home = source.home or said.home or (urls.origin_of(url) if url else None)
    if not body:
        title = html_title(raw) or "no title"
        return (Reject(f"no article found on the page ({title})", raw, "page", url=url, home=home),)
    flags = [f"replaced:{found.replaced}"] if found.replaced else []
    flags += ["guessed:author"] if guessed.get("author") and not said.authors else []
    flags += ["guessed:date"] if guessed.get("date") and not said.published else []
    post = _post(said, guessed, raw, body, url, tuple(flags), None if source.home else said.home)
    return (SiteItem(home, name=said.site, language=said.language), post) if home and said.site else (post,)


def _post(
    said: Metadata,
    guessed: dict[str, Any],
    raw: bytes,
    body: str,
    url: str | None,
    flags: tuple[str, ...],
    home: str | None,
) -> PostItem:
    authors = said.authors or tuple(PersonRef(name=name) for name in _names(guessed.get("author")))
    return PostItem(
        type="page",
        home=home,
        raw=raw,
        format="text/html",
        rank="page",
        url=url,
        title=html.escape(said.title or str(guessed.get("title") or ""), quote=False),
        body=body,
        excerpt=html.escape(said.description, quote=False),
        published=RawDate(local=said.published or guessed.get("date")),
        modified=RawDate(local=said.modified),
        authors=authors,
        terms=tuple(TermRef(taxonomy, name=name) for taxonomy, name in said.terms) or None,
        language=said.language,
        flags=flags,
    )


def _main(text: str, url: str | None, address: str, now: str) -> tuple[str, dict[str, Any]]:
    """The main text as HTML, and what trafilatura makes out about title, author and date."""
    try:
        import trafilatura  # noqa: PLC0415  (half a second, and an extra)
    except ImportError as error:
        raise ParseError(address, 'reading web pages needs trafilatura: pip install "blogcorpus[pages]"') from error
    # Only dates that the page marks as such, or that stand in its address; `max_date` keeps the clock out.
    dates = {"extensive_search": False, "original_date": True, "max_date": now[:10] or "2200-01-01"}
    try:
        body = trafilatura.extract(
            text,
            url=url,
            output_format="html",
            include_comments=False,
            include_formatting=True,
            include_images=True,
            include_links=True,
            include_tables=True,
        )
        about = trafilatura.extract_metadata(text, default_url=url, date_config=dates)
    except Exception as error:  # lxml and its users raise whatever a stranger's bytes lead to
        raise ParseError(address, f"a page that cannot be read: {type(error).__name__}: {str(error)[:200]}") from error
    return body or "", {key: getattr(about, key, None) for key in ("title", "author", "date")}


def _names(joined: object) -> list[str]:
    """Authors as trafilatura gives them: one string, with semicolons between the names."""
    return [name.strip() for name in joined.split(";") if name.strip()] if isinstance(joined, str) else []


def _url(said: str | None, answered: str | None) -> str | None:
    """The page's own word for its address, unless it is on another host or stands for the whole site."""
    if said is None or answered is None:
        return said or answered
    site = urls.site_of(urls.origin_of(answered))
    whole = urls.is_home(said, site) and not urls.is_home(answered, site)
    return said if urls.is_internal(said, {urls.host_of(answered)}) and not whole else answered
