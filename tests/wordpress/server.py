"""One WordPress site on 127.0.0.1: started, filled, looked into and changed by the tests."""

import functools
import hashlib
import json
import os
import re
import secrets
import shutil
import socket
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from .access import Request, read
from .debian import CACHE, RELEASES, fetch, missing
from .mariadb import MariaDB
from .process import Server, ServerError, run

__all__ = ["PERMALINKS", "PLAYS", "RELEASES", "MariaDB", "Request", "ServerError", "WordPress", "missing"]

PERMALINKS = {"pretty": "/%year%/%monthnum%/%day%/%postname%/", "plain": ""}
_HERE = Path(__file__).resolve().parent
_WORKERS = 4
PLAYS = frozenset(re.findall(r"^\t'(\w+)'\s+=>", (_HERE / "plays.php").read_text(), re.MULTILINE))
# Below the ports that the kernel gives to outgoing connections, so that a stopped site finds its port free again, and all
# of five digits, so that a dump can be moved to another port without a change of length inside PHP's serialised strings.
_PORTS = range(20000, 32000)


class WordPress:
    """A WordPress site; `with WordPress(folder, posts=320) as site:` starts it, and its end kills it.

    version: a key of RELEASES. timezone: a name of the tz database. permalinks: "pretty", "plain" or a structure of
    WordPress' own. posts: how many public posts fill.php makes (0: an empty site). prefix: the folder of the site on its
    host, such as "/blog". database: a MariaDB shared with other sites; without one the site starts its own.

    A site that was filled the same way before is restored from a dump in the cache. Changes are undone by `reset`.
    """

    def __init__(
        self,
        folder: Path,
        version: str = "6.1",
        *,
        timezone: str = "UTC",
        permalinks: str = "pretty",
        posts: int = 0,
        prefix: str = "",
        database: MariaDB | None = None,
    ) -> None:
        self.folder = folder
        self.version = version
        self.timezone = timezone
        self.posts = posts
        self._permalinks = PERMALINKS.get(permalinks, permalinks)
        self._prefix = prefix
        self._shared = database
        self._own: MariaDB | None = None
        self._server: Server | None = None
        self._port = 0
        self._core = Path()
        self._name = "wp_" + hashlib.sha256(str(folder).encode()).hexdigest()[:16]
        self._prepared = b""

    def __enter__(self) -> Self:
        self._core = fetch(self.version)
        (self._content / "mu-plugins").mkdir(parents=True)
        (self._content / "themes").symlink_to(self._core / "wp-content/themes")
        (self._content / "mu-plugins/mu-plugin.php").symlink_to(_HERE / "mu-plugin.php")
        if self._shared is None:
            self._own = MariaDB(self.folder)
        try:
            # The port is taken first: the address of the site is written into its content.
            self.start()
            self._prepare()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """End the site for good."""
        self.stop()
        if self._own is not None:
            self._own.close()
        shutil.rmtree(self._content, ignore_errors=True)

    @property
    def url(self) -> str:
        """The home address, without a slash at its end."""
        return f"http://127.0.0.1:{self._port}{self._prefix}"

    @property
    def database(self) -> MariaDB:
        """The server that holds the site's database."""
        server = self._shared or self._own
        if server is None:
            raise ServerError("the site was not entered: with WordPress(…) as site")
        return server

    def start(self) -> None:
        """Serve; at the address it had before, if it had one."""
        for _ in range(1 if self._port else 20):
            port = self._port or _PORTS[secrets.randbelow(len(_PORTS))]
            if _serving(port):
                continue
            self._server = Server(self._command(port), log=self.folder / "php.log", env=self._environment(port))
            self._server.wait_until(functools.partial(_serving, port))
            self._port = port
            return
        raise ServerError(f"no free port for WordPress (tried {port} last)")

    def stop(self) -> None:
        """Kill the web server: the address refuses connections until `start`. The database stays."""
        if self._server is not None:
            self._server.stop()
            self._server = None

    def restart(self) -> None:
        """Stop and start at the same address."""
        self.stop()
        self.start()

    def php(self, code: str | Path, *args: str) -> str:
        """Run PHP inside WordPress as its administrator: a script (a Path) or code; what it prints comes out.

        The arguments are in `$args`. ServerError with PHP's message when it fails.
        """
        script, stdin = (str(code), b"") if isinstance(code, Path) else ("-", code.encode())
        command = ["php", *_settings(), "-d", "display_errors=stderr", str(_HERE / "run.php"), script, *args]
        return run(command, stdin=stdin, env=self._environment(self._port)).decode()

    def sql(self, query: str) -> list[dict[str, Any]]:
        """What the site's own database answers to one statement; tables are called `wp_posts` and so on."""
        return self.database.query(self._name, query)

    def options(self, **values: str) -> None:
        """Set options of the site, behind WordPress' back."""
        pairs = (f"('{name}', UNHEX('{value.encode().hex()}'), 'yes')" for name, value in values.items())
        self.sql(
            f"INSERT INTO wp_options (option_name, option_value, autoload) VALUES {', '.join(pairs)} "
            "ON DUPLICATE KEY UPDATE option_value = VALUES(option_value)"
        )

    def play(self, name: str | None, **args: str | float | Sequence[int]) -> None:
        """Make every answer that of a broken site (plays.php has the names and arguments); None ends it.

        A single request is answered so for its header `X-Play: name?argument=value`.
        """
        self.plays(**({name: args} if name else {}))

    def plays(self, **plays: dict[str, Any]) -> None:
        """Play several faults at once: `site.plays(bom={}, per_page_cap={"cap": 20})`."""
        unknown = plays.keys() - PLAYS
        if unknown:
            raise ValueError(f"plays.php has no {sorted(unknown)}")
        self._forget_stale()
        self.options(wp_test_busy="0", wp_test_inject="0", wp_test_play=json.dumps(plays))

    def fill(self, posts: int) -> None:
        """Add the content of fill.php, with `posts` public posts; for an empty site."""
        self.php(_HERE / "fill.php", str(posts))

    def show_types(self) -> None:
        """Have the custom types of mu-plugin.php: book (with genre), thing (in acme/v1), secret (not in REST)."""
        self.options(wp_test_types="1")
        self.php("flush_rewrite_rules( false );")

    def reset(self) -> None:
        """Put the database back to what it was when the site was entered; plays end, the log is empty."""
        self.database.load(self._name, self._prepared)
        self._forget_stale()
        self.clear_requests()

    def requests(self) -> list[Request]:
        """The access log since the start or the last `clear_requests`, in the order of arrival."""
        return read(self._log)

    def clear_requests(self) -> None:
        """Empty the access log."""
        self._log.write_text("")

    @property
    def _content(self) -> Path:
        return self.folder / "content"

    @property
    def _log(self) -> Path:
        return self.folder / "access.jsonl"

    def _forget_stale(self) -> None:
        shutil.rmtree(self._content / "stale", ignore_errors=True)

    def _prepare(self) -> None:
        """Install and fill, or restore what an earlier run installed and filled."""
        key = f"{self.version} {self.timezone} {self._permalinks} {self.posts} {self._prefix} {_sources()}"
        kept = CACHE / "dumps" / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.sql"
        if not kept.exists():
            self.database.load(self._name)
            install = ["php", *_settings(), str(_HERE / "install.php"), self.timezone, self._permalinks]
            run(install, env=self._environment(self._port))
            if self.posts:
                self.fill(self.posts)
            self.php("flush_rewrite_rules( false );")
            kept.parent.mkdir(exist_ok=True)
            fresh = kept.with_suffix(f".{self._port}")
            fresh.write_bytes(self.database.dump(self._name).replace(self._authority, b"127.0.0.1:00000"))
            fresh.rename(kept)
        self._prepared = kept.read_bytes().replace(b"127.0.0.1:00000", self._authority)
        self.reset()

    @property
    def _authority(self) -> bytes:
        return f"127.0.0.1:{self._port}".encode()

    def _command(self, port: int) -> list[str]:
        return ["php", *_settings(), "-S", f"127.0.0.1:{port}", "-t", str(self._core), str(_HERE / "router.php")]

    def _environment(self, port: int) -> dict[str, str]:
        self._log.touch()
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "PHP_CLI_SERVER_WORKERS": str(_WORKERS),
            "WP_TEST_CONFIG": str(_HERE / "wp-config.php"),
            "WP_TEST_CORE": str(self._core),
            "WP_TEST_CONTENT": str(self._content),
            "WP_TEST_DATABASE": self._name,
            "WP_TEST_SOCKET": str(self.database.socket),
            "WP_TEST_HOME": f"http://127.0.0.1:{port}{self._prefix}",
            "WP_TEST_LOG": str(self._log),
        }


def _serving(port: int) -> bool:
    """Whether something accepts connections there."""
    with socket.socket() as client:
        client.settimeout(5)
        return client.connect_ex(("127.0.0.1", port)) == 0


def _settings() -> list[str]:
    """PHP's settings: a compiled copy of WordPress is kept on disk, which halves the time of a short script."""
    compiled = CACHE / "opcache"
    compiled.mkdir(parents=True, exist_ok=True)
    settings = {
        "memory_limit": "256M",
        "display_errors": "0",
        "log_errors": "0",
        "opcache.enable_cli": "1",
        "opcache.file_cache": str(compiled),
    }
    return [part for key, value in settings.items() for part in ("-d", f"{key}={value}")]


def _sources() -> str:
    """A hash of the scripts that make a site: an older dump does not fit newer ones."""
    scripts = (_HERE / name for name in ("install.php", "fill.php", "content.php", "mu-plugin.php"))
    return hashlib.sha256(b"".join(script.read_bytes() for script in scripts)).hexdigest()
