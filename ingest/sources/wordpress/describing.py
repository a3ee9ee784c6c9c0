"""What a site says of itself, asked once and monthly: the index, types, taxonomies, and the keys of a type's objects.

Sources: `WP_REST_Server::get_index`, `WP_REST_Post_Types_Controller`, `WP_REST_Taxonomies_Controller`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ingest.records import Announced, Source
from ingest.sources.wordpress.hearing import Heard
from ingest.sources.wordpress.names import site_item
from ingest.sources.wordpress.state import (
    State,
    Step,
    Task,
    again,
    collection,
    done,
    times,
    totals,
    with_collection,
    without,
)
from ingest.sources.wordpress.trouble import closed_root, stopped

__all__ = ["EVERYTHING", "POST", "hear_index", "hear_probe", "hear_taxonomies", "hear_total", "hear_types", "shut"]

POST = ("types", "post")
#: The tasks with which a look at everything begins.
EVERYTHING: tuple[Task, ...] = ({"do": "index"}, {"do": "types"}, {"do": "taxonomies"}, {"do": "lay_out"})

#: What the core shows in REST that is nobody's writing; attachments are `media`.
_NOT_CONTENT = frozenset({
    "attachment", "nav_menu_item", "wp_block", "wp_template", "wp_template_part", "wp_navigation", "wp_global_styles",
    "wp_font_family", "wp_font_face", "revision",
})  # fmt: skip
_NOT_TERMS = frozenset({
    "nav_menu", "link_category", "post_format", "wp_theme", "wp_template_part_area", "wp_pattern_category",
})  # fmt: skip
_CORE_TYPES = {"post": {"rest_base": "posts"}, "page": {"rest_base": "pages"}}
_CORE_TAXONOMIES = {"category": {"rest_base": "categories"}, "post_tag": {"rest_base": "tags"}}
#: Left out of what is asked for: links cost the server a query a post (121 instead of 21 for a page of 100), and
#: `yoast_head` is `yoast_head_json` once more, as HTML.
_LEFT_OUT = frozenset({"_links", "_embedded", "yoast_head"})
_ASKABLE = re.compile(r"[\w:-]{1,100}", re.ASCII)
_LONGEST_FIELDS = 3000
#: Where the object that shows a type's keys is looked for, when the newest is a poison post.
_PROBES = (0, 1, 5)


def hear_index(source: Source, state: State, heard: Heard) -> Step:
    """Name, home address and time zone. A site without an answer here may still show its posts."""
    del source
    if heard.is_down or heard.word in {"rate_limited", "challenge", "login", "parked"}:
        return stopped(state, heard)
    site = site_item(heard.data) if heard.word == "ok" and isinstance(heard.data, dict) else None
    if site is None:
        return Step(done(state), notes=(f"index: {heard.why or 'it names no site'}",))
    return Step(
        done({**state, "home": site.home, "told": True}), items=(site,), notes=("salvaged",) if heard.salvaged else ()
    )


def hear_types(source: Source, state: State, heard: Heard) -> Step:
    """Every type that REST shows; posts and pages alone where the list is closed."""
    rows, notes = _rows(heard, _CORE_TYPES, "types")
    wanted = source.options.get("types")
    before = state.get("types", {})
    state = {**state, "types": {}} if heard.word == "ok" else state
    for name in sorted(rows, key=lambda one: (one != "post", one != "page", one)):
        route = _route(rows[name], name)
        if name not in _NOT_CONTENT and route and (not wanted or name in wanted):
            state = with_collection(state, ("types", name), **{**before.get(name, {}), "route": route, "closed": False})
    return Step(done(state), notes=notes)


def hear_taxonomies(source: Source, state: State, heard: Heard) -> Step:
    """Every taxonomy that REST shows, with the key under which a post names its terms."""
    del source
    rows, notes = _rows(heard, _CORE_TAXONOMIES, "taxonomies")
    for name, row in rows.items():
        route = _route(row, name)
        if name not in _NOT_TERMS and route:
            base = row.get("rest_base") or name
            state = with_collection(state, ("taxonomies", name), route=route, base=base, closed=False)
    return Step(done(state), notes=notes)


def _rows(heard: Heard, core: Mapping[str, Any], what: str) -> tuple[dict[str, Any], tuple[str, ...]]:
    """The objects of a map that is keyed by slug; the core's own with a note where there is none."""
    if heard.is_down and heard.error:
        raise heard.error
    data = heard.data if heard.word == "ok" else None
    rows = {k: v for k, v in data.items() if isinstance(v, dict)} if isinstance(data, dict) else {}
    if rows:
        return rows, ("salvaged",) if heard.salvaged else ()
    return dict(core), (f"{what}: {heard.why or 'not told'}",)


