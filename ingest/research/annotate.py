"""What is made from the posts once they are stored: their languages, near-duplicates, and where their links lead.

Offline, and only for what has changed since; a call that finds nothing new takes a fraction of a second. What was
stored before a kill stays, and the next call goes on from there.
"""

from collections.abc import Callable
from dataclasses import dataclass

from ingest.corpus import Corpus, graph
from ingest.research import duplicates, languages

__all__ = ["Annotated", "after_run"]

#: Links that are read in one transaction: about 0.1 s.
_LINKS = 5000
#: Sites whose links are resolved in one transaction.
_SITES = 20


@dataclass(frozen=True, slots=True)
class Annotated:
    """What a call came to."""

    #: Posts whose language, or whose word it is, changed.
    languages: int
    #: Whether languages were detected (extra `lang`), or only those taken that sites declare.
    detecting: bool
    #: Posts that were compared with the others, and whether that can be done here (extra `dedup`).
    compared: int
    comparing: bool
    #: Near-duplicates that the corpus has now: clusters, and posts in them.
    clusters: int
    duplicates: int
    #: Links that lead to a post of this corpus.
    links: int


def after_run(corpus: Corpus, stopped: Callable[[], bool] = lambda: False) -> Annotated:
    """Bring languages, near-duplicates and links up to date.

    `stopped` is asked between batches. Raises Locked, DiskFull.
    """
    told = languages.annotate(corpus, stopped)
    compared = duplicates.annotate(corpus, stopped)
    _links(corpus, stopped)
    leading = corpus.rows("SELECT count(*) AS n FROM links WHERE target_post_id IS NOT NULL")[0]["n"]
    return Annotated(
        told, languages.made_by() is not None, compared.signed, compared.possible, compared.clusters,
        compared.members, leading,
    )  # fmt: skip


def _links(corpus: Corpus, stopped: Callable[[], bool]) -> None:
    known = graph.places(corpus.conn)
    with corpus.transaction() as conn:
        graph.moved(conn, known)
    left = True
    while left and not stopped():
        with corpus.transaction() as conn:
            left = graph.read(conn, known, _LINKS)
    waiting = graph.unresolved(corpus.conn)
    for start in range(0, len(waiting), _SITES):
        if stopped():
            return
        with corpus.transaction() as conn:
            for number, site, names in waiting[start : start + _SITES]:
                graph.resolve(conn, number, site, names)
