"""The client: asks politely, follows redirects by hand, and turns whatever happens into an answer or a FetchError."""

from __future__ import annotations

import io
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Self
from urllib.parse import quote, urljoin

from ingest.errors import FetchError
from ingest.fetch.addresses import Guard, Target, redact
from ingest.fetch.answer import Answer
from ingest.fetch.body import OFFERED, read_body
from ingest.fetch.faults import NETWORK_ERRORS, fault
from ingest.fetch.names import Resolver, resolve
from ingest.fetch.policy import Policy
from ingest.fetch.politeness import HostGate, Turn
from ingest.fetch.robots import LIMIT, RobotsCache, Rules
from ingest.fetch.wire import Budget, Wire
from ingest.records import Fetched, Request, Response

__all__ = ["Fetcher"]

ASCII = "".join(map(chr, range(128)))
FOLLOWED = frozenset({301, 302, 303, 307, 308})
PERMANENT = frozenset({301, 308})
#: Headers of a request that may follow it to another origin.
HARMLESS = frozenset({"accept", "accept-language"})
#: A validator that fits a header; what a damaged corpus holds may not.
VALIDATOR = re.compile(r"[\x20-\x7e\x80-\xff]{1,1024}\Z")
#: How an answer is logged when its status alone says it (RFC 9110 §15).
OUTCOMES = {304: "unchanged", 401: "auth", 403: "auth", 404: "not_found", 410: "gone", 429: "rate_limited"}


@dataclass(slots=True)
class _Ask:
    """One `get`, as it goes from hop to hop."""

    request: Request
    #: Origin of the first address: the only one that sees the request's own headers.
    origin: str
    limit: int
    #: Whether a longer body is cut at the limit, as robots.txt is.
    cut: bool = False
    #: Whether robots.txt is asked first.
    robots: bool = True
    #: Status of each redirect followed so far.
    hops: list[int] = field(default_factory=list)


class Fetcher:
    """Fetches for one worker. Not to be shared between threads; the gate, the cache and the log may be."""

    def __init__(
        self,
        policy: Policy,
        *,
        log: Callable[[Fetched], None] = lambda _: None,
        gate: HostGate | None = None,
        robots: RobotsCache | None = None,
        clock: Callable[[], float] = time.time,
        resolver: Resolver = resolve,
    ) -> None:
        """`log` is told of every request that went out; `clock` gives seconds since 1970. ConfigError as in Policy."""
        self._policy = policy
        self._log = log
        self._gate = gate or HostGate()
        self._robots = robots or RobotsCache()
        self._clock = clock
        self._guard = Guard(policy.allow_private, resolver)
        self._budget = Budget()
        self._wire = Wire(self._guard, self._budget, policy.ca_file, policy.proxy)
        self._credentials = policy.credentials()
        self._note: _Note | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close the connections that are still open."""
        self._wire.close()

    def under_way(self) -> Fetched | None:
        """The request that is under way now, as it is logged when nobody waits for its end; from any thread."""
        note = self._note
        return None if note is None else note.record(0)

    def get(self, request: Request) -> Response:
        """The answer to `request`, whatever its status; FetchError when there is none, Stopped by `HostGate.stop`."""
        target = Target.of(request.url)
        deadline = self._policy.deadline if request.deadline is None else request.deadline
        limit = self._policy.max_bytes if request.max_bytes is None else request.max_bytes
        self._budget.start(redact(target.url), deadline)
        try:
            return self._walk(_Ask(request, target.origin, limit, robots=self._policy.robots == "respect"), target)
        except _LeftAlone as early:
            return replace(early.answer, request=request)

    def _walk(self, ask: _Ask, target: Target) -> Response:
        """Go from `target` along the redirects to the answer."""
        while True:
            self._guard.check(target)
            answer = self._exchange(ask, target, self._admit(ask, target))
            if isinstance(answer, Response):
                return answer
            if len(ask.hops) > self._policy.redirects:
                raise FetchError(redact(target.url), "redirects", f"more than {self._policy.redirects} redirects")
            target = answer

    def _admit(self, ask: _Ask, target: Target) -> float:
        """The pause that `target`'s host is owed; FetchError `robots` when it does not want us."""
        if not ask.robots:
            return self._policy.delay
        rules = self._rules(target)
        if not rules.allow(target.url):
            unread = rules.source.text is None
            why = "robots.txt answers with a server error" if unread else "robots.txt forbids it"
            raise FetchError(redact(target.url), "robots", why, transient=unread)
        return max(self._policy.delay, min(rules.crawl_delay, self._policy.longest_crawl_delay))

    def _rules(self, target: Target) -> Rules:
        rules = self._robots.get(target.origin, self._clock())
        if rules is not None:
            return rules
        place = Target.of(urljoin(target.url, "/robots.txt"))
        try:
            answer = self._walk(_Ask(Request(place.url, "robots"), place.origin, LIMIT, cut=True, robots=False), place)
        except FetchError as error:
            if error.kind != "redirects":  # RFC 9309 §2.3.1.2: beyond five redirects there are no rules
                raise
            answer = Response(Request(place.url, "robots"), place.url, 404, {}, io.BytesIO())
        if answer.status == 429 or (answer.status == 503 and "retry-after" in answer.headers):
            raise _LeftAlone(answer)
        return self._robots.put(target.origin, answer, self._clock())

    def _exchange(self, ask: _Ask, target: Target, delay: float) -> Response | Target:
        """One request, when it is the host's turn: its answer, or where that sends us."""
        headers = self._headers(ask, target)
        with (turn := self._gate.turn(f"{target.host}:{target.port}", delay)) as waited:
            self._budget.pause(waited)
            try:
                return self._attempt(ask, target, headers, turn)
            except FetchError as error:
                # A kept connection may die while the request is on its way; that one is sent again, once.
                if error.kind != "truncated" or self._budget.received:
                    raise
            return self._attempt(ask, target, headers, turn)

    def _attempt(self, ask: _Ask, target: Target, headers: Mapping[str, str], turn: Turn) -> Response | Target:
        """Send and receive once, and log it whatever comes of it."""
        note = self._note = _Note(redact(target.url), self._clock())
        self._budget.attempt(note.url)
        try:
            answer = self._receive(ask, target, self._wire.get(target, headers), note, turn)
            note.outcome = "redirect" if isinstance(answer, Target) else _outcome(answer.status)
        except FetchError as error:
            note.outcome = error.kind
            raise
        except NETWORK_ERRORS as error:
            failure = fault(note.url, error)
            note.outcome = failure.kind
            raise failure from error
        finally:
            self._note = None
            self._log(note.record(self._budget.received))
        return answer

    def _receive(self, ask: _Ask, target: Target, reply: Answer, note: _Note, turn: Turn) -> Response | Target:
        try:
            note.status, note.headers = reply.status, reply.fields
            if reply.status in FOLLOWED:
                ask.hops.append(reply.status)
                return _next(target, note.headers.get("location", ""))
            # The time that we let others have is not the server's.
            way = lambda: self._budget.pause(turn.give_way())  # noqa: E731
            stream = read_body(reply, note.url, ask.limit, cut=ask.cut, way=way)
        finally:
            self._wire.done(reply)
        moved = target.url if ask.hops and PERMANENT.issuperset(ask.hops) else None
        return Response(
            ask.request, target.url, reply.status, note.headers, stream, note.ms, self._budget.received, moved
        )  # fmt: skip

    def _headers(self, ask: _Ask, target: Target) -> dict[str, str]:
        """The headers of a request to `target`: nothing that is meant for one origin goes to another."""
        request = ask.request
        own = target.origin == ask.origin
        headers = {"User-Agent": self._policy.user_agent, "Accept-Encoding": OFFERED, "Accept": "*/*"}
        more = {name: value for name, value in request.headers.items() if own or name.lower() in HARMLESS}
        headers = _with(headers, more)
        if request.etag and VALIDATOR.match(request.etag):
            headers["If-None-Match"] = request.etag.removeprefix("W/")  # nginx weakens, WordPress compares strongly
        if request.last_modified and VALIDATOR.match(request.last_modified):
            headers["If-Modified-Since"] = request.last_modified
        return _with(headers, self._credentials.get(target.origin, {}))


