"""A MariaDB of the tests' own: no network, a folder of its own, one database for each site."""

import json
import os
import re
import shutil
import socket
import tempfile
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .debian import program
from .process import Server, run

__all__ = ["MariaDB"]

_QUERY = Path(__file__).with_name("query.php")
_OPTIONS = (
    "--skip-networking",
    "--skip-log-bin",
    "--performance-schema=0",
    "--character-set-server=utf8mb4",
    "--sql-mode=",  # importers leave 0000-00-00 dates, and the tests play importers
    "--max-allowed-packet=64M",
    "--innodb-buffer-pool-size=64M",
    "--innodb-log-file-size=16M",
    # Nothing here outlives the tests, so nothing waits for the disk.
    "--innodb-flush-log-at-trx-commit=0",
    "--innodb-doublewrite=0",
    "--innodb-flush-method=nosync",
)


class MariaDB:
    """A MariaDB server on a socket; starts at once, and is gone with its folder after `close`."""

    def __init__(self, folder: Path) -> None:
        self._data = folder / "mariadb"
        folder.mkdir(parents=True, exist_ok=True)
        # A socket's path may have 107 bytes (unix(7)); a test's folder can be longer.
        short = len(os.fsencode(folder.resolve())) < 90
        self._private = folder.resolve() / "run" if short else Path(tempfile.mkdtemp(prefix="mariadb-"))
        self._private.mkdir(exist_ok=True)
        self.socket = self._private / "socket"
        user = ["--user=root"] if os.geteuid() == 0 else []
        run(
            [
                program("mariadb-install-db") or "mariadb-install-db",
                "--no-defaults",
                "--auth-root-authentication-method=normal",
                "--skip-test-db",
                f"--datadir={self._data}",
                # Two of them at once in one /tmp take away each other's temporary tables.
                f"--tmpdir={folder}",
                *user,
            ]
        )
        self._server = Server(
            [
                program("mariadbd") or "mariadbd",
                "--no-defaults",
                f"--datadir={self._data}",
                f"--tmpdir={folder}",
                f"--socket={self.socket}",
                f"--pid-file={self._private / 'pid'}",
                *_OPTIONS,
                *user,
            ],
            log=folder / "mariadb.log",
            env=os.environ,
        )
        self._server.wait_until(self._answers)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Kill the server and remove its files."""
        self._server.stop()
        shutil.rmtree(self._data, ignore_errors=True)
        shutil.rmtree(self._private, ignore_errors=True)

    def query(self, database: str, sql: str) -> list[dict[str, Any]]:
        """What one SQL statement answers in `database`: its rows, or none; ServerError says what is wrong with it."""
        answer = run(["php", str(_QUERY), str(self.socket), database], stdin=sql.encode())
        rows: list[dict[str, Any]] = json.loads(answer)
        return rows

    def dump(self, database: str) -> bytes:
        """All of a database, as SQL."""
        return run(["mariadb-dump", *self._client(), "--skip-dump-date", "--skip-comments", database])

    def load(self, database: str, dump: bytes = b"") -> None:
        """Make `database` anew, from a dump or empty."""
        name = re.sub(r"\W", "", database)
        new = f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name}; USE {name};\nSET unique_checks=0;\n"
        run(["mariadb", *self._client()], stdin=new.encode() + dump)

    def _client(self) -> list[str]:
        return ["--no-defaults", f"--socket={self.socket}", "--user=root", "--default-character-set=utf8mb4"]

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as client:
            try:
                client.connect(str(self.socket))
            except OSError:
                return False
            return bool(client.recv(1))
