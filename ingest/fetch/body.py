"""Bodies, read and decoded within limits.

`requests` takes half a gzip stream for a whole one (200, 27 kB, no error), inflates 10 MB into 10 GiB, and hands
out an encoding it does not know as if it were the content. So the bytes are taken as they come over the wire and
decoded here: bounded, complete or an error, and only in the codings that were offered (RFC 9110 §8.4). A long one
waits on disk for whoever reads it.
"""

from __future__ import annotations

import http.client
import io
import os
import zlib
from collections.abc import Callable
from contextlib import suppress
from functools import cache
from typing import TYPE_CHECKING, BinaryIO, Protocol

from ingest.errors import FetchError
from ingest.fetch.answer import Answer

if TYPE_CHECKING:
    from _typeshed import ReadableBuffer as Buffer

__all__ = ["OFFERED", "read_body"]

#: What we say in Accept-Encoding, and all that is taken.
OFFERED = "gzip, deflate"
#: Bytes read, and at most decoded, in one step: peak memory is the limit and some of these.
STEP = 64 * 1024
#: Bytes from which on a body is a file: ten of 20 MiB at a time made 231 MB of a run that has 55. Most pages of 100
#: posts are shorter.
LONG = 2 * 2**20
#: Bytes beyond which the rest comes in with pauses, while others are being pulled: ten of 4 to 19 MB keep 30 good feeds
#: (0.53 s) waiting for 0.09 s, and for 0.11 from 2 MiB on. A page of 100 posts hardly has more.
WAY = 2**20
#: Bytes of a block that is given back, once there are long bodies.
BLOCK, M_MMAP_THRESHOLD = 256 * 1024, -3
GZIP_MAGIC = b"\x1f\x8b"
GZIP_WBITS, ZLIB_WBITS, RAW_WBITS = 31, 15, -15


class _Decoder(Protocol):
    def feed(self, data: bytes, out: _Bounded) -> None: ...
    def finished(self) -> bool: ...


class _Bounded:
    """What was decoded so far, never more than the limit."""

    def __init__(self, url: str, limit: int, way: Callable[[], None] = lambda: None) -> None:
        self.stream: BinaryIO = io.BytesIO()
        self._size = 0
        #: Bytes that the stream has room for: memory up to here, then a file.
        self._room = LONG
        self._url = url
        self._limit = limit
        self._way = way

    def write(self, data: bytes) -> None:
        room = self._limit - self._size
        part = data[:room]
        if self._size + len(part) > WAY:
            self._way()
        if self._size + len(part) > self._room:
            self._room = self._limit
            self._move(_File)
        try:
            self.stream.write(part)
        except OSError:  # the disk is full: then it is memory all the same
            self._move(io.BytesIO)
            self.stream.write(part)
        self._size += len(part)
        if len(data) > room:
            raise _too_big(self._url, self._limit)

    def _move(self, where: Callable[[], BinaryIO]) -> None:
        """Go on in another stream."""
        try:
            stream = where()
            if isinstance(self.stream, io.BytesIO):
                with self.stream.getbuffer() as held:  # no copy of it
                    stream.write(held)
            else:
                self.stream.seek(0)
                stream.write(self.stream.read(self._size))
        except OSError:  # no room there: it stays where it is
            stream = self.stream
        stream.seek(self._size)
        self.stream = stream


class _File(io.FileIO):
    """A file without a name, gone with whoever has it."""

    def __init__(self) -> None:
        """OSError where there is no room for one."""
        import tempfile  # noqa: PLC0415  (15 ms of every start, and seldom wanted)

        _keep_little()
        with tempfile.TemporaryFile(buffering=0) as file:
            super().__init__(os.dup(file.fileno()), "r+b")

    def write(self, data: Buffer) -> int:
        """Write it all."""
        view = memoryview(data)
        rest = view
        while rest:
            rest = rest[super().write(rest) :]
        return len(view)

    def __del__(self) -> None:
        self.close()


@cache
def _keep_little() -> None:
    """Have glibc give every large block back to the system, not only those larger than any before (mallopt(3)).

    What long documents come to takes as much again; kept by each thread's heap, it made 150 MB where 105 do.
    """
    import ctypes  # noqa: PLC0415  (7 ms, and seldom wanted)

    with suppress(AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, BLOCK)


