"""What lies behind an address, what was tried to find out, and what a fetch would do there. Adds and writes nothing.

The plan is the kind's own: its first requests are asked and read as in a run, up to the one that would bring posts.
"""

from __future__ import annotations

import re
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from ingest.discover import Candidate, Discovery, NoBlog, Tried, discover
from ingest.errors import FetchError, ParseError, SourceError
from ingest.fetch import Fetcher, HostGate, Policy, RobotsCache, redact
from ingest.records import Fetched, PostItem, Request, Response, SiteItem, Source
from ingest.sources import kind
from ingest.sources.answers import classify
from ingest.sources.wordpress.hearing import hear
from ingest.sources.wordpress.state import SIZE
from ingest.urls import origin_of, rest_root_url

__all__ = ["Plan", "Report", "Robots", "Site", "examine"]

#: `the_generator()` of wp-includes/general-template.php: in pages, and in feeds.
_VERSION = re.compile(rb"content=[\"']WordPress (\d[\w.-]{0,20})|wordpress\.org/\?v=(\d[\w.-]{0,20})")
#: A post's address where permalinks are plain.
_PLAIN = re.compile(r"[?&](?:p|page_id)=\d+")
#: What brings posts: here a run begins in earnest.
_EARNEST = "walk"
#: The kind's word for a REST API that is shut, and what is done then (`fallback`).
_CLOSED = "rest_closed"
_INSTEAD = "a fetch would read {} back to its first entry, then what the sitemap names, and call that partial"


@dataclass(frozen=True, slots=True)
class Robots:
    """What robots.txt says of the way in."""

    #: `allowed`, `forbidden`, or `ignored` as the operator wishes.
    verdict: str
    #: Seconds that it asks for between two requests; 0 when it asks nothing.
    crawl_delay: float = 0.0


@dataclass(frozen=True, slots=True)
class Site:
    """What a WordPress tells of itself; None and empty where it does not."""

    version: str | None = None
    timezone: str | None = None
    #: Hours east of UTC.
    gmt_offset: float | None = None
    #: `pretty` or `plain`.
    permalinks: str | None = None
    feed: str | None = None
    #: Type -> how many there are; None when the site does not say.
    types: Mapping[str, int | None] = field(default_factory=dict)
    #: Taxonomies, users, media and comments, likewise.
    others: Mapping[str, int | None] = field(default_factory=dict)
    #: What is not for visitors -> the site's answer.
    closed: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Plan:
    """What a first fetch would do."""

    kind: str
    endpoint: str
    #: About how many requests, and seconds with the pauses between them.
    requests: int
    seconds: float
    #: Posts that it would bring; None when nobody says.
    posts: int | None
    #: Requests of a later look at which nothing has changed.
    unchanged: int


@dataclass(frozen=True, slots=True)
class Report:
    """Everything there is to say of an address."""

    address: str
    tried: tuple[Tried, ...]
    #: What would be followed; None when nothing is there.
    chosen: Candidate | None = None
    others: tuple[Candidate, ...] = ()
    robots: Robots | None = None
    site: Site | None = None
    plan: Plan | None = None
    #: What a person should know: notes of the kind, words of trouble.
    notes: tuple[str, ...] = ()
    #: Why nothing was found, or why the look ended early.
    error: str | None = None


def examine(
    address: str, policy: Policy, *, gate: HostGate | None = None, clock: Callable[[], float] = time.time
) -> Report:
    """Look at `address` as `add` and the first requests of `fetch` would. Never raises a SourceError.

    A user and password in it are not in the report, which is pasted into letters; nor are they sent.
    `clock` gives seconds since 1970. Raises Stopped when `gate` is stopped meanwhile.
    """
    before, mark, query = address.partition("?")
    address = redact(before) + mark + query
    log, robots = list[Fetched](), RobotsCache()
    with Fetcher(policy, log=log.append, gate=gate, robots=robots, clock=clock) as fetcher:
        look = _Look(fetcher, log, policy, datetime.fromtimestamp(clock(), UTC).strftime("%Y-%m-%dT%H:%M:%SZ"))
        try:
            found = discover(address, look.get)
        except NoBlog as error:
            return Report(address, error.tried, error=str(error))
        except SourceError as error:
            return Report(address, tuple(look.tried), error=str(error))
        best = found.candidates[0]
        report = look.wordpress(address, found) if best.kind == "wordpress" else look.other(address, found)
        rules = robots.get(origin_of(best.endpoint or best.url), clock())
    if policy.robots == "ignore" or rules is None:
        said = Robots("ignored" if policy.robots == "ignore" else "forbidden")
    else:
        said = Robots("allowed" if rules.allow(best.endpoint or best.url) else "forbidden", rules.crawl_delay)
    return replace(report, robots=said, plan=_paced(report.plan, policy, said, log))


