"""How often a host is asked: one request at a time, a pause between two, and patience with its troubles."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from ingest.errors import IngestError

__all__ = ["HostGate", "Stopped", "backoff", "retry_after"]

DAY = 86_400
MONTH = 30 * DAY
#: After so many failures in a row a source is asked once a month; it is never dropped.
PATIENCE = 30


class Stopped(IngestError):  # noqa: N818  (the state is the message)
    """The gate was stopped while a request waited for its turn; nothing was sent."""

    exit_code = 130


class _Turns:
    """Whose turn it is at one host."""

    __slots__ = ("busy", "changed", "ended")

    def __init__(self) -> None:
        self.changed = threading.Condition()
        self.busy = False
        self.ended = float("-inf")


class HostGate:
    """Lets one request at a time through to a host; shared by all the clients of a process, safe between threads."""

    def __init__(self) -> None:
        self._hosts: dict[str, _Turns] = {}
        self._lock = threading.RLock()  # `stop` is called by signal handlers, in the thread that may hold it
        self._stopped = False

    @contextmanager
    def turn(self, host: str, delay: float) -> Iterator[float]:
        """Hold the turn at `host` (name and port), which comes `delay` seconds after the last one ended.

        Gives the seconds waited. Raises Stopped when `stop` is called meanwhile.
        """
        began = time.monotonic()
        with self._lock:
            turns = self._hosts.setdefault(host, _Turns())
        with turns.changed:
            while (wait := self._wait(turns, delay)) is None or wait > 0:
                turns.changed.wait(wait)
            turns.busy = True
        try:
            yield time.monotonic() - began
        finally:
            with turns.changed:
                turns.busy = False
                turns.ended = time.monotonic()
                turns.changed.notify_all()

    def _wait(self, turns: _Turns, delay: float) -> float | None:
        """Seconds until the turn may begin; None while another request has it."""
        if self._stopped:
            raise Stopped("stopped while waiting for a host's turn")
        return None if turns.busy else turns.ended + delay - time.monotonic()

    def stop(self) -> None:
        """Wake everyone who waits and let nobody through any more; what is under way ends by itself."""
        self._stopped = True
        with self._lock:
            hosts = list(self._hosts.values())
        for turns in hosts:
            with turns.changed:
                turns.changed.notify_all()


def retry_after(headers: Mapping[str, str], now: datetime) -> int | None:
    """Seconds that the host asks us to stay away, within [0, 86400]; None when it asks nothing we understand.

    `headers` has lower-case names, `now` is an aware time. Both forms of RFC 9110 §10.2.3 are taken; a date is
    measured against the answer's own Date when there is one, because our clock may be wrong.
    """
    value = headers.get("retry-after", "").strip()
    if value.isascii() and value.isdigit():
        return DAY if len(value.lstrip("0")) > 6 else min(int(value), DAY)
    until = _http_date(value)
    if until is None:
        return None
    seconds = (until - (_http_date(headers.get("date", "")) or now)).total_seconds()
    return int(min(max(seconds, 0), DAY))


def _http_date(value: str) -> datetime | None:
    try:
        when = parsedate_to_datetime(value)
    except (ValueError, OverflowError):
        return None
    return when if when.tzinfo else when.replace(tzinfo=UTC)


def backoff(interval: float, failures: int) -> float:
    """Seconds until the next try of a source that is due every `interval` seconds and failed `failures` times in a row.

    Linear, at most a day, after 30 failures a month; never less than `interval`: an error makes nobody faster.
    """
    if failures >= PATIENCE:
        return max(interval, MONTH)
    return max(interval, min(interval * failures, DAY))
