"""New sources: any address of a blog in, the best way into it kept; and what sources.toml says of them."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from importlib.util import find_spec
from typing import Any

from ingest.corpus import Corpus, hosts, sources
from ingest.discover import Candidate, NoBlog
from ingest.errors import ParseError, SourceError
from ingest.fetch import Policy, redact, retry_after
from ingest.normalise import plain_line
from ingest.run import WORKERS, SourceResult, Stop, clock, policy_for
from ingest.run.origins import origins
from ingest.seek import Seeker, Sought
from ingest.urls import canonical, host_of, origin_of

__all__ = ["Added", "Wish", "add", "apply", "configure", "secrets"]


@dataclass(frozen=True, slots=True)
class Added:
    """How one address fared."""

    result: SourceResult
    #: What a person should know beside it.
    remark: str = ""
    #: What was found and not chosen: `kind`, `url`, `title`.
    others: tuple[dict[str, Any], ...] = ()
    #: The address as it was given.
    word: str = ""


@dataclass(frozen=True, slots=True)
class Wish:
    """What sources.toml says of one source; None leaves what the corpus holds."""

    url: str
    kind: str | None = None
    name: str | None = None
    group: tuple[str, ...] | None = None
    tags: tuple[str, ...] | None = None
    options: Mapping[str, Any] = field(default_factory=dict)
    #: (user, password), or ("", token).
    secret: tuple[str, str] | None = field(default=None, repr=False)

    @property
    def address(self) -> str:
        """With a scheme."""
        return _with_scheme(self.url)

    @property
    def named(self) -> str:
        """The address by which the corpus knows it: no user and no password are in any table."""
        before, mark, query = self.url.partition("?")
        return _redacted(before) + mark + query

    @property
    def secrets(self) -> dict[str, tuple[str, str]]:
        """By the one origin that may see it."""
        return {} if self.secret is None else {origin_of(self.address): self.secret}


def add(
    corpus: Corpus, addresses: Sequence[str], policy: Policy, *, stop: Stop, kind: str | None = None,
    now: Callable[[], str] = clock, workers: int = WORKERS,
) -> Iterator[Added]:  # fmt: skip
    """Find out what lies behind each address and keep the best of it, or the best of one kind; many hosts at a time.

    Comes out in the order in which it turns out. An address where there is nothing to follow comes out with its error;
    the others go on. Requests are made in turn with those of a run, under the same robots.txt, and logged.
    """
    known, alone = origins(corpus, now()), hosts.left_alone(corpus.conn, now())
    seeker = Seeker(
        policy, stop, known.cache, lambda: datetime.fromisoformat(now()).timestamp(), workers=workers
    )  # fmt: skip
    wanted = [(word, _with_scheme(word)) for word in dict.fromkeys(addresses)]
    before, stop.writing = stop.writing, True
    try:
        for sought in stop.waiting(seeker.seek(wanted, kind, alone.get)):
            if isinstance(sought.found, NoBlog) and sought.found.headers is not None:
                host = host_of(_with_scheme(sought.word))
                alone |= _leave_alone(corpus, host, sought.found.headers, now())
            told = _told(corpus, sought, kind, now())
            known.keep(sought.fetches)  # last: what is logged without its source was looked at in vain (`looked_at`)
            yield told
    finally:
        known.keep(seeker.broken_off() if not stop.go_on() else ())
        stop.writing = before


def _told(corpus: Corpus, sought: Sought, kind: str | None, at: str) -> Added:
    """What comes of a search: a source, or why there is none."""
    try:
        if isinstance(sought.found, SourceError):
            raise sought.found
        address = _with_scheme(sought.word)
        fitting = [c for c in sought.found.candidates if kind in {None, c.kind}]
        if not fitting:
            there = ", ".join(dict.fromkeys(c.kind for c in sought.found.candidates))
            raise ParseError(redact(address), f"no {kind} here, but {there}")
        fitting = _readable(address, fitting)
    except SourceError as error:
        failed = SourceResult(
            None, kind or "", _redacted(sought.word), verdict="failing", reason="no source", error=str(error)
        )
        return Added(failed, word=sought.word)
    others = [c for c in sought.found.candidates if c is not fitting[0]]
    return replace(_keep(corpus, fitting[0], sought.found.home, others, at), word=sought.word)


def _readable(address: str, fitting: list[Candidate]) -> list[Candidate]:
    """Those that can be read here: web pages need an extra. Raises ParseError when nothing else is there."""
    if fitting[0].kind != "page" or find_spec("trafilatura") is not None:
        return fitting
    others = [one for one in fitting if one.kind != "page"]
    if not others:
        raise ParseError(
            redact(address), "only web pages are there, and reading them needs: pip install 'blogcorpus[pages]'"
        )
    return others


def _with_scheme(word: str) -> str:
    return word if "://" in word else f"https://{word}"


def _redacted(word: str) -> str:
    """An address, with or without a scheme, without what is secret in it."""
    return redact(word if "://" in word else f"//{word}").removeprefix("//")


def _leave_alone(corpus: Corpus, host: str, headers: Mapping[str, str], at: str) -> dict[str, str]:
    """A host's wish holds for all its sources, also when it was said to somebody who looked for another: its word."""
    seconds = retry_after(headers, datetime.fromisoformat(at))
    if not seconds:
        return {}
    until = (datetime.fromisoformat(at) + timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")
    with corpus.transaction() as conn:
        hosts.leave_alone(conn, host, until)
    return {host: until}


def _keep(corpus: Corpus, best: Candidate, home: str | None, others: list[Candidate], at: str) -> Added:
    # A feed says itself whose it is, wherever it lies: its own address would make a site of its own of it.
    home = best.home or home or (None if best.kind == "feed" else best.url)
    number, new = corpus.add_source(
        best.kind,
        canonical(best.url),
        at,
        home=home,
        endpoint=best.endpoint,
        name=None,
        title=best.title,
        options=best.options,
    )
    return Added(
        SourceResult(number, best.kind, canonical(best.url)),
        ("" if new else ", known already")
        + (f": {plain_line(best.title)}" if best.title else "")
        + (f" ({best.why})" if best.why else "")
        + (f"; {len(others)} more found, --all names them" if others else ""),
        tuple({"kind": c.kind, "url": c.url, "title": plain_line(c.title)} for c in others),
    )


# ---- sources.toml -----------------------------------------------------------------------------------------


def apply(corpus: Corpus, wishes: Sequence[Wish]) -> dict[str, int | None]:
    """Make what is held what the file says, without a request; address -> number, None where nobody knows it yet."""
    with corpus.transaction() as conn:
        sources.unname(conn, [wish.named for wish in wishes])
        named = sources.named_so(conn)
        numbers = {
            wish.named: named.get(wish.named) or sources.named_by(conn, wish.named, wish.kind) for wish in wishes
        }
        for wish in wishes:
            _apply(conn, numbers[wish.named], wish)
    return numbers


def configure(
    corpus: Corpus, wishes: Sequence[Wish], policy: Policy, *, stop: Stop, only: Collection[str] | None = None,
    now: Callable[[], str] = clock, numbers: Mapping[str, int | None] | None = None,
) -> Iterator[Added]:  # fmt: skip
    """Make the corpus what the file says: named keys win, what was taken out of it is paused, what is new is added.

    How each new one fared comes out. `numbers`: what `apply` said, where it was asked before. `only`: none is added but
    those of these addresses and names. An address at which nothing was found is looked at again after a day, or when it
    is named.
    """
    numbers = apply(corpus, wishes) if numbers is None else numbers
    strangers: dict[Any, list[Wish]] = {}
    for wish in wishes:
        if numbers[wish.named] is not None or (only is not None and not {wish.url, wish.named, wish.name} & set(only)):
            continue
        if only is None and (told := _just_tried(corpus, wish, now())) is not None:
            yield told
            continue
        alone = wish.url if wish.secret or "robots" in wish.options else None
        strangers.setdefault((wish.kind, alone), []).append(wish)
    for alike in strangers.values():
        known = {wish.address: wish for wish in alike}
        asking = policy_for(policy, alike[0].options, alike[0].secrets)
        for added in add(corpus, list(known), asking, stop=stop, kind=alike[0].kind, now=now):
            with corpus.transaction() as conn:
                _apply(conn, added.result.source, known[added.word])
            yield added


def _apply(conn: Any, number: int | None, wish: Wish) -> None:
    if number is not None:
        sources.name(
            conn, number, wish.named, title=wish.name, groups=wish.group,
            tags=wish.tags, wishes=wish.options,
        )  # fmt: skip


def _just_tried(corpus: Corpus, wish: Wish, at: str) -> Added | None:
    """The line of an address that had its turn today: an error makes nobody faster."""
    tried = hosts.looked_at(corpus.conn, redact(canonical(wish.address)), _day_before(at), at)
    if tried is None:
        return None
    url = redact(wish.address)
    error = f"{url}: nothing to follow was found there at {tried}; it is looked at once a day, or when named"
    failed = SourceResult(
        None, wish.kind or "", url, verdict="failing", reason="no source", error=error, was="failing"
    )  # fmt: skip
    return Added(failed, word=wish.address)


def _day_before(at: str) -> str:
    return (datetime.fromisoformat(at) - timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%SZ")


def secrets(corpus: Corpus, wishes: Sequence[Wish]) -> dict[int, dict[str, tuple[str, str]]]:
    """Number of a source -> origin -> its secret, for those that have one."""
    found = {wish.named: sources.named_by(corpus.conn, wish.named, wish.kind) for wish in wishes if wish.secret}
    return {number: wish.secrets for wish in wishes if (number := found.get(wish.named)) is not None}
