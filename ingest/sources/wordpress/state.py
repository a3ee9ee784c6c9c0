"""What is known of a live site and what is left to do: the cursor, and how it changes. Never changed in place.

    {"v": 1, "root": REST root template in use, "endpoint": the one that was found, "home": …, "feed": address or null,
     "types":      {"post": {"route", "fields", "total", "size", "mark", "all" of them, "older" than `after`}, …},
     "taxonomies": {"category": {"route", "base"}, …},      a collection that is shut has "closed": true
     "others":     {"users": {"route"}, "media": …, "comments": …},
     "times":      {"begun", "backfilled", "manifest", "full", "feed", "rejects"},
     "absent":     {"post": {"23": time of the manifest that first lacked it}},
     "wanted":     {"taxonomies/category": [ids whose names are to be asked]},
     "mass":       {"post": so many were missing at once that an operator has to say that it is true},
     "after":      the day `since` that all these numbers were made under; none: posts of any age,
     "news":       whether the feed has changed since the last look,
     "me":         id of the user that the site knows the given password by,
     "todo":       [task, …]}                                the first one is the next request

A run is a chain of single requests: each carries the whole state in its context, so that the cursor that is stored
with a page names exactly the request that comes after it. `got` (ids seen in this run), `now` (totals of this run),
soft tasks and what a manifest has collected so far are not stored: an interrupted poll begins anew.

What grows with every page of a walk is one text each: a request with 5,000 rows as lists takes 2 ms to be handed to
another process, and each page of the walk is handed on four times.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from ingest.records import Announced, Gone, Item, LeftOut, Source

__all__ = [
    "SIZE",
    "State",
    "Step",
    "Task",
    "again",
    "collection",
    "done",
    "held_ids",
    "is_whole",
    "key_of",
    "listed_ids",
    "names_of",
    "rescoped",
    "seen_of",
    "stored",
    "times",
    "totals",
    "with_collection",
    "with_got",
    "with_seen",
    "without",
]

State: TypeAlias = dict[str, Any]
Task: TypeAlias = dict[str, Any]

#: Rows of a page where the site allows as many; core's own maximum.
SIZE = 100
#: Keys of a state, and of a task, that live for one run only.
_SOFT = ("got", "now")
_OF_THE_RUN = ("whole", "seen", "older", "idle", "bad", "search", "name", "known")


@dataclass(frozen=True, slots=True)
class Step:
    """What an answer comes to: how the state goes on, and what the page holds."""

    state: State
    items: tuple[Item, ...] = ()
    gone: tuple[Gone, ...] = ()
    left_out: tuple[LeftOut, ...] = ()
    announced: Announced | None = None
    notes: tuple[str, ...] = ()
    trouble: str = ""
    #: Nothing more is asked in this run; the next one begins with the same request.
    stop: bool = False


def key_of(of: Collection[str]) -> str:
    """A collection's name in `got` and `wanted`: `types/post`."""
    return "/".join(of)


def collection(state: State, of: Iterable[str]) -> Mapping[str, Any]:
    """What is known of a collection, such as `("types", "post")`; empty when nothing is."""
    group, name = of
    found: Mapping[str, Any] = state.get(group, {}).get(name, {})
    return found


def with_collection(state: State, of: Iterable[str], **known: Any) -> State:
    """`state`, knowing this of a collection."""
    group, name = of
    rows = dict(state.get(group, {}))
    rows[name] = {**rows.get(name, {}), **known}
    return {**state, group: rows}


def with_got(state: State, of: Collection[str], ids: Iterable[int]) -> State:
    """`state`, with these ids seen in this run."""
    got, key = dict(state.get("got", {})), key_of(of)
    got[key] = got.get(key, "") + "".join(f"{one} " for one in ids)
    return {**state, "got": got}


def with_seen(state: State, rows: Iterable[tuple[int, str | None]]) -> State:
    """`state`, whose first task has met these rows as well: their ids, and when each says that it was modified."""
    more = json.dumps(list(rows), separators=(",", ":"))[1:-1]
    seen = state["todo"][0].get("seen", "")
    return again(state, seen=f"{seen},{more}" if seen and more else seen or more)


