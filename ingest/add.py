"""New sources: any address of a blog in, the best way into it kept. Nothing is pulled yet."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from ingest.corpus import Corpus
from ingest.discover import Candidate, discover
from ingest.errors import ParseError, SourceError
from ingest.fetch import Fetcher, Policy
from ingest.run import SourceResult, clock
from ingest.urls import canonical

__all__ = ["Added", "add"]


@dataclass(frozen=True, slots=True)
class Added:
    """How one address fared."""

    result: SourceResult
    #: What a person should know beside it.
    remark: str = ""
    #: What was found and not chosen: `kind`, `url`, `title`.
    others: tuple[dict[str, Any], ...] = ()


def add(corpus: Corpus, addresses: Sequence[str], policy: Policy, *, kind: str | None = None) -> Iterator[Added]:
    """Find out what lies behind each address and keep the best of it, or the best of one kind.

    An address where there is nothing to follow comes out with its error; the others go on.
    """
    with Fetcher(policy) as fetcher:
        for word in addresses:
            address = word if "://" in word else f"https://{word}"
            try:
                found = discover(address, fetcher.get)
                fitting = [c for c in found.candidates if kind in {None, c.kind}]
                if not fitting:
                    raise ParseError(address, f"no {kind} here, but {', '.join(c.kind for c in found.candidates)}")
            except SourceError as error:
                yield Added(
                    SourceResult(None, kind or "", word, verdict="failing", reason="no source", error=str(error))
                )
                continue
            yield _keep(corpus, fitting[0], found.home, [c for c in found.candidates if c is not fitting[0]])


def _keep(corpus: Corpus, best: Candidate, home: str | None, others: list[Candidate]) -> Added:
    home = best.home or home or best.url
    number, new = corpus.add_source(
        best.kind, canonical(best.url), clock(), home=home, endpoint=best.endpoint, name=None, title=best.title
    )
    return Added(
        SourceResult(number, best.kind, canonical(best.url)),
        ("" if new else ", known already")
        + (f": {best.title}" if best.title else "")
        + (f" ({best.why})" if best.why else ""),
        tuple({"kind": c.kind, "url": c.url, "title": c.title} for c in others),
    )
