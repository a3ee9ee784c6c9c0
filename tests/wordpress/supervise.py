"""Run a server for as long as standard input stays open, then kill it and all its children.

The tests hold the other end of the pipe. It closes when they stop the server and also when they are killed outright, so
nothing is left behind: PHP's workers are forked by its server and a death signal of the kernel would not reach them.

Use: python supervise.py COMMAND ARGUMENT…
"""

import ctypes
import os
import select
import signal
import subprocess
import sys

__all__ = ["main"]

_PR_SET_CHILD_SUBREAPER = 36  # prctl(2): orphans come to us, so that we see them gone; a container's init may not


def main(command: list[str]) -> int:
    """Start `command` in a session of its own; its exit code comes out (negative when it was killed here)."""
    ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, start_new_session=True) as server:
        ended = os.pidfd_open(server.pid)
        select.select([sys.stdin.fileno(), ended], [], [])
        # The leader is not reaped yet, so its id cannot have passed to a stranger.
        os.killpg(server.pid, signal.SIGKILL)
        code = server.wait()
    try:
        while True:
            os.wait()
    except ChildProcessError:
        return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
