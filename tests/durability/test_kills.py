"""Whole or not at all: wherever a run is killed, the corpus is that of its committed pages, and the next run goes on."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from ingest.corpus import inspect
from tests.corpus.flips import rest
from tests.durability import pages

ROOT = Path(__file__).parent.parent.parent
SOAK = bool(os.environ.get("BLOGCORPUS_SOAK"))
COMMAND = Path(sys.executable).with_name("blogcorpus")


def child(*words: object) -> list[str]:
    """The ingest of `pages` as a process of its own."""
    return [sys.executable, "-m", "tests.durability.pages", *map(str, words)]


def test_killed_at_every_statement_of_a_page(tmp_path: Path) -> None:
    """The page is there when its COMMIT has returned, and not a row of it before."""
    done = subprocess.run(
        child(tmp_path, "statement"), cwd=ROOT, capture_output=True, text=True, check=True, timeout=280
    )
    told = json.loads(done.stderr.splitlines()[-1])
    assert told["bad"] == 0
    assert told["after"] == 1
    assert told["before"] == told["kills"] - 1 > 100


def random_kills(folder: Path, rounds: int, seed: int) -> dict[str, int]:
    """Kill a running ingest again and again; what was lost or torn."""
    dice, told, path = random.Random(seed), {"kills": 0, "lost": 0, "torn": 0, "pages": 0}, folder / "corpus.db"  # noqa: S311
    for turn in range(rounds):
        if turn % 10 == 0:
            for old in folder.glob("corpus.db*"):
                old.unlink()
            pages.ingest(path, 1, 1, 0)
        running = subprocess.Popen(child(path, 1, 100_000), cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert running.stdout
        said = running.stdout.readline()
        time.sleep(dice.random() * 0.3)
        running.kill()
        rest_of_it = running.communicate(timeout=30)[0].split()
        page, wrong = pages.trouble(path)
        told["kills"] += 1
        told["lost"] += page < int(rest_of_it[-1] if rest_of_it else said)
        told["torn"] += bool(wrong)
        told["pages"] = max(told["pages"], page)
    return told


@pytest.mark.soak
def test_random_kills_of_an_ingest(tmp_path: Path) -> None:
    """No page that was reported is lost, none is torn, the index is in step, and every run goes on at the cursor."""
    told = random_kills(tmp_path, 150 if SOAK else 10, 7)
    assert (told["lost"], told["torn"]) == (0, 0), told
    assert told["pages"] > 10


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of saved posts, 600 in three files, and what an undisturbed load makes of it."""
    folder = tmp_path_factory.mktemp("saved")
    for n in range(3):
        objects = [rest(number, 2) for number in range(n * 200 + 1, n * 200 + 201)]
        (folder / f"{n}.json").write_text(json.dumps(objects), encoding="utf-8")
    load(folder.parent / "whole.db", folder).communicate(timeout=60)
    return folder


def load(db: Path, folder: Path) -> subprocess.Popen[str]:
    """`blogcorpus load`, running."""
    words = [str(COMMAND), "--db", str(db), "load", str(folder)]
    return subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def wait_for_rows(db: Path, running: subprocess.Popen[str]) -> None:
    """Until the first page is in."""
    import sqlite3

    until = time.monotonic() + 30
    while time.monotonic() < until and running.poll() is None:
        if db.exists():
            conn = sqlite3.connect(f"file:{db}?mode=ro", uri=True)
            try:
                if conn.execute("SELECT count(*) FROM posts").fetchone()[0]:
                    return
            except sqlite3.OperationalError:
                pass
            finally:
                conn.close()
        time.sleep(0.01)


@pytest.mark.parametrize(
    ("blow", "twice"), [(signal.SIGTERM, False), (signal.SIGTERM, True), (signal.SIGINT, False), (signal.SIGINT, True)]
)
def test_a_stopped_load_is_whole_and_goes_on(tmp_path: Path, saved: Path, blow: signal.Signals, twice: bool) -> None:
    """First signal: the page is finished or rolled back within 5 s; second: at once. The next load completes it."""
    db = tmp_path / "corpus.db"
    running = load(db, saved)
    wait_for_rows(db, running)
    begun = time.monotonic()
    for _ in range(1 + twice):
        running.send_signal(blow)
    err = running.communicate(timeout=30)[1]
    assert time.monotonic() - begun < 5
    assert "Traceback" not in err
    wanted = {signal.SIGTERM: {143, -15}, signal.SIGINT: {130, -2}}[blow]
    assert running.returncode in wanted | {0}
    assert inspect(db) == []
    again = load(db, saved)
    assert again.communicate(timeout=60) is not None
    assert again.returncode == 0
    assert pages.content(db) == pages.content(saved.parent / "whole.db")


@pytest.mark.soak
def test_kills_of_a_load_at_random(tmp_path: Path, saved: Path) -> None:
    """`blogcorpus load` killed at any moment from its first breath on."""
    dice, db = random.Random(5), tmp_path / "corpus.db"  # noqa: S311
    for turn in range(60 if SOAK else 5):
        if turn % 5 == 0:
            for old in tmp_path.glob("corpus.db*"):
                old.unlink()
        running = load(db, saved)
        time.sleep(0.2 + dice.random() * 0.8)
        running.kill()
        running.communicate(timeout=30)
        assert not db.exists() or inspect(db) == []
    load(db, saved).communicate(timeout=60)
    assert pages.content(db) == pages.content(saved.parent / "whole.db")
