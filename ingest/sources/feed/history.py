"""Where older entries are: the pages of a WordPress feed, RFC 5005's `next` and `prev-archive`, JSON Feed's `next_url`.

The whole history is walked from the first look on, or when the operator asks for it (`history`, `--full`), and goes
on in the next run where it stopped: the cursor holds the page to come. It ends at a 404 (WordPress, past the last
page), at a feed that names nothing older, at a page that shows what was shown before, for some servers answer any
`paged=` with page 1, and at a page that is older throughout than what is collected (option `since`; where that moves
back, `corpus.since` takes `history` out of the cursor). When a poll finds nothing of what the last one showed, entries
have passed unseen in between: the older pages are walked again until a known one comes.

A WordPress feed that changed is also asked for by `orderby=modified`, which WP_Query honours: an edit of an older post
changes the feed's validators and none of its newest entries.

    cursor = {"seen": [digests of the newest entries], "cut": true after a feed that was cut, "history": …}
    history = {"url": …, "page": 2, "first": …, "last": …} on the way, "done" at the end
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

from ingest import urls
from ingest.records import PostItem, Reject, Request, Response, Source

if TYPE_CHECKING:
    from ingest.sources.feed.channel import Channel

__all__ = ["ACCEPT", "cursor", "edited", "following", "has_gap", "identity", "pending"]

#: More pages are no blog's: at ten entries a page it is 100,000 posts.
LAST_PAGE = 10_000
#: Entries of a feed that are remembered from one poll to the next.
REMEMBERED = 50
ACCEPT = "application/rss+xml, application/atom+xml, application/feed+json, application/xml;q=0.9, */*;q=0.5"

_STATE = ("page", "first", "last", "until", "seen")


def pending(source: Source) -> Request | None:
    """The page at which an earlier walk stopped."""
    state = source.cursor.get("history")
    if source.full or not isinstance(state, Mapping) or not isinstance(state.get("url"), str):
        return None
    return _request(state["url"], {**state, "seen": source.cursor.get("seen")})


def edited(source: Source, channel: Channel, asked: Request) -> Request | None:
    """The request for the entries that were edited last, after a poll of a WordPress feed that had something to say."""
    if asked.what != "feed" or not channel.wordpress or source.cursor.get("history") != "done":
        return None
    return Request(_with(asked.url, "orderby", "modified"), "edited", {}, {"Accept": ACCEPT})


def has_gap(source: Source, identities: Sequence[str]) -> bool:
    """Whether a poll shows nothing of what the last one showed."""
    before = source.cursor.get("seen")
    return bool(before and identities) and not {_digest(i) for i in identities} & set(before or ())


def following(source: Source, channel: Channel, answer: Response, identities: Sequence[str]) -> Request | None:
    """The next older page to ask for after `answer`, whose entries have these identities in order; None at the end."""
    asked = answer.request
    if asked.what != "history" and not _begins(source, identities):
        return None
    shown = _digest("\n".join(identities))
    page, until = int(asked.context.get("page", 1)), asked.context.get("until") or ()
    if asked.what != "history" and source.cursor.get("history") == "done" and not source.full:
        until = source.cursor.get("seen") or ()
    known = {_digest(i) for i in identities} & set(until)
    if known or not identities or page >= LAST_PAGE or shown in {asked.context.get("first"), asked.context.get("last")}:
        return None
    target = _older(source, channel, answer, page + 1)
    if target is None or target == asked.url:
        return None
    state = {**asked.context, "page": page + 1, "first": asked.context.get("first", shown), "last": shown}
    return _request(target, {**state, "until": list(until), **_newest(asked, identities)})


def cursor(
    source: Source,
    asked: Request,
    next_page: Request | None,
    identities: Sequence[str] = (),
    *,
    truncated: bool = False,
) -> dict[str, Any]:
    """What to go on from once the page is stored. A feed that was cut is asked for unconditionally next time."""
    found: dict[str, Any] = _newest(asked, identities)
    if truncated:
        found["cut"] = True
    if next_page is not None:
        kept = {key: next_page.context[key] for key in ("page", "first", "last", "until") if key in next_page.context}
        found["history"] = {"url": next_page.url, **kept}
    elif asked.what == "history" or _begins(source, identities):
        found["history"] = "done"
    else:
        found["history"] = source.cursor.get("history")
    return {key: value for key, value in found.items() if value is not None}


def identity(post: PostItem | Reject) -> str:
    """By which an entry is told from the others of its feed."""
    if isinstance(post, Reject):
        return _digest(repr(post.raw))
    return post.guid or post.url or f"{post.title}\n{post.published.local}"


def _begins(source: Source, identities: Sequence[str]) -> bool:
    """Whether a poll is the beginning of a walk: the first one ever, one that is asked for, or one with a gap."""
    wish, state = source.options.get("history"), source.cursor.get("history")
    if wish is False:
        return False
    return bool(source.full or state is None or (state == "done" and has_gap(source, identities)))


def _newest(asked: Request, identities: Sequence[str]) -> dict[str, Any]:
    """What the newest page showed; on an older page, as that was told on the way."""
    if asked.what == "history":
        return {"seen": asked.context.get("seen")}
    return {"seen": [_digest(i) for i in identities[:REMEMBERED]]}


def _older(source: Source, channel: Channel, answer: Response, page: int) -> str | None:
    if channel.older:
        return urls.absolute(channel.older, answer.url)
    if channel.wordpress or source.options.get("rest_closed"):
        return _with(answer.request.url, "paged", str(page))
    return None


def _with(url: str, name: str, value: str) -> str:
    """A feed's address with a query variable of `WP_Query`."""
    parts = urlsplit(url)
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if pair[0] != name]
    return urlunsplit(parts._replace(query=urlencode([*query, (name, value)]), fragment=""))


def _request(url: str, state: Mapping[str, Any]) -> Request:
    context = {key: state[key] for key in _STATE if state.get(key) is not None}
    return Request(url, "history", context, {"Accept": ACCEPT})


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:16]
