"""Tasks to requests: every address is built from the root's template and a route, never followed from a Link header.

Never `_embed` (4 to 5 times the server's work), never `orderby=modified` (no total order), `modified_after` always
with a `Z` (a naive value is read as the site's local time). Source: WP_REST_Posts_Controller::get_collection_params.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date, timedelta
from typing import Any

from ingest.records import Request, Source
from ingest.sources.wordpress.state import SIZE, State, Task, collection
from ingest.urls import rest_root_url

__all__ = ["FEED", "FIELDS", "INDEX_FIELDS", "ask"]

INDEX_FIELDS = "name,description,url,home,gmt_offset,timezone_string,namespaces"
#: What is asked of the collections that have no payload in the corpus.
FIELDS: Mapping[str, str] = {
    "taxonomies": "id,name,slug,parent,description,taxonomy",
    "users": "id,name,slug,url,description,link",
    "media": "id,date,date_gmt,guid,title,alt_text,caption,media_type,mime_type,media_details,post,source_url",
    "comments": "id,post,parent,author,author_name,date,date_gmt,content,link,status",
}
IDS = "id,modified_gmt"
#: `after` of the very first day would have no day before it.
_FIRST_DAY = "0001-01-02"
FEED = "feed"


def ask(source: Source, state: State) -> Request:
    """The request for the first task in `state`."""
    task: Task = state["todo"][0]
    url, extra = _MAKERS[task["do"]](source, state, task)
    context = {"state": state, **({"remember": True, "validators_tell": True} if task["do"] == FEED else {})}
    return Request(url, what=task["do"], context=context, etag=extra.get("etag"), last_modified=extra.get("modified"))


_Made = tuple[str, dict[str, str | None]]


def _url(state: State, route: str, params: Mapping[str, object]) -> _Made:
    return rest_root_url(state["root"], route, params), {}


def _index(_: Source, state: State, __: Task) -> _Made:
    return _url(state, "/", {"_fields": INDEX_FIELDS})


def _me(_: Source, state: State, __: Task) -> _Made:
    return _url(state, "/wp/v2/users/me", {"_fields": "id,name"})


def _types(_: Source, state: State, __: Task) -> _Made:
    return _url(state, "/wp/v2/types", {})  # no _fields: the keys at the top are the types themselves


def _taxonomies(_: Source, state: State, __: Task) -> _Made:
    return _url(state, "/wp/v2/taxonomies", {})


def _feed(source: Source, state: State, task: Task) -> _Made:
    """Conditional, except now and then: a deletion changes the feed and not its validators (class-wp.php)."""
    url = state["feed"]
    etag, modified, _ = source.validators.get(url, (None, None, None)) if not task.get("anew") else (None, None, None)
    return url, {"etag": etag.removeprefix("W/") if etag else None, "modified": modified}


def _total(source: Source, state: State, task: Task) -> _Made:
    known = collection(state, task["of"])
    params: dict[str, object] = {"per_page": 1, "offset": task.get("offset"), "_fields": "id"}
    params |= _scope(source, state, task)
    if known.get("envelope"):
        params["_envelope"] = 1
    return _url(state, known["route"], params)


def _probe(source: Source, state: State, task: Task) -> _Made:
    """One unfiltered object of a type, of whatever age: its keys are what is asked for from then on."""
    params: dict[str, object] = {"per_page": 1, **_seen_by(source, state, task)}
    if task.get("offset"):
        params["offset"] = task["offset"]
    if task.get("envelope"):
        params["_envelope"] = 1
    return _url(state, collection(state, task["of"])["route"], params)


def _walk(source: Source, state: State, task: Task) -> _Made:
    known = collection(state, task["of"])
    if task.get("lone"):
        return _url(state, f"{known['route']}/{task['lone']}", {"_fields": _fields(state, task)})
    if task.get("search"):
        return _url(state, known["route"], _search(task) | _scope(source, state, task))
    ids = task["mode"] == "ids" or task.get("name")
    size = task.get("size") or known.get("size", SIZE)
    params: dict[str, object] = {"orderby": "id", "order": "asc", "per_page": size}
    if task.get("page"):
        params["page"] = task["page"]
    elif task.get("k"):
        params["offset"] = task["k"]
    if task.get("poison"):
        params["exclude"] = task["poison"]
    params["_fields"] = ("id" if task.get("name") else _ids(source)) if ids else _fields(state, task)
    return _url(state, known["route"], params | _scope(source, state, task))


def _search(task: Task) -> dict[str, object]:
    """The questions by which a row is named that no answer may contain (`naming`)."""
    stage, k = task["search"]["stage"], task.get("k", 0)
    params: dict[str, object] = {"orderby": "id", "order": "asc", "per_page": 1, "_fields": "id"}
    if stage == "range":
        known = task.get("poison", ())
        return params | {"include": [n for n in range(task["search"]["low"], task["search"]["high"]) if n not in known]}
    if stage == "beyond":
        k += task["search"]["beyond"] + (1 if task.get("last") else 0)
    return params | {"offset": k or None, "exclude": task.get("poison") or None}


def _include(source: Source, state: State, task: Task) -> _Made:
    known = collection(state, task["of"])
    ids = task["ids"][: task.get("size") or known.get("size", SIZE)]
    params: dict[str, object] = {"include": ids, "per_page": len(ids), "orderby": "include"}
    params["_fields"] = _fields(state, task)
    return _url(state, known["route"], params | _seen_by(source, state, task))


def _lone(_: Source, state: State, task: Task) -> _Made:
    return _url(state, f"{collection(state, task['of'])['route']}/{task['ids'][0]}", {"_fields": _fields(state, task)})


def _delta(source: Source, state: State, task: Task) -> _Made:
    known = collection(state, task["of"])
    params: dict[str, object] = {"orderby": "id", "order": "asc", "per_page": known.get("size", SIZE)}
    params |= {"_fields": _ids(source), **_scope(source, state, task)}
    if task["step"] == "newest":
        params["order"] = "desc"
    else:
        params[task["step"]] = max(task["since"], str(params.get(task["step"], "")))
        params["offset"] = task.get("offset") or None
    return _url(state, known["route"], params)


def _fields(state: State, task: Task) -> str | None:
    group, name = task["of"]
    if group == "types":
        fields = collection(state, task["of"]).get("fields")
        return ",".join(fields) if fields else None
    return FIELDS.get("taxonomies" if group == "taxonomies" else name)


def _ids(source: Source) -> str:
    """What a listing shows of a post; its day as well where that matters, for not every server heeds `after`."""
    return f"{IDS},date" if source.options.get("since") else IDS


def _scope(source: Source, state: State, task: Task) -> dict[str, object]:
    """What a collection is asked for: as `_seen_by`, and the posts of the day `since` and later days alone.

    `after` is exclusive, and compares with post_date; a time without an offset is the site's own, as that is.
    """
    found, day = _seen_by(source, state, task), source.options.get("since")
    if day and task["of"][0] == "types":
        found["after"] = f"{date.fromisoformat(max(day, _FIRST_DAY)) - timedelta(days=1)}T23:59:59"
    return found


def _seen_by(source: Source, state: State, task: Task) -> dict[str, object]:
    """With a verified password drafts and private posts are asked for as well; the trash never is."""
    verified = source.options.get("authenticated") and state.get("me")
    return {"status": "any"} if verified and task["of"][0] == "types" else {}


_MAKERS: Mapping[str, Callable[[Source, State, Task], Any]] = {
    "index": _index, "me": _me, "types": _types, "taxonomies": _taxonomies, FEED: _feed, "total": _total,
    "probe": _probe, "walk": _walk, "include": _include, "lone": _lone, "delta": _delta,
}  # fmt: skip
