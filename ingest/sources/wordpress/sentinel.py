"""The feed as a sentinel: whether it has changed since the last look. What stands in it is not read."""

from __future__ import annotations

from ingest.errors import FetchError
from ingest.records import Response, Source
from ingest.sources.answers import body_hash, classify
from ingest.sources.wordpress.hearing import Heard
from ingest.sources.wordpress.state import State, Step, done
from ingest.sources.wordpress.trouble import stopped

__all__ = ["hear_feed"]


def hear_feed(source: Source, state: State, answer: Response | FetchError) -> Step:
    """Whether the feed changed. One that does not answer says nothing: then the next look is the larger one."""
    task = state["todo"][0]
    if isinstance(answer, FetchError):
        if answer.kind in {"dns", "refused", "tls"}:
            raise answer
        state = {**state, "news": not task.get("baseline")}
        lost = {} if answer.transient else {"feed": None}  # robots.txt, a body beyond all bounds: it stays so
        return Step(done({**state, **lost}), notes=(f"feed: {answer.kind}: {answer.cause}",))
    said = classify(answer)
    if said.word in {"rate_limited", "challenge"}:
        return stopped(state, Heard(said.word, why=str(said)))
    if said.word == "unchanged":
        return Step(done(state))
    if said.word == "content" and not said.html_title and _is_feed(answer):
        changed = _has_news(source, answer) and not task.get("baseline")
        return Step(done({**state, "news": bool(state.get("news")) or changed}))
    other = str(state.get("home") or source.home or "").rstrip("/") + "/?feed=rss2"
    if task.get("baseline") and state["feed"] != other:
        return Step({**state, "feed": other})
    if task.get("baseline"):
        return Step(done({**state, "feed": None}), notes=(f"feed: {said}",))
    return Step(done({**state, "news": True}), notes=(f"feed: {said}",))


def _has_news(source: Source, answer: Response) -> bool:
    """Whether a feed's answer differs from the last one.

    By its validators where it has any: they move with the newest edit of every public type, also of a page or of a post
    too old for the feed, whose text then is byte for byte the same. By its bytes where it has none.
    """
    etag, modified, body = source.validators.get(answer.request.url, (None, None, None))
    now = (answer.headers.get("etag"), answer.headers.get("last-modified"))
    if any(now):
        return _bare(now[0]) != _bare(etag) or now[1] != modified
    return body_hash(answer) != body


def _bare(etag: str | None) -> str | None:
    return etag.removeprefix("W/") if etag else etag


def _is_feed(answer: Response) -> bool:
    head = answer.body[:4096]
    return any(mark in head for mark in (b"<rss", b"<feed", b"<rdf:RDF"))
