"""A download on its way: pieces made in a thread of their own, one at a time, as fast as they are taken."""

import asyncio
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Self

from datasette.utils import asgi

from ingest.web import guard
from ingest.web.shown import Download

__all__ = ["Streamed"]


#: Datasette is not typed.
_Response: Any = asgi.Response


class Streamed(_Response):  # type: ignore[misc]
    """An answer whose body comes piece by piece; the reader may hang up at any time."""

    def __init__(self, download: Download, thread: ThreadPoolExecutor) -> None:
        told = {**guard.headers(), "Content-Disposition": f'attachment; filename="{download.name}"'}
        super().__init__(b"", headers=told, content_type=download.media_type)
        self._pieces, self._thread = download.pieces, thread

    @classmethod
    async def of(cls, make: Callable[[], Download]) -> Self:
        """Begin a download. What `make` raises is raised here, before anything is sent."""
        # SQLite's connection stays in the thread that opened it, so each download has one of its own.
        thread = ThreadPoolExecutor(1, "download")
        try:
            return cls(await asyncio.get_running_loop().run_in_executor(thread, make), thread)
        except BaseException:
            thread.shutdown(wait=False)
            raise

    async def asgi_send(self, send: Callable[[dict[str, Any]], Any]) -> None:
        """Send head and pieces."""
        told = {**self.headers, "content-type": self.content_type}
        head = [[name.lower().encode(), value.encode()] for name, value in told.items()]
        loop = asyncio.get_running_loop()
        try:
            await send({"type": "http.response.start", "status": 200, "headers": head})
            while True:
                piece = await loop.run_in_executor(self._thread, _next, self._pieces)
                await send({"type": "http.response.body", "body": piece or b"", "more_body": piece is not None})
                if piece is None:
                    return
        finally:
            # The generator closes its corpus where it was opened, also when the reader hung up.
            self._thread.submit(_close, self._pieces)
            self._thread.shutdown(wait=False)


def _next(pieces: Iterator[bytes]) -> bytes | None:
    """The next piece; None is the end: a StopIteration cannot pass through a Future."""
    return next(pieces, None)


def _close(pieces: Iterator[bytes]) -> None:
    close = getattr(pieces, "close", None)
    if close is not None:
        close()
