"""The log of a run: whole JSON lines, rotated under a running process, and no run that dies of a full disk."""

import errno
import json
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any

import pytest

from ingest.errors import ConfigError, DiskFull
from ingest.journal import Journal
from tests.prompt import Prompt

#: A process that logs a number every few milliseconds until it is told to end, and reopens its log on SIGHUP.
LOGGING = """
import signal, sys, time
from ingest.journal import Journal
going = True
def end(*_):
    global going
    going = False
with Journal(sys.argv[1]) as log:
    signal.signal(signal.SIGHUP, lambda *_: log.reopen())
    signal.signal(signal.SIGTERM, end)
    n = 0
    while going:
        log.write("tick", n=n)
        n += 1
        time.sleep(0.002)
    log.write("end", n=n, lost=log.lost)
"""


def lines(path: Path) -> list[dict[str, Any]]:
    """The events of a log; every line has to be whole."""
    text = path.read_text(encoding="utf-8")
    assert text.endswith("\n")
    return [json.loads(line) for line in text.splitlines()]


def test_an_event_is_a_line(tmp_path: Path) -> None:
    """With its time, level, name and fields; whatever a title holds; appended to what is there."""
    path = tmp_path / "log.jsonl"
    path.write_text('{"event": "earlier"}\n')
    with Journal(path) as log:
        log.write("source", source=7, url="https://blog.example/", verdict="complete", new=2, reason=None)
        log.write("reject", level="warning", why="line\nbreak \ud800 é", path=tmp_path)
    earlier, start, source, reject = lines(path)
    assert earlier == {"event": "earlier"}
    assert (start["event"], start["level"], start["pid"]) == ("start", "info", os.getpid())
    assert source["time"].endswith("Z")
    assert {k: source[k] for k in ("event", "source", "url", "verdict", "new")} == {
        "event": "source", "source": 7, "url": "https://blog.example/", "verdict": "complete", "new": 2,
    }  # fmt: skip
    assert "reason" not in source
    assert (reject["level"], reject["why"][:10], reject["path"]) == ("warning", "line\nbreak", str(tmp_path))


def test_lines_of_many_threads_and_logs_never_mix(tmp_path: Path) -> None:
    """Two logs of one file, four threads each: every line is whole, and none is missing."""
    path = tmp_path / "log.jsonl"
    with Journal(path) as one, Journal(path) as two:

        def work(log: Journal, name: str) -> None:
            for n in range(200):
                log.write("tick", name=name, n=n, filling="x" * 3000)

        threads = [
            threading.Thread(target=work, args=(log, f"{i}{t}")) for i, log in enumerate((one, two)) for t in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    ticks = {(e["name"], e["n"]) for e in lines(path) if e["event"] == "tick"}
    assert len(ticks) == 8 * 200


def test_logrotate_moves_the_file_and_sends_hup(tmp_path: Path) -> None:
    """As logrotate does it, three times in a real process: a new file each time, and no line lost or told twice."""
    path = tmp_path / "log.jsonl"
    with subprocess.Popen([sys.executable, "-c", LOGGING, str(path)]) as process:
        try:
            for n in range(3):
                _until(lambda: path.exists() and path.stat().st_size > 2000)
                path.rename(tmp_path / f"log.jsonl.{n}")
                process.send_signal(signal.SIGHUP)
            _until(lambda: path.exists() and path.stat().st_size > 2000)
            process.send_signal(signal.SIGTERM)
            assert process.wait(30) == 0
        finally:
            process.kill()
    told = [e for part in (*(tmp_path / f"log.jsonl.{n}" for n in range(3)), path) for e in lines(part)]
    ticks = [e["n"] for e in told if e["event"] == "tick"]
    assert ticks == list(range(len(ticks)))
    assert (told[-1]["event"], told[-1]["n"], told[-1]["lost"]) == ("end", len(ticks), 0)


def _until(ready: Any) -> None:
    end = time.monotonic() + 60
    while not ready():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_place_that_cannot_be_a_log_is_said_at_the_start(tmp_path: Path) -> None:
    """A missing folder and a folder are the operator's to mend; a full disk is a full disk."""
    with pytest.raises(ConfigError, match=r"no/log\.jsonl: the log cannot be written: there is no folder .*/no"):
        Journal(tmp_path / "no" / "log.jsonl")
    with pytest.raises(ConfigError, match="Is a directory"):
        Journal(tmp_path)
    with pytest.raises(DiskFull, match="No space left"):
        Journal("/dev/full")


def test_fetch_says_at_the_start_that_it_cannot_log(prompt: Prompt) -> None:
    """With the exit status of whose fault it is, before a source is asked."""
    prompt("sources", "import", prompt.file("list.opml", "<opml version='2.0'><body/></opml>"))
    for path, code, said in (("no/log.jsonl", 2, "there is no folder"), ("/dev/full", 74, "No space left on device")):
        done = prompt("fetch", "--log-file", path)
        assert done.code == code
        assert done.err.startswith(f"blogcorpus: {path}: the log cannot be written: {said}")
    assert prompt("fetch", "--log-file", "log.jsonl").code == 0
    assert [event["event"] for event in lines(prompt.folder / "log.jsonl")] == ["start", "end"]


def test_a_disk_that_fills_up_costs_lines_and_not_the_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is lost is counted; a line that was cut does not spoil the next one."""
    path = tmp_path / "log.jsonl"
    write, room = os.write, [10, 0]

    def full(handle: int, data: bytes) -> int:
        if not room:
            return write(handle, data)
        left = room.pop(0)
        if not left:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(handle, data[:left])

    with Journal(path) as log:
        monkeypatch.setattr(os, "write", full)
        for n in range(3):
            log.write("tick", n=n)
        assert (log.lost, log.trouble) == (2, "No space left on device")
    start, torn, tick = path.read_text().splitlines()
    assert (json.loads(start)["event"], len(torn), json.loads(tick)["n"]) == ("start", 10, 2)


def test_a_rotation_into_nowhere_goes_on_in_the_old_file(tmp_path: Path) -> None:
    """Whoever takes the folder away loses no event of the run."""
    folder = tmp_path / "logs"
    folder.mkdir()
    with Journal(folder / "log.jsonl") as log:
        folder.rename(tmp_path / "moved")
        log.reopen()
        log.write("tick", n=1)
        assert (log.lost, log.trouble) == (0, "No such file or directory")
    assert lines(tmp_path / "moved" / "log.jsonl")[-1]["n"] == 1
    log.write("late")
    assert log.lost == 1
