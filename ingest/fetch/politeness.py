"""How often a host is asked: one request at a time, a pause between two, and patience with its troubles."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime

from ingest.errors import IngestError

__all__ = ["HostGate", "Stopped", "Turn", "backoff", "retry_after"]

DAY = 86_400
MONTH = 30 * DAY
#: After so many failures in a row a source is asked once a month; it is never dropped.
PATIENCE = 30


#: Seconds of a pause, and of all pauses of one turn, in which what takes long makes way for others that are under way.
#: 64 KiB of a body are decoded and put down in 0.3 ms: ten of 20 MiB at a time keep the interpreter from everybody.
PAUSE, LONGEST_PAUSE = 0.05, 3.0


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
        # Without a lock: one step of a dict is whole, and `stop` is called by signal handlers, wherever a thread is.
        self._hosts: dict[str, _Turns] = {}
        #: The turns that take long; a step of a set is whole, too.
        self.long: set[Turn] = set()
        #: How many things are under way in all, for whoever knows of more than turns.
        self.under_way: Callable[[], int] = lambda: 0
        #: Whether nobody is let through any more.
        self.stopped = False

    def turn(self, host: str, delay: float) -> Turn:
        """A context that holds the turn at `host` (name and port), `delay` seconds after the last one ended or later.

        Gives the seconds waited. Raises Stopped when `stop` is called meanwhile.
        """
        return Turn(self, self._hosts.get(host) or self._hosts.setdefault(host, _Turns()), delay)

    def stop(self) -> None:
        """Wake everyone who waits and let nobody through any more; what is under way ends by itself."""
        self.stopped = True  # before the hosts are listed: one that comes later finds it
        for turns in list(self._hosts.values()):
            with turns.changed:
                turns.changed.notify_all()


class Turn:
    """One request's turn, from the wait for it to its end."""

    __slots__ = ("_delay", "_gate", "_paused", "_turns")

    def __init__(self, gate: HostGate, turns: _Turns, delay: float) -> None:
        self._gate, self._turns, self._delay = gate, turns, delay
        self._paused = 0.0

    def __enter__(self) -> float:
        turns, began = self._turns, time.monotonic()
        with turns.changed:
            while (wait := self._wait()) is None or wait > 0:
                turns.changed.wait(wait)
            turns.busy = True
        return time.monotonic() - began

    def __exit__(self, *_: object) -> None:
        turns = self._turns
        self._gate.long.discard(self)
        with turns.changed:
            turns.busy = False
            turns.ended = time.monotonic()
            turns.changed.notify_all()

    def give_way(self) -> float:
        """What it is about takes long: wait a moment where something that does not is under way. Gives the seconds."""
        self._gate.long.add(self)
        if self._paused >= LONGEST_PAUSE or self._gate.under_way() <= len(self._gate.long):
            return 0.0
        time.sleep(PAUSE)
        self._paused += PAUSE
        return PAUSE

    def _wait(self) -> float | None:
        """Seconds until the turn may begin; None while another request has it."""
        if self._gate.stopped:
            raise Stopped("stopped while waiting for a host's turn")
        return None if self._turns.busy else self._turns.ended + self._delay - time.monotonic()


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
    from email.utils import parsedate_to_datetime  # noqa: PLC0415  (5 ms of every start, and seldom wanted)

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
