"""What an incoming view of a post means for the row that is held: a pure decision, apart from SQL.

The best body wins, whatever the order of arrival. Between views of equal rank the newer `modified` wins; an older
one never overwrites (a stale cache), and takes its place in the history, so that the order in which copies of a post
arrive does not matter. Bytes already held change nothing. At equal `modified`, another text is a
revision; within one load the winner there does not depend on the order of the files.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any

from ingest.records import RANK, Post, size_of

__all__ = ["Decision", "View", "decide"]


class Decision(Enum):
    """What to do with an incoming view."""

    SAME = "same"  # nothing but the sighting
    FILL = "fill"  # a poorer view: it only fills gaps
    TAKE = "take"  # a better body: the row becomes this view, and that is no revision
    FACTS = "facts"  # same words, other bytes or facts
    REVISE = "revise"  # the publisher changed the words
    OLDER = "older"  # words of an earlier day: they never overwrite, and they are history
    LOSE = "lose"  # other words at the same `modified` in the same load, and these are not the winner
    PROTECT = "protect"  # a post that became password-protected keeps its last words


@dataclass(frozen=True, slots=True)
class View:
    """What else is known about the incoming view."""

    #: Its exact bytes are held already.
    known: bool
    #: The row was last changed by this very load.
    same_load: bool
    #: Bytes and hash of the held payload: the tie-break within one load.
    held_size: int
    held_sha: bytes
    sha: bytes
    #: When the held words are from by their own source's word: the row's date may be a gap that another source filled.
    held_modified: str | None
    #: When either was first received, where that counts although order does not: in a merge.
    seen: str = ""
    held_seen: str = ""


def decide(held: Mapping[str, Any], post: Post, view: View) -> Decision:
    """Compare an incoming post with the held row of the same identity."""
    rank = RANK[post.rank]
    if rank < held["body_rank"]:
        return Decision.SAME if view.known else Decision.FILL
    if rank > held["body_rank"]:
        return Decision.TAKE
    if view.known:
        return Decision.SAME
    if _older(post.modified_at, view.held_modified):
        return Decision.OLDER if post.modified_at and post.status != "protected" else Decision.SAME
    if post.status == "protected" and not post.text and held["text"]:
        return Decision.PROTECT
    if post.text_hash == held["text_hash"]:
        return Decision.FACTS if _wins(post, view) else Decision.SAME
    return Decision.REVISE if _wins(post, view) else Decision.LOSE


def _older(incoming: str | None, held: str | None) -> bool:
    """Unknown is older than any date: a view that cannot say when it is from never overwrites one that can."""
    return held is not None and (incoming is None or incoming < held)


def _wins(post: Post, view: View) -> bool:
    if not view.same_load or post.modified_at != view.held_modified:
        return True
    return (view.seen, size_of(post.raw), view.sha) > (view.held_seen, view.held_size, view.held_sha)
