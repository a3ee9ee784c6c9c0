"""What a run does: everything at first and monthly, else the cheapest look that can tell that nothing changed.

1. The feed, conditionally, and how many posts there are: two tiny requests. 2. What was modified or published since,
and the newest ids. 3. The manifest: where that does not explain the number, and weekly whatever they say.

The feed's validators speak for edits of every public type and not for deletions (`WP::send_headers`); the number of
posts for deletions and not for edits; neither for an old post inserted with an old date while another one goes.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from ingest import dates
from ingest.records import Announced, Source
from ingest.sources.since import is_older
from ingest.sources.wordpress.describing import EVERYTHING, POST
from ingest.sources.wordpress.hearing import Heard
from ingest.sources.wordpress.noting import name_tasks
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
    listed_ids,
    rescoped,
    times,
    totals,
    with_collection,
)
from ingest.sources.wordpress.trouble import stopped

__all__ = ["PURE", "hear_delta", "plan"]

DAY = 24
#: Hours: between two manifests, two looks at everything, two unconditional feeds, two tries of the rejects.
RHYTHM = {"manifest": 7 * DAY, "full": 30 * DAY, "feed": DAY, "rejects": DAY}
#: Summer time and a site that changes its zone move `modified_after` by so much (14 + 12 h).
OVERLAP = 26
#: A type that fits so many rows is listed at once: a manifest costs no more than a delta.
SMALL = 300
#: Rows of a delta after which the manifest is no dearer.
MOST_DELTA = 500


def plan(source: Source, state: State) -> State:
    """`state`, with the tasks of a new run; one that was interrupted goes on with what it had left."""
    state = rescoped(state, source.options.get("since"))
    if state.get("todo") and not source.full:
        return state
    begun = state.get("times", {})
    if source.full or not begun.get("backfilled") or _is_due(source, state, "full"):
        me: list[Task] = [{"do": "me"}] if source.options.get("authenticated") else []
        return {**times(state, begun=source.now), "todo": [*me, *EVERYTHING]}
    look: list[Task] = [{"do": "total", "of": list(POST), "soft": True}] if "post" in state.get("types", {}) else []
    for name, row in state.get("types", {}).items():
        if name != "post" and not row.get("closed") and _hours(source, begun.get(f"total:{name}", "")) >= DAY:
            look.append({"do": "total", "of": ["types", name], "soft": True})
    if source.options.get("since"):  # how many there are in all, once
        unknown = [name for name, row in state.get("types", {}).items() if "all" not in row and not row.get("closed")]
        look += [{"do": "probe", "of": ["types", name], "soft": True} for name in unknown]
    if state.get("feed"):
        look.insert(0, {"do": "feed", "soft": True, "anew": _is_due(source, state, "feed")})
    if source.options.get("authenticated") and not state.get("me"):  # a wrong password is said on every run
        look.insert(0, {"do": "me", "soft": True})
    return {**state, "todo": [*look, {"do": "decide", "soft": True}]}


def _is_due(source: Source, state: State, what: str) -> bool:
    """Whether the last look of this sort is so long ago."""
    hours = source.options.get(f"{what}_hours", RHYTHM[what])
    return _hours(source, state.get("times", {}).get(what, "")) >= float(hours)


def _hours(source: Source, since: str) -> float:
    """Hours since a time; endless when there is none, or it lies in the future (a clock that was set back)."""
    try:
        passed = datetime.fromisoformat(source.now) - datetime.fromisoformat(since)
    except ValueError:
        return float("inf")
    return passed / timedelta(hours=1) if passed >= timedelta(0) else float("inf")


# ---- tasks without a request ----------------------------------------------------------------------------


def _lay_out(source: Source, state: State) -> State:
    """The types and taxonomies are known: the feed's validators and the totals first, then everything there is."""
    types = [["types", name] for name, row in state.get("types", {}).items() if not row.get("closed")]
    taxonomies = [["taxonomies", name] for name in state.get("taxonomies", {})]
    feed: list[Task] = []
    if state.get("home") or source.home:
        state = {**state, "feed": source.options.get("feed") or _feed_of(source, state)}
        feed = [{"do": "feed", "baseline": True, "anew": True}]
    others = [("users", "/wp/v2/users", True), ("media", "/wp/v2/media", source.options.get("media", True)),
              ("comments", "/wp/v2/comments", source.options.get("comments", False))]  # fmt: skip
    for name, route, _ in others:
        state = with_collection(state, ("others", name), route=route, closed=False)
    asked = [["others", name] for name, _, wanted in others if wanted]
    tasks: list[Task] = [
        *feed,
        *({"do": "probe", "of": of} for of in types),
        # Hierarchical taxonomies have no `offset` (WP_REST_Terms_Controller::get_collection_params).
        *({"do": "walk", "of": of, "mode": "bodies", "page": 1} for of in taxonomies),
        {"do": "walk", "of": ["others", "users"], "mode": "bodies"},
        *({"do": "walk", "of": of, "mode": "bodies"} for of in types),
        *({"do": "walk", "of": of, "mode": "bodies"} for of in asked[1:]),
        {"do": "names"},
        {"do": "end", "times": ["backfilled", "manifest", "full", "feed", *(f"total:{name}" for _, name in types)]},
    ]
    return done(state, *tasks)