class _LeftAlone(Exception):  # noqa: N818  (no error: an answer that came early)
    """The host asks to be left alone already when it is asked for robots.txt: that is its answer to everything."""

    def __init__(self, answer: Response) -> None:
        super().__init__(answer.status)
        self.answer = answer


class _Note:
    """What the log will say of one exchange."""

    def __init__(self, url: str, at: float) -> None:
        self.url = url
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.outcome = "stopped"
        self._at = at
        self._began = time.monotonic()

    @property
    def ms(self) -> int:
        return round((time.monotonic() - self._began) * 1000)

    def record(self, received: int) -> Fetched:
        at = datetime.fromtimestamp(int(self._at), UTC).isoformat()[:19] + "Z"
        etag, modified = self.headers.get("etag"), self.headers.get("last-modified")
        return Fetched(at, self.url, self.status, received, self.ms, self.outcome, etag, modified)


def _with(headers: dict[str, str], more: Mapping[str, str]) -> dict[str, str]:
    """`headers` and `more`, which goes first where both have a name, in whatever case."""
    if not more:
        return headers
    given = {name.lower() for name in more}
    return {name: value for name, value in headers.items() if name.lower() not in given} | dict(more)


def _next(target: Target, location: str) -> Target:
    """Where `location` leads from `target`; FetchError `bad_http` when it says nothing, `blocked` as in Target."""
    # http.client reads header bytes as Latin-1; addresses with bare UTF-8 in them are common.
    said = location.encode("latin-1", "replace")
    try:
        where = said.decode("utf-8").strip()
    except UnicodeDecodeError:  # whatever it is: the bytes that were meant
        where = quote(said, safe=ASCII).strip()
    if not where:
        raise FetchError(redact(target.url), "bad_http", "a redirect that says not where to")
    try:
        return Target.of(urljoin(target.url, where))
    except ValueError as error:
        raise FetchError(redact(target.url), "blocked", "a redirect to something that is no address") from error


def _outcome(status: int) -> str:
    """How an answer is logged before anyone has read it."""
    if status in OUTCOMES:
        return OUTCOMES[status]
    if 200 <= status < 300:
        return "ok"
    return "server_error" if 500 <= status < 600 else "status"
