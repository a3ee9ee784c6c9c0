"""The catalogue of bad answers: number, script, and what has to come of it.

A script is what the server sends once it has read the request. The outcome is a kind of FetchError, or a status when the
answer is to be accepted.
"""

import gzip
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from itertools import chain, repeat

from .hostile import Conversation, Script

__all__ = ["CASES", "SCRIPTS", "Case"]

OK = b"HTTP/1.1 200 OK\r\n"
GZIP = OK + b"Content-Encoding: gzip\r\n"
CHUNKED = OK + b"Transfer-Encoding: chunked\r\n\r\n"
PAGE = b"<p>" + b"words and more words " * 2000 + b"</p>"


@dataclass(frozen=True)
class Case:
    """A row of the catalogue, or one of the variants it names."""

    row: int
    name: str
    script: Script
    outcome: str | int
    #: Seconds the client gives the request: short where waiting is what is tested.
    deadline: float = 10.0
    #: What an accepted answer has to hold.
    body: bytes | None = None
    #: The address that is fetched when it is not the script's own.
    url: str = ""

    @property
    def path(self) -> str:
        """Where the script is served."""
        return f"/{self.row}/{self.name}"


CASES: list[Case] = []


def case(row: int, name: str, outcome: str | int, script: Script, **more: object) -> None:
    """Add a case."""
    CASES.append(Case(row, name, script, outcome, **more))  # type: ignore[arg-type]


def says(*parts: bytes) -> Script:
    """Send this and close."""
    return lambda c: c.send(b"".join(parts))


def says_and_floods(head: bytes, data: bytes) -> Script:
    """Send this, then that for ever."""

    def script(c: Conversation) -> None:
        c.send(head)
        c.flood(data)

    return script


def says_and_drips(head: bytes, data: bytes) -> Script:
    """Send this, then drip that for ever."""

    def script(c: Conversation) -> None:
        c.send(head)
        c.drip(repeat(data))

    return script


def bytes_of(data: bytes) -> Iterator[bytes]:
    """The bytes of `data`, one by one."""
    return (data[n : n + 1] for n in range(len(data)))


@cache
def bomb(layers: int = 1) -> bytes:
    """Gzip data of 10 MB that inflate to 10 GiB; with another layer 16 kB that inflate to those."""
    squeeze = zlib.compressobj(9, zlib.DEFLATED, 31)
    block = squeeze.compress(bytes(16 * 2**20)) + squeeze.flush(zlib.Z_FULL_FLUSH)
    zeros = zlib.compressobj(9, zlib.DEFLATED, -15)
    again = zeros.compress(bytes(16 * 2**20)) + zeros.flush(zlib.Z_FULL_FLUSH)
    return block + again * 639 if layers == 1 else gzip.compress(bomb())


