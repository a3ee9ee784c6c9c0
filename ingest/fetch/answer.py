"""An answer as it comes over the wire: status, header and framing (RFC 9112), read by http.client and mended here.

http.client hands the header to a parser of mail, which takes as long as the rest of the request, and a bare CR for the
end of a line.
"""

from __future__ import annotations

import http.client
import re
import socket
import time
from typing import Any

__all__ = ["Answer", "Unfit", "fields"]

#: Bytes of a line, and lines of a header, its end included: the limits of http.client.
LONGEST, MOST = 65_536, 100
ENDS = (b"\r\n", b"\n")
#: Seconds of this thread's processor that a header, or what frames a part of the body, may take (0.1 ms is usual), so
#: many more between two pauses, and seconds of a pause. A flood of interim answers, trailers or chunks, read as fast as
#: it comes, keeps the other threads from the interpreter: 30 good sources beside one took 4.9 times as long.
FREE, SLICE, PAUSE = 0.005, 0.001, 0.02
NAME = re.compile("[!-9;-~]+").fullmatch
#: RFC 9112 §5.2: a line that begins with a blank goes on with the one before.
FOLD = re.compile(r"\n[ \t]+")
#: Fields that are lists, whose lines are one list (RFC 9110 §5.3); of any other that comes twice the last counts.
LISTS = frozenset(
    {"cache-control", "connection", "content-encoding", "content-length", "link", "transfer-encoding", "vary"}
)


class Unfit(http.client.HTTPException):
    """The header says what cannot be, or what nobody asked for; a sentence for people."""


def fields(lines: list[bytes]) -> dict[str, str]:
    """The header fields that `lines` hold, names in lower case; cookies are left out, nobody keeps them.

    Unfit for a line that is no field: what follows it may be anything, and the framing with it. A bare CR is no end of
    a line (RFC 9112 §2.2). Blanks between name and colon are taken away, as a proxy has to (§5.1); but others on the
    way may read such a line otherwise, and so that answer is the last of its connection.
    """
    found: dict[str, str] = {}
    last = False
    text = b"".join(lines).decode("latin-1").replace("\r\n", "\n")
    if "\n " in text or "\n\t" in text:
        text = FOLD.sub(" ", text)
    for line in text.split("\n")[:-1]:
        name, colon, value = line.partition(":")
        if not colon or not NAME(name) or "\r" in value:
            name, last = name.rstrip(" \t"), True
            if not colon or not NAME(name) or "\r" in value:
                raise Unfit(f"a line of the header is no field ({_shown(line)})")
        name, value = name.lower(), value.strip(" \t")
        if name in LISTS and name in found:
            found[name] += ", " + value
        elif name != "set-cookie":
            found[name] = value
    if last:
        found["connection"] = "close"
        found.pop("keep-alive", None)
    return found


def _shown(line: str) -> str:
    """The beginning of a damaged line, without its value, which may be somebody's session."""
    name, colon, _ = line.partition(":")
    name, equals, _ = name.partition("=")
    shown = "".join(c if c.isprintable() else "?" for c in name)
    return f"{shown[:60]}{colon or equals}" + ("…" if len(shown) > 60 or colon or equals else "")


class Answer(http.client.HTTPResponse):
    """A response without the traps of http.client.

    It takes a header that was cut off for a whole one, and its answer for an empty body. It would hand a `103 Early
    Hints` on as the answer, and the real answer to the next request: all interim answers (RFC 9110 §15.2) are passed
    over. For a chunk of size -1 it would read all there is into memory. It takes a body that ends before its length for
    a whole one: `whole` tells. It reads a flood of whatever is no content as fast as that comes.
    """

    fp: Any
    #: Names in lower case.
    fields: dict[str, str]

    def __init__(self, sock: socket.socket, method: str = "GET") -> None:
        """Of a request that was sent over `sock`."""
        super().__init__(sock, method=method)
        self._enough = time.thread_time() + FREE

    def begin(self) -> None:
        """Read up to the body.

        Raises HTTPException (Unfit, LineTooLong, BadStatusLine, …), IncompleteRead when the header breaks off, and
        whatever the socket raises.
        """
        version, status, reason = self._read_status()  # type: ignore[attr-defined]
        while status < 200 and status != 101:
            self._lines()
            self._pause()
            version, status, reason = self._read_status()  # type: ignore[attr-defined]
        self.version = 10 if version in {"HTTP/1.0", "HTTP/0.9"} else 11
        if self.version == 11 and not version.startswith("HTTP/1."):
            raise http.client.UnknownProtocol(version)
        self.code = self.status = status
        self.reason = reason.strip()
        self.fields = self.headers = self.msg = fields(self._lines())  # type: ignore[assignment]
        self._frame()

    def _lines(self) -> list[bytes]:
        """The lines of a header, without the empty one that ends it."""
        lines: list[bytes] = []
        while (line := self.fp.readline(LONGEST + 1)) not in ENDS:
            if not line:
                raise http.client.IncompleteRead(b"")
            if len(line) > LONGEST:
                raise http.client.LineTooLong("header line")
            lines.append(line)
            if len(lines) >= MOST:
                raise Unfit(f"the header has {MOST} lines or more")
        return lines

    def _frame(self) -> None:
        """Find out where the body ends (RFC 9112 §6.3), and whether the connection goes on after it."""
        coding = self.fields.get("transfer-encoding", "identity").lower()
        if coding not in {"chunked", "identity"}:
            raise Unfit("the answer comes in a transfer coding that nobody asked for")
        self.chunked, self.chunk_left = coding == "chunked", None
        self.length = self._told_length()
        if self.status in {101, 204, 304}:
            self.length, self.chunked = 0, False
        endless = self.length is None and not self.chunked
        # After a 101 that nobody asked for, what follows is no HTTP.
        self.will_close = endless or self.status == 101 or self._check_close()  # type: ignore[attr-defined]

    def _told_length(self) -> int | None:
        """What Content-Length says; None where it says nothing that counts."""
        told = self.fields.get("content-length")
        if told is None:
            return None
        lengths = {part.strip() for part in told.split(",")}
        if len(lengths) > 1:
            raise Unfit(f"contradictory headers (two lengths: {' and '.join(sorted(lengths))})"[:150])
        try:
            length = int(lengths.pop())
        except ValueError:
            return None
        return None if self.chunked or length < 0 else length

    @property
    def over(self) -> bool:
        """Whether all of it was read, and the connection can serve another request."""
        return not self.will_close and (self.isclosed() or (self.length == 0 and not self.chunked))

    @property
    def whole(self) -> bool:
        """Whether the body, read to its end, has the length that was told."""
        return not self.length

    def read(self, amt: int | None = None) -> bytes:
        """The next bytes of the body; none at its end."""
        self._enough = time.thread_time() + FREE
        return super().read(amt)

    def _read_next_chunk_size(self) -> int:
        self._pause()
        size = int(super()._read_next_chunk_size())  # type: ignore[misc]
        if size < 0:
            raise http.client.IncompleteRead(b"")
        return size

    def _read_and_discard_trailer(self) -> None:
        while (line := self.fp.readline(LONGEST + 1)) and line not in ENDS:
            if len(line) > LONGEST:
                raise http.client.LineTooLong("trailer line")
            self._pause()

    def _pause(self) -> None:
        """Between two things that are no content: a moment for the other threads, where there are too many of them."""
        if time.thread_time() > self._enough:
            time.sleep(PAUSE)
            self._enough = time.thread_time() + SLICE
