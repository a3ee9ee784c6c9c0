"""The window walk: a collection in the order of its ids, in windows that overlap by one row, so that nothing is lost.

Only `orderby=id` is a total order (`orderby=modified` loses 56 of 2,418 posts of a site that stands still). Rows that
vanish while we walk shift the windows to the left: the first id of a window is then later than the last one seen, and
the walk steps back 1, 2, 4, … rows until it meets what it knows. Insertions only append, or are met again.

Modes: `bodies` (items), `ids` (a manifest: ids and modification times, compared with what is held). Measured on
WordPress 6.8 with 300 rows taken away under way: pages by number lost 301 posts, this walk none for 14 requests more.
"""

from __future__ import annotations

from ingest.errors import FetchError
from ingest.records import Announced, Source
from ingest.sources.since import is_older
from ingest.sources.wordpress.describing import POST, shut
from ingest.sources.wordpress.halving import hear_alone, hear_name, smaller
from ingest.sources.wordpress.hearing import Heard
from ingest.sources.wordpress.making import make
from ingest.sources.wordpress.naming import hear_search
from ingest.sources.wordpress.noting import note_names
from ingest.sources.wordpress.settling import finish
from ingest.sources.wordpress.shapes import remote_id
from ingest.sources.wordpress.state import (
    SIZE,
    State,
    Step,
    Task,
    again,
    collection,
    is_whole,
    seen_of,
    totals,
    with_collection,
    with_got,
    with_seen,
)
from ingest.sources.wordpress.trouble import closed_root, stopped
from ingest.sources.wordpress.values import Value

__all__ = ["hear_walk"]

#: Windows in a row that brought nothing new before the server is said to repeat itself. A step back of 2^17 rows
#: takes 18.
_MOST_IDLE = 40


def hear_walk(source: Source, state: State, heard: Heard) -> Step:
    """The next window, or whatever came instead of it."""
    task = state["todo"][0]
    of = tuple(task["of"])
    if task.get("lone"):
        return hear_alone(source, state, heard)
    if task.get("search"):
        return hear_search(source, state, heard)
    if heard.word == "ok" and heard.is_list:
        return hear_name(source, state, heard) if task.get("name") else _window(source, state, heard)
    if heard.word == "end":
        return finish(source, state)
    if heard.bound and heard.bound < _size(state, task):
        return Step(again(with_collection(state, of, size=heard.bound), size=heard.bound))
    if heard.word in {"closed", "missing", "refused"} or heard.html:
        return closed_root(source, state, heard) if of == POST else shut(state, of, heard)
    if of[0] == "types":
        return smaller(state, heard) if heard.word in {"ok", "failed"} else stopped(state, heard)
    return _less_matters(state, heard)


def _less_matters(state: State, heard: Heard) -> Step:
    """Names, media and comments: tried smaller, and left for another day rather than end the run."""
    if heard.error is not None and heard.error.kind in {"dns", "refused", "tls", "blocked"}:
        raise heard.error
    if heard.word not in {"ok", "failed"}:
        return stopped(state, heard)
    try:
        step = smaller(state, heard)
    except FetchError:
        step = Step(state, stop=True)
    if step.stop:
        return Step(_ended(state), notes=(f"failed: {state['todo'][0]['of'][1]}: {heard.why}",))
    return step


def _size(state: State, task: Task) -> int:
    return int(task.get("size") or collection(state, task["of"]).get("size", SIZE))


def _window(source: Source, state: State, heard: Heard) -> Step:
    """A window of rows: whether its seam is whole, what is new in it, and whether it is the last."""
    task = state["todo"][0]
    numbers = [_number(value) for value in heard.values]
    known = [number for number in numbers if number]
    if known != sorted(set(known)) and not task.get("page"):
        return Step(again(state, page=1, k=0, seen="", head=None), notes=("order_ignored",))
    if task.get("page"):
        return _numbered(source, state, heard, numbers)
    k, last = task.get("k", 0), task.get("last", 0)
    if k and not task.get("blind") and (not known or known[0] > last):
        return _step_back(state, task, k, heard)
    new = [number for number in known if number > last]
    if not new and len(known) >= 2 and k and known[0] == task.get("head"):
        # The very first row of the walk again. (The last window's first row would be no proof: rows that were put in
        # before it, as many as the step, shift the same rows into this window.)
        return Step(again(state, page=2, size=None, head=None), notes=("offset_ignored",))
    step = _take(source, state, heard, set(new), numbers)
    if _is_last(heard, k, len(numbers), len(new), _size(state, task)):
        return _joined(step, finish(source, step.state))
    ahead = {"k": k + max(len(numbers) - 1, 0), "last": max([last, *new]), "back": 0, "blind": False}
    idle = 0 if new else task.get("idle", 0) + 1
    if idle > _MOST_IDLE:
        return Step(_ended(step.state), step.items, notes=step.notes, trouble="repeats")
    first = task.get("head") if k else next(iter(known), None)
    grown = {"size": _grown(state, task), "head": first, "idle": idle, "bad": 0}
    return Step(again(step.state, **ahead, **grown), step.items, announced=step.announced, notes=step.notes)


