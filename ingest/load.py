"""Saved documents into the corpus: files, folders, standard input; by content, never by name."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from ingest import archives, files, retext
from ingest.corpus import Corpus, Outcome, RunWriter, Tally
from ingest.errors import ParseError, SourceError
from ingest.reading.document import read
from ingest.records import Batch, Response, Source, Verdict
from ingest.run import STOPPED, Interrupted, SourceResult, Stop, clock, result_of
from ingest.sources import HEAD, sniff

__all__ = ["FileResult", "load"]

#: What a kind says of a document as a whole, for people.
_TROUBLE = {"truncated": "the document is truncated; what stands whole in it was kept"}


@dataclass(frozen=True, slots=True)
class FileResult:
    """How one saved document fared."""

    file: str
    kind: str | None
    new: int = 0
    changed: int = 0
    same: int = 0
    rejected: int = 0
    #: What it was about: the sites, the title of a single post.
    about: str = ""
    #: Why something of it was not stored, a line each.
    errors: tuple[str, ...] = ()
    #: Whether anything in it was usable; a sound document without posts is.
    usable: bool = True
    notes: tuple[str, ...] = ()

    def row(self) -> dict[str, Any]:
        """As the commands print it."""
        return {"type": "file", **asdict(self), "errors": list(self.errors), "notes": list(self.notes)}


def load(
    corpus: Corpus, names: Iterable[str], *, home: str | None, stop: Stop, options: Mapping[str, Any] | None = None,
    progress: Callable[[str, Tally], None] = lambda *_: None, now: Callable[[], str] = clock,
) -> Iterator[FileResult | SourceResult]:  # fmt: skip
    """Store what these files hold: how each file fared, then what each source came to.

    `home`: all files are this one site's, whatever hosts they mention.
    """
    writer = RunWriter(corpus, "load", rerender=retext.one)
    named = set(names := list(names))
    for document in _documents(names):
        if not stop.go_on():
            break
        if isinstance(document, SourceError):
            yield FileResult(document.url, None, rejected=1, errors=(document.cause,), usable=False)
        else:
            source = Source("", document.name, home=home, options=options or {}, now=now())
            yield _take(writer, document, source, stop, now, progress, alone=document.name in named)
    for number in sorted(writer.runs):
        writer.finish(Outcome(number, Verdict("unknown", "saved documents announce nothing"), now()))
        row = corpus.sources("h.source = ?", (number,))[0]
        yield result_of(row, writer, number, Verdict("unknown"))


def _documents(names: Iterable[str]) -> Iterator[archives.Document | SourceError]:
    for name in files.walk(names):
        if isinstance(name, SourceError):
            yield name
        else:
            yield from archives.expanded(name)


def _take(
    writer: RunWriter, saved: archives.Document, source: Source, stop: Stop, now: Callable[[], str],
    progress: Callable[[str, Tally], None], *, alone: bool,
) -> FileResult:  # fmt: skip
    """One file. What came before its damage is kept. `alone`: it was named itself, and not found in a folder."""
    found: str | None = None
    name = saved.name
    told = _Told(private=bool(source.options.get("include_private")))
    try:
        with saved.open() as document:
            found = _kind_of(document, alone=alone)
            if found is None:
                return FileResult(name, None, about="an image, style sheet or the like, passed over")
            source = replace(source, kind=found)
            for batch in stop.waiting(map(told.public, read(source, document))):
                told.note(batch, writer.apply(source, batch, now()))
                progress(name, told.tally)
                if not stop.go_on():
                    raise Interrupted
    except STOPPED:
        stop.wish()
        told.errors.append("stopped in the middle; what was committed stays")
    except SourceError as error:
        told.errors.append(error.cause)
    return told.result(name, found)


def _kind_of(document: Response, *, alone: bool) -> str | None:
    """The kind of a document by its first bytes; None for what a mirror of a site has besides documents.

    Raises ParseError when it is no kind's.
    """
    head = document.stream.read(HEAD)
    document.stream.seek(0)
    if not alone and archives.is_asset(head):
        return None
    found = sniff(head)
    if found is None:
        what = "empty" if not head.strip() else "binary data" if b"\0" in head else "not a document of a known kind"
        raise ParseError(document.url, f"{what}: neither a WordPress REST answer, a feed, an export, a page nor text")
    return found


class _Told:
    """What is remembered of a file until its line is printed."""

    def __init__(self, *, private: bool) -> None:
        self.private, self.left_out = private, 0
        self.tally, self.errors, self.notes = Tally(), list[str](), list[str]()
        self.titles: list[str] = []
        self.sites: dict[str, None] = {}
        self.items = 0

    def public(self, batch: Batch) -> Batch:
        """What of a batch may be stored: an export's drafts and private posts only where they were asked for."""
        if self.private:
            return batch
        kept = tuple(post for post in batch.posts if post.status in {"publish", "protected"})
        self.left_out += len(batch.posts) - len(kept)
        return replace(batch, posts=kept)

    def note(self, batch: Batch, tally: Tally) -> None:
        self.tally.add(tally)
        self.items += sum(map(len, (batch.posts, batch.terms, batch.people, batch.media, batch.comments, batch.sites)))
        self.titles += [post.title for post in batch.posts[: 2 - len(self.titles)]]
        self.sites |= dict.fromkeys(post.site for post in batch.posts if post.site)
        self.errors += [_named(reject.type, reject.remote_id, reject.why) for reject in batch.rejects]
        self.errors += [] if not batch.trouble or self.errors else [_TROUBLE.get(batch.trouble, batch.trouble)]
        self.notes += [note for note in batch.notes if note not in self.notes]

    def result(self, name: str, found: str | None) -> FileResult:
        about = ", ".join([*list(self.sites)[:3], *([f"“{self.titles[0]}”"] if len(self.titles) == 1 else [])])
        if self.left_out:
            self.notes.append(f"{self.left_out:,} drafts or private posts left out; --include-private takes them")
        return FileResult(
            name, found, self.tally.new, self.tally.changed, self.tally.same, len(self.errors), about,
            tuple(self.errors), usable=not self.errors or self.items > 0, notes=tuple(self.notes),
        )  # fmt: skip


def _named(type_: str | None, remote_id: str | None, why: str) -> str:
    return f"{type_ or 'item'} {remote_id}: {why}" if remote_id else why
