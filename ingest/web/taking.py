"""A search's result as a file: the same formats as `blogcorpus export` writes, from the same functions."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from ingest.corpus import Corpus
from ingest.research.choice import Choice, held
from ingest.web.asked import ask
from ingest.web.shown import Download, Here

__all__ = ["download"]

#: Bytes that are sent at once.
_PIECE = 64 * 1024


def download(path: Path, here: Here, form: str) -> Download:
    """All posts that an address asks for, gone ones included, as `csv`, `jsonl` or `txt` (a zip of text files)."""
    from ingest.research.export.downloads import DOWNLOADS  # noqa: PLC0415  (only a download pays for the formats)

    asked, made = ask(here.query), DOWNLOADS[form]
    choice = Choice(asked.query.words or None, filters=asked.query)
    return Download(made.name, made.media, _gathered(made.pieces(_rows(path, choice))))


def _rows(path: Path, choice: Choice) -> Iterator[dict[str, Any]]:
    """The rows, read as they are taken; the corpus is open for as long as the download goes on."""
    with Corpus(path) as corpus:
        yield from held(corpus, choice)


def _gathered(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Small pieces as larger ones: each is handed from thread to thread."""
    waiting: list[bytes] = []
    size = 0
    for piece in pieces:
        waiting.append(piece)
        size += len(piece)
        if size >= _PIECE:
            yield b"".join(waiting)
            waiting, size = [], 0
    if waiting:
        yield b"".join(waiting)
