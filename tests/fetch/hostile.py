"""A raw-socket server whose answers are scripts: whatever a server can do wrong, byte by byte.

A script is a function of a `Conversation`; it is found by the path that was asked for. What was asked, when and by
whom is kept in `asked`, so that tests judge the client from the server's side.
"""

import socket
import ssl
import struct
import threading
import time
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import repeat
from typing import Self

__all__ = ["Asked", "Conversation", "Script", "Server"]


@dataclass(frozen=True)
class Asked:
    """A request as it arrived."""

    at: float
    path: str
    headers: Mapping[str, str]
    #: Number of the TCP connection it came on.
    connection: int
    #: The bytes it began with.
    head: bytes = b""

    @property
    def host(self) -> str:
        """The virtual host that was asked for."""
        return self.headers.get("host", "")


@dataclass
class Conversation:
    """One connection, as a script sees it."""

    sock: socket.socket
    stopping: threading.Event
    asked: Asked
    keep: bool = field(default=False)

    def send(self, data: bytes) -> None:
        """Send `data`."""
        self.sock.sendall(data)

    def flood(self, data: bytes, times: int | None = None) -> None:
        """Send `data` again and again, as fast as it goes; for ever unless `times` is given."""
        for _ in repeat(None) if times is None else repeat(None, times):
            self.send(data)

    def drip(self, parts: Iterable[bytes], pause: float = 0.05) -> None:
        """Send `parts` one by one with a pause between them."""
        for part in parts:
            self.send(part)
            if self.stopping.wait(pause):
                return

    def answer(self, body: bytes = b"", status: str = "200 OK", **headers: str) -> None:
        """A proper answer after which the connection is kept; `content_type="x"` is `Content-Type: x`."""
        fields = {"Content-Length": str(len(body))} | {name.replace("_", "-"): text for name, text in headers.items()}
        head = "".join(f"{name}: {text}\r\n" for name, text in fields.items())
        self.send(f"HTTP/1.1 {status}\r\n{head}\r\n".encode() + body)
        self.keep = True

    def reset(self) -> None:
        """End the connection with a RST instead of a FIN."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()


Script = Callable[[Conversation], None]


class Server:
    """Serves `scripts` by path on 127.0.0.1 until it is closed; `""` is the script of any other path."""

    def __init__(self, scripts: Mapping[str, Script], tls: ssl.SSLContext | None = None) -> None:
        self.scripts = scripts
        self.asked: list[Asked] = []
        self.scheme = "https" if tls else "http"
        self._tls = tls
        self._stopping = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listener.getsockname()[1]
        self._connections: list[tuple[threading.Thread, socket.socket]] = []
        self._thread = threading.Thread(target=self._accept)
        self._thread.start()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stopping.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        self._thread.join()
        for thread, sock in self._connections:
            with suppress(OSError):
                sock.shutdown(socket.SHUT_RDWR)
            thread.join()
            sock.close()

    def url(self, path: str = "/", host: str = "127.0.0.1") -> str:
        """The address of `path` here."""
        return f"{self.scheme}://{host}:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        """What was asked for, in order."""
        return [asked.path for asked in self.asked]

    def _accept(self) -> None:
        with suppress(OSError):
            while not self._stopping.is_set():
                sock, _ = self._listener.accept()
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                thread = threading.Thread(target=self._converse, args=(sock, len(self._connections)))
                self._connections.append((thread, sock))
                thread.start()

    def _converse(self, sock: socket.socket, number: int) -> None:
        with suppress(OSError), sock:
            stream = self._tls.wrap_socket(sock, server_side=True) if self._tls else sock
            with stream:
                while (asked := self._read(stream, number)) is not None:
                    conversation = Conversation(stream, self._stopping, asked)
                    self.scripts.get(asked.path, self.scripts.get("", not_found))(conversation)
                    if not conversation.keep:
                        return

    def _read(self, stream: socket.socket, number: int) -> Asked | None:
        head = b""
        while b"\r\n\r\n" not in head:
            part = stream.recv(4096)
            if not part:
                return None
            head += part
        line, *fields = head.decode("latin-1").split("\r\n\r\n")[0].split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (text.partition(":") for text in fields)}
        asked = Asked(time.monotonic(), line.split()[1], headers, number, head)
        self.asked.append(asked)
        return asked


def not_found(conversation: Conversation) -> None:
    """The answer to a path that has no script."""
    conversation.answer(b"nothing here", "404 Not Found", content_type="text/plain")
