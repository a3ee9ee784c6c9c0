"""How often a host is asked, judged from the server's side; and the two pure functions of patience."""

import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.fetch import Fetcher, HostGate, Policy, Stopped, backoff, retry_after
from ingest.records import Request

from .conftest import ORDINARY, location
from .hostile import Conversation, Server

DELAY = 0.3
NOW = datetime(2026, 11, 21, 9, 0, 0, tzinfo=UTC)
DAY = 86_400


def client(gate: HostGate, **policy: Any) -> Fetcher:
    """A client for whom every name is this machine."""
    settings = {"robots": "ignore", "delay": DELAY, "allow_private": ("127.0.0.0/8",)} | policy
    return Fetcher(Policy(**settings), gate=gate, resolver=lambda *_: ["127.0.0.1"])


class Busy:
    """A script that takes its time, and notes when it began and ended with whom."""

    def __init__(self) -> None:
        self.spans: dict[str, list[tuple[float, float]]] = {}

    def __call__(self, c: Conversation) -> None:
        """Answer after a while."""
        began = time.monotonic()
        c.stopping.wait(0.05)
        self.spans.setdefault(c.asked.host, []).append((began, time.monotonic()))
        c.answer(b"x")


@pytest.fixture
def busy() -> Busy:
    """A server's notebook."""
    return Busy()


@pytest.fixture
def server(busy: Busy) -> Iterator[Server]:
    """Two virtual hosts on one port, and a redirect."""
    with Server(ORDINARY | {"/redirect": location("/busy"), "": busy}) as it:
        yield it


def ask(fetcher: Fetcher, server: Server, host: str, times: int) -> None:
    """Ask `host` so many times, as fast as the client goes."""
    with fetcher:
        for _ in range(times):
            fetcher.get(Request(server.url("/busy", host)))


def test_one_request_at_a_time_and_a_pause_between_two(server: Server, busy: Busy) -> None:
    """Four clients in four threads share the turns of two hosts: each is asked one by one with the pause between."""
    gate = HostGate()
    hosts = ["one.example", "two.example"] * 2
    threads = [threading.Thread(target=ask, args=(client(gate), server, host, 2)) for host in hosts]
    began = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    took = time.monotonic() - began
    assert {host: len(spans) for host, spans in busy.spans.items()} == {f"{host}:{server.port}": 4 for host in hosts}
    for spans in busy.spans.values():
        assert all(following[0] - ended >= DELAY for (_, ended), following in pairwise(sorted(spans)))
    spans = [sorted(all_of_them) for all_of_them in busy.spans.values()]
    assert spans[0][0][0] < spans[1][-1][1]
    assert spans[1][0][0] < spans[0][-1][1], "the two hosts do not wait for each other"
    assert took >= 3 * DELAY


def test_a_redirect_on_the_same_host_waits_as_well(server: Server) -> None:
    """Every hop is a request, and waits its turn."""
    with client(HostGate()) as fetcher:
        fetcher.get(Request(server.url("/redirect")))
    first, second = server.asked
    assert second.at - first.at >= DELAY


def test_waiting_does_not_count_against_the_deadline(server: Server) -> None:
    """A host's long pause is not the request's fault."""
    with client(HostGate(), delay=0.6, deadline=0.5) as fetcher:
        fetcher.get(Request(server.url("/busy")))
        assert fetcher.get(Request(server.url("/busy"))).status == 200


