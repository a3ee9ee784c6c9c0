"""Answers damaged at random: whatever comes, there is an answer or a FetchError, in time."""

import os
import random
import time
from collections import Counter

import pytest

from ingest.errors import FETCH_KINDS, FetchError
from ingest.fetch import Fetcher, Policy
from ingest.records import Request

from .hostile import Conversation, Server
from .rows import CHUNKED, GZIP, OK, PACKED, chunk, sized

WHOLE = [
    GZIP + sized(PACKED),
    GZIP + b"Transfer-Encoding: chunked\r\n\r\n" + chunk(PACKED) + chunk(b""),
    CHUNKED + chunk(b"hello") * 3 + chunk(b""),
    OK + sized(b"body"),
    OK + b'ETag: "x"\r\nRetry-After: 5\r\nConnection: close\r\n\r\nbody',
    b"HTTP/1.0 200 OK\r\n\r\nbody",
    b"HTTP/1.1 302 Found\r\nLocation: /plain\r\nContent-Length: 0\r\n\r\n",
    b"HTTP/1.1 103 Early Hints\r\nLink: x\r\n\r\n" + OK + sized(b"body"),
]
PIECES = [
    b"\r\n",
    b"\n",
    b"\r",
    b":",
    b"\0",
    b"\xff",
    b"-1",
    b"9" * 20,
    b"chunked",
    b"gzip",
    b" ",
    b"\t",
    b";",
    b",",
    b"0\r\n\r\n",
]
LINES = [
    b"Content-Length: 3\r\n",
    b"Transfer-Encoding: chunked\r\n",
    b"Content-Encoding: deflate\r\n",
    b"Content-Type: multipart/mixed\r\n",
    b"Location: http://[\r\n",
    b"Location: \xff\xfe//\r\n",
    b"Connection: keep-alive, upgrade\r\n",
    b"HTTP/1.1 100 Continue\r\n\r\n",
]


def damaged(answer: bytes, dice: random.Random) -> bytes:
    """`answer` with one to four pieces put in, taken out, changed or cut off; most of them in its header."""
    data = bytearray(answer)
    for _ in range(dice.randint(1, 4)):
        place = min(dice.randrange(len(data) + 1), dice.choice([120, len(data)]))
        way = dice.random()
        if way < 0.4:
            data[place:place] = dice.choice(PIECES + LINES)
        elif way < 0.6:
            del data[place : place + dice.randint(1, 8)]
        elif way < 0.8 and place < len(data):
            data[place] = dice.randrange(256)
        else:
            del data[max(place, 3) :]
    return bytes(data)


@pytest.mark.soak
def test_damaged_answers() -> None:
    """A damaged answer is an answer or an error of a known kind, never another exception, and never late."""
    count = 50_000 if os.environ.get("BLOGCORPUS_SOAK") else 1500
    dice = random.Random(count)  # noqa: S311
    now: list[bytes] = [b""]
    seen: Counter[str] = Counter()

    def script(c: Conversation) -> None:
        c.send(now[0])

    policy = Policy(robots="ignore", delay=0, deadline=2, allow_private=("127.0.0.0/8",))
    with Server({"": script, "/plain": lambda c: c.answer(b"plain")}) as server, Fetcher(policy) as fetcher:
        for _ in range(count):
            now[0] = damaged(dice.choice(WHOLE), dice)
            began = time.monotonic()
            try:
                seen[str(fetcher.get(Request(server.url("/x"))).status)] += 1
            except FetchError as error:
                seen[error.kind] += 1
            assert time.monotonic() - began < 2.5, now[0]
    assert seen.keys() & FETCH_KINDS.keys()
    assert seen["200"]
