"""When a walk has seen everything: what is new, what has changed, what is gone, and how we know.

A tombstone needs evidence, in a look that came to its end: `404 rest_post_invalid_id` or 410 (erased), `401`/`403
rest_forbidden` (there, but no longer public). Mere absence counts when two manifests of two runs agree. Never an
outage, an empty page, a wall or `rest_no_route`. If more than a tenth would vanish, nothing is marked.
"""

from __future__ import annotations

from datetime import UTC
from typing import Any

from ingest import dates
from ingest.records import Announced, Gone, LeftOut, Reject, Source
from ingest.sources.wordpress.hearing import Heard
from ingest.sources.wordpress.making import make
from ingest.sources.wordpress.noting import note_names
from ingest.sources.wordpress.shapes import remote_id
from ingest.sources.wordpress.state import (
    SIZE,
    State,
    Step,
    Task,
    again,
    collection,
    done,
    held_ids,
    is_whole,
    listed_ids,
    seen_of,
    totals,
    with_collection,
    with_got,
)
from ingest.sources.wordpress.trouble import stopped

__all__ = ["finish", "hear_include", "hear_lone", "is_mass"]

#: A disappearance beyond both is believed only when the operator says so.
_MOST_GONE, _SHARE_GONE = 20, 10
#: Missing posts that are looked at one by one in a run; the others wait for the next look.
_MOST_LONE = 500


def finish(source: Source, state: State) -> Step:
    """The end of a walk."""
    task: Task = state["todo"][0]
    of = tuple(task["of"])
    if of[0] != "types":
        return Step(done(state))
    total = state.get("now", {}).get(of[1], collection(state, of).get("total"))
    older = set(task.get("older", ()))
    seen = [row for row in seen_of(task) if row[0] not in older]
    listed = {str(number) for number, _ in seen} | {str(number) for number in task.get("poison", ())}
    whole = is_whole(task)
    if task["mode"] == "bodies" and not (whole and total in {None, len(listed)}):
        # Resumed, or the site has another number in mind: what it has is listed once more, cheaply.
        if task.get("n") == total and not collection(state, of).get("settled"):
            state = _settled(done(state), of, total, total)
            return Step(state, announced=Announced(totals(state)))
        poison = {"poison": task["poison"]} if task.get("poison") else {}
        return Step(done(state, {"do": "walk", "of": list(of), "mode": "ids", **poison}))
    if not listed and len(source.held.posts.get(of[1], {}).keys() - source.held.before.get(of[1], frozenset())) > 1:
        return Step(done(state), notes=(f"suddenly empty: {of[1]}",), trouble="suddenly_empty")
    tasks = _include_tasks(source, state, of, seen) if task["mode"] == "ids" else []
    return _missing(source, state, of, listed, tasks, len(listed) if total is None else total)


def _settled(state: State, of: tuple[str, ...], total: int, listed: int) -> State:
    """A complete look: what the next one is compared with."""
    mass = {name: count for name, count in state.get("mass", {}).items() if name != of[1]}
    every = collection(state, of).get("all")
    older = {"all": None, "older": max(every - listed, 0)} if isinstance(every, int) else {}
    return with_collection({**state, "mass": mass}, of, total=total, listed=listed, settled=True, **older)


def _include_tasks(source: Source, state: State, of: tuple[str, ...], seen: list[Any]) -> list[Task]:
    """What a manifest has that is not held, or is held in an earlier version."""
    held = source.held.posts.get(of[1], {})
    ours = held_ids(source, state, of) - held.keys()
    wanted = []
    for number, modified in seen:
        name = str(number)
        if name in held:
            at, before = dates.parse(modified, zone=UTC).utc, held[name]
            if at is not None and (before is None or at > before):
                wanted.append(name)
        elif name not in ours:
            wanted.append(name)
    return [{"do": "include", "of": list(of), "ids": wanted}] if wanted else []


def _missing(
    source: Source, state: State, of: tuple[str, ...], listed: set[str], tasks: list[Task], total: int
) -> Step:
    """A complete look has ended: its ids are announced, and what is held and was not there is looked at."""
    # What this very run has stored as well: it may have gone while the walk went on.
    held = listed_ids(source, state, of)
    missing = sorted(held - listed, key=int)
    announced = Announced(totals(state), {of[1]: frozenset(listed)})
    absent = {number: at for number, at in state.get("absent", {}).get(of[1], {}).items() if number in missing}
    if is_mass(len(missing), len(held)) and not source.options.get("accept_gone"):
        note = f"{len(missing)} of {len(held)} {of[1]}s are no longer listed; nothing is marked (--accept-gone)"
        state = {**state, "mass": {**state.get("mass", {}), of[1]: len(missing)}}
        return Step(done(state, *tasks), announced=announced, notes=(note,), trouble="mass_disappearance")
    state = _with_absent(state, of[1], absent)
    if missing:
        tasks = [*tasks, {"do": "lone", "of": list(of), "ids": missing}]
    state = _settled(done(state, *tasks), of, total, len(listed))
    older = collection(state, of).get("older")
    return Step(state, announced=announced, left_out=(LeftOut(of[1], count=older),) if older else ())


def _with_absent(state: State, name: str, absent: dict[str, str]) -> State:
    others = {other: ids for other, ids in state.get("absent", {}).items() if other != name}
    return {**state, "absent": {**others, name: absent} if absent else others}