def _is_last(heard: Heard, k: int, rows: int, new: int, size: int) -> bool:
    """A short page, where the total does not say otherwise; a page that brings nothing new; no page at all."""
    if rows >= size:
        return False
    told = heard.total is None or k + rows >= heard.total
    return (told and (not new or heard.total is not None)) or (not new and rows < 2)


def _step_back(state: State, task: Task, k: int, heard: Heard) -> Step:
    """Rows before the window vanished: meet the last row that was seen. `back` doubles from seam to seam."""
    idle = task.get("idle", 0) + 1
    if idle > _MOST_IDLE:
        return Step(_ended(state), notes=(heard.why,) if heard.why else (), trouble="repeats")
    back = max(1, task.get("back", 0) * 2)
    return Step(again(state, k=max(0, k - back), back=back, idle=idle))


def _numbered(source: Source, state: State, heard: Heard, numbers: list[int | None]) -> Step:
    """Pages by number, for servers that take neither offset nor order: what was seen is all there is to go by."""
    task = state["todo"][0]
    seen = {number for number, _ in seen_of(task)}
    new = {number for number in numbers if number} - seen
    step = _take(source, state, heard, new, numbers)
    seen_all = heard.total is not None and len(seen) + len(new) >= heard.total
    if not numbers or (seen_all and len(numbers) < _size(state, task)):
        return _joined(step, finish(source, step.state))
    if not new and task["page"] > 1:
        if len(numbers) < _size(state, task):
            return _joined(step, finish(source, step.state))
        if numbers[0] == task.get("head") or task.get("idle", 0) > _MOST_IDLE:
            return Step(_ended(step.state), step.items, notes=("the server repeats its pages",), trouble="repeats")
    ahead = {"page": task["page"] + 1, "head": numbers[0], "idle": 0 if new else task.get("idle", 0) + 1}
    return Step(again(step.state, **ahead), step.items, announced=step.announced, notes=step.notes)


def _take(source: Source, state: State, heard: Heard, new: set[int], numbers: list[int | None]) -> Step:
    """The new rows of a window, as items; in a manifest, as ids with their times."""
    task = state["todo"][0]
    of = tuple(task["of"])
    rows = [value for value, number in zip(heard.values, numbers, strict=True) if number in new or number is None]
    state = with_seen(state, [(number, _modified(value)) for value in rows if (number := _number(value))])
    if source.options.get("since") and of[0] == "types":
        older = {_number(v) for v in rows if isinstance(v.data, dict) and is_older(source, v.data.get("date"))}
        if older:  # the server passes over `after`
            state = again(state, older=[*task.get("older", ()), *older])
            rows, new = [v for v in rows if _number(v) not in older], new - older
    state = again(state, n=task.get("n", 0) + len(new), whole=is_whole(task))
    if of[0] == "types" and heard.total is not None:  # `exclude` takes rows out of the total as well
        state = {**state, "now": {**state.get("now", {}), of[1]: heard.total + len(task.get("poison", ()))}}
    notes = ("salvaged",) if heard.salvaged else ()
    if task["mode"] == "ids":
        return Step(state, notes=notes)
    items = tuple(make(state, of, value) for value in rows)
    state = note_names(source, with_got(state, of, sorted(new)), of, items)
    return Step(state, items, announced=Announced(totals(state)) if of[0] == "types" else None, notes=notes)


def _grown(state: State, task: Task) -> int | None:
    """A page that was made smaller grows again."""
    most = collection(state, task["of"]).get("size", SIZE)
    size = task.get("size")
    return None if size is None or size * 2 >= most else size * 2


def _number(value: Value) -> int | None:
    number = remote_id(value.data.get("id")) if isinstance(value.data, dict) else None
    return int(number) if number else None


def _modified(value: Value) -> str | None:
    said = value.data.get("modified_gmt")
    return said if isinstance(said, str) else None


def _ended(state: State) -> State:
    return {**state, "todo": state["todo"][1:]}


def _joined(first: Step, second: Step) -> Step:
    """A page that both brings rows and ends the walk."""
    return Step(
        second.state, first.items + second.items, first.gone + second.gone, first.left_out + second.left_out,
        second.announced or first.announced, first.notes + second.notes, second.trouble or first.trouble, second.stop,
    )  # fmt: skip
