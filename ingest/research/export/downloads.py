"""The rows of a question as one stream of bytes, for whoever downloads them: CSV, JSON Lines, or a zip of texts.

Pure but for one temporary file, which holds the table of a zip's texts until the texts are through.
"""

import io
import tempfile
import zipfile
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, cast

from ingest.research.export import csvfile, jsonl, txt
from ingest.research.export.columns import Row

__all__ = ["DOWNLOADS", "Download"]

#: A zip knows local times only, so the first it knows is given: the same rows are the same bytes.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Download:
    """A format that can be streamed."""

    #: Media type, with the charset of text.
    media: str
    #: What the file is called.
    name: str
    #: Rows of the view `corpus` -> the file, piece by piece.
    pieces: Callable[[Iterable[Row]], Iterator[bytes]]


class _Pipe(io.RawIOBase):
    """What a zip is written to: it has no place to go back to, so the zip says each size behind its entry."""

    def __init__(self) -> None:
        self._pieces: list[bytes] = []

    def writable(self) -> bool:
        return True

    def write(self, piece: Any) -> int:
        self._pieces.append(bytes(piece))
        return len(piece)

    def taken(self) -> bytes:
        found, self._pieces = b"".join(self._pieces), []
        return found


def _zipped(rows: Iterable[Row]) -> Iterator[bytes]:
    """A file a post in the folder `posts`, then `posts/metadata.csv`."""
    pipe = _Pipe()
    with (
        tempfile.TemporaryFile() as table,
        zipfile.ZipFile(cast("IO[bytes]", pipe), "w", zipfile.ZIP_DEFLATED, compresslevel=6) as made,
    ):
        table.writelines(csvfile.pieces((), txt.facts()))
        for row in rows:
            name, text = txt.document(row)
            made.writestr(_entry(name), text, zipfile.ZIP_DEFLATED, 6)
            table.write(csvfile.record({**row, "file": name}, txt.facts()))
            yield pipe.taken()
        table.seek(0)
        with made.open(_entry(txt.METADATA), "w", force_zip64=True) as entry:
            while piece := table.read(_CHUNK):
                entry.write(piece)
                yield pipe.taken()
    yield pipe.taken()


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(f"posts/{name}", _NO_TIME)
    entry.compress_type = zipfile.ZIP_DEFLATED
    entry.create_system, entry.external_attr = 3, 0o644 << 16
    return entry


#: Format -> how it is streamed.
DOWNLOADS: Mapping[str, Download] = {
    "csv": Download("text/csv; charset=utf-8", csvfile.FILE, csvfile.pieces),
    "jsonl": Download("application/jsonl; charset=utf-8", jsonl.FILE, jsonl.pieces),
    "txt": Download("application/zip", "posts.zip", _zipped),
}
