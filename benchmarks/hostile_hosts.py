"""Hosts that do whatever a host can do wrong, each on a port of its own.

The catalogue of tests/fetch, and documents that want the reader's processor or memory.

    python benchmarks/hostile_hosts.py NAME…

prints the address of each and serves until its standard input ends.
"""

import gzip
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import ExitStack
from functools import cache
from pathlib import Path
from typing import Self

sys.path.insert(0, str(Path(__file__).parents[1]))

from tests.fetch.hostile import Script, Server
from tests.fetch.rows import CASES

__all__ = ["Hostile", "batches"]

#: Outcomes of the catalogue that are no trouble: an odd answer that is taken.
_HARMLESS = (200, 204, 304)
_RSS = b'<?xml version="1.0"?><rss version="2.0"><channel><title>Bad</title><link>http://bad.example/</link>%b</channel></rss>'
_ITEM = b"<item><guid>%d</guid><title>t</title><description>%b</description></item>"


def _many(item: bytes, count: int) -> bytes:
    return _RSS % b"".join(_ITEM % (n, item) for n in range(count))


#: What is no fault of the connection but costs whoever reads it; every one packs to less than the limit.
DOCUMENTS: Mapping[str, Callable[[], bytes]] = {
    "deep-html": lambda: _RSS % (_ITEM % (1, b"&lt;div&gt;" * 400_000)),
    "open-comments": lambda: _RSS % (_ITEM % (1, b"&lt;!-- " * 1_000_000)),
    "brackets": lambda: _RSS % (_ITEM % (1, b"&lt;" * 3_000_000)),
    "attributes": lambda: _RSS % (_ITEM % (1, b"&lt;a title='" * 900_000)),
    "deep-xml": lambda: _RSS % (b"<x>" * 3_000_000),
    "many-entries": lambda: _many(b"word " * 20, 80_000),
    "long-entries": lambda: _many(b"word " * 180_000, 20),
    "lists": lambda: _many(b"&lt;ul&gt;&lt;li&gt;a" * 20_000, 20),
    "damaged": lambda: _many(b"&bad; & <p> word" * 2000, 400),
    "blanks": lambda: b"\n" * 19_000_000 + _RSS % b"",
}  # fmt: skip


def scripts() -> dict[str, Script]:
    """Every hostile host by name."""
    found = {one.path: one.script for one in CASES if one.outcome not in _HARMLESS and not one.url}
    return found | {f"/document/{name}": _serving(name) for name in DOCUMENTS}


def _serving(name: str) -> Script:
    return lambda c: c.answer(_packed(name), content_encoding="gzip", content_type="application/rss+xml")


@cache
def _packed(name: str) -> bytes:
    return gzip.compress(DOCUMENTS[name](), 1)


def batches(most: int | None = None) -> Iterator[list[str]]:
    """The names, ten at a time, the sorts of trouble mixed; the documents come first, being ten."""
    names = [*(f"/document/{name}" for name in DOCUMENTS), *(n for n in scripts() if not n.startswith("/document/"))]
    rest = names[10:]
    count = -(-len(rest) // 10)
    mixed = [rest[n::count] for n in range(count)]
    return iter([names[:10], *([*one, *rest][:10] for one in mixed)][:most])


class Hostile:
    """These hosts, in a process of their own."""

    def __init__(self, names: Sequence[str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__, *names], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        assert self._process.stdout is not None
        self.urls = [self._process.stdout.readline().decode().strip() for _ in names]

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._process.kill()
        self._process.wait(30)


def main() -> None:
    """Serve what the command line names."""
    known = scripts()
    with ExitStack() as stack:
        for name in sys.argv[1:]:
            if name.startswith("/document/"):
                _packed(name.removeprefix("/document/"))  # now: a second of these processors, when it is asked for
            server = stack.enter_context(Server({"": known[name]}))
            print(server.url(name), flush=True)
        sys.stdin.read()


if __name__ == "__main__":
    main()
