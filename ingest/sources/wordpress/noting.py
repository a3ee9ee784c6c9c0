"""Names to be asked for: terms and people that a stored post bears, and that nobody has named yet."""

from __future__ import annotations

from collections.abc import Iterable

from ingest import dates
from ingest.records import Item, PostItem, Source
from ingest.sources.wordpress.state import State, Task, collection, held_ids, with_collection

__all__ = ["name_tasks", "note_names"]

USERS = ("others", "users")


def note_names(source: Source, state: State, of: tuple[str, ...], items: Iterable[Item]) -> State:
    """`state`, with what the posts among `items` bear: unknown names to ask for, and the latest modification."""
    posts = [item for item in items if isinstance(item, PostItem)]
    if not posts:
        return state
    people = {person.remote_id for post in posts for person in post.authors if person.remote_id}
    bears: dict[tuple[str, str], set[str]] = {USERS: people}
    for post in posts:
        for term in post.terms or ():
            if term.remote_id and not term.name:
                bears.setdefault(("taxonomies", term.taxonomy), set()).add(term.remote_id)
    wanted = dict(state.get("wanted", {}))
    for whose, ids in bears.items():
        key = "/".join(whose)
        unknown = ids - held_ids(source, state, whose) - set(wanted.get(key, ()))
        if unknown and collection(state, whose).get("route") and not collection(state, whose).get("closed"):
            wanted[key] = [*wanted.get(key, ()), *sorted(unknown, key=int)]
    return _marked({**state, "wanted": wanted}, of, posts, source.now)


def _marked(state: State, of: tuple[str, ...], posts: Iterable[PostItem], now: str) -> State:
    """The watermark of a type: its latest modification, but no later than this look began (R21: 2099 is a date too)."""
    begun = state.get("times", {}).get("begun", now) or now
    mark = collection(state, of).get("mark")
    for post in posts:
        at = dates.from_pair(post.modified.utc, None).utc
        mark = dates.later(mark, min(at, begun) if at and begun else at)
    return with_collection(state, of, mark=mark) if mark else state


def name_tasks(state: State) -> list[Task]:
    """One task per collection whose names are wanted."""
    wanted = sorted(state.get("wanted", {}).items())
    return [{"do": "include", "of": key.split("/", 1), "ids": ids} for key, ids in wanted if ids]
