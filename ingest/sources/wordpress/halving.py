"""A page that fails is made smaller until one row is left: that one is named, asked alone, and quarantined if need be.

A fatal error in one post, a timeout, a body beyond all bounds or cut-off JSON alike: one poison post never sinks its
page. The row's id is asked with `_fields=id`, which renders nothing; if that fails too, it is the server that is down.
From then on the row is excluded, so that the windows keep their overlap.
"""

from __future__ import annotations

from ingest.records import Reject, Source
from ingest.sources.wordpress.hearing import Heard
from ingest.sources.wordpress.making import make
from ingest.sources.wordpress.naming import search
from ingest.sources.wordpress.noting import note_names
from ingest.sources.wordpress.shapes import remote_id
from ingest.sources.wordpress.state import SIZE, State, Step, again, collection, with_got, with_seen
from ingest.sources.wordpress.trouble import stopped

__all__ = ["hear_alone", "hear_name", "smaller"]

#: Poison rows in a row after which the server is said to be ill rather than its posts.
_MOST_BAD = 10


def smaller(state: State, heard: Heard) -> Step:
    """Half the window; at its smallest, the name of the row that fails."""
    task = state["todo"][0]
    size = task.get("size") or collection(state, task["of"]).get("size", SIZE)
    least = 2 if task.get("last") else 1  # with an overlap, one row of two is known to be sound
    if heard.is_down or task.get("page") or task.get("bad", 0) >= _MOST_BAD:
        return stopped(again(state, name=None), heard)
    if task.get("name") or (task["mode"] == "ids" and size <= least):
        return search(again(state, why=heard.why[:300]), heard)
    if size > least:
        return Step(again(state, size=max(least, size // 2)))
    return Step(again(state, size=least, name=True, why=heard.why[:300]))


def hear_name(source: Source, state: State, heard: Heard) -> Step:
    """The ids in the smallest window that fails: the first new one is the culprit."""
    del source
    task = state["todo"][0]
    ids = [int(number) for value in heard.values if (number := remote_id(value.data.get("id")))]
    k, last = task.get("k", 0), task.get("last", 0)
    calm = {"name": None}
    if k and (not ids or ids[0] > last) and not task.get("blind"):
        return Step(again(state, **calm, k=max(0, k - 1)))  # rows vanished meanwhile: the seam comes first
    culprit = next((number for number in ids if number > last), None)
    if culprit is None:
        return Step(again(state, **calm, size=None, k=k + max(len(ids) - 1, 0), bad=task.get("bad", 0) + 1))
    if culprit in task.get("poison", ()):  # `exclude` is ignored: jump over it, without a seam for once
        return Step(again(state, **calm, k=k + len(ids), last=culprit, blind=True))
    return Step(again(state, **calm, lone=culprit))


def hear_alone(source: Source, state: State, heard: Heard) -> Step:
    """The culprit by itself: a post after all, or a reject with the reason."""
    task = state["todo"][0]
    of, culprit = tuple(task["of"]), task["lone"]
    sound = heard.word == "ok" and not heard.is_list and bool(heard.values)
    gone = heard.word in {"missing", "closed"}
    bad = 0 if sound or gone else task.get("bad", 0) + 1
    item = make(state, of, heard.values[0]) if sound else None
    if item is None and not gone:
        why = heard.why if heard.word == "failed" else task.get("why", "")
        item = Reject(f"the site cannot deliver it: {why}", type=of[1], remote_id=str(culprit), home=state.get("home"))
    state = again(
        with_seen(state, [(culprit, None)]), lone=None, why=None, bad=bad, poison=[*task.get("poison", ()), culprit],
        idle=0, n=task.get("n", 0) + (not gone),
    )  # fmt: skip
    items = (item,) if item is not None else ()
    return Step(note_names(source, with_got(state, of, [culprit]), of, items), items)