def chunk(data: bytes) -> bytes:
    """One chunk of a chunked body."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def cut(data: bytes) -> bytes:
    """The first half of `data`."""
    return data[: len(data) // 2]


def sized(data: bytes) -> bytes:
    """The end of a header with the right Content-Length, and the body."""
    return b"Content-Length: %d\r\n\r\n%b" % (len(data), data)


PACKED = gzip.compress(PAGE)
WRONG_CRC = PACKED[:-8] + bytes(4) + PACKED[-4:]

# 1-3, 5, 6: what drips ends at the deadline.
case(1, "headers", "too_slow", lambda c: c.drip(chain(bytes_of(OK), repeat(b"X"))), deadline=1.0)
case(1, "status-line", "too_slow", lambda c: c.drip(bytes_of(b"HTTP/1.1 200 " + b"O" * 400)), deadline=1.0)
case(1, "silence", "too_slow", lambda c: c.drip(repeat(b"")), deadline=1.0)
case(2, "body", "too_slow", says_and_drips(OK + b"\r\n", b"x"), deadline=1.0)
case(2, "body-with-length", "too_slow", says_and_drips(OK + b"Content-Length: 100000\r\n\r\n", b"x"), deadline=1.0)
case(2, "chunks", "too_slow", says_and_drips(CHUNKED, chunk(b"x")), deadline=1.0)
case(3, "gzip", "too_slow", lambda c: c.drip(chain([GZIP + b"\r\n"], bytes_of(PACKED * 50))), deadline=1.0)
case(5, "trailer", "too_slow", says_and_drips(CHUNKED + chunk(b"x") + b"0\r\n", b"X: y\r\n"), deadline=1.0)
EXTENSIONS = b"1;" + b"x" * 60_000 + b"\r\nx\r\n"
case(5, "chunk-extensions", "too_slow", says_and_floods(CHUNKED, EXTENSIONS), deadline=1.0)
case(
    5,
    "trailer-flood",
    "too_slow",
    says_and_floods(CHUNKED + chunk(b"x") + b"0\r\n", b"X: y\r\n" * 10_000),
    deadline=1.0,
)
case(5, "tiny-chunks", "too_slow", says_and_floods(CHUNKED, chunk(b"x") * 10_000), deadline=1.0)
case(5, "trailers", 200, says(CHUNKED, chunk(b"body"), b"0\r\n", b"X: y\r\n" * 500, b"\r\n"), body=b"body")
case(5, "trailers-cut", 200, says(CHUNKED, chunk(b"body"), b"0\r\nX: y\r\n"), body=b"body")
case(6, "continue", "too_slow", lambda c: c.drip(repeat(b"HTTP/1.1 100 Continue\r\n\r\n")), deadline=1.0)
case(6, "continue-flood", "too_slow", lambda c: c.flood(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000), deadline=1.0)
case(6, "early-hints-flood", "too_slow", lambda c: c.flood(b"HTTP/1.1 103 Early Hints\r\n\r\n" * 1000), deadline=1.0)

# 4, 8: what does not end is cut off by size.
case(4, "endless-body", "too_big", says_and_floods(OK + b"\r\n", bytes(65536)))
case(4, "endless-chunks", "too_big", says_and_floods(CHUNKED, chunk(bytes(65536))))
case(4, "announced", "too_big", says_and_floods(OK + b"Content-Length: 99999999999\r\n\r\n", bytes(65536)))
case(8, "bomb", "too_big", lambda c: c.send(GZIP + sized(bomb())))
case(
    8,
    "bomb-chunked",
    "too_big",
    lambda c: c.send(GZIP + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(bomb()) + chunk(b"")),
)
case(8, "deflate-bomb", "too_big", lambda c: c.send(OK + b"Content-Encoding: deflate\r\n" + sized(bomb()[10:])))

# 7: the body of a redirect is never read.
FOUND = b"HTTP/1.1 302 Found\r\nLocation: /plain\r\n"
case(7, "endless", 200, says_and_floods(FOUND + b"\r\n", bytes(65536)), body=b"plain")
case(7, "bomb", 200, lambda c: c.send(FOUND + b"Content-Encoding: gzip\r\n" + sized(bomb())), body=b"plain")
case(7, "drip", 200, says_and_drips(FOUND + b"\r\n", b"x"), body=b"plain")

# 9-13: encodings.
case(9, "gzip-in-gzip", "bad_encoding", lambda c: c.send(OK + b"Content-Encoding: gzip, gzip\r\n" + sized(bomb(2))))
case(9, "twice", "bad_encoding", lambda c: c.send(GZIP + b"Content-Encoding: gzip\r\n" + sized(bomb(2))))
case(9, "hidden-layer", "too_big", lambda c: c.send(GZIP + sized(bomb())))
case(9, "two-hundred", "bad_encoding", says(OK, b"Content-Encoding: ", b"gzip, " * 199, b"gzip\r\n", sized(PACKED)))
for unknown in (b"br", b"zstd", b"snappy", b"compress", b"gzip;q=1"):
    name = unknown.decode().partition(";")[0] + ("-parameter" if b";" in unknown else "")
    case(10, name, "bad_encoding", says(OK, b"Content-Encoding: ", unknown, b"\r\n", sized(PACKED)))
case(11, "cut-with-length", "truncated", says(GZIP, sized(cut(PACKED))))
case(11, "cut-without-length", "truncated", says(GZIP, b"\r\n", cut(PACKED)))
case(11, "cut-chunked", "truncated", says(GZIP, b"Transfer-Encoding: chunked\r\n\r\n", chunk(cut(PACKED)), chunk(b"")))
case(11, "no-trailer", "truncated", says(GZIP, sized(PACKED[:-8])))
case(11, "half-a-trailer", "truncated", says(GZIP, sized(PACKED[:-3])))
case(11, "header-only", "truncated", says(GZIP, sized(PACKED[:5])))
case(11, "deflate", "truncated", says(OK, b"Content-Encoding: deflate\r\n", sized(cut(zlib.compress(PAGE)))))
case(12, "wrong-crc", "bad_encoding", says(GZIP, sized(WRONG_CRC)))
case(12, "not-gzip", "bad_encoding", says(GZIP, sized(PAGE)))
case(12, "not-deflate", "bad_encoding", says(OK, b"Content-Encoding: deflate\r\n", sized(PAGE)))
case(13, "garbage", 200, says(GZIP, sized(PACKED + b"garbage")), body=PAGE)
case(13, "zeros", 200, says(GZIP, sized(PACKED + bytes(512))), body=PAGE)
case(13, "members", 200, says(GZIP, sized(gzip.compress(PAGE[:99]) + gzip.compress(PAGE[99:]))), body=PAGE)
case(13, "x-gzip", 200, says(OK, b"Content-Encoding: x-gzip\r\n", sized(PACKED)), body=PAGE)
case(13, "identity", 200, says(OK, b"Content-Encoding: identity\r\n", sized(PAGE)), body=PAGE)
case(13, "deflate", 200, says(OK, b"Content-Encoding: deflate\r\n", sized(zlib.compress(PAGE))), body=PAGE)
case(13, "bare-deflate", 200, says(OK, b"Content-Encoding: deflate\r\n", sized(zlib.compress(PAGE)[2:-4])), body=PAGE)
case(13, "empty", 200, says(GZIP, b"Content-Length: 0\r\n\r\n"), body=b"")

# 14-20: framing.
case(14, "length-too-long", "truncated", says(OK, b"Content-Length: 99\r\n\r\nshort"))
case(15, "length-too-short", 200, says(OK, b"Content-Length: 3\r\n\r\n[1,2,3]"), body=b"[1,")
case(16, "negative", 200, says(OK, b"Content-Length: -5\r\n\r\nbody"), body=b"body")
case(16, "letters", 200, says(OK, b"Content-Length: abc\r\n\r\nbody"), body=b"body")
case(16, "negative-endless", "too_big", says_and_floods(OK + b"Content-Length: -5\r\n\r\n", bytes(65536)))
case(17, "two-lengths", "bad_http", says(OK, b"Content-Length: 4\r\nContent-Length: 5\r\n\r\nbody!"))
case(17, "equal-lengths", 200, says(OK, b"Content-Length: 4\r\nContent-Length: 4\r\n\r\nbody"), body=b"body")
case(17, "list-of-equals", 200, says(OK, b"Content-Length: 4, 4\r\n\r\nbody!"), body=b"body")
case(
    18,
    "length-and-chunked",
    200,
    says(OK, b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n", chunk(b"body"), chunk(b"")),
    body=b"body",
)
case(18, "coded-transfer", "bad_http", says(OK, b"Transfer-Encoding: gzip, chunked\r\n\r\n", chunk(PACKED), chunk(b"")))
case(18, "blank-after", 200, says(OK, b"Transfer-Encoding: chunked \r\n\r\n", chunk(b"body"), chunk(b"")), body=b"body")
case(18, "other-coding", "bad_http", says(OK, b"Transfer-Encoding: x\r\n", sized(b"body")))
case(19, "cut", "truncated", says(CHUNKED, chunk(b"body")))
case(19, "cut-in-chunk", "truncated", says(CHUNKED, chunk(b"body"), b"9\r\nhalf"))
case(19, "bad-size", "truncated", says(CHUNKED, chunk(b"body"), b"zz\r\nbody\r\n0\r\n\r\n"))
case(19, "huge-size", "truncated", says(CHUNKED, b"ffffffffffffffff\r\nbody"))
case(19, "negative-size", "truncated", says(CHUNKED, b"-5\r\nbody\r\n0\r\n\r\n"))
case(19, "minus-one-endless", "truncated", says_and_floods(CHUNKED + b"-1\r\n", bytes(65536)))
case(19, "huge-size-endless", "too_big", says_and_floods(CHUNKED + b"ffffffffffffffff\r\n", bytes(65536)))
case(20, "no-length", 200, says(OK, b"\r\n[1, 2"), body=b"[1, 2")

# 21: connections that die.
case(21, "reset-at-start", "truncated", lambda c: c.reset())
case(21, "close-at-start", "truncated", says(b""))
case(21, "close-in-header", "truncated", says(b"HTTP/1.1 200 OK\r\nContent-Le"))
case(21, "close-after-header-line", "truncated", says(b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n"))
case(21, "close-after-status", "truncated", says(b"HTTP/1.1 200 OK\r\n"))


def reset_in_body(c: Conversation) -> None:
    """Some of the body, then a RST."""
    c.send(OK + b"Content-Length: 99999\r\n\r\n" + bytes(999))
    c.stopping.wait(0.1)
    c.reset()


case(21, "reset-in-body", "truncated", reset_in_body)
case(21, "close-in-body", "truncated", says(OK, b"Content-Length: 99999\r\n\r\n", bytes(999)))

# 22, 23: what is no HTTP.
case(22, "huge-header", "bad_http", says_and_floods(OK + b"X: ", b"x" * 65536))
case(22, "many-headers", "bad_http", says(OK, b"X-Some: header\r\n" * 5000, b"\r\nbody"))
case(22, "huge-status-line", "bad_http", says(b"HTTP/1.1 200 ", b"O" * 2**20, b"\r\n\r\nbody"))
case(22, "huge-chunk-line", "bad_http", says(CHUNKED, b"4;", b"x" * 2**20, b"\r\nbody\r\n0\r\n\r\n"))
case(22, "huge-trailer", "bad_http", says(CHUNKED, chunk(b"body"), b"0\r\nX: ", b"x" * 2**20, b"\r\n\r\n"))
case(22, "damaged-header", "bad_http", says(OK, b"this is no header\r\nContent-Encoding: br\r\n\r\nbody"))
case(22, "bare-cr", "bad_http", says(OK, b"X: y\rTransfer-Encoding: chunked\r\n", sized(b"body")))
case(23, "ssh", "bad_http", says(b"SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n"))
case(23, "http-0.9", "bad_http", says(b"<html><body>hello</body></html>"))
case(23, "bad-status", "bad_http", says(b"HTTP/1.1 abc OK\r\n\r\nbody"))
case(23, "binary", "bad_http", says(bytes(range(256))))

# 24-27, 30: redirects that lead nowhere, or where nobody may go.
case(24, "loop", "redirects", says(b"HTTP/1.1 302 Found\r\nLocation: /24/loop\r\nContent-Length: 0\r\n\r\n"))
FORBIDDEN = {
    25: ("file:///etc/hostname", "ftp://127.0.0.1/", "gopher://127.0.0.1/", "data:text/html,hello", "javascript:1"),
    27: (
        "http://10.0.0.1/",
        "http://169.254.169.254/latest/meta-data/",
        "http://192.168.1.1/",
        "http://[::1]/",
        "http://[::ffff:10.0.0.1]/",
        "http://[64:ff9b::a00:1]/",
        "//10.1.2.3/",
    ),
    29: ("http://167772161/", "http://0xa.1/", "http://012.0.0.1/", "http://10.1/", "http://0/", "http://0xa000001/"),
    30: (
        "http://a.example%00.b/",
        "http://10.0.0.1\\@a.example/",
        "http://user@10.0.0.1/",
        "http://[::1",
        "http://a b/",
        "http://\uff11\uff10.0.0.1/",
        "http://10.0.0.1./",
    ),
}
for number, addresses in FORBIDDEN.items():
    for position, address in enumerate(addresses):
        location = b"Location: " + address.encode() + b"\r\nContent-Length: 0\r\n\r\n"
        case(number, f"redirect-{position}", "blocked", says(b"HTTP/1.1 302 Found\r\n", location))
case(26, "no-location", "bad_http", says(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n"))
case(26, "empty-location", "bad_http", says(b"HTTP/1.1 302 Found\r\nLocation: \r\nContent-Length: 0\r\n\r\n"))

# 33, 36: oddities that are answers.
case(
    33,
    "cookies",
    200,
    says(OK, b"".join(b"Set-Cookie: c%d=%b\r\n" % (n, b"x" * 4096) for n in range(50)), sized(b"x")),
    body=b"x",
)
case(36, "204", 204, says(b"HTTP/1.1 204 No Content\r\n\r\n"), body=b"")
case(36, "304-with-body", 304, says(b"HTTP/1.1 304 Not Modified\r\n", sized(b"body")), body=b"")
case(36, "304-chunked", 304, says(b"HTTP/1.1 304 Not Modified\r\nTransfer-Encoding: chunked\r\n\r\n"), body=b"")
case(36, "folded", 200, says(OK, b"Content-Length:\r\n 4\r\nX: a\r\n\tb\r\n\r\nbody!"), body=b"body")
case(36, "999", 999, says(b"HTTP/1.1 999 Request denied\r\n", sized(b"no")), body=b"no")
case(36, "103-first", 200, says(b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", OK, sized(b"yes")), body=b"yes")
case(36, "101", 101, says(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\nnot HTTP any more"), body=b"")
case(36, "300", 300, says(b"HTTP/1.1 300 Multiple Choices\r\n", sized(b"which?")), body=b"which?")
for status in (401, 403, 404, 410, 418, 429, 500, 503):
    case(39, str(status), status, says(b"HTTP/1.1 %d Status\r\n" % status, sized(b"why")), body=b"why")

SCRIPTS: dict[str, Script] = {one.path: one.script for one in CASES} | {"/plain": lambda c: c.answer(b"plain")}