class _Identity:
    def feed(self, data: bytes, out: _Bounded) -> None:
        out.write(data)

    def finished(self) -> bool:
        return True


class _Gzip:
    """One gzip member after another (RFC 1952 §2.2); what follows the last and is no member is ignored."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(GZIP_WBITS)
        self._rest = b""
        self._garbage = False

    def feed(self, data: bytes, out: _Bounded) -> None:
        data = self._rest + data
        self._rest = b""
        while data and not self._garbage:
            if self._inflate.eof:
                if len(data) == 1 and GZIP_MAGIC.startswith(data):
                    self._rest = data
                    return
                if not data.startswith(GZIP_MAGIC):
                    self._garbage = True
                    return
                self._inflate = zlib.decompressobj(GZIP_WBITS)
            out.write(self._inflate.decompress(data, STEP))
            data = self._inflate.unused_data or self._inflate.unconsumed_tail

    def finished(self) -> bool:
        return self._inflate.eof


class _Deflate:
    """zlib data (RFC 1950), or the bare deflate that some servers send under the same name."""

    def __init__(self) -> None:
        self._inflate = zlib.decompressobj(ZLIB_WBITS)
        self._untouched = True

    def feed(self, data: bytes, out: _Bounded) -> None:
        if self._untouched and data:
            self._untouched = False
            if data[0] & 0x0F != zlib.DEFLATED:
                self._inflate = zlib.decompressobj(RAW_WBITS)
        while data and not self._inflate.eof:
            out.write(self._inflate.decompress(data, STEP))
            data = self._inflate.unconsumed_tail

    def finished(self) -> bool:
        return self._inflate.eof


def _too_big(url: str, limit: int) -> FetchError:
    """The error of an answer with more than `limit` bytes."""
    return FetchError(url, "too_big", f"the answer has more than {limit} bytes")


def _decoder(url: str, codings: str) -> _Decoder:
    if not codings:
        return _Identity()
    names = [name for name in (part.strip().lower() for part in codings.split(",")) if name not in {"", "identity"}]
    if not names:
        return _Identity()
    if names in (["gzip"], ["x-gzip"]):
        return _Gzip()
    if names == ["deflate"]:
        return _Deflate()
    raise FetchError(url, "bad_encoding", f"the answer comes in an encoding that was not asked for ({codings[:80]})")


def read_body(
    raw: Answer, url: str, limit: int, *, cut: bool = False, way: Callable[[], None] = lambda: None
) -> BinaryIO:
    """The decoded body of `raw`, at its start; in memory as long as it is short.

    `limit` bounds the bytes of the body on the wire as well as the decoded ones; beyond it the error is
    FetchError `too_big`, or with `cut` the rest is left out. `bad_encoding` for a coding that was not offered or
    does not hold what it says, `truncated` when it ends too early. `way` is called before each part of what makes it
    long, so that others may go first. Errors of the connection are passed on.
    """
    decoder = _decoder(url, raw.fields.get("content-encoding", ""))
    out = _Bounded(url, limit, way)
    try:
        if not cut and (raw.length or 0) > limit:
            raise _too_big(url, limit)
        _drain(raw, url, limit, decoder, out)
    except zlib.error as error:
        raise FetchError(url, "bad_encoding", f"the compressed body is damaged ({error})") from error
    except FetchError as error:
        if not (cut and error.kind == "too_big"):
            raise
    if isinstance(out.stream, io.BytesIO):
        out.stream.getvalue()  # lets go of the room to grow: whoever reads the whole gets it without a copy
    out.stream.seek(0)
    return out.stream


def _drain(raw: Answer, url: str, limit: int, decoder: _Decoder, out: _Bounded) -> None:
    wire = 0
    while data := raw.read(STEP):
        wire += len(data)
        decoder.feed(data, out)
        if wire > limit:
            raise _too_big(url, limit)
    if not raw.whole:
        raise http.client.IncompleteRead(b"", raw.length)
    if wire and not decoder.finished():
        raise FetchError(url, "truncated", "the compressed body ends too early")
