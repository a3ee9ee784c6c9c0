"""Whose turn it is: one source at a time of a host, polls before backfills, backfills in slices."""

from collections import deque
from collections.abc import Iterable, Mapping
from typing import Any, Generic, TypeVar

from ingest.urls import host_of

__all__ = ["Lanes", "host_of_source", "is_backfill"]

T = TypeVar("T")


def host_of_source(row: Mapping[str, Any]) -> str:
    """The host that a source's requests go to; a folder is a host of its own."""
    address = row["endpoint"] or row["url"]
    return host_of(address) or str(address)


def is_backfill(row: Mapping[str, Any]) -> bool:
    """Whether a source has not been looked at whole yet, so that its turn may be long."""
    return row["last_ok_at"] is None or row["reason"] in {"stopped", "deadline"}


class Lanes(Generic[T]):
    """What waits, in the order in which it came, a lane for each host. For one thread."""

    def __init__(self, items: Iterable[tuple[str, T, bool]]) -> None:
        """`items`: (host, what waits, whether it is a backfill)."""
        self._polls: dict[str, deque[T]] = {}
        self._fills: dict[str, deque[T]] = {}
        self._waiting = 0
        for host, item, backfill in items:
            (self._fills if backfill else self._polls).setdefault(host, deque()).append(item)
            self._waiting += 1
        #: Hosts that are free and have a poll, or else a backfill, waiting.
        self._ready: tuple[deque[str], deque[str]] = (deque(), deque())
        for host in dict.fromkeys((*self._polls, *self._fills)):
            self._free(host)

    def __len__(self) -> int:
        return self._waiting

    def take(self) -> tuple[str, T] | None:
        """The next one and its host, which is busy until `done`; None when nobody's host is free."""
        for hosts, lanes in zip(self._ready, (self._polls, self._fills), strict=True):
            if hosts:
                host = hosts.popleft()
                self._waiting -= 1
                return host, lanes[host].popleft()
        return None

    def done(self, host: str, again: T | None = None) -> None:
        """The host is free; `again` is a backfill that had its slice and waits behind the others."""
        if again is not None:
            self._fills.setdefault(host, deque()).append(again)
            self._waiting += 1
        self._free(host)

    def _free(self, host: str) -> None:
        if self._polls.get(host):
            self._ready[0].append(host)
        elif self._fills.get(host):
            self._ready[1].append(host)