def _feed_of(source: Source, state: State) -> str:
    home = str(state.get("home") or source.home).rstrip("/")
    return f"{home}/?feed=rss2" if "rest_route=" in state["root"] else f"{home}/feed/"


def _decide(source: Source, state: State) -> State:
    """After the sentinel: nothing, a delta, or the manifest, for each type by itself."""
    weekly = _is_due(source, state, "manifest")
    # Without a feed nothing tells of an edit; nor does it of what only a password shows.
    news = bool(state.get("news") or not state.get("feed") or (source.options.get("authenticated") and state.get("me")))
    retry = bool(source.held.rejects) and (news or _is_due(source, state, "rejects"))
    tasks: list[Task] = []
    ended: list[str] = []
    for name, row in state.get("types", {}).items():
        now, before = state.get("now", {}).get(name, row.get("total")), row.get("total")
        accepted = source.options.get("accept_gone") and name in state.get("mass", {})
        if row.get("closed") or not (weekly or news or accepted or now != before):
            continue
        of = ["types", name]
        small = now is None or now <= SMALL or (before or 0) > now
        whole = _manifest(source, of)
        if weekly or small or accepted or not row.get("mark") or state.get("no_delta"):
            tasks.append(whole)
        else:
            since = dates.overlap(row["mark"], OVERLAP)
            tasks.append({"do": "delta", "of": of, "step": "modified_after", "since": since})
        ended.append(f"total:{name}")
    if weekly:
        ended.append("manifest")
        if _open(source, state, "media"):
            tasks.append({"do": "walk", "of": ["others", "media"], "mode": "bodies"})
    if (weekly or news) and _open(source, state, "comments"):
        tasks.append({"do": "walk", "of": ["others", "comments"], "mode": "bodies"})
    if retry:
        ended.append("rejects")
        tasks += _retries(source, state)
    ended += ["feed"] if _is_due(source, state, "feed") else []
    return done(state, *tasks, {"do": "names", "soft": not tasks}, {"do": "end", "times": ended, "soft": not ended})


def _manifest(source: Source, of: list[str]) -> Task:
    """A listing; posts that the site could not deliver are left out of it, because some fail on their bare id."""
    poison = sorted(int(number) for name, number in source.held.rejects if name == of[1] and remote_id(number))
    return {"do": "walk", "of": of, "mode": "ids", **({"poison": poison} if poison else {})}


def _open(source: Source, state: State, name: str) -> bool:
    wanted = source.options.get(name, name == "media")
    known = collection(state, ("others", name))
    return bool(wanted and known.get("route") and not known.get("closed"))


def _retries(source: Source, state: State) -> list[Task]:
    """Posts that could not be stored get another chance."""
    by_type: dict[str, list[str]] = {}
    for name, number in sorted(source.held.rejects):
        if name in state.get("types", {}) and remote_id(number):
            by_type.setdefault(name, []).append(number)
    return [
        {"do": "include", "of": ["types", name], "ids": ids, "size": 1, "retry": True} for name, ids in by_type.items()
    ]


