"""WordPress over its REST API: saved documents, and live sites.

A live site is one chain of requests. What is known and what is left to do is the state (`state.py`), which each request
carries; an answer goes to the function of its task, and the state after it names the next request. Nothing here has a
clock, a network or a database. The traps are in the modules that avoid them:

    documents, shapes, items, names   JSON to items            polling      what a run does, cheapest first
    asking, hearing                   tasks to requests, answers to words                  sentinel: its feed
    describing, knowing               index, types, keys, me   walking, halving, naming     loss-free, poison
                                                               settling, noting             evidence, names

Options of a source: `types` (a list; else all), `comments` (false), `media` (true), `feed` (its address),
`authenticated` (the fetcher has a password for the site), `accept_gone` (a mass disappearance is true), `since` (a
day, `YYYY-MM-DD`: the posts of earlier ones are neither asked for nor missed),
`manifest_hours`, `full_hours`, `feed_hours`, `rejects_hours` (168, 720, 24, 24).

Words of trouble: `rest_closed`, `server_error`, `not_json`, `rate_limited`, `challenge`, `login`, `parked`, `refused`,
`repeats`, `password`, `suddenly_empty`, `mass_disappearance`.
"""

from __future__ import annotations

from collections.abc import Iterator

from ingest.errors import FetchError
from ingest.records import Announced, Page, Request, Response, Source
from ingest.sources.wordpress import describing, polling, settling, walking
from ingest.sources.wordpress.asking import FEED, ask
from ingest.sources.wordpress.hearing import hear
from ingest.sources.wordpress.knowing import hear_me, unknown
from ingest.sources.wordpress.saved import looks_like_json, read_saved
from ingest.sources.wordpress.sentinel import hear_feed
from ingest.sources.wordpress.state import State, Step, stored, totals

__all__ = ["NEEDS_HELD", "claims", "read", "start"]

#: A run compares what the site has with what is held.
NEEDS_HELD = True

_HEARERS = {
    "index": describing.hear_index,
    "me": hear_me,
    "types": describing.hear_types,
    "taxonomies": describing.hear_taxonomies,
    "probe": describing.hear_probe,
    "total": describing.hear_total,
    "walk": walking.hear_walk,
    "include": settling.hear_include,
    "lone": settling.hear_lone,
    "delta": polling.hear_delta,
}


def claims(head: bytes) -> bool:
    """Whether these first bytes look like JSON as WordPress answers it."""
    return looks_like_json(head)


def start(source: Source) -> list[Request]:
    """The first request of a run: where the last one stopped, or the cheapest look at what changed since."""
    state = _onward(source, polling.plan(source, _state(source)))
    return [ask(source, state)] if state["todo"] else []


def read(source: Source, answer: Response | FetchError) -> Iterator[Page]:
    """What an answer says, one page a request; a saved document in pages of 100 items.

    Raises ParseError for a saved document that is no JSON, and the FetchError where there is no smaller question.
    """
    if isinstance(answer, Response) and answer.request.what == "saved":
        yield from read_saved(answer, source.home)
        return
    request = answer.request
    if not isinstance(request, Request) or "state" not in request.context:
        raise answer if isinstance(answer, FetchError) else ValueError("an answer to a request that was not ours")
    state: State = request.context["state"]
    task = state["todo"][0]
    if task["do"] == FEED:
        step = hear_feed(source, state, answer)
    else:
        heard = hear(answer)
        step = unknown(source, state, heard) or _HEARERS[task["do"]](source, state, heard)
    yield _page(source, state, step)


def _page(source: Source, before: State, step: Step) -> Page:
    """The page of a step; its cursor only where something worth storing has changed."""
    state = step.state if step.stop else _onward(source, step.state)
    cursor, over = stored(state), step.stop or not state["todo"]
    # A run that only had names left to ask says what the site has as well: the run that it goes on from was told.
    known = totals(state) if over and not step.stop else None
    return Page(
        items=step.items,
        gone=step.gone,
        left_out=step.left_out,
        announced=step.announced or (Announced(known) if known else None),
        cursor=None if cursor == stored(before) else cursor,
        next=() if over else (ask(source, state),),
        notes=step.notes,
        trouble=step.trouble,
    )


def _onward(source: Source, state: State) -> State:
    """`state`, with the tasks done that need no request."""
    while state["todo"] and (pure := polling.PURE.get(state["todo"][0]["do"])):
        state = pure(source, state)
    return state


def _state(source: Source) -> State:
    """What the cursor says; a new site's beginning where it says nothing, or was written by another program."""
    root = source.endpoint or f"{(source.home or source.url).rstrip('/')}/?rest_route=/"
    if source.cursor.get("v") != 1:
        return {"v": 1, "root": root, "endpoint": root, "home": source.home, "todo": []}
    moved = {} if source.cursor.get("endpoint") == root else {"root": root, "endpoint": root}
    return {"todo": [], **source.cursor, **moved}
