"""Datasette on one corpus, served until a signal ends it."""

import socket
from collections.abc import Awaitable, Callable
from inspect import signature
from pathlib import Path
from types import FrameType
from typing import Any

import nh3  # noqa: F401  (the extra `web` is whole, or whoever starts a server hears of it now)
import uvicorn
from datasette import app as datasette

from ingest.web import corpora

__all__ = ["made", "run"]

#: How Datasette behaves on a corpus: texts are long, tables large, and nobody waits for a suggestion.
_SETTINGS = {
    "sql_time_limit_ms": 5000, "facet_time_limit_ms": 200, "suggest_facets": False, "truncate_cells_html": 200,
    "default_page_size": 50, "num_sql_threads": 4,
}  # fmt: skip

#: Tables of the program's own bookkeeping: there for whoever looks for them, not on the first page.
_HIDDEN = (
    "_sqlite_migrations", "about", "aliases", "fetch_days", "fetches", "linked_sites", "payloads", "post_languages",
    "post_payloads", "posts_fts", "posts_trigram", "robots", "sightings", "signatures", "told", "validators",
)  # fmt: skip

#: Seconds that a download gets to end once the server is told to.
_PATIENCE = 2

#: Datasette is not typed.
_Datasette: Any = datasette.Datasette

App = Callable[[dict[str, Any], Any, Any], Awaitable[None]]


def made(path: Path) -> Any:
    """Datasette on a corpus, as `serve` starts it; 0.65 takes what is hidden as metadata, 1.0 as configuration."""
    tables = {name: {"hidden": True} for name in _HIDDEN}
    told = {"databases": {path.stem: {"tables": tables}}}
    new = "config" in signature(_Datasette).parameters
    return _Datasette([str(path)], settings=dict(_SETTINGS), **{"config" if new else "metadata": told})


def run(path: Path, listener: socket.socket, *, public: bool) -> None:
    """Serve on a socket that listens already. Returns, or raises what a signal handler raises, after SIGINT or SIGTERM.

    Unless `public`, only this machine's own names are answered to: else a page on the web could have its name point at
    127.0.0.1 and read the corpus through the reader's browser (DNS rebinding).
    """
    app = made(path).app()
    config = uvicorn.Config(
        app if public else _local(app), log_level="warning", lifespan="on", timeout_graceful_shutdown=_PATIENCE
    )
    _Server(config).run(sockets=[listener])


class _Server(uvicorn.Server):
    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        # A thread that asks SQLite cannot be cancelled: the exit would wait for it, up to 15 s.
        corpora.end_within(_PATIENCE)
        super().handle_exit(sig, frame)


def _local(app: App) -> App:
    async def guarded(scope: dict[str, Any], receive: Any, send: Any) -> None:
        told = dict(scope.get("headers", ())).get(b"host", b"").decode("latin-1").lower()
        name = told.rpartition(":")[0] if told.rpartition(":")[2].isdecimal() else told
        if scope["type"] == "http" and name not in {"127.0.0.1", "localhost", "[::1]"}:
            head = [(b"content-type", b"text/plain; charset=utf-8")]
            await send({"type": "http.response.start", "status": 421, "headers": head})
            await send({"type": "http.response.body", "body": b"This page is for its own machine alone (--public)\n"})
            return
        await app(scope, receive, send)

    return guarded
