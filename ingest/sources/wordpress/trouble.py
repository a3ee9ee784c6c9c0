"""When a site does not answer as a site: what is said of it, and how the next run goes on.

`rest_closed` is the seam for the fallback to the feed's history: the source stays, its verdict is partial.
"""

from __future__ import annotations

from ingest.records import Source
from ingest.sources.wordpress.hearing import Heard
from ingest.sources.wordpress.places import WORDPRESS_COM
from ingest.sources.wordpress.state import State, Step

__all__ = ["closed_root", "query_root", "stopped"]


def stopped(state: State, heard: Heard) -> Step:
    """Nothing more is asked in this run; the next one begins with the same request.

    Raises the FetchError when there was no answer at all: that is the source's failure, not ours to explain.
    """
    if heard.error is not None:
        raise heard.error
    word: str = "rest_closed" if heard.word == "closed" else heard.word
    if heard.word in {"failed", "ok"}:
        word = "server_error" if heard.status >= 500 else "not_json"
    return Step(state, notes=(heard.why,), trouble=word, stop=True)


def closed_root(source: Source, state: State, heard: Heard) -> Step:
    """The collection of posts is shut: by a plugin, by a firewall that knows `/wp-json/`, or the root is another one.

    `/?rest_route=/` is the one form that a live core always answers, and is tried once.
    """
    query = query_root(state, source)
    if query and state["root"] != query and not state.get("tried"):
        return Step({**state, "root": query, "tried": state["root"]})
    if state.get("tried"):
        state = {name: value for name, value in {**state, "root": state["tried"]}.items() if name != "tried"}
    if not state.get("times", {}).get("backfilled"):  # the next run begins anew once this one door is open
        state = {**state, "todo": [{"do": "probe", "of": ["types", "post"], "gate": True}]}
    return Step(state, notes=(heard.why,), trouble="rest_closed", stop=True)


def query_root(state: State, source: Source) -> str:
    """The root as a query at the home address; empty where no home is known, or it is WordPress.com's."""
    home = state.get("home") or source.home
    if not home or WORDPRESS_COM in state["root"]:
        return ""
    return f"{home.rstrip('/')}/?rest_route=/"