def is_mass(missing: int, held: int) -> bool:
    """Whether so many cannot have gone one by one."""
    return missing > _MOST_GONE and missing * _SHARE_GONE > held


# ---- by id ----------------------------------------------------------------------------------------------


def hear_include(source: Source, state: State, heard: Heard) -> Step:
    """The rows of a list of ids. A page that fails is halved; the one that fails alone is a reject."""
    task = state["todo"][0]
    of = tuple(task["of"])
    size = task.get("size") or collection(state, of).get("size", SIZE)
    if heard.word == "ok" and heard.is_list:
        ids = task["ids"][:size]
        items = tuple(make(state, of, value) for value in heard.values)
        asked = {name for name in ids if of[0] != "types"}  # names that nobody knows are not asked again
        came = {number for value in heard.values if (number := remote_id(value.data.get("id")))}
        state = note_names(source, with_got(state, of, map(int, came | asked)), of, items)
        state = _next_ids(state, task, ids)
        if task.get("retry") and (lost := [name for name in ids if name not in came]):
            state = {
                **state,
                "todo": [*state["todo"][:1], {"do": "lone", "of": list(of), "ids": lost}, *state["todo"][1:]],
            }
        return Step(state, items, notes=("salvaged",) if heard.salvaged else ())
    if heard.bound and heard.bound < size:
        return Step(again(with_collection(state, of, size=heard.bound), size=heard.bound))
    if of[0] != "types" and (heard.error is None or heard.error.transient is False):
        return Step(done(_unwanted(state, of)), notes=(f"names: {of[1]}: {heard.why}",))
    if heard.word not in {"failed", "ok"} or heard.is_down:
        return stopped(state, heard)
    if min(size, len(task["ids"])) > 1:
        return Step(again(state, size=max(1, min(size, len(task["ids"])) // 2)))
    if task.get("bad", 0) >= 3 and not task.get("retry"):  # three in a row, alone: it is the server
        return stopped(state, heard)
    number = task["ids"][0]
    reject = Reject(f"the site cannot deliver it: {heard.why}", type=of[1], remote_id=number, home=state.get("home"))
    return Step(_next_ids(state, task, [number], bad=task.get("bad", 0) + 1), (reject,))


def _next_ids(state: State, task: Task, ids: list[str], *, bad: int = 0) -> State:
    rest = task["ids"][len(ids) :]
    if rest:
        size = task.get("size")
        return again(state, ids=rest, bad=bad, size=min(SIZE, size * 2) if size else None)
    return done(_unwanted(state, tuple(task["of"])))


def _unwanted(state: State, of: tuple[str, ...]) -> State:
    """The names of this collection have been asked for."""
    return {**state, "wanted": {k: ids for k, ids in state.get("wanted", {}).items() if k != "/".join(of)}}


def hear_lone(source: Source, state: State, heard: Heard) -> Step:
    """One missing post by itself: still there, erased, withdrawn, or nobody knows."""
    task = state["todo"][0]
    of, number = tuple(task["of"]), task["ids"][0]
    if heard.is_down or heard.word in {"rate_limited", "challenge", "login", "parked"}:
        return stopped(state, heard)
    data = heard.data if isinstance(heard.data, dict) else {}
    if heard.word == "ok" and remote_id(data.get("id")) == number and data.get("status") != "trash":
        return Step(_next_lone(source, state, task, absent=False), (make(state, of, heard.values[0]),))
    kind = _evidence(heard, data)
    said = f"{heard.status} {heard.code}".strip() if heard.word != "ok" else "in the trash"
    if kind:
        gone = Gone(of[1], number, kind, said)  # type: ignore[arg-type]
        return Step(_next_lone(source, state, task, absent=False), gone=(gone,))
    before = state.get("absent", {}).get(of[1], {}).get(number) or (
        "before" if number in source.held.absent.get(of[1], ()) else None
    )
    outage = heard.word == "failed" or heard.code == "rest_no_route" or heard.html
    accepted = source.options.get("accept_gone")
    if (accepted or (before and before != source.now)) and not outage:
        why = "absent, accepted by the operator" if accepted else "absent from two manifests"
        gone = Gone(of[1], number, "unpublished", f"{why}; {said}")
        return Step(_next_lone(source, state, task, absent=False), gone=(gone,))
    return Step(_next_lone(source, state, task, absent=True))


def _evidence(heard: Heard, data: dict[str, object]) -> str:
    """The kind of disappearance that an answer proves; empty when it proves none."""
    if heard.status == 410 or (heard.status == 404 and heard.code == "rest_post_invalid_id"):
        return "erased"
    if heard.status in {401, 403} and heard.code == "rest_forbidden":
        return "unpublished"
    return "unpublished" if heard.word == "ok" and data.get("status") == "trash" else ""


def _next_lone(source: Source, state: State, task: Task, *, absent: bool) -> State:
    name, number = task["of"][1], task["ids"][0]
    known = {key: at for key, at in state.get("absent", {}).get(name, {}).items() if key != number}
    if absent:
        known[number] = state.get("absent", {}).get(name, {}).get(number, source.now)
    looked = task.get("looked", 0) + 1
    rest = task["ids"][1:]
    if rest and looked >= _MOST_LONE:
        known |= {key: known.get(key, source.now) for key in rest}
        rest = []
    state = _with_absent(state, name, known)
    return again(state, ids=rest, looked=looked) if rest else done(state)
