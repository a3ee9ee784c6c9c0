"""A child process that fetches on demand and says what came of it, how long it took and how much memory it needed.

One line of JSON in, one out. The memory is the process's peak since the line came in, the interpreter and the
libraries included (about 45 MB): that is what a limit on the process would see.
"""

import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Self

from ingest.errors import FetchError
from ingest.fetch import Fetcher, Policy
from ingest.records import Request

__all__ = ["Probe", "Prober"]

Probe = dict[str, Any]


class Prober:
    """The child, as the tests see it."""

    def __enter__(self) -> Self:
        self._child = subprocess.Popen(
            [sys.executable, "-m", "tests.fetch.prober"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=Path(__file__).parents[2],
        )
        return self

    def __exit__(self, *_: object) -> None:
        self._child.communicate()

    def get(self, url: str, **policy: Any) -> Probe:
        """What fetching `url` under `policy` comes to: `outcome`, `seconds`, `cpu` (seconds), `peak` (MB), `text` and so on."""
        assert self._child.stdin
        assert self._child.stdout
        self._child.stdin.write(json.dumps({"url": url, "policy": policy}) + "\n")
        self._child.stdin.flush()
        return dict(json.loads(self._child.stdout.readline()))


def _reset_peak() -> None:
    Path("/proc/self/clear_refs").write_text("5", encoding="ascii")


def _peak() -> float:
    status = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    return next(int(line.split()[1]) for line in status if line.startswith("VmHWM")) / 1024


def _fetch(url: str, policy: dict[str, Any]) -> Probe:
    rows: list[str] = []
    _reset_peak()
    began, used = time.monotonic(), time.thread_time()
    settings = Policy(**{"delay": 0, "robots": "ignore", "allow_private": ("127.0.0.0/8",)} | policy)
    with Fetcher(settings, log=lambda row: rows.append(row.outcome), resolver=lambda _host, _port: ["127.0.0.1"]) as it:
        try:
            answer = it.get(Request(url))
            result: Probe = {"outcome": answer.status, "url": answer.url, "text": answer.body[:4096].decode("latin-1")}
            result["size"] = len(answer.body)
        except FetchError as error:
            result = {"outcome": error.kind, "url": error.url, "text": error.cause, "transient": error.transient}
        except Exception as error:  # noqa: BLE001  (a bug fails its own test, not the child that the others need)
            result = {"outcome": "bug", "text": repr(error)}
    taken = {"seconds": time.monotonic() - began, "cpu": time.thread_time() - used}
    return result | taken | {"peak": _peak(), "rows": rows}


def main() -> None:
    """Answer the lines of standard input until it ends."""
    for line in sys.stdin:
        sys.stdout.write(json.dumps(_fetch(**json.loads(line))) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
