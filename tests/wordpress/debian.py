"""WordPress out of Debian's packages, without installing it: downloaded with apt-get, unpacked with dpkg.

The wanted suite need not be the machine's own. A private apt state is used, whose sources are the machine's own with the
name of the suite replaced, so no address of a mirror is written anywhere. See apt.conf(5), sources.list(5), dpkg-deb(1).
"""

import fcntl
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from .process import ServerError, run

__all__ = ["CACHE", "PACKAGES", "RELEASES", "Release", "fetch", "missing", "program"]

CACHE = Path(__file__).resolve().parents[2] / ".cache" / "wordpress"
PACKAGES = "php-cli php-mysql php-xml php-mbstring php-curl php-gd mariadb-server"
_PROGRAMS = ("apt-get", "dpkg", "mariadb", "mariadb-dump", "mariadb-install-db", "mariadbd", "php")
_EXTENSIONS = frozenset({"curl", "dom", "gd", "mbstring", "mysqli", "xml"})
_SYSTEM = "/usr/sbin:/usr/local/sbin:/sbin"


@dataclass(frozen=True, slots=True)
class Release:
    """One WordPress: the suite of Debian that has it, and the default theme, which is a package of its own."""

    suite: str
    theme: str


RELEASES = {
    "6.1": Release("bookworm", "twentytwentythree"),
    "6.8": Release("trixie", "twentytwentyfive"),
}


def program(name: str) -> str | None:
    """Where a program is, also in the folders for the administrator, which the path of a user often lacks."""
    return shutil.which(name, path=f"{os.environ.get('PATH', os.defpath)}:{_SYSTEM}")


def missing() -> str | None:
    """One line that says what to install before the real WordPress can run; None when all is there."""
    absent = [name for name in _PROGRAMS if program(name) is None]
    php = program("php")
    if php is not None:
        listed = subprocess.run([php, "-m"], capture_output=True, check=False, text=True).stdout.lower().split()
        absent += [f"php extension {name}" for name in sorted(_EXTENSIONS.difference(listed))]
    if not absent:
        return None
    return (
        f"no real WordPress here ({', '.join(absent)} missing): apt-get install -y --no-install-recommends {PACKAGES}"
    )


def fetch(version: str) -> Path:
    """The folder with WordPress `version` (`wp-load.php` is in it), unpacked once and kept for later runs.

    ServerError when the machine's apt sources do not have it.
    """
    place = CACHE / version
    with _alone():
        if not place.exists():
            fresh = CACHE / f"{version}.unpacking"
            shutil.rmtree(fresh, ignore_errors=True)
            _unpack(RELEASES[version], fresh)
            shutil.rmtree(fresh / "apt")
            fresh.rename(place)
    return place / "usr/share/wordpress"


@contextmanager
def _alone() -> Iterator[None]:
    """Keep other test processes out of the cache meanwhile."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _unpack(release: Release, place: Path) -> None:
    """Download and unpack a release, and let its configuration come from the environment."""
    apt = place / "apt"
    options = _private_state(apt, release.suite)
    # One unreachable archive among several does not matter: the download below says whether the packages were found.
    subprocess.run(["apt-get", *options, "update"], capture_output=True, check=False)
    names = ["wordpress", f"wordpress-theme-{release.theme}", "php-getid3"]
    run(["apt-get", *options, "download", *names], cwd=apt)
    packages = sorted(apt.glob("*.deb"))
    if len(packages) != len(names):
        raise ServerError(f"apt-get download left {[p.name for p in packages]}, wanted {names} of {release.suite}")
    for package in packages:
        run(["dpkg", "-x", package, place])
    config = place / "usr/share/wordpress/wp-config.php"
    config.write_text("<?php require getenv('WP_TEST_CONFIG');\n")


def _private_state(folder: Path, suite: str) -> list[str]:
    """Lay out an apt state of our own under `folder`; the options that make apt-get use it come out."""
    for name in ("lists/partial", "cache/archives/partial", "sources"):
        (folder / name).mkdir(parents=True)
    own = _codename()
    for number, source in enumerate(_sources(own, suite)):
        (folder / "sources" / f"{number}{source[0]}").write_text(source[1])
    settings = {
        "Dir::Etc::sourcelist": "/dev/null",
        "Dir::Etc::sourceparts": folder / "sources",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "Dir::State::status": "/dev/null",
        "APT::Sandbox::User": "root",
    }
    return [part for key, value in settings.items() for part in ("-o", f"{key}={value}")]


def _codename() -> str:
    """The machine's own suite, from os-release(5)."""
    found = re.search(r'^VERSION_CODENAME="?(\w+)', Path("/etc/os-release").read_text(), re.MULTILINE)
    if found is None:
        raise ServerError("/etc/os-release names no VERSION_CODENAME: not a Debian?")
    return found[1]


def _sources(own: str, wanted: str) -> Iterator[tuple[str, str]]:
    """The machine's apt sources for its own suite, each as (file ending, text), with `wanted` in its place."""
    suite = re.compile(rf"(?<![\w./-]){own}(?=(?:-updates|-security)?(?:\s|$))", re.MULTILINE)
    folder = Path("/etc/apt")
    for path in sorted(folder.glob("sources.list.d/*.sources")):
        stanzas = [s for s in re.split(r"\n\s*\n", path.read_text()) if suite.search(s)]
        yield ".sources", "\n\n".join(suite.sub(wanted, stanza.strip()) for stanza in stanzas) + "\n"
    for path in (folder / "sources.list", *sorted(folder.glob("sources.list.d/*.list"))):
        if path.exists():
            lines = [line for line in path.read_text().splitlines() if suite.search(line)]
            yield ".list", "\n".join(suite.sub(wanted, line) for line in lines) + "\n"
