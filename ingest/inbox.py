"""A folder that is polled, as something that answers requests: the list of its files, and each of them.

A file is read when its size and time are the same at two looks, and the same again after it was read. Regular files
only; hidden ones, and names that programs give to what is not finished, are passed over; links that lead out of the
folder are not followed.
"""

import io
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote_to_bytes, urlsplit

from ingest.errors import SourceError
from ingest.files import inside, regular
from ingest.records import Request, Response

__all__ = ["answering"]

#: A file changed within so many seconds is looked at twice, with so many between: writers write in bursts.
FRESH, PAUSE = 5.0, 0.3
#: A text is no longer than this (`sources.text` says so of what it reads).
LONGEST = 20 * 2**20 + 1

_UNFINISHED = ("~", ".tmp", ".part", ".partial", ".crdownload", ".swp")


def answering(address: str, *, pause: Callable[[float], None] = time.sleep) -> Callable[[Request], Response]:
    """What answers requests for the folder at `address` (`file:///…/`), and for nothing outside of it."""
    root = Path(os.fsdecode(unquote_to_bytes(urlsplit(address).path)))

    def get(request: Request) -> Response:
        path = Path(os.fsdecode(unquote_to_bytes(urlsplit(request.url).path)))
        if path == root:
            return _listing(request, root, pause)
        try:
            if not path.resolve().is_relative_to(root.resolve()):
                return _answer(request, 403, message="it lies outside of the folder")
            return _file(request, path)
        except OSError as error:
            return _answer(request, 404 if isinstance(error, FileNotFoundError) else 403, message=error.strerror)

    return get


def _listing(request: Request, root: Path, pause: Callable[[float], None]) -> Response:
    if not root.is_dir():
        return _answer(request, 404, message=f"there is no folder {root}")
    found, left, whole = dict[str, str](), list[dict[str, str]](), True
    for one in inside(root):
        if isinstance(one, SourceError):
            whole = whole and Path(one.url).is_symlink()
            left.append({"path": _name(root, one.url), "why": one.cause})
        elif not one.endswith(_UNFINISHED) and (state := _state(one)) is not None:
            found[one] = state
    now = time.time()
    if any(now - int(state.split("-")[1]) / 1e9 < FRESH for state in found.values()):
        pause(PAUSE)
    files = []
    for one, state in found.items():
        again = _state(one)
        if again == state:
            files.append({"path": _name(root, one), "at": quote(_within(root, one)), "etag": state})
        elif again is not None:
            left.append({"path": _name(root, one), "why": "still being written; it is read when it rests"})
    return _answer(request, 200, {"files": files, "left": left, "whole": whole})


def _file(request: Request, path: Path) -> Response:
    with regular(str(path)) as stream:
        before = os.fstat(stream.fileno())
        raw = stream.read(LONGEST)
        after = os.fstat(stream.fileno())
    if _shown(before) != _shown(after):
        return _answer(request, 409, message="it was written while it was read")
    headers = {"content-type": "text/plain", "etag": _shown(after)}
    return Response(request, request.url, 200, headers, io.BytesIO(raw), size=len(raw))


def _answer(request: Request, status: int, body: Any = None, *, message: str | None = None) -> Response:
    said = body if body is not None else {"code": "inbox", "message": message or "it cannot be read"}
    raw = json.dumps(said).encode()
    return Response(request, request.url, status, {"content-type": "application/json"}, io.BytesIO(raw))


def _state(path: str) -> str | None:
    """Size and time of a file; None when it is not there any more."""
    try:
        return _shown(os.stat(path))  # noqa: PTH116
    except OSError:
        return None


def _shown(found: os.stat_result) -> str:
    return f"{found.st_size}-{found.st_mtime_ns}"


def _within(root: Path, path: str) -> bytes:
    return os.fsencode(Path(path).relative_to(root))


def _name(root: Path, path: str) -> str:
    """The path within the folder; a name that is no UTF-8 is quoted."""
    raw = _within(root, path)
    try:
        return raw.decode()
    except UnicodeDecodeError:
        return quote(raw)
