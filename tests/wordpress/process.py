"""A server process that dies with the tests."""

import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

__all__ = ["Server", "ServerError", "run"]

_SUPERVISOR = Path(__file__).with_name("supervise.py")


class ServerError(Exception):
    """A program of the test server failed; the text says which, and what it printed."""


class Server:
    """A running server under the watch of supervise.py; `stop` ends it at once, and so does the death of the tests."""

    def __init__(self, command: Sequence[str], *, log: Path, env: Mapping[str, str]) -> None:
        self._log = log
        with log.open("ab") as out:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_SUPERVISOR), *command],
                stdin=subprocess.PIPE,
                stdout=out,
                stderr=out,
                env=dict(env),
                start_new_session=True,  # Ctrl-C belongs to the tests, which stop their servers themselves
            )

    def wait_until(self, ready: Callable[[], bool], *, seconds: float = 60) -> None:
        """Wait until `ready()` is true; ServerError with the server's log when it ended, or after `seconds`."""
        deadline = time.monotonic() + seconds
        while not ready():
            if self._process.poll() is not None or time.monotonic() > deadline:
                self.stop()
                raise ServerError(f"the server did not start:\n{self._log.read_text(errors='replace')[-4000:]}")
            time.sleep(0.02)

    def stop(self) -> None:
        """Kill the server and its workers, and wait until they are gone. Stopping twice is fine."""
        if self._process.stdin and not self._process.stdin.closed:
            self._process.stdin.close()
        self._process.wait(timeout=30)


def run(
    command: Sequence[str | Path],
    *,
    stdin: bytes = b"",
    env: Mapping[str, str] | None = None,
    cwd: Path | None = None,
) -> bytes:
    """Run a program to its end; its standard output comes out, ServerError when it failed."""
    done = subprocess.run(command, input=stdin, capture_output=True, check=False, env=env, cwd=cwd)
    if done.returncode:
        said = (done.stderr + done.stdout).decode(errors="replace").strip()
        raise ServerError(f"{' '.join(map(str, command))[:300]}: exit {done.returncode}: {said[-4000:]}")
    return done.stdout