def test_an_error_does_not_shorten_the_pause(server: Server) -> None:
    """After a failure the next request waits as long as after a success."""
    server.scripts = {"/cut": lambda c: c.send(b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n")}
    with client(HostGate()) as fetcher:
        for _ in range(2):
            with pytest.raises(Exception, match="truncated"):
                fetcher.get(Request(server.url("/cut")))
    first, second = server.asked
    assert second.at - first.at >= DELAY


def test_stopping_wakes_who_waits(server: Server) -> None:
    """A wait of a minute ends at once when the gate is stopped, and nothing more is sent."""
    gate = HostGate()
    with client(gate, delay=60) as fetcher:
        fetcher.get(Request(server.url("/busy")))
        threading.Timer(0.2, gate.stop).start()
        began = time.monotonic()
        with pytest.raises(Stopped):
            fetcher.get(Request(server.url("/busy")))
        assert time.monotonic() - began < 5
        with pytest.raises(Stopped):
            fetcher.get(Request(server.url("/busy", "two.example")))
    assert len(server.asked) == 1


def test_a_turn_is_given_back_after_an_error() -> None:
    """Whatever goes wrong during a turn, the host is free afterwards."""
    gate = HostGate()
    with pytest.raises(ZeroDivisionError), gate.turn("a", 0):
        raise ZeroDivisionError
    with gate.turn("a", 0) as waited:
        assert waited < 1


def http_date(when: datetime) -> str:
    """As in a header."""
    return when.strftime("%a, %d %b %Y %H:%M:%S GMT")


@pytest.mark.parametrize(
    ("value", "seconds"),
    [
        ("0", 0),
        ("120", 120),
        (" 120 ", 120),
        ("86400", DAY),
        ("86401", DAY),
        ("99999999999", DAY),
        ("9" * 5000, DAY),
        ("00000000000060", 60),
        (http_date(NOW + timedelta(seconds=90)), 90),
        (http_date(NOW - timedelta(days=9)), 0),
        (http_date(NOW + timedelta(days=9)), DAY),
        ("Saturday, 21-Nov-26 09:01:30 GMT", 90),
        ("Sat Nov 21 09:01:30 2026", 90),
        ("", None),
        ("-5", None),
        ("soon", None),
        ("1.5", None),
        ("1e9", None),
        ("\u0661\u0662", None),
        ("Sat, 99 Nov 2026 09:00:00 GMT", None),
        ("Sat, 21 Nov 99999 09:00:00 GMT", None),
    ],
)
def test_retry_after(value: str, seconds: int | None) -> None:
    """Both forms are understood, clamped to a day, and junk is ignored."""
    assert retry_after({"retry-after": value}, NOW) == seconds


def test_retry_after_is_measured_by_the_hosts_own_clock() -> None:
    """A clock of ours that is ten years off changes nothing when the answer says what time it is."""
    headers = {"retry-after": http_date(NOW + timedelta(seconds=90)), "date": http_date(NOW)}
    assert retry_after(headers, NOW.replace(year=2016)) == 90
    assert retry_after({**headers, "date": "junk"}, NOW) == 90
    assert retry_after({}, NOW) is None


@given(st.text())
def test_retry_after_never_raises(value: str) -> None:
    """Whatever a host sends is a number of seconds within a day, or nothing."""
    assert retry_after({"retry-after": value, "date": value}, NOW) in {None, *range(DAY + 1)}


@pytest.mark.parametrize(
    ("interval", "failures", "seconds"),
    [
        (3600, 0, 3600),
        (3600, 1, 3600),
        (3600, 2, 7200),
        (3600, 23, 23 * 3600),
        (3600, 24, DAY),
        (3600, 29, DAY),
        (3600, 30, 30 * DAY),
        (3600, 10**6, 30 * DAY),
        (7 * DAY, 5, 7 * DAY),
        (60 * DAY, 99, 60 * DAY),
    ],
)
def test_backoff(interval: float, failures: int, seconds: float) -> None:
    """Linear, at most a day, monthly after thirty failures, and never faster than usual."""
    assert backoff(interval, failures) == seconds


@given(st.floats(1, 1e8), st.integers(0, 10**6))
def test_an_error_never_makes_anyone_faster(interval: float, failures: int) -> None:
    """More failures, longer waits."""
    assert interval <= backoff(interval, failures) <= backoff(interval, failures + 1)