def seen_of(task: Task) -> list[tuple[int, str | None]]:
    """The rows that a task has met, in order."""
    return [(number, modified) for number, modified in json.loads(f"[{task.get('seen', '')}]")]


def held_ids(source: Source, state: State, of: Collection[str]) -> set[str]:
    """The ids of a collection that are held: before this run, or since."""
    group, name = of
    if group == "types":
        before: Iterable[str] = source.held.posts.get(name, ())
    else:
        before = source.held.people if name == "users" else source.held.terms.get(name, ())
    return {*before, *state.get("got", {}).get(key_of(of), "").split()}


def listed_ids(source: Source, state: State, of: Collection[str]) -> set[str]:
    """Those of `held_ids` that a whole listing must show: without the posts from before the day `since`."""
    return held_ids(source, state, of) - source.held.before.get(tuple(of)[1], frozenset())


def names_of(state: State) -> Mapping[str, str]:
    """`rest_base` -> taxonomy."""
    return {row["base"]: name for name, row in state.get("taxonomies", {}).items() if row.get("base")}


def totals(state: State) -> Mapping[str, int]:
    """What the site says it has, per type, as far as it says it.

    Where a complete listing came to another number than X-WP-Total, the listing is believed until the total moves.
    """
    found: dict[str, int] = {}
    for name, row in state.get("types", {}).items():
        before, listed = row.get("total"), row.get("listed")
        now = state.get("now", {}).get(name, before)
        if not row.get("closed") and isinstance(now, int):
            found[name] = listed if isinstance(listed, int) and now == before else now
    return found


def rescoped(state: State, day: str | None) -> State:
    """`state`; where its numbers were made under another day `since`, without them: all ids are listed anew.

    Nothing counts as seen then, and nothing as missing. What a walk had left is no use: its windows have moved.
    """
    if state.get("after") == day:
        return state
    kept = {name: value for name, value in state.items() if name not in {"absent", "mass"}}
    types = {
        name: {key: value for key, value in row.items() if key not in {"total", "listed", "settled", "all", "older"}}
        for name, row in state.get("types", {}).items()
    }
    again = {name: at for name, at in state.get("times", {}).items() if name in {"backfilled", "full", "feed"}}
    return {**kept, "types": types, "times": again, "after": day, "todo": []}


def times(state: State, **at: str) -> State:
    """`state`, with these times remembered."""
    return {**state, "times": {**state.get("times", {}), **at}}


def is_whole(task: Task) -> bool:
    """Whether a walk began in this run, so that what it has seen is everything."""
    return bool(task.get("whole", not task.get("k") and task.get("page", 1) == 1))


def again(state: State, **changed: Any) -> State:
    """The first task once more, changed so."""
    first, *rest = state["todo"]
    return {**state, "todo": [{**first, **changed}, *rest]}


def without(state: State, of: Collection[str]) -> State:
    """`state`, with no task left for this collection."""
    return {**state, "todo": [task for task in state["todo"] if tuple(task.get("of", ())) != tuple(of)]}


def done(state: State, *then: Task, last: Iterable[Task] = ()) -> State:
    """The first task is done; `then` comes next, `last` at the very end."""
    return {**state, "todo": [*then, *state["todo"][1:], *last]}


def stored(state: State) -> State:
    """What of `state` goes into the cursor."""
    kept = {name: value for name, value in state.items() if name not in _SOFT and value not in (None, {}, [], False)}
    todo = [_stored_task(task) for task in state.get("todo", ()) if not task.get("soft")]
    if todo:
        kept["todo"] = todo
    else:
        kept.pop("todo", None)
    return kept


def _stored_task(task: Task) -> Task:
    if task["do"] == "walk" and task["mode"] == "ids":  # a listing is only good in one piece
        return {name: task[name] for name in ("do", "of", "mode") if name in task}
    return {name: value for name, value in task.items() if name not in _OF_THE_RUN}
