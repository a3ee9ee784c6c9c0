"""The log of a run as JSON lines, one object an event: `fetch --log-file PATH`.

A line is one `write()` to a file opened with O_APPEND, so that lines of several processes never mix (POSIX write(2))
and a killed run leaves whole lines. `reopen()` is what logrotate's HUP asks for: it is safe in a signal handler, for it
sets a flag alone; the next line goes into a new file of the old name. What cannot be written at the start is an error;
later a full disk costs lines, which are counted, and never the run.
"""

import errno
import json
import os
import threading
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from ingest import __version__
from ingest.errors import ConfigError, DiskFull

__all__ = ["Journal"]

_FULL = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EIO, errno.EFBIG, errno.EROFS})


class Journal:
    """An open log. Raises ConfigError for a place that cannot be one, DiskFull when its first line does not fit."""

    def __init__(self, path: Path | str) -> None:
        self.path = Path(path)
        #: Lines that could not be written, and why the last of them could not.
        self.lost, self.trouble = 0, ""
        self._lock, self._wanted, self._torn = threading.RLock(), False, False
        try:
            self._handle: int | None = self._open()
        except OSError as error:
            raise self._explained(error) from error
        self.write("start", version=__version__)
        if self.lost:
            self.close()
            raise DiskFull(f"{self.path}: the log cannot be written: {self.trouble}")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def write(self, event: str, *, level: str = "info", **fields: Any) -> None:
        """Append one event: `time` (UTC, milliseconds), `level`, `event`, `pid` and the fields, None left out.

        Never raises for the file's sake: see `lost` and `trouble`. Any thread may call it.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        said = {"time": at, "level": level, "event": event, "pid": os.getpid(), **fields}
        told = {name: value for name, value in said.items() if value is not None}
        line = json.dumps(told, ensure_ascii=False, default=str) + "\n"
        with self._lock:
            self._append(line.encode("utf-8", "backslashreplace"))

    def reopen(self) -> None:
        """Before the next line, open the file anew by its name. For a handler of SIGHUP."""
        self._wanted = True

    def close(self) -> None:
        """Close the file; what is written after that is lost, and counted."""
        with self._lock:
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None

    def _append(self, line: bytes) -> None:
        if self._wanted:
            self._wanted = False  # first: a signal that comes from here on is another wish
            try:
                self._again()
            except OSError as error:  # the old file is written on, wherever it was moved to
                self.trouble = error.strerror or str(error)
        try:
            self._put(line)
        except OSError as error:
            self.lost += 1
            self.trouble = error.strerror or str(error)

    def _put(self, line: bytes) -> None:
        if self._handle is None:
            raise OSError(errno.EBADF, "it is closed")
        # After a line that was cut by a full disk the next one begins on its own.
        said = b"\n" + line if self._torn else line
        done = os.write(self._handle, said)
        self._torn = self._torn if done == 0 else done < len(said)
        if done < len(said):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def _again(self) -> None:
        handle = self._open()
        if self._handle is not None:
            os.close(self._handle)
        self._handle, self._torn = handle, False

    def _open(self) -> int:
        return os.open(self.path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC | os.O_NOCTTY, 0o640)

    def _explained(self, error: OSError) -> ConfigError | DiskFull:
        if error.errno in _FULL:
            return DiskFull(f"{self.path}: the log cannot be written: {error.strerror}")
        missing = error.errno == errno.ENOENT
        why = f"there is no folder {self.path.absolute().parent}" if missing else error.strerror
        return ConfigError(f"{self.path}: the log cannot be written: {why}")
