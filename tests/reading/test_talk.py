"""What a run and the processes that read for it say to one another, and what starting one of those costs."""

import io
import socket
import subprocess
import sys
import threading
from multiprocessing.connection import Pipe
from pathlib import Path

import pytest

from ingest.reading.talk import Talk

#: What no document asks for, or only a rare one: together they took longer than all the rest of a start.
HEAVY = ("feedparser", "bs4", "dateutil", "requests", "urllib3", "http", "ssl", "email", "multiprocessing", "tempfile")


@pytest.mark.parametrize("size", [0, 1, 16_384, 5_000_000])
def test_messages_arrive_whole(size: int) -> None:
    """Whatever their size, in both directions, in order; the other end may be the standard library's."""
    theirs, ours = Pipe()
    talk = Talk(ours.fileno())
    message = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    for sender, receiver in ((theirs, talk), (talk, theirs)):
        sending = threading.Thread(target=lambda to=sender: [to.send_bytes(message), to.send_bytes(b"end")])
        sending.start()
        assert receiver.recv_bytes() == message
        assert receiver.recv_bytes() == b"end"
        sending.join()
    theirs.close()
    ours.close()


@pytest.mark.parametrize("size", [0, 1, 16_384, 5_000_000])
@pytest.mark.parametrize("on_disk", [False, True])
def test_streams_arrive_whole(size: int, on_disk: bool, tmp_path: Path) -> None:
    """From their start, wherever they were read to; what follows them stands for itself."""
    message = bytes(range(256)) * (size // 256) + b"x" * (size % 256)
    ours, theirs = (Talk(one.detach()) for one in socket.socketpair())
    path = tmp_path / "body"
    path.write_bytes(message)
    with path.open("rb") if on_disk else io.BytesIO(message) as stream:
        stream.read(100)
        sending = threading.Thread(target=lambda: [ours.send_stream(stream), ours.send_bytes(b"end")])
        sending.start()
        assert theirs.recv_stream().read() == message
        assert theirs.recv_bytes() == b"end"
        sending.join()
    ours.close()
    with pytest.raises(EOFError):
        theirs.recv_stream()
    theirs.close()


def test_the_end_is_told() -> None:
    """There is something to hear when the other end is gone, and it is that."""
    theirs, ours = Pipe()
    talk = Talk(ours.fileno())
    assert not talk.poll(0)
    theirs.close()
    assert talk.poll(60)
    with pytest.raises(EOFError):
        talk.recv_bytes()
    with pytest.raises(OSError, match="Broken pipe"):
        talk.send_bytes(b"x" * 5_000_000)
    ours.close()


def test_a_reading_process_imports_what_it_needs() -> None:
    """Two are started in a run of two seconds."""
    kinds = ", ".join(f"ingest.sources.{name}" for name in ("feed", "wordpress"))
    code = f"import ingest.reading.worker, {kinds}, sys; print(*sorted({set(HEAVY)!r} & sys.modules.keys()))"
    told = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert told.stdout.split() == []
