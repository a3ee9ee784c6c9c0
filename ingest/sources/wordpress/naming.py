"""The name of a row that no answer may contain: a plugin that dies on it dies on its bare id as well.

The rows around it still answer, so it is known between which ids it lies, and `include` asks for ranges of ids: an
answer without rows says that it is not among them, a failure that it is. Ten questions for a gap of 1,000 ids. When
the rows around it fail too, it is the server that is down.
"""

from __future__ import annotations

from ingest.records import Reject, Source
from ingest.sources.wordpress.hearing import Heard
from ingest.sources.wordpress.shapes import remote_id
from ingest.sources.wordpress.state import State, Step, again
from ingest.sources.wordpress.trouble import stopped

__all__ = ["hear_search", "search"]

#: Rows behind the culprit that may be as bad, before the server is said to be down.
_MOST_BEYOND = 5
#: Ids in one question: 4 kB of address.
_MOST_IDS = 500
#: Ids between two rows that are searched in all.
_WIDEST = 20_000


def search(state: State, heard: Heard) -> Step:
    """Begin: whether the row before it is still sound, and which one comes next behind it."""
    task = state["todo"][0]
    if heard.is_down:
        return stopped(state, heard)
    first = "sound" if task.get("last") else "beyond"
    return Step(again(state, name=None, search={"stage": first, "beyond": 1}))


def hear_search(source: Source, state: State, heard: Heard) -> Step:
    """One question of the search answered."""
    del source
    search_ = state["todo"][0]["search"]
    if heard.is_down or heard.word not in {"ok", "failed"}:
        return stopped(again(state, search=None), heard)
    return {"sound": _sound, "beyond": _beyond, "range": _range}[search_["stage"]](state, heard)


def _sound(state: State, heard: Heard) -> Step:
    if heard.word == "failed":
        return stopped(again(state, search=None), heard)
    return Step(again(state, search={"stage": "beyond", "beyond": 1}))


def _beyond(state: State, heard: Heard) -> Step:
    """The next row that answers bounds the search; none at all: it is the last one."""
    task = state["todo"][0]
    last, beyond = task.get("last", 0), task["search"]["beyond"]
    if heard.word == "failed":
        if beyond >= _MOST_BEYOND:
            return stopped(again(state, search=None), heard)
        return Step(again(state, search={"stage": "beyond", "beyond": beyond + 1}))
    ids = [int(number) for value in heard.values if (number := remote_id(value.data.get("id")))]
    end = ids[0] if ids else last + _WIDEST // 4
    if ids and ids[0] <= last:  # rows were put in before: the seam comes first
        return Step(again(state, search=None))
    return _ask(state, last + 1, min(end, last + 1 + _WIDEST), end)


def _ask(state: State, low: int, high: int, end: int) -> Step:
    """It is in [low, end); the next question is for [low, high). What is named already is not asked for."""
    task = state["todo"][0]
    while low in task.get("poison", ()):
        low += 1
    if low >= end:
        return _unnamed(state, task.get("last", 0), end)
    if end - low == 1:
        return Step(again(state, search=None, lone=low))
    high = min(max(high, low + 1), low + _MOST_IDS)
    return Step(again(state, search={"stage": "range", "low": low, "high": high, "end": end}))


def _range(state: State, heard: Heard) -> Step:
    task = state["todo"][0]
    low, high, end = (task["search"][name] for name in ("low", "high", "end"))
    if heard.word == "failed":
        if high - low == 1:
            return Step(again(state, search=None, lone=low))
        return _ask(state, low, low + (high - low) // 2, high)
    # Not among these: it is behind them, and by now it may be the only one left.
    if high >= end or high - task.get("last", 0) > _WIDEST:
        return _unnamed(state, task.get("last", 0), end)
    return _ask(state, high, high + max((end - high) // 2, 1), end)


def _unnamed(state: State, last: int, end: int) -> Step:
    """It has gone meanwhile, or lies in too wide a gap: the walk jumps over it, and says so."""
    task = state["todo"][0]
    name = task["of"][1]
    why = f"the site cannot deliver a row of {name} between the ids {last} and {end}: {task.get('why', '')}"
    reject = Reject(why, type=name, home=state.get("home"))
    k = task.get("k", 0) + (2 if last else 1)
    return Step(again(state, search=None, why=None, blind=True, k=k, bad=task.get("bad", 0) + 1), (reject,))
