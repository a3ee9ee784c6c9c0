"""A disk that is full: one clear line, exit status 74, everything committed stays, and the next run goes on."""

import json
import os
import resource
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.corpus import inspect
from tests.corpus.flips import rest
from tests.durability import pages

COMMAND = Path(sys.executable).with_name("blogcorpus")


def load(db: Path, folder: Path, limit: int | None = None) -> subprocess.CompletedProcess[str]:
    """`blogcorpus load`; no file may grow over `limit` bytes."""

    def small() -> None:
        if limit:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))

    words = [str(COMMAND), "--db", str(db), "load", str(folder)]
    return subprocess.run(words, capture_output=True, text=True, check=False, timeout=60, preexec_fn=small)


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of saved posts."""
    folder = tmp_path_factory.mktemp("saved")
    for n in range(3):
        objects = [rest(number, 2) for number in range(n * 200 + 1, n * 200 + 201)]
        (folder / f"{n}.json").write_text(json.dumps(objects), encoding="utf-8")
    assert load(folder.parent / "whole.db", folder).returncode == 0
    return folder


def sound_and_resumed(db: Path, saved: Path) -> None:
    """What was committed is whole, and a load with room completes it."""
    assert not db.exists() or inspect(db) == []
    assert load(db, saved).returncode == 0
    assert pages.content(db) == pages.content(saved.parent / "whole.db")


@pytest.mark.parametrize("kib", [20, 600, 1500])
def test_a_file_that_may_not_grow(tmp_path: Path, saved: Path, kib: int) -> None:
    """Wherever the limit falls: in the making of the file, in the log, in a checkpoint."""
    done = load(tmp_path / "corpus.db", saved, kib * 1024)
    assert done.returncode == 74, done
    assert len([line for line in done.stderr.splitlines() if "cannot be written" in line]) == 1
    assert "Traceback" not in done.stderr
    sound_and_resumed(tmp_path / "corpus.db", saved)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a small disk")
def test_a_small_disk(tmp_path: Path, saved: Path) -> None:
    """A disk of 2 MB that fills up, and later has room again."""
    disk = tmp_path / "disk"
    disk.mkdir()
    if subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", disk], check=False, capture_output=True
    ).returncode:
        pytest.skip("this machine lets nobody mount")
    try:
        done = load(disk / "corpus.db", saved)
        assert done.returncode == 74, done
        assert "cannot be written" in done.stderr
        assert "Traceback" not in done.stderr
        subprocess.run(["mount", "-o", "remount,size=50m", disk], check=True)
        sound_and_resumed(disk / "corpus.db", saved)
    finally:
        subprocess.run(["umount", disk], check=True)
    shutil.rmtree(disk)
