"""An export on disk: each file whole or not at all, with a checksum file that `sha256sum --check` takes."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from ingest.errors import ConfigError, DiskFull

__all__ = ["SUMS", "write"]

#: Name of the checksum file.
SUMS = "SHA256SUMS"


def write(folder: Path, files: Mapping[str, Iterable[str]]) -> list[tuple[Path, str]]:
    """Write the pieces of each file into the folder, made where it is missing; path and sha256 (hex) of each.

    Raises ConfigError for a folder that cannot be one, DiskFull where it cannot be written.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{folder}: no folder to write to: {error.strerror}") from error
    try:
        found = [(folder / name, _written(folder / name, pieces)) for name, pieces in sorted(files.items())]
        _written(folder / SUMS, (f"{sha}  {path.name}\n" for path, sha in found))
    except OSError as error:
        raise DiskFull(f"{folder}: cannot be written: {error.strerror}") from error
    return found


def _written(path: Path, pieces: Iterable[str]) -> str:
    """Under another name first, so that nobody ever reads half of it."""
    beside, digest = path.with_name(f".{path.name}.{os.getpid()}"), hashlib.sha256()
    try:
        with beside.open("wb") as stream:
            for piece in pieces:
                data = piece.encode("utf-8", "replace")
                digest.update(data)
                stream.write(data)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return digest.hexdigest()
