"""The page: a Datasette plugin that gives a corpus a search, a reading view and the health of its sources.

Installed with the extra `web`, it is there wherever Datasette opens a corpus (`datasette corpus.db` as well as
`blogcorpus serve`), and says nothing of databases that are none: Datasette's own pages stay as they are and one click
away. Works on Datasette 0.65 and on the 1.0 pre-releases; every hook it uses is in both.
"""

from collections.abc import Callable
from typing import Any

from datasette.hookspecs import hookimpl

from ingest.web import corpora, guard, routes

__all__ = ["asgi_wrapper", "menu_links", "register_routes"]


@hookimpl
def register_routes(datasette: Any) -> list[tuple[str, Callable[..., Any]]]:
    """Our addresses, all below `/DATABASE/-/`; and `/` itself where a corpus is all there is to see."""
    found: list[tuple[str, Callable[..., Any]]] = [*routes.ROUTES]
    if corpora.alone(datasette) is not None:
        found.append((r"^/$", routes.front))
    return found


@hookimpl
def menu_links(datasette: Any) -> list[dict[str, str]]:
    """A link to the search of each corpus, in Datasette's own menu."""
    return [
        {"href": datasette.urls.database(name) + "/-/search", "label": f"Search {name}"}
        for name in corpora.names(datasette)
    ]


@hookimpl
def asgi_wrapper(datasette: Any) -> Callable[[Any], Any]:
    """A Content-Security-Policy for Datasette's own pages of a corpus, which come without one."""
    return guard.wrapped(datasette)
