"""Saved documents inside archives, and what in a mirror of a site is no document at all.

zip and tar (also compressed) are told by their content. A member is read as a stream and no further than an honest
one goes; an archive within an archive is left alone, and so are office documents and e-books, which are zip as well.
"""

import gzip
import re
import stat
import tarfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO, cast

from ingest import files
from ingest.errors import SourceError
from ingest.records import Request, Response

__all__ = ["Document", "expanded", "is_asset"]

#: Of one archive.
MOST_MEMBERS = 200_000
#: A member comes to at most so many bytes, and to so many times its compressed size (text: 20 at most, measured).
LONGEST, RATIO, SMALL = 2 * 2**30, 200, 64 * 2**20

_DAMAGE = (OSError, EOFError, zlib.error, zipfile.BadZipFile, tarfile.TarError, RuntimeError, NotImplementedError)
_OTHER_ZIP = re.compile(r"\[Content_Types\]\.xml|mimetype|META-INF/.*|AndroidManifest\.xml")
#: Images, fonts, sounds and films, by their first bytes; there is a NUL near these in each.
_BINARY = re.compile(
    rb"\x89PNG|\xff\xd8\xff|GIF8|RIFF....WEBP|\x00\x00\x01\x00|wOF[F2]|OTTO|\x00\x01\x00\x00|....ftyp|ID3|OggS|\x1aE\xdf\xa3|BM",
    re.DOTALL,
)
#: Drawings, sitemaps, style sheets, scripts and robots.txt: what no prose begins with.
_CODE = re.compile(
    rb"(?:\xef\xbb\xbf)?\s*(?:<svg\b|<\?xml[^>]*>\s*(?:<!--.{0,500}?-->\s*|<\?xml-stylesheet[^>]*>\s*)*"
    rb"<(?:svg|urlset|sitemapindex|xsl:stylesheet)\b|/\*.*?\*/\s*(?:[.#@:!(\w]|$)|@(?:charset|import|media|font-face)\b"
    rb"|[!;]?\(?function\s*[\w$]*\s*\(|\"use strict\"|'use strict'|(?:var|let|const)\s+[\w$]+\s*="
    rb"|jQuery\(|\$\(|window\.\w|[.#]?[\w-]+(?:[\s,>.#:]+[\w-]+)*\s*\{\s*[\w-]+\s*:[^{};]+[;}]|User-[Aa]gent\s*:)",
    re.DOTALL,
)


@dataclass(frozen=True, slots=True)
class Document:
    """A saved document: its name for people, and how it is opened. Opening raises SourceError."""

    name: str
    open: Callable[[], AbstractContextManager[Response]]


def is_asset(head: bytes) -> bool:
    """Whether a file with these first bytes is furniture of a web site: nothing that anybody would call a document."""
    head = head[:2048]
    return (b"\0" in head and _BINARY.match(head) is not None) or _CODE.match(head) is not None


def expanded(name: str) -> Iterator[Document | SourceError]:
    """The document of that name; the documents in it, when it is an archive."""
    kind = _archive(name) if name != files.STDIN else ""
    if not kind:
        yield Document(name, lambda: files.opened(name))
        return
    try:
        yield from _zipped(name) if kind == "zip" else _tarred(name)
    except _DAMAGE as error:
        yield SourceError(name, f"an archive that cannot be read: {error}")


def _archive(name: str) -> str:
    try:
        with files.regular(name) as stream:
            head = stream.read(4)
            if head.startswith((b"PK\3\4", b"PK\5\6")):
                return "zip"
            stream.seek(0)
            plain = cast("BinaryIO", gzip.GzipFile(fileobj=stream)) if head.startswith(b"\x1f\x8b") else stream
            return "tar" if plain.read(262)[257:] == b"ustar" else ""
    except (OSError, EOFError, zlib.error):
        return ""  # opening it says why


def _zipped(name: str) -> Iterator[Document | SourceError]:
    with zipfile.ZipFile(name) as archive:
        infos = sorted(archive.infolist(), key=lambda info: info.filename)
        if infos and any(_OTHER_ZIP.fullmatch(info.filename) for info in infos):
            yield SourceError(name, "an office document, e-book or program, not an archive of saved posts")
            return
        for info in infos[:MOST_MEMBERS]:
            mode = info.external_attr >> 16
            if info.is_dir() or _hidden(info.filename) or (stat.S_IFMT(mode) and not stat.S_ISREG(mode)):
                continue
            label = f"{name}/{info.filename}"
            most = min(LONGEST, max(SMALL, RATIO * info.compress_size))
            yield Document(label, lambda i=info, at=label, n=most: _member(at, lambda: archive.open(i), n))  # type: ignore[misc]
        if len(infos) > MOST_MEMBERS:
            yield SourceError(name, f"more than {MOST_MEMBERS:,} files in it: the rest was left alone")


def _tarred(name: str) -> Iterator[Document | SourceError]:
    most = min(LONGEST, max(SMALL, RATIO * Path(name).stat().st_size))
    with tarfile.open(name) as archive:
        for number, info in enumerate(archive):
            if number >= MOST_MEMBERS:
                yield SourceError(name, f"more than {MOST_MEMBERS:,} files in it: the rest was left alone")
                return
            if not info.isreg() or _hidden(info.name):
                continue
            label, stream = f"{name}/{info.name}", archive.extractfile(info)
            if stream is not None:
                yield Document(label, lambda s=stream, at=label: _member(at, lambda: s, most))  # type: ignore[misc]


def _hidden(path: str) -> bool:
    return path.startswith("__MACOSX/") or any(
        part.startswith(".") for part in path.split("/") if part not in {".", ".."}
    )


@contextmanager
def _member(label: str, opening: Callable[[], IO[bytes]], most: int) -> Iterator[Response]:
    """A member as `files.opened` gives a file."""
    try:
        with opening() as stream:
            if stream.read(4).startswith((b"PK\3\4", b"\x1f\x8b")):
                raise SourceError(label, "an archive within an archive: unpack it first")
            stream.seek(0)
            yield Response(Request(label, what="saved"), label, 200, {}, cast("BinaryIO", _Bounded(stream, most)))
    except _DAMAGE as error:
        raise SourceError(label, f"cannot be read: {getattr(error, 'strerror', None) or error}") from error


class _Bounded:
    """A stream that ends in an error where an honest file would have ended long ago."""

    def __init__(self, stream: IO[bytes], most: int) -> None:
        self._stream, self._most = stream, most

    def read(self, size: int = -1) -> bytes:
        """Raises OSError beyond the limit."""
        room = self._most + 1 - self._stream.tell()
        found = self._stream.read(room if size < 0 else min(size, room))
        if self._stream.tell() > self._most:
            raise OSError(0, f"it unpacks to over {self._most >> 20:,} MiB")
        return found

    def seek(self, offset: int, whence: int = 0) -> int:
        """As the stream does."""
        return self._stream.seek(offset, whence)

    def tell(self) -> int:
        """As the stream does."""
        return self._stream.tell()
