"""Addresses to pages: Datasette calls these, they call plain functions in a thread and send what comes of it."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from datasette.utils import asgi

from ingest.corpus import Corpus
from ingest.errors import CorpusError
from ingest.schema import VERSION
from ingest.web import corpora, guard, pages, reading, sites, taking
from ingest.web.render import render, stylesheet
from ingest.web.sending import Streamed
from ingest.web.shown import Here, Shown

__all__ = ["ROUTES", "front", "rendered", "style"]

#: Datasette is not typed.
_Response: Any = asgi.Response

Page = Callable[[Corpus, Here], Shown]
View = Callable[[Any, Any], Awaitable[Any]]


def _view(page: Page) -> View:
    """A page as Datasette calls it."""

    async def view(request: Any, datasette: Any) -> Any:
        here, path = await _where(datasette, request)
        shown, html = await asyncio.to_thread(rendered, page, path, here)
        return _Response.html(html, status=shown.status, headers=guard.headers(images=shown.images))

    return view


async def front(request: Any, datasette: Any) -> Any:
    """`/`, where a corpus is all there is to see: its search."""
    request.scope["url_route"]["kwargs"]["database"] = corpora.alone(datasette) or ""
    view: View = _view(pages.search)
    return await view(request, datasette)


async def _where(datasette: Any, request: Any) -> tuple[Here, Path]:
    """What is asked for, and the file. Raises NotFound for what is no corpus, Forbidden where it is private."""
    told = request.url_vars
    name = next((one for one in datasette.databases if _route(datasette, one) == told["database"]), told["database"])
    path = corpora.path_of(datasette, name)
    if path is None:
        raise asgi.NotFound(f"Database not found: {name}")
    if not await corpora.allowed(datasette, request.actor, name):
        raise asgi.Forbidden("view-database")
    root = datasette.urls.database(name)
    style = str(datasette.urls.path("/-/blogcorpus/page.css"))
    return Here(name, str(root), style, request.query_string, unquote(told.get("word") or "", errors="replace")), path


def _route(datasette: Any, name: str) -> str:
    """How addresses spell the name of a database."""
    return str(datasette.urls.database(name)).rsplit("/", 1)[-1]


def rendered(page: Page, path: Path, here: Here) -> tuple[Shown, str]:
    """A page, whatever happens to it: what cannot be answered is said on a page of its own, 200 or 404."""
    try:
        with corpora.opened(path) as corpus:
            old = corpus.conn.execute("PRAGMA user_version").fetchone()[0] < VERSION
            shown = Shown("old.html") if old else page(corpus, here)
    except (CorpusError, corpora.TooSlowError) as error:
        shown = Shown("missing.html", {"what": str(error)})
    return shown, render(shown, here)


async def style(request: Any, datasette: Any) -> Any:  # noqa: ARG001  (every view is called alike)
    """The style sheet; its address has the version, so that a browser may keep it."""
    headers = {**guard.headers(), "Cache-Control": "max-age=3600"}
    return _Response(stylesheet(), headers=headers, content_type="text/css; charset=utf-8")


def _download(form: str) -> View:
    """A result as a file, sent while it is read."""

    async def view(request: Any, datasette: Any) -> Any:
        here, path = await _where(datasette, request)

        return await Streamed.of(lambda: taking.download(path, here, form))

    return view


_BELOW = r"^/(?P<database>[^/]+)/-/"

#: Regular expression -> view, as `register_routes` gives them to Datasette.
ROUTES: tuple[tuple[str, View], ...] = (
    (r"^/-/blogcorpus/page\.css$", style),
    (_BELOW + r"search$", _view(pages.search)),
    (_BELOW + r"saved$", _view(pages.saved)),
    (_BELOW + r"site$", _view(sites.site)),
    (_BELOW + r"health$", _view(sites.health)),
    (_BELOW + r"post/(?P<word>[^/]+)$", _view(reading.post)),
    (_BELOW + r"post/(?P<word>[^/]+)/changes$", _view(reading.changes)),
    (_BELOW + r"post/(?P<word>[^/]+)/similar$", _view(reading.like)),
    (_BELOW + r"result\.csv$", _download("csv")),
    (_BELOW + r"result\.jsonl$", _download("jsonl")),
    (_BELOW + r"result\.zip$", _download("txt")),
)
