"""When a WordPress closes its REST API: its feed with the whole history, then what its sitemap names.

The source stays what it is, under the verdict `partial`; the posts keep their place. Once REST opens again its bodies
take over, joined by guid. The cursors of the stand-ins live inside the source's own, under `instead`.
"""

import importlib.util
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import Any

from ingest import sync
from ingest.reading.document import steps
from ingest.records import Batch, Fetched, Source

__all__ = ["CLOSED", "harvest"]

#: A source in, what it says out.
Pull = Callable[[Source], Iterator[Batch]]
#: The kind's word for a REST API that is shut.
CLOSED = "rest_closed"


def harvest(
    source: Source, get: sync.Get, log: list[Fetched], *, more: Callable[[], bool] = lambda: True,
    unbelieved: Collection[str] = (), known: Callable[[], Collection[str]] = frozenset, reading: sync.Reading = steps,
    ahead: Callable[[], bool] = lambda: False, onward: sync.Onward = lambda _: (),
) -> Iterator[Batch]:  # fmt: skip
    """As `sync.harvest`; and where the REST API turns out to be shut, what can be had without it.

    `known`: the addresses of the source's posts that are held, asked for only then: a page that is held is not pulled.
    """
    cursor, closed = dict(source.cursor), False
    for batch in sync.harvest(
        source, get, log, more=more, unbelieved=unbelieved, reading=reading, ahead=ahead, onward=onward
    ):
        cursor = dict(batch.cursor) if batch.cursor is not None else cursor
        closed = closed or batch.trouble == CLOSED
        yield batch
    if not closed:
        return
    seen: set[str] = set()
    pull = partial(sync.harvest, get=get, log=log, more=more, reading=reading, ahead=ahead, onward=onward)
    for stand_in in (_feeds, _sitemap):
        if not more():
            return
        for batch in stand_in(source, cursor, pull, {*known(), *seen} if stand_in is _sitemap else seen):
            seen |= {post.url for post in batch.posts if post.url} | {one.url for one in batch.left_out if one.url}
            cursor = dict(batch.cursor) if batch.cursor is not None else cursor
            yield batch


def _feeds(source: Source, cursor: Mapping[str, Any], pull: Pull, _: set[str]) -> Iterator[Batch]:
    """The site's feed, from its newest entry back to its first: the first address that is one."""
    home = (source.home or source.url).rstrip("/")
    places = [cursor.get("feed"), f"{home}/feed/", f"{home}/?feed=rss2"]
    for url in dict.fromkeys(place for place in places if place):
        feed = _stand_in(source, cursor, "feed", url, {"history": True})
        batches = pull(feed)
        first = next(batches, None)
        if first is None:
            continue
        if first.error is None:
            yield from (_inside(_known(batch), cursor, "feed") for batch in chain([first], batches))
            return
        yield Batch(fetches=first.fetches, notes=(f"feed: {first.error}",), retry_after=first.retry_after)


def _known(batch: Batch) -> Batch:
    """A feed's batch that also remembers what is too old for the source (`since`): its page is not pulled for that."""
    older = {one.url: (None, None, None) for one in batch.left_out if one.url}
    return replace(batch, validators={**older, **batch.validators}) if older else batch


def _sitemap(source: Source, cursor: Mapping[str, Any], pull: Pull, held: set[str]) -> Iterator[Batch]:
    """The pages that the sitemap names and no feed brought. Needs trafilatura (extra `pages`)."""
    if importlib.util.find_spec("trafilatura") is None:
        yield Batch(notes=("pages that stand in no feed were not pulled: pip install 'blogcorpus[pages]'",))
        return
    home = (source.home or source.url).rstrip("/")
    pages = _stand_in(source, cursor, "page", home, {"sitemap": f"{home}/wp-sitemap.xml"})
    # The home page is a list of posts, not one; and what REST or a feed brought is better than its page, also in a
    # look at everything.
    known = dict.fromkeys({*held, home, f"{home}/"}, (None, None, None))
    pages = replace(pages, full=False, validators={**known, **source.validators})
    for batch in pull(pages):
        if batch.error is not None:
            yield Batch(fetches=batch.fetches, notes=(f"sitemap: {batch.error}",), retry_after=batch.retry_after)
        else:
            yield _inside(batch, cursor, "page")


def _stand_in(source: Source, cursor: Mapping[str, Any], kind: str, url: str, options: Mapping[str, Any]) -> Source:
    own = dict(cursor.get("instead", {})).get(kind, {})
    return replace(source, kind=kind, endpoint=url, cursor=own, options={**source.options, **options})


def _inside(batch: Batch, cursor: Mapping[str, Any], kind: str) -> Batch:
    """A stand-in's batch as one of the source: its cursor inside the source's own, and no word on what there is.

    Where a stand-in moved to says nothing of the source's own door.
    """
    if batch.cursor is None:
        return replace(batch, announced=None, moved_to=None)
    instead = {**dict(cursor.get("instead", {})), kind: dict(batch.cursor)}
    return replace(batch, announced=None, moved_to=None, cursor={**cursor, "instead": instead})
