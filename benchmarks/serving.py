"""The benchmarks' server: every address of 127.0.0.0/8 that it is told of is a host of its own, all on one port.

    python benchmarks/serving.py '{"feeds": [1000, 10, 6000], "wordpress": 5000}'

prints its port and serves until its standard input ends. Asyncio, one thread, answers made beforehand; keep-alive,
ETag and 304, gzip. `http://127.0.0.1:PORT/-/…` is the benchmark's own door: `latency?ms=50`, `news?hosts=0,7`,
`asked` (how many requests since the last time, and their addresses), `warm`.
"""

import asyncio
import json
import os
import resource
import socket
import sys
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

sys.path.insert(0, str(Path(__file__).parent))

from sites import Answer, Feeds, WordPress, address, number

__all__ = ["CONTROL", "WORDPRESS", "World"]

CONTROL, WORDPRESS = "127.0.0.1", "127.0.0.2"
#: Below the ports that the kernel gives to outgoing connections.
PORTS = range(18_080, 30_000, 7)
ROBOTS = Answer(status="404 Not Found")
NOTHING = Answer(status="404 Not Found")


class World:
    """All hosts: what each answers, and what was asked."""

    def __init__(self, told: Mapping[str, Any]) -> None:
        """`told`: `feeds` is (count, entries, size), `wordpress` a number of posts."""
        self.feeds = Feeds(*told.get("feeds", (0, 0, 0)))
        self.wordpress = WordPress(told.get("wordpress", 0))
        self.latency = 0.0
        self.asked: list[str] = []

    def hosts(self) -> list[str]:
        """The addresses to listen on."""
        return [CONTROL, WORDPRESS, *map(address, range(self.feeds.count))]

    def answer(self, origin: str, path: str) -> Answer:
        """What a host says to `path`."""
        host = origin.partition(":")[0]
        if host == CONTROL:
            return self._told(path)
        self.asked.append(f"http://{origin}{path}")
        if path == "/robots.txt":
            return ROBOTS
        if host == WORDPRESS:
            return self.wordpress.answer(origin, path) or NOTHING
        return self.feeds.answer(number(host), origin, path) or NOTHING

    def _told(self, path: str) -> Answer:
        """The benchmark's own wishes."""
        parts = urlsplit(path)
        query = {name: values[-1] for name, values in parse_qs(parts.query).items()}
        if parts.path == "/-/latency":
            self.latency = float(query["ms"]) / 1000
        elif parts.path == "/-/news":
            for host in map(int, query["hosts"].split(",")):
                self.feeds.news[host] = self.feeds.news.get(host, 0) + 1
                self.feeds.answer(host, f"{address(host)}:{query['port']}", "/feed.xml")
        elif parts.path == "/-/warm":
            for host in range(self.feeds.count):
                self.feeds.answer(host, f"{address(host)}:{query['port']}", "/feed.xml")
        told, self.asked = self.asked, []
        return Answer(json.dumps(told).encode(), type="application/json")


class Speaker(asyncio.Protocol):
    """One connection: requests come one after another, each is answered after the latency."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.got = b""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Answers leave at once."""
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        transport.get_extra_info("socket").setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def data_received(self, data: bytes) -> None:
        """Answer whatever is whole."""
        self.got += data
        while b"\r\n\r\n" in self.got:
            head, _, self.got = self.got.partition(b"\r\n\r\n")
            self._answer(head.decode("latin-1"))

    def _answer(self, head: str) -> None:
        line, *fields = head.split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (one.partition(":") for one in fields)}
        said = self.world.answer(headers.get("host", ""), line.split(" ")[1])
        own = headers.get("host", "").startswith(f"{CONTROL}:")
        data = written(said, unchanged=bool(said.etag) and headers.get("if-none-match") == said.etag, plain=own)
        if self.world.latency and not own:
            asyncio.get_running_loop().call_later(self.world.latency, self._send, data)
        else:
            self._send(data)

    def _send(self, data: bytes) -> None:
        if not self.transport.is_closing():
            self.transport.write(data)


def written(said: Answer, *, unchanged: bool, plain: bool) -> bytes:
    """An answer as it goes over the wire."""
    lines = [f"HTTP/1.1 {'304 Not Modified' if unchanged else said.status}", "Server: nginx",
             "Date: Sat, 21 Nov 2026 09:00:00 GMT"]  # fmt: skip
    if said.etag:
        lines.append(f"ETag: {said.etag}")
    if unchanged:
        return ("\r\n".join(lines) + "\r\n\r\n").encode()
    lines += [f"Content-Type: {said.type}", *(f"{name}: {value}" for name, value in said.headers.items())]
    if said.body and not plain:
        lines += ["Content-Encoding: gzip", "Vary: Accept-Encoding"]
    return ("\r\n".join([*lines, f"Content-Length: {len(said.body)}"]) + "\r\n\r\n").encode() + said.body


def listeners(hosts: list[str]) -> tuple[int, list[socket.socket]]:
    """A port that is free on all hosts, and a listening socket on each."""
    for port in PORTS:
        with suppress(OSError):
            found = [socket.create_server((hosts[0], port), backlog=64)]
            found += [socket.create_server((host, port), backlog=64) for host in hosts[1:]]
            return port, found
    raise OSError("no port is free on all addresses")


async def serve(world: World) -> None:
    """Serve until standard input ends."""
    loop = asyncio.get_running_loop()
    port, sockets = listeners(world.hosts())
    kept = [await loop.create_server(lambda: Speaker(world), sock=one) for one in sockets]
    print(port, flush=True)
    ended = asyncio.Event()

    def heard() -> None:
        if not os.read(sys.stdin.fileno(), 1):
            ended.set()

    loop.add_reader(sys.stdin.fileno(), heard)
    await ended.wait()
    for one in kept:
        one.close()


if __name__ == "__main__":
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    asyncio.run(serve(World(json.loads(sys.argv[1]))))
