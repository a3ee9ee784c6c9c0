"""Where an export goes: made beside its place and moved there whole, so that a crash leaves what was there.

A folder that is in use is only ever replaced when everything in it is of an earlier export and as that left it, by its
own checksum file.
"""

import contextlib
import ctypes
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ingest.errors import ConfigError, DiskFull
from ingest.research.files import PAPERS, SUMS, Tree, listed

__all__ = ["replacing"]

#: What file managers leave in every folder they show.
_LITTER = {".DS_Store", "Thumbs.db", "desktop.ini"}


@contextmanager
def replacing(folder: Path, *, overwrite: bool = False) -> Iterator[Tree]:
    """A tree to fill, which then is the folder. Whatever is raised meanwhile leaves the folder as it was.

    overwrite: an earlier export's files may have been edited since.
    Raises ConfigError for a folder that holds something else, or edited files; DiskFull where it cannot be written.
    """
    target = folder.resolve()
    _clear_up(target)
    _check(folder, target, overwrite=overwrite)
    made = target.with_name(f".{target.name}.new-{os.getpid()}")
    try:
        made.mkdir()
        with Tree(made) as tree:
            yield tree
        _put(made, target)
    except OSError as error:
        raise DiskFull(f"{folder}: cannot be written: {error.strerror or error}") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _check(folder: Path, target: Path, *, overwrite: bool) -> None:
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        taken = target.exists() and (not target.is_dir() or any(target.iterdir()))
    except OSError as error:
        raise ConfigError(f"{folder}: no folder to write to: {error.strerror}") from error
    if not taken:
        return
    if not target.is_dir():
        raise ConfigError(f"{folder}: there is a file of that name")
    known = listed(target)
    if not known.keys() >= set(PAPERS):
        raise ConfigError(f"{folder}: not empty, and no earlier export; give a folder that is not there yet")
    strange = next((name for name in _names(target) if name not in known), None)
    if strange is not None:
        raise ConfigError(f"{folder}: holds {strange}, which is not of the earlier export; move it away first")
    edited = (
        None if overwrite else next((name for name in _names(target) if not _as_made(target / name, known[name])), None)
    )
    if edited is not None:
        raise ConfigError(
            f"{folder}: {edited} was edited since it was exported; give another folder or delete it, or --overwrite it"
        )


def _as_made(path: Path, sha: str) -> bool:
    """Whether a file still is what the checksum file says; what cannot be read is not."""
    try:
        with path.open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest() == sha
    except OSError:
        return False


def _names(folder: Path) -> Iterator[str]:
    for here, folders, files in os.walk(folder):
        folders.sort()
        for name in sorted(files):
            if name not in _LITTER and (name != SUMS or Path(here) != folder):
                yield (Path(here) / name).relative_to(folder).as_posix()


def _put(made: Path, target: Path) -> None:
    """Give the new folder its name; the old one, if any, is then under `made`, or gone."""
    if not target.exists() or not any(target.iterdir()):
        made.replace(target)  # POSIX: an empty folder gives way
    elif not _exchange(made, target):
        old = target.with_name(f".{target.name}.old-{os.getpid()}")
        target.rename(old)
        made.rename(target)
        shutil.rmtree(old, ignore_errors=True)


def _exchange(one: Path, other: Path) -> bool:
    """Two names change places in one step; False where the system, or its file system, cannot."""
    libc = ctypes.CDLL(None)
    names = os.fsencode(one), os.fsencode(other)
    with contextlib.suppress(AttributeError):
        if sys.platform == "darwin":
            return bool(libc.renamex_np(*names, 2) == 0)  # RENAME_SWAP
        return bool(libc.renameat2(-100, names[0], -100, names[1], 2) == 0)  # AT_FDCWD, RENAME_EXCHANGE
    return False


def _clear_up(target: Path) -> None:
    """What an export that was killed left beside its place: half of a new one goes, an old one comes back."""
    with contextlib.suppress(OSError):
        for left in sorted(target.parent.glob(f".{_literal(target.name)}.*-*")):
            kind, _, number = left.name.rpartition(".")[2].partition("-")
            if not number.isdecimal() or _runs(int(number)):
                continue
            if kind == "new":
                shutil.rmtree(left, ignore_errors=True)
            elif kind == "old" and not target.exists():
                left.rename(target)


def _literal(name: str) -> str:
    return "".join(f"[{sign}]" if sign in "*?[" else sign for sign in name)


def _runs(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
