"""Where a body waits for its reader: a short one in memory, a long one on disk, and never a byte less."""

import gzip
import resource
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from ingest.errors import FetchError
from ingest.fetch import Fetcher, HostGate, Policy, politeness
from ingest.fetch.body import LONG, WAY
from ingest.records import Request, Response

from .hostile import Conversation, Server

SHORT, MIDDLING, TALL = (bytes(range(256)) * (size // 256) for size in (LONG, LONG + 256, 3 * LONG))


def get(body: bytes, gate: HostGate | None = None, **policy: Any) -> Response:
    """The answer of a server that packs this body."""

    def script(c: Conversation) -> None:
        c.answer(gzip.compress(body, 1), content_encoding="gzip")

    settings = Policy(robots="ignore", delay=0, allow_private=("127.0.0.0/8",), **policy)
    with Server({"": script}) as server, Fetcher(settings, gate=gate) as fetcher:
        return fetcher.get(Request(server.url()))


def is_file(answer: Response) -> bool:
    """Whether the body is a file."""
    return hasattr(answer.stream, "readall")


@contextmanager
def room(size: int) -> Iterator[None]:
    """No file may be longer than this."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


@pytest.mark.parametrize(("body", "long"), [(b"", False), (SHORT, False), (MIDDLING, True), (TALL, True)])
def test_a_long_body_waits_on_disk(body: bytes, *, long: bool) -> None:
    """It is read as one in memory is, as often as anybody likes."""
    answer = get(body)
    assert is_file(answer) == long
    assert answer.stream.read() == body
    assert answer.body == body


@pytest.mark.parametrize("space", [0, LONG // 2, LONG + 1000, 2 * LONG + 1000])
def test_a_full_disk_takes_nothing_away(space: int) -> None:
    """Where the file cannot be made, or ends in the middle, the body is kept in memory."""
    with room(space):
        answer = get(TALL)
    assert not is_file(answer)
    assert answer.body == TALL


def test_a_place_where_no_file_may_be(monkeypatch: pytest.MonkeyPatch) -> None:
    """The body is kept in memory."""
    monkeypatch.setattr(tempfile, "tempdir", "/nowhere")
    assert get(TALL).body == TALL


def test_the_limit_is_that_of_the_body() -> None:
    """Wherever it is kept."""
    assert get(TALL, max_bytes=len(TALL)).body == TALL
    with pytest.raises(FetchError) as raised:
        get(TALL, max_bytes=len(TALL) - 1)
    assert raised.value.kind == "too_big"


@pytest.mark.parametrize(
    ("body", "others", "pauses"), [(SHORT[:WAY], 9, 0), (SHORT, 9, 16), (TALL, 9, 80), (TALL, 1, 0), (TALL, 0, 0)]
)
def test_a_long_body_makes_way(monkeypatch: pytest.MonkeyPatch, body: bytes, others: int, pauses: int) -> None:
    """It pauses where more is under way than long bodies; what it pauses does not count against the deadline."""
    slept: list[float] = []
    monkeypatch.setattr(politeness.time, "sleep", slept.append)
    gate = HostGate()
    gate.under_way = lambda: others
    assert get(body, gate).body == body
    assert len(slept) == pytest.approx(min(pauses, politeness.LONGEST_PAUSE / politeness.PAUSE), abs=1)
    assert not gate.long, "it is over"


def test_its_pauses_are_not_the_server_s_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """A body that has come in time is whole, however long others went first."""
    monkeypatch.setattr(politeness, "PAUSE", 0.5)
    gate = HostGate()
    gate.under_way = lambda: 9
    began = time.monotonic()
    assert get(TALL, gate, deadline=2).body == TALL
    assert time.monotonic() - began > 2
