"""What lies behind many addresses, looked for at many hosts at a time."""

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

from ingest.discover import Discovery, discover
from ingest.errors import FetchError, ParseError, SourceError
from ingest.fetch import Fetcher, Policy, RobotsCache, redact
from ingest.records import Fetched
from ingest.run import STOPPED, Stop
from ingest.urls import host_of

__all__ = ["Seeker", "Sought"]


@dataclass(frozen=True, slots=True)
class Sought:
    """What was found behind an address, or why nothing was; and every request that it took."""

    word: str
    found: Discovery | SourceError
    fetches: tuple[Fetched, ...]


class Seeker:
    """Looks behind addresses, so many at a time. Its threads die with the process."""

    def __init__(
        self, policy: Policy, stop: Stop, robots: RobotsCache, clock: Callable[[], float], *, workers: int
    ) -> None:  # fmt: skip
        self._policy, self._stop, self._robots, self._clock, self._size = policy, stop, robots, clock, workers
        self._said: queue.Queue[Sought | Exception] = queue.Queue(workers)
        self._under_way: list[tuple[Fetcher, list[Fetched]]] = []

    def seek(
        self, addresses: Sequence[tuple[str, str]], kind: str | None, left_alone: Callable[[str], str | None]
    ) -> Iterator[Sought]:
        """What is behind each (word, address), in the order in which it turns out; one at a time of each host.

        Where a host did not answer in time, nothing more is asked of it: to wait anew for each of its 50 addresses took
        the better part of an hour. `left_alone`: until when a host wishes no request. Raises Stopped or Interrupted
        when the run is to end; ends early when its time is over.
        """
        self._policy.credentials()  # a secret that would travel unencrypted stops it all
        todo: queue.SimpleQueue[list[tuple[str, str]] | None] = queue.SimpleQueue()
        hosts: dict[str, list[tuple[str, str]]] = {}
        for one in addresses:
            hosts.setdefault(host_of(one[1]), []).append(one)
        for some in (*hosts.values(), *(None,) * self._size):
            todo.put(some)
        for _ in range(min(self._size, len(hosts))):
            threading.Thread(target=self._serve, args=(todo, kind, left_alone), daemon=True, name="seek").start()
        for _ in addresses:
            if not self._stop.go_on():
                return
            try:
                said = self._said.get(timeout=self._stop.left())
            except queue.Empty:
                return
            if isinstance(said, Exception):
                raise said
            yield said

    def broken_off(self) -> tuple[Fetched, ...]:
        """The requests of what nobody waits for any more.

        Also those that had an answer are `stopped`, as it came to nothing; but not robots.txt: that is known now.
        """
        rows: list[Fetched] = []
        for fetcher, log in self._under_way:
            one = fetcher.under_way()
            rows += [
                *(row if row.url.endswith("/robots.txt") else replace(row, outcome="stopped") for row in log),
                *([one] if one else []),
            ]
        return tuple(rows)

    def _serve(
        self, todo: "queue.SimpleQueue[list[tuple[str, str]] | None]", kind: str | None,
        left_alone: Callable[[str], str | None],
    ) -> None:  # fmt: skip
        log: list[Fetched] = []
        with Fetcher(
            self._policy, log=log.append, gate=self._stop.gate, robots=self._robots, clock=self._clock
        ) as fetcher:  # fmt: skip
            self._under_way.append((fetcher, log))
            while self._stop.go_on() and (some := todo.get()) is not None:
                silent = False
                for word, address in some:
                    if not self._stop.go_on():
                        return
                    try:
                        found = _behind(address, fetcher, kind, left_alone(host_of(address)), silent=silent)
                    except Exception as error:  # noqa: BLE001  (told to who asked)
                        self._said.put(error)
                        return
                    silent = silent or (isinstance(found, FetchError) and found.kind == "too_slow")
                    said = Sought(word, found, tuple(log))
                    log.clear()
                    self._said.put(said)


def _behind(
    address: str, fetcher: Fetcher, kind: str | None, until: str | None, *, silent: bool
) -> Discovery | SourceError:
    if until:
        return ParseError(redact(address), f"the host asked to be left alone until {until} (Retry-After)")
    if silent:
        return FetchError(redact(address), "too_slow", "not asked: its host has just not answered in time")
    try:
        return discover(address, fetcher.get, kind)
    except STOPPED:
        raise
    except SourceError as error:
        return error
