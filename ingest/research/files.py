"""An export on disk: files whole or not at all, with a checksum file that `sha256sum --check` takes."""

import hashlib
import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

from ingest.errors import ConfigError, DiskFull

__all__ = ["PAPERS", "SUMS", "File", "Tree", "listed", "write"]

#: Name of the checksum file.
SUMS = "SHA256SUMS"
#: The papers that lie beside exported data: by them an export is known.
PAPERS = ("README.md", "DATASHEET.md", "CITATION.cff", "croissant.json")


@dataclass(frozen=True, slots=True)
class File:
    """A file of an export."""

    #: Its path within the export, with `/`.
    name: str
    #: Bytes.
    size: int
    #: SHA-256 of its bytes, hex.
    sha256: str


class Tree:
    """A folder that is filled file by file; a line of the checksum file is written as each is done.

    Errors are OSError: whoever puts the folder in its place says what they mean.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        #: The files in the order of their making, but for those that are one of many.
        self.files: list[File] = []
        #: Files and bytes so far.
        self.count = self.size = 0
        self._sums = (folder / SUMS).open("w", encoding="ascii", newline="\n")
        self._digest = hashlib.sha256()
        #: The folders below that are there: 100,000 posts lie in one.
        self._below = {""}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._sums.close()

    @property
    def digest(self) -> str:
        """SHA-256 over the lines of the checksum file so far, hex: it names what was written by its content."""
        return self._digest.hexdigest()

    def path(self, name: str) -> Path:
        """Where a file of this name belongs; its folder is made."""
        path, below = self.folder / name, name.rpartition("/")[0]
        if below not in self._below:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._below.add(below)
        return path

    def write(self, name: str, pieces: Iterable[bytes], *, many: bool = False) -> None:
        """Write a file. `many`: one of so many that `files` does not remember it."""
        digest, size = hashlib.sha256(), 0
        with self.path(name).open("wb") as stream:
            for piece in pieces:
                digest.update(piece)
                size += stream.write(piece)
        self._note(File(name, size, digest.hexdigest()), many=many)

    def take(self, name: str) -> None:
        """Note a file that another library wrote at `path(name)`."""
        path = self.folder / name
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256").hexdigest()
        self._note(File(name, path.stat().st_size, digest), many=False)

    def _note(self, file: File, *, many: bool) -> None:
        line = f"{file.sha256}  {file.name}\n"
        self._sums.write(line)
        self._digest.update(line.encode("ascii"))
        self.count, self.size = self.count + 1, self.size + file.size
        if not many:
            self.files.append(file)


def listed(folder: Path) -> dict[str, str]:
    """Name -> SHA-256 (hex), as a folder's checksum file lists them; nothing where it has no such file, or another."""
    try:
        with (folder / SUMS).open(encoding="utf-8", errors="replace") as lines:
            rows = (line.rstrip("\n").partition("  ") for line in lines)
            return {name: sha for sha, _, name in rows if name}
    except OSError:
        return {}


def write(folder: Path, files: Mapping[str, Iterable[str]]) -> list[tuple[Path, str]]:
    """Write the pieces of each file into the folder, made where it is missing; path and sha256 (hex) of each.

    Other files in it stay, and stay listed. Raises ConfigError for a folder that cannot be one, or that holds exported
    data, which is replaced whole or not at all; DiskFull where it cannot be written.
    """
    before = listed(folder)
    if before.keys() >= set(PAPERS):
        raise ConfigError(f"{folder}: holds exported data; give a folder of its own")
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ConfigError(f"{folder}: no folder to write to: {error.strerror}") from error
    try:
        found = [(folder / name, _written(folder / name, pieces)) for name, pieces in sorted(files.items())]
        sums = {name: sha for name, sha in before.items() if (folder / name).is_file()}
        sums |= {path.name: sha for path, sha in found}
        _written(folder / SUMS, (f"{sha}  {name}\n" for name, sha in sorted(sums.items())))
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