def _names(_: Source, state: State) -> State:
    return done(state, *name_tasks(state))


def _end(source: Source, state: State) -> State:
    """The look is over: its numbers are what the next one is compared with."""
    ended = state["todo"][0]["times"]
    for name, total in state.get("now", {}).items():
        state = with_collection(state, ("types", name), total=total)
    at = state.get("times", {}).get("begun", source.now) if "backfilled" in ended else source.now
    state = done({name: value for name, value in state.items() if name not in {"news", "now"}})
    kept = {name: when for name, when in state.get("times", {}).items() if name != "begun"}
    return {**state, "times": kept | dict.fromkeys(ended, at)}


PURE = {"lay_out": _lay_out, "decide": _decide, "names": _names, "end": _end}


# ---- the delta -----------------------------------------------------------------


def hear_delta(source: Source, state: State, heard: Heard) -> Step:
    """One of the three small questions; what they do not explain, the manifest does."""
    task = state["todo"][0]
    of = tuple(task["of"])
    whole = _manifest(source, list(of))
    if heard.word not in {"ok", "refused", "failed"} or heard.error is not None:
        return stopped(state, heard)
    if heard.word != "ok" or not heard.is_list:
        return Step(done(state, whole), notes=(f"delta: {heard.why}",))
    shown = [value.data for value in heard.values if isinstance(value.data, dict)]
    rows = [row for row in shown if not is_older(source, row.get("date"))]
    if task["step"] == "modified_after" and _ignored(rows, task["since"]):
        return Step(done({**state, "no_delta": True}, whole), notes=("modified_after_ignored",))
    found = {**task.get("found", {}), **{n: row.get("modified_gmt") for row in rows if (n := remote_id(row.get("id")))}}
    full = len(shown) >= collection(state, of).get("size", SIZE)
    if full and task["step"] != "newest":
        offset = task.get("offset", 0) + len(shown)
        return Step(done(state, whole) if offset >= MOST_DELTA else again(state, found=found, offset=offset))
    step = {"modified_after": "after", "after": "newest"}.get(task["step"])
    if step:
        return Step(again(state, found=found, step=step, offset=0))
    return _explained(source, state, of, found, heard)


def _ignored(rows: list[dict[str, object]], since: str) -> bool:
    """Whether a row is older than any zone can explain."""
    oldest = dates.overlap(since, OVERLAP)
    return any((at := dates.parse(row.get("modified_gmt"), zone=UTC).utc) is not None and at < oldest for row in rows)


def _explained(source: Source, state: State, of: tuple[str, ...], found: dict[str, str | None], heard: Heard) -> Step:
    """Whether what is held and what was found come to what the site says it has."""
    name = of[1]
    held = source.held.posts.get(name, {})
    have, there = held_ids(source, state, of), listed_ids(source, state, of)
    wanted = []
    for number, modified in found.items():
        at = dates.parse(modified, zone=UTC).utc
        before = held.get(number)
        if number not in have or (number in held and at is not None and (before is None or at > before)):
            wanted.append(number)
    rejected = {number for type_, number in source.held.rejects if type_ == name}
    if heard.total is not None:
        state = {**state, "now": {**state.get("now", {}), name: heard.total}}
    tasks: list[Task] = []
    if wanted:
        tasks.append({"do": "include", "of": list(of), "ids": sorted(wanted, key=int)})
    row = collection(state, of)
    # Rows that the site counts and does not list; as many as when all was listed.
    hidden = row["total"] - row["listed"] if "listed" in row and row.get("total") is not None else 0
    if heard.total is None or len(there | found.keys() | rejected) != heard.total - hidden:
        tasks = [_manifest(source, list(of))]
    elif "listed" in row:
        state = with_collection(state, of, total=heard.total, listed=heard.total - hidden)
    return Step(done(state, *tasks), announced=Announced(totals(state)))
