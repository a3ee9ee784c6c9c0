"""Requests per second of the client on loopback, against a bare `requests.Session` in the same run.

    python benchmarks/fetch.py [SECONDS]

Three answers: eleven bytes (the cost of a request), a REST page of 100 posts (1.2 MB, gzipped: the cost of decoding)
and a 304. Both clients take turns in short rounds, so that whatever else the machine does meets both; the figure is
the ratio of the medians. The goal is at least 0.8 each.
"""

import asyncio
import gzip
import json
import multiprocessing
import random
import statistics
import sys
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from pathlib import Path

import requests

sys.path.insert(0, str(Path(__file__).parents[1]))

from ingest.fetch import Fetcher, Policy
from ingest.records import Request

ROUNDS = 8
GOAL = 0.8


def answers() -> dict[str, bytes]:
    """What the server says, by path."""
    words = random.Random(1)
    text = ["".join(words.choices("abcdefghij klmnop", k=9)) for _ in range(4000)]
    posts = [
        {"id": n, "content": {"rendered": "<p>" + " ".join(words.choices(text, k=1200)) + "</p>"}} for n in range(100)
    ]
    page = gzip.compress(json.dumps(posts).encode(), 6)
    fields = (
        b"Server: nginx\r\nDate: Sat, 21 Nov 2026 09:00:00 GMT\r\nContent-Type: application/json; charset=UTF-8\r\n"
    )
    return {
        "/small": b"HTTP/1.1 200 OK\r\n%bContent-Length: 11\r\n\r\nhello world" % fields,
        "/page": b"HTTP/1.1 200 OK\r\n%bContent-Encoding: gzip\r\nContent-Length: %d\r\n\r\n%b"
        % (fields, len(page), page),
        "/unchanged": b'HTTP/1.1 304 Not Modified\r\nServer: nginx\r\nETag: "x"\r\n\r\n',
        "/robots.txt": b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n",
    }


def serve(port: Connection) -> None:
    """Answer until killed; the port goes into the pipe."""
    said = answers()

    class Answer(asyncio.Protocol):
        def connection_made(self, transport: asyncio.BaseTransport) -> None:
            self.transport = transport

        def data_received(self, data: bytes) -> None:
            assert isinstance(self.transport, asyncio.Transport)
            self.transport.write(said[data.split(b" ", 2)[1].decode()])

    async def main() -> None:
        server = await asyncio.get_running_loop().create_server(Answer, "127.0.0.1", 0)
        port.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(main())


def rate(get: Callable[[str], object], url: str, seconds: float) -> float:
    """Requests per second."""
    began = time.perf_counter()
    count = 0
    while (took := time.perf_counter() - began) < seconds:
        get(url)
        count += 1
    return count / took


def main() -> None:
    """Measure and print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 0.5
    receive, send = multiprocessing.Pipe(duplex=False)
    server = multiprocessing.Process(target=serve, args=(send,), daemon=True)
    server.start()
    root = f"http://127.0.0.1:{receive.recv()}"
    rows: list[object] = []
    policy = Policy(delay=0, allow_private=("127.0.0.0/8",))
    with Fetcher(policy, log=rows.append) as fetcher, requests.Session() as session:
        clients = {"ours": lambda url: fetcher.get(Request(url)).body, "requests": lambda url: session.get(url).content}
        for path in ("/small", "/page", "/unchanged"):
            rates: dict[str, list[float]] = {name: [] for name in clients}
            for _ in range(ROUNDS):
                for name, get in clients.items():
                    rates[name].append(rate(get, root + path, seconds))
            ours, bare = (statistics.median(rates[name]) for name in clients)
            print(f"{path:11} ours {ours:7.0f}/s   requests {bare:7.0f}/s   ratio {ours / bare:.2f}")
            assert ours / bare >= GOAL, path
    server.kill()


if __name__ == "__main__":
    main()