def _paced(plan: Plan | None, policy: Policy, robots: Robots, log: list[Fetched]) -> Plan | None:
    """The plan with its time: as long as the site took so far, and the pause that it is owed."""
    if plan is None:
        return None
    pause = max(policy.delay, min(robots.crawl_delay, policy.longest_crawl_delay))
    took = [one.ms / 1000 for one in log if one.status is not None]
    each = sum(took) / len(took) if took else 0.0
    return replace(plan, seconds=round(plan.requests * (pause + each), 1))


@dataclass(slots=True)
class _Look:
    """One examination: what was asked, so that nothing is asked twice."""

    fetcher: Fetcher
    log: list[Fetched]
    policy: Policy
    now: str
    tried: list[Tried] = field(default_factory=list)
    _known: dict[str, Response] = field(default_factory=dict)

    def get(self, request: Request) -> Response:
        """The answer, noted; a known one where the same was asked before. Raises FetchError."""
        if request.url in self._known:
            return replace(self._known[request.url], request=request)
        try:
            answer = self._known[request.url] = self.fetcher.get(request)
        except FetchError as error:
            self.tried.append(Tried(redact(request.url), request.what, f"{error.kind}: {error.cause}"))
            raise
        said = classify(answer)
        told = said.code or said.html_title or answer.content_type or "no type"
        self.tried.append(Tried(redact(request.url), request.what, f"{said.status} {said.word}: {told}"))
        return answer

    def _after(self, found: Discovery) -> tuple[Tried, ...]:
        """What the discovery tried, in its own words, and what was asked after it."""
        asked = {redact(one.url) for one in found.tried}
        return (*found.tried, *(one for one in self.tried if one.url not in asked))

    def _report(self, address: str, found: Discovery, **more: Any) -> Report:
        return Report(address, self._after(found), found.candidates[0], found.candidates[1:], **more)

    # ---- WordPress ----------------------------------------------------------------------------------------

    def wordpress(self, address: str, found: Discovery) -> Report:
        """A WordPress: the first requests of a run, then how much there is of what hangs on the posts."""
        best = found.candidates[0]
        source = Source(best.kind, best.url, home=best.home or found.home, endpoint=best.endpoint, now=self.now)
        state, items, notes, error = self._begun(source)
        if state is None:
            instead = tuple(_INSTEAD.format(one.url) for one in found.candidates if one.kind == "feed")[:1]
            notes += instead if _CLOSED in notes else ()
            return self._report(address, found, site=self._site({}, items, {}), notes=notes, error=error)
        others, shut = self._beside(state)
        shut |= {name: "closed" for name, row in state.get("types", {}).items() if row.get("closed")}
        shut |= dict(re.findall(r"^closed: (\w+): (.*)", "\n".join(notes), re.MULTILINE))
        site = replace(self._site(state, items, shut), others=others)
        asked = len([one for one in self.log if one.url not in {redact(t.url) for t in found.tried}]) - len(others)
        requests = asked + _windows(state, site)
        known = [count for count in site.types.values() if count is not None]
        plan = Plan("wordpress", state["root"], requests, 0.0, sum(known) if known else None, 2 if site.feed else 5)
        return self._report(address, found, site=site, plan=plan, notes=notes, error=error)

    def _begun(self, source: Source) -> tuple[dict[str, Any] | None, list[Any], tuple[str, ...], str | None]:
        """The kind's own requests up to the one that brings posts: state, items, notes, what went wrong."""
        items, notes = list[Any](), list[str]()
        waiting = deque(kind(source.kind).start(source))
        while waiting:
            request = waiting.popleft()
            if request.what == _EARNEST:
                return dict(request.context["state"]), items, tuple(dict.fromkeys(notes)), None
            try:
                for page in kind(source.kind).read(source, self._answer(request)):
                    items += page.items
                    notes += [*page.notes, *([page.trouble] if page.trouble else ())]
                    waiting += page.next
            except (FetchError, ParseError) as error:
                return None, items, tuple(dict.fromkeys(notes)), str(error)
        return None, items, tuple(dict.fromkeys(notes)), None

    def _answer(self, request: Request) -> Response | FetchError:
        try:
            return self.get(request)
        except FetchError as error:
            error.request = request
            return error

    def _beside(self, state: Mapping[str, Any]) -> tuple[dict[str, int | None], dict[str, str]]:
        """How many terms, users, media and comments there are, and which of them are closed."""
        counts: dict[str, int | None] = {}
        shut: dict[str, str] = {}
        for name, row in (*state.get("taxonomies", {}).items(), *state.get("others", {}).items()):
            url = rest_root_url(state["root"], row["route"], {"per_page": 1, "_fields": "id"})
            heard = hear(self._answer(Request(url, what="how many")))
            if heard.word == "ok" and heard.is_list:
                counts[name] = heard.total
            else:
                shut[name] = heard.why
        return counts, shut

    def _site(self, state: Mapping[str, Any], items: list[Any], shut: Mapping[str, str]) -> Site:
        told = next((one for one in items if isinstance(one, SiteItem)), None)
        open_types = {name: row for name, row in state.get("types", {}).items() if not row.get("closed")}
        return Site(
            self._version(), told.timezone if told else None, told.gmt_offset if told else None, self._permalinks(),
            state.get("feed"), {name: row.get("total") for name, row in open_types.items()}, {}, shut,
        )  # fmt: skip

    def _version(self) -> str | None:
        for answer in self._known.values():
            if found := _VERSION.search(answer.body):
                return (found[1] or found[2]).decode("ascii")
        return None

    def _permalinks(self) -> str | None:
        """By the address of a post, as the requests that learnt the types' keys were told."""
        for answer in self._known.values():
            heard = hear(answer) if answer.request.what == "probe" else None
            if heard and heard.values and (link := heard.values[0].data.get("link")):
                return "plain" if _PLAIN.search(str(link)) else "pretty"
        return None

    # ---- other kinds --------------------------------------------------------------------------------------

    def other(self, address: str, found: Discovery) -> Report:
        """A feed or a page: its first answer."""
        best = found.candidates[0]
        source = Source(best.kind, best.url, home=best.home or found.home, endpoint=best.endpoint, now=self.now)
        posts, notes, error = 0, list[str](), None
        requests = kind(best.kind).start(source)
        try:
            for page in kind(best.kind).read(source, self._answer(requests[0])):
                posts += sum(isinstance(item, PostItem) for item in page.items)
                notes += [*page.notes, *([page.trouble] if page.trouble else ())]
                requests += page.next
        except (FetchError, ParseError) as failed:
            error = str(failed)
        plan = Plan(best.kind, best.endpoint or best.url, len(requests), 0.0, posts or None, 1)
        return self._report(address, found, plan=plan, notes=tuple(dict.fromkeys(notes)), error=error)


def _windows(state: Mapping[str, Any], site: Site) -> int:
    """Requests of the walks: windows of posts overlap by one row, terms come in whole pages."""
    count = 0
    for name, total in site.types.items():
        size = state["types"][name].get("size", SIZE)
        count += (total or 0) // max(size - 1, 1) + 1
    for name, total in site.others.items():
        wanted = name in state.get("taxonomies", {}) or name in {"users", "media"}
        count += (total or 0) // (SIZE - 1) + 1 if wanted else 0
    return count