def _route(row: Mapping[str, Any], name: str) -> str:
    """The route of a collection; empty for those that hang below another object (fonts)."""
    space, rest = row.get("rest_namespace") or "wp/v2", row.get("rest_base") or name
    if not isinstance(space, str) or not isinstance(rest, str) or "(" in rest:
        return ""
    return f"/{space.strip('/')}/{rest.strip('/')}"


# ---- the keys of a type, and its total ------------------------------------------------------------------


def hear_probe(source: Source, state: State, heard: Heard) -> Step:
    """One unfiltered object of a type: its keys, plugins' included, and how many there are."""
    task = state["todo"][0]
    of = tuple(task["of"])
    if heard.word != "ok" or not heard.is_list:
        return _no_probe(source, state, heard)
    if heard.total is None and not task.get("envelope"):
        return Step(again(state, envelope=True))  # a proxy takes X-WP-Total away, but not out of the body
    if of == POST and (state.get("tried") or task.get("gate")):  # open after all: from the beginning, with this root
        kept = {name: value for name, value in state.items() if name != "tried"}
        return Step({**kept, "todo": list(EVERYTHING)})
    # Where posts before some day are left out, this number is that of all, and the listing has the other.
    known: dict[str, Any] = {
        "all" if source.options.get("since") else "total": heard.total,
        "envelope": bool(task.get("envelope") and heard.total is not None),
    }
    if heard.values and isinstance(heard.values[0].data, dict):
        known["fields"] = _fields(heard.values[0].data)
    state = with_collection(done(state), of, **known)
    return Step(state, announced=Announced(totals(state)), notes=("salvaged",) if heard.salvaged else ())


def _no_probe(source: Source, state: State, heard: Heard) -> Step:
    task = state["todo"][0]
    of = tuple(task["of"])
    if heard.word in {"closed", "missing", "refused"} or heard.html:
        if task.get("envelope"):  # a firewall that dislikes `_envelope`: the total stays unknown
            return Step(done(state))
        return closed_root(source, state, heard) if of == POST else shut(state, of, heard)
    if heard.word != "failed" or heard.is_down:
        return stopped(state, heard)
    at = _PROBES.index(task.get("offset", 0)) + 1
    if at < len(_PROBES):
        return Step(again(state, offset=_PROBES[at]))
    if of == POST and not state.get("told"):
        return stopped(state, heard)  # neither the index nor a post: whatever answers there, it is no WordPress
    return Step(done(state))  # asked without `_fields` then


def _fields(data: Mapping[str, Any]) -> list[str] | None:
    """The keys to ask for; None (everything) where a key cannot be written into `_fields`."""
    keys = [key for key in data if key not in _LEFT_OUT]
    if not all(_ASKABLE.fullmatch(key) for key in keys) or sum(map(len, keys)) > _LONGEST_FIELDS:
        return None
    return sorted(keys)


def shut(state: State, of: tuple[str, ...], heard: Heard) -> Step:
    """A collection that is not for visitors: noted, and not asked again before the next full look."""
    state = without(with_collection(state, of, closed=True), of)
    return Step(state, notes=(f"closed: {of[1]}: {heard.why}",))


def hear_total(source: Source, state: State, heard: Heard) -> Step:
    """How many there are now."""
    task = state["todo"][0]
    of = tuple(task["of"])
    if heard.word == "ok" and heard.is_list:
        known = collection(state, of)
        if heard.total is not None:
            state = {**state, "now": {**state.get("now", {}), of[1]: heard.total}}
        elif not known.get("envelope") and isinstance(known.get("total"), int) and not task.get("envelope"):
            return Step(again(with_collection(state, of, envelope=True), envelope=True))
        state = done(times(state, **{f"total:{of[1]}": source.now}) if of != POST else state)
        trouble = "mass_disappearance" if state.get("mass") and not source.options.get("accept_gone") else ""
        return Step(state, announced=Announced(totals(state)), trouble=trouble)
    if heard.word in {"closed", "missing", "refused"} or heard.html:
        return closed_root(source, state, heard) if of == POST else shut(state, of, heard)
    at = _PROBES.index(task.get("offset", 0)) + 1
    if heard.word == "failed" and heard.status >= 500 and at < len(_PROBES):
        return Step(again(state, offset=_PROBES[at]))  # the newest row may be one that kills every answer it is in
    return stopped(state, heard)
