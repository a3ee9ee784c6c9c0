"""What a power cut leaves: a write-ahead log cut, garbled or zeroed anywhere is an exact prefix of the commits."""

import os
import random
import shutil
from pathlib import Path

import pytest

from ingest.corpus import Corpus
from tests.corpus.making import AT
from tests.durability import pages

SOAK = bool(os.environ.get("BLOGCORPUS_SOAK"))
PAGES = 12


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[int]]:
    """A corpus as it lies on the disk in the middle of a run, and the length of the log after each commit."""
    folder = tmp_path_factory.mktemp("power")
    path, lengths = folder / "corpus.db", []
    with Corpus(path, write=True, create=True) as corpus:
        about, writer = pages.begin(corpus)
        corpus.conn.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        corpus.conn.execute("PRAGMA wal_autocheckpoint = 0")
        for number in range(1, PAGES + 1):
            writer.apply(about, pages.batch(number), AT)
            lengths.append((folder / "corpus.db-wal").stat().st_size)
        for name in ("corpus.db", "corpus.db-wal"):
            shutil.copy(folder / name, folder / f"cut-{name}")
    return folder, lengths


def cut(data: bytes, at: int) -> bytes:
    """The log ends here."""
    return data[:at]


def garble(data: bytes, at: int) -> bytes:
    """A page that was never written rightly."""
    return data[:at] + bytes(byte ^ 0xA5 for byte in data[at : at + 64]) + data[at + 64 :]


def zero(data: bytes, at: int) -> bytes:
    """A sector of zeros."""
    return data[:at] + bytes(len(data[at : at + 512])) + data[at + 512 :]


@pytest.mark.soak
@pytest.mark.parametrize("damage", [cut, garble, zero])
def test_a_damaged_log_is_a_prefix_of_the_commits(
    running: tuple[Path, list[int]], damage: object, tmp_path: Path
) -> None:
    """Every page that was whole before the damage is there, none after it, and nothing half."""
    folder, lengths = running
    assert callable(damage)
    whole = (folder / "cut-corpus.db-wal").read_bytes()
    path, dice = tmp_path / "corpus.db", random.Random(damage.__name__)  # noqa: S311
    for _ in range(134 if SOAK else 13):
        at = dice.randrange(len(whole))
        for old in tmp_path.glob("corpus.db*"):
            old.unlink()
        shutil.copy(folder / "cut-corpus.db", path)
        path.with_name("corpus.db-wal").write_bytes(damage(whole, at))
        page, wrong = pages.trouble(path)
        assert not wrong, (at, wrong)
        # A log that SQLite used before is longer than what it holds; a cut may also fall into what nobody needs.
        assert page >= sum(length <= at for length in lengths)
        assert page <= PAGES
