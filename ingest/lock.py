"""The single writer: a lock that dies with its process.

`flock` on a file beside the corpus: the kernel lets go of it at kill -9 too, where a pid file would be stale for
ever. It is not inherited across exec, and we never fork.
"""

import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import DiskFull, Locked

__all__ = ["held"]


@contextmanager
def held(corpus: Path, what: str, since: str) -> Iterator[None]:
    """Hold the corpus for one run. Raises Locked at once when another run has it, and says who, since when."""
    corpus = corpus.resolve()  # the lock is the file's, whatever name it goes by
    path = corpus.with_name(corpus.name + "-lock")
    try:
        handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    except OSError as error:
        raise DiskFull(f"{path}: cannot be written: {error.strerror}") from error
    try:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Locked(f"{corpus}: another run holds it ({_holder(handle)}); try again when it is done") from None
        os.ftruncate(handle, 0)
        os.pwrite(handle, json.dumps({"pid": os.getpid(), "what": what, "since": since}).encode(), 0)
        yield
    finally:
        os.close(handle)


def _holder(handle: int) -> str:
    try:
        said = json.loads(os.pread(handle, 1000, 0))
        return f"{said['what']}, process {said['pid']}, since {said['since']}"
    except (ValueError, KeyError, TypeError):
        return "it has not said who it is"
