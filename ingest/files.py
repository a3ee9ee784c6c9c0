"""The only door to the file system: what a person names on the command line becomes documents.

A document goes by its content, never by its name. Regular files only; a link that leads out of a folder is not
followed.
"""

import gzip
import io
import os
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, cast

from ingest.errors import SourceError
from ingest.records import Request, Response

__all__ = ["STDIN", "inside", "opened", "regular", "walk"]

#: The word for standard input.
STDIN = "-"


def walk(names: Iterable[str]) -> Iterator[str | SourceError]:
    """The files behind these names, folders from top to bottom in the order of their names.

    A name that is nothing to read comes out as the SourceError that says why; the others go on.
    """
    for name in names:
        if name == STDIN:
            yield name
            continue
        try:
            mode = Path(name).stat().st_mode
        except OSError as error:
            yield SourceError(name, f"cannot be read: {error.strerror or error}")
            continue
        if stat.S_ISDIR(mode):
            yield from inside(Path(name))
        elif stat.S_ISREG(mode):
            yield name
        else:
            yield SourceError(name, "not a regular file, so it was left alone")


def inside(folder: Path) -> Iterator[str | SourceError]:
    """The files in a folder, as `walk` gives them; hidden ones are passed over."""
    try:
        entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
    except OSError as error:
        yield SourceError(str(folder), f"cannot be read: {error.strerror or error}")
        return
    root = folder.resolve()
    for entry in entries:
        if entry.name.startswith("."):
            continue
        if entry.is_symlink() and not Path(entry.path).resolve().is_relative_to(root):
            yield SourceError(entry.path, "a link that leads out of its folder, so it was not followed")
        elif entry.is_dir(follow_symlinks=False):
            yield from inside(Path(entry.path))
        elif entry.is_file():
            yield entry.path


@contextmanager
def opened(name: str) -> Iterator[Response]:
    """A file as the answer a kind reads: status 200, no headers, `request.what` = `saved`; gzip is undone.

    Raises SourceError for what cannot be read, also while it is being read.
    """
    label = "standard input" if name == STDIN else name
    try:
        with io.BytesIO(sys.stdin.buffer.read()) if name == STDIN else regular(name) as stream:
            packed = stream.read(2) == b"\x1f\x8b"
            stream.seek(0)
            plain = cast("BinaryIO", gzip.GzipFile(fileobj=stream)) if packed else stream
            yield Response(Request(label, what="saved"), label, 200, {}, plain)
    except (OSError, EOFError, zlib.error) as error:
        raise SourceError(label, f"cannot be read: {getattr(error, 'strerror', None) or error}") from error


def regular(name: str) -> BinaryIO:
    """A regular file, opened without waiting: a FIFO that took its place must not hang the run. Raises OSError."""
    handle = os.open(name, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    stream = os.fdopen(handle, "rb")
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        stream.close()
        raise OSError(0, "not a regular file")
    return stream
