"""The line of a source: what its run came to, and what a person can do when it failed."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from ingest.fetch import redact
from ingest.records import Verdict

if TYPE_CHECKING:
    from ingest.corpus import RunWriter

__all__ = ["SourceResult", "advice", "clock", "result_of"]

#: The verdict's reason -> what to do about it.
_ADVICE: Mapping[str, str] = {
    "dns": "check the address; if the site moved, add the new one",
    "refused": "the server is down or keeps us out; it is tried again, ever more rarely",
    "tls": "the site's certificate is its owner's to mend; tell them",
    "too_slow": "it is tried again; --deadline gives it longer",
    "too_big": "`max_bytes` under [fetch] in sources.toml allows more",
    "truncated": "the connection broke off; it is tried again",
    "bad_encoding": "the server is misconfigured; tell its owner",
    "bad_http": "the server does not speak HTTP as it should; check the address, or tell its owner",
    "redirects": "the site redirects in circles; check the address in a browser",
    "blocked": "a private address has to be named in --allow-private",
    "robots": "ask the site's owner for leave, then set robots = \"ignore\" for this source",
    "challenge": "a bot wall stands before the site; ask its owner to let our User-Agent through",
    "login": "the site shows a login page; it needs a user and password_env in sources.toml, or is not public any more",
    "auth": "the site refuses us; it needs a user and password_env in sources.toml, or is not public any more",
    "password": "the site does not know this user and password; make a new application password there",
    "parked": "the domain is parked or suspended; if the site moved, add the new address",
    "not_found": "nothing is there any more; run `blogcorpus add` on the site's home address",
    "gone": "the site says it is gone for good; pause or remove the source",
    "rate_limited": "we were asked to slow down; it is tried again later, raise --delay if it recurs",
    "server_error": "the server has an error of its own; it is tried again",
    "not_json": "the REST API answers something else; look at it in a browser",
    "unreadable": "look at the address in a browser; run `blogcorpus add` on the site's home address",
    "read_too_slow": "its page is made to be slow to read; please report it",
    "read_too_big": "its page is made to be too big to read; please report it",
    "read_died": "the machine may be short of memory: fewer --processes; please report it if it recurs",
    "bug": "the mistake is ours: please report it",
    "deadline": "the run's own time was over; it is due at once",
    "stopped": "the run was stopped; it is due at once",
    "rest_closed": "the REST API is closed to us; what the site's feed and sitemap show is kept instead",
    "mass_disappearance": "if so many posts are really gone, say so: fetch --accept-gone SOURCE",
    "suddenly_empty": "the site answers, and shows nothing; nothing was marked as gone",
    "repeats": "the site gives the same page again and again; what it does show is kept",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class SourceResult:
    """How one source fared in a run: the contract's `{"type": "source", …}`."""

    source: int | None
    kind: str
    url: str
    new: int = 0
    changed: int = 0
    same: int = 0
    gone: int = 0
    rejected: int = 0
    verdict: str = "unknown"
    #: Why, a word where there is one: a kind of FetchError, a class of answer, the kind's own.
    reason: str = ""
    missing_ids: tuple[str, ...] = ()
    error: str | None = None
    #: The verdict of the run before.
    was: str = "unknown"
    #: Posts from before the day `since` that the run saw or counted.
    left_out: int = 0

    def row(self) -> dict[str, Any]:
        """As the commands print it."""
        return {"type": "source", **asdict(self), "url": redact(self.url), "missing_ids": list(self.missing_ids)}


def advice(reason: str) -> str:
    """What a person can do about a source that fails for this reason, a clause; empty when there is nothing to say."""
    return _ADVICE.get(reason, "")


def clock() -> str:
    """Now, UTC, `…Z`."""
    return _written(int(time.time()))


@lru_cache(2)
def _written(second: int) -> str:
    return f"{datetime.fromtimestamp(second, UTC).isoformat()[:19]}Z"


def result_of(
    row: Mapping[str, Any], writer: RunWriter, number: int, word: Verdict, error: str | None = None, *,
    left_out: int = 0,
) -> SourceResult:  # fmt: skip
    """The line of a source: what its run came to so far."""
    tally = writer.runs[number].tally
    return SourceResult(
        number, row["kind"], row["url"], tally.new, tally.changed, tally.same, tally.gone, tally.rejected,
        word.word, word.reason, word.missing, error, row["verdict"], left_out,
    )  # fmt: skip
