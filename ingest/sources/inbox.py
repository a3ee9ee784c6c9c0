"""A folder of texts that is polled: new and changed files, and those that are gone. Half of the kind `text`.

The folder answers with a list of its files; a file is known by its path within the folder, and new when its size or
time differ from what was last read. What is not in a list that is whole is gone: a file system knows what it holds.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping

from ingest.errors import ParseError
from ingest.records import Announced, Gone, Page, Reject, Request, Response, Source
from ingest.sources.answers import classify

__all__ = ["FILE", "FOLDER", "is_inbox", "listed", "refused", "start"]

#: `Request.what` for the folder, and for a file in it.
FOLDER, FILE = "folder", "file"

_TYPE = "text"
#: So many, and such a share of all (1/n), do not vanish one by one: a disk is not there, or a folder was emptied.
_MOST_GONE, _SHARE_GONE = 20, 10


def is_inbox(source: Source) -> bool:
    """Whether a source is a folder."""
    return source.url.startswith("file:")


def start(source: Source) -> list[Request]:
    """The folder's list of files."""
    return [Request(source.url, FOLDER)]


def listed(source: Source, answer: Response) -> Iterator[Page]:
    """What a list of files comes to: what is gone, what to read, what was left alone.

    Raises ParseError for what is no folder.
    """
    if answer.status != 200:
        raise ParseError(answer.url, f"no folder that can be read: {classify(answer).message}")
    told = json.loads(answer.body)
    files = {one["path"]: one for one in told["files"]}
    held = source.held.posts.get(_TYPE, {})
    missing = sorted(held.keys() - files.keys() - {one["path"] for one in told["left"]}) if told["whole"] else []
    mass = len(missing) > _MOST_GONE and len(missing) * _SHARE_GONE > len(held)
    spared = mass and not source.options.get("accept_gone")
    evidence = "the folder was read whole, and the file is not in it"
    yield Page(
        items=tuple(Reject(one["why"], type=_TYPE, remote_id=one["path"], home=source.home) for one in told["left"]),
        gone=() if spared else tuple(Gone(_TYPE, path, "erased", evidence) for path in missing),
        announced=Announced({_TYPE: len(files)}, {_TYPE: frozenset(files)}),
        next=tuple(_request(source, one) for one in files.values() if _is_news(source, one)),
        trouble="mass_disappearance" if spared else "" if told["whole"] else _unread(told["left"]),
    )


def _unread(left: list[Mapping[str, str]]) -> str:
    """Which folder below could not be read, and why; a file that rests later, or a link, is no trouble."""
    closed = [f"{one['path']} {one['why']}" for one in left if one["why"].startswith("cannot be read")]
    return ", ".join(closed[:3]) + (f", and {len(closed) - 3} more" if len(closed) > 3 else "")


def _request(source: Source, one: Mapping[str, str]) -> Request:
    return Request(source.url + one["at"], FILE, {"remember": True, "path": one["path"]})


def _is_news(source: Source, one: Mapping[str, str]) -> bool:
    """Not read yet, or changed since; one that was gone is read again."""
    known, path = source.validators.get(source.url + one["at"]), one["path"]
    if source.full or known is None or known[0] != one["etag"]:
        return True
    return path not in source.held.posts.get(_TYPE, {}) and (_TYPE, path) not in source.held.rejects


def refused(source: Source, answer: Response) -> Page:
    """A file that was listed and cannot be read: gone or being written in the meantime is the next poll's business."""
    if answer.status != 403:
        return Page()
    why = f"cannot be read: {classify(answer).message}"
    path = answer.request.context["path"]
    reject = Reject(why, type=_TYPE, remote_id=path, home=source.home)
    return Page(items=(reject,), trouble=f"{path} {why}")
