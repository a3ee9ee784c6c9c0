"""An export whole: the rows in a format, the papers beside them, in their place only when all is there."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from ingest.corpus import Corpus, asof
from ingest.corpus.search import filters
from ingest.errors import ConfigError
from ingest.research.choice import Choice, held
from ingest.research.export.citation import citation
from ingest.research.export.croissant import croissant
from ingest.research.export.datasheet import datasheet
from ingest.research.export.facts import gathered
from ingest.research.export.kinds import KINDS
from ingest.research.export.place import replacing
from ingest.research.export.readme import readme
from ingest.research.export.tally import Tally
from ingest.research.export.where import meeting

__all__ = ["Exported", "export"]

#: Filters under the names of their options.
_OPTIONS = {"since": "from", "until": "to", "language": "lang"}


@dataclass(frozen=True, slots=True)
class Exported:
    """What an export came to."""

    posts: int
    words: int
    #: Files and bytes in the folder, but for the checksum file.
    files: int
    size: int
    #: SHA-256 over the checksum file's lines of the data, hex: the name of this very data.
    digest: str


def export(
    corpus: Corpus,
    folder: Path,
    form: str,
    choice: Choice | None = None,
    *,
    where: str | None = None,
    by: tuple[str, ...] = (),
    overwrite: bool = False,
    tell: Callable[[int], None] | None = None,
) -> Exported:
    """Write the posts that are meant, and the papers about them, into a folder, which is made or replaced whole.

    form: a key of `KINDS`. where: a condition in SQL over the columns of `corpus`. by: names of who compiled it.
    overwrite: also an earlier export in the folder whose files were edited since.
    tell: is told now and then how many posts have been written.
    The corpus is seen as it is at one moment. Memory does not grow with it. The same posts give the same bytes.
    Raises ConfigError (a folder that is in use, edited files in it, a filter that cannot be read, a library that is
    missing), CorpusError, DiskFull.
    """
    choice = choice or Choice()
    if where is not None and choice.filters.as_of is not None:
        raise ConfigError("--where and --as-of do not go together: the condition would be of today")
    with _moment(corpus, choice.filters.as_of), replacing(folder, overwrite=overwrite) as tree:
        tally = Tally(corpus)
        rows = held(corpus, choice) if where is None else meeting(corpus, held(corpus, choice), where)
        KINDS[form].write(tree, tally.watch(rows, tell))
        facts = gathered(corpus, form, tally, _asked(choice, where), by=by, digest=tree.digest)
        data = list(tree.files)
        papers = {"README.md": readme(facts), "DATASHEET.md": datasheet(facts), "CITATION.cff": citation(facts)}
        for name, text in (papers | {"croissant.json": croissant(facts, data)}).items():
            tree.write(name, (text.encode("utf-8", "replace"),))
        return Exported(tally.all.posts, tally.all.words, tree.count, tree.size, facts.whole.digest or "")


@contextmanager
def _moment(corpus: Corpus, as_of: str | None) -> Iterator[None]:
    """One transaction of reading: whatever is written meanwhile is not seen."""
    if as_of is not None:
        with asof.prepared(corpus, as_of):
            yield
        return
    with corpus.explained():
        corpus.conn.execute("BEGIN")
    try:
        yield
    finally:
        if corpus.conn.in_transaction:
            corpus.conn.execute("COMMIT")


def _asked(choice: Choice, where: str | None) -> Mapping[str, str]:
    """What was asked for, by the names of the options; empty for everything."""
    told: dict[str, str | None] = {"search": choice.search or choice.filters.words or None, "group": choice.group}
    for name in filters.NAMES:
        value = getattr(choice.filters, name)
        told[_OPTIONS.get(name, name)] = ", ".join(value) if isinstance(value, tuple) else value
    told["gone"] = {True: "only posts that are gone", False: "only posts that are there", None: None}[
        choice.filters.gone
    ]
    told |= {"as-of": choice.filters.as_of, "where": where}
    told["limit"] = None if choice.limit is None else f"the first {choice.limit:,} by doc_id"
    return {name: value for name, value in told.items() if value}
