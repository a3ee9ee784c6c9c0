"""The access log that router.php writes: one JSON line when a request begins, one when it ends."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

__all__ = ["Request", "read"]


@dataclass(frozen=True, slots=True)
class Request:
    """One request; `time` and `end` in seconds since 1970, `status` and `end` None if the server was killed before."""

    time: float
    method: str
    target: str
    headers: dict[str, str]
    status: int | None
    end: float | None


def read(log: Path) -> list[Request]:
    """The requests of a log in the order of their arrival."""
    begun: dict[str, dict[str, Any]] = {}
    for line in log.read_text(encoding="utf-8").splitlines():
        entry = json.loads(line)
        if "method" in entry:
            begun[entry["id"]] = entry
        elif entry["id"] in begun:  # else it began before the log was emptied
            begun[entry["id"]].update(entry)
    return [
        Request(e["time"], e["method"], e["target"], e["headers"], e.get("status"), e.get("end"))
        for e in sorted(begun.values(), key=lambda e: float(e["time"]))
    ]
