"""What passes between the steps, in the order it passes.

    Source ─start→ Request ─fetch→ Response ─read→ Page of items ─normalise→ Post ─save→ corpus

Plain frozen data, no behaviour beyond reading itself; everything here can be pickled, because fetching,
reading and writing may happen in different processes.
"""

from ingest.records.exchange import NOTHING_HELD, Fetched, Held, Request, Response, Source
from ingest.records.items import (
    RANK,
    Announced,
    CommentItem,
    Gone,
    GoneKind,
    Item,
    LeftOut,
    Medium,
    MediumItem,
    Page,
    PersonItem,
    PersonRef,
    PostItem,
    RawDate,
    Reject,
    SiteItem,
    TermItem,
    TermRef,
)
from ingest.records.packing import Packed, digest_of, packed, size_of
from ingest.records.stored import Batch, Post, PostLink, Verdict, flat, unflat

__all__ = [
    "NOTHING_HELD",
    "RANK",
    "Announced",
    "Batch",
    "CommentItem",
    "Fetched",
    "Gone",
    "GoneKind",
    "Held",
    "Item",
    "LeftOut",
    "Medium",
    "MediumItem",
    "Packed",
    "Page",
    "PersonItem",
    "PersonRef",
    "Post",
    "PostItem",
    "PostLink",
    "RawDate",
    "Reject",
    "Request",
    "Response",
    "SiteItem",
    "Source",
    "TermItem",
    "TermRef",
    "Verdict",
    "digest_of",
    "flat",
    "packed",
    "size_of",
    "unflat",
]
