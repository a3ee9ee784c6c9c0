"""Where an export goes: made beside its place, put there whole; nobody else's files are ever touched."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from ingest.research.export import place
from tests.prompt import Prompt
from tests.research.exporting import DATA, PAPERS, content, make, read


@pytest.fixture
def filled(prompt: Prompt) -> Prompt:
    """Six posts."""
    make(prompt.db)
    return prompt


def beside(folder: Path) -> list[str]:
    """What lies there that is no corpus."""
    return sorted(path.name for path in folder.iterdir() if not path.name.startswith("corpus.db"))


def test_the_folder_is_made_and_an_earlier_export_replaced_whole(filled: Prompt) -> None:
    """Also one of another format, and one that somebody looked at with a file manager."""
    assert filled("export", "a/b/out", "--format", "txt").code == 0
    assert len(list((filled.folder / "a/b/out").glob("*.txt"))) == 6
    filled.file("a/b/out/.DS_Store", "seen")
    done = filled("--json", "export", "a/b/out", "--format", "parquet", "--search", "sleep")
    assert (done.code, done.rows[-1]["posts"]) == (0, 2)
    assert {path.name for path in (filled.folder / "a/b/out").iterdir()} == PAPERS | {"posts"}
    assert beside(filled.folder / "a/b") == ["out"]


def test_an_empty_folder_and_a_link_to_one_will_do(filled: Prompt) -> None:
    """The link stays a link."""
    (filled.folder / "real").mkdir()
    (filled.folder / "link").symlink_to("real")
    for _ in range(2):
        assert filled("export", "link", "--format", "csv").code == 0
    assert (filled.folder / "link").is_symlink()
    assert (filled.folder / "real/posts.csv").exists()


@pytest.mark.parametrize(
    ("name", "why"),
    [("full/notes.txt", "not empty"), ("full/SHA256SUMS", "not empty"), ("full", "a file of that name"), ("full/out", "no folder")],
)  # fmt: skip
def test_what_is_in_use_is_refused(filled: Prompt, name: str, why: str) -> None:
    """One clear line, exit 2, not a byte touched."""
    if name == "full/out":
        filled.file("full", "x")
        target = "full/out"
    else:
        filled.file(name, "0" * 64 + "  debian.iso\n")
        target = "full"
    before = content(filled.folder / "full") or filled.db.read_bytes()
    done = filled("export", target, "--format", "jsonl")
    assert (done.code, why in done.err) == (2, True)
    assert (content(filled.folder / "full") or filled.db.read_bytes()) == before
    assert beside(filled.folder) == ["full"]


def test_something_put_into_an_export_is_not_lost(filled: Prompt) -> None:
    """It is named, and nothing is replaced."""
    filled("export", "out", "--format", "parquet")
    filled.file("out/posts/year=2023/mine.txt", "notes of a person")
    before = content(filled.folder / "out")
    done = filled("export", "out", "--format", "parquet")
    assert (done.code, "posts/year=2023/mine.txt" in done.err) == (2, True)
    assert content(filled.folder / "out") == before


@pytest.mark.parametrize("name", ["posts.csv", "README.md"])
def test_what_was_edited_by_hand_is_not_lost(filled: Prompt, name: str) -> None:
    """It is named and nothing replaced, but by --overwrite; a file taken away is nothing that could be lost."""
    filled("export", "out", "--format", "csv")
    (filled.folder / "out/croissant.json").unlink()
    path = filled.folder / "out" / name
    path.write_bytes(path.read_bytes() + b"mine\n")
    before = content(filled.folder / "out")
    done = filled("export", "out", "--format", "csv")
    assert (done.code, f"out: {name} was edited" in done.err, done.err.count("\n")) == (2, True, 1)
    assert "give another folder or delete it" in done.err
    assert content(filled.folder / "out") == before
    assert filled("export", "out", "--format", "csv", "--overwrite").code == 0
    assert b"mine\n" not in path.read_bytes()
    assert filled("export", "out", "--format", "csv").code == 0


def test_a_feed_does_not_go_into_exported_data(filled: Prompt) -> None:
    """Two feeds share a folder, and its checksum file."""
    filled("export", "out", "--format", "csv")
    done = filled("export", "out", "--format", "atom")
    assert (done.code, "holds exported data" in done.err) == (2, True)
    for form in ("atom", "jsonfeed"):
        assert filled("export", "feeds", "--format", form).code == 0
    checked = subprocess.run(
        ["sha256sum", "--check", "SHA256SUMS"], cwd=filled.folder / "feeds", check=True, capture_output=True, text=True
    )
    assert checked.stdout == "atom.xml: OK\nfeed.json: OK\n"


@pytest.mark.parametrize("form", DATA)
def test_a_full_disk_is_74_and_leaves_what_was_there(filled: Prompt, form: str) -> None:
    """Nothing half-made stays, neither in its place nor beside it."""
    filled("export", "out", "--format", "csv")
    before = content(filled.folder / "out")
    code = (
        "import resource, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN);"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (40, 40));"
        f"from ingest.cli import main; main(['export', 'out', '--format', {form!r}])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=filled.folder, capture_output=True, text=True, check=False)
    assert (done.returncode, "cannot be written" in done.stderr, "Traceback" in done.stderr) == (74, True, False)
    assert content(filled.folder / "out") == before
    assert beside(filled.folder) == ["out"]


@pytest.mark.skipif(not Path("/proc/self").exists(), reason="needs a folder in which nobody may make one")
def test_a_folder_that_cannot_be_written(filled: Prompt) -> None:
    """One line, exit 74."""
    done = filled("export", "/proc/out", "--format", "csv")
    assert (done.code, "/proc/out: cannot be written" in done.err) == (74, True)


def test_a_kill_leaves_the_old_one_and_the_next_call_clears_up(filled: Prompt) -> None:
    """Killed when all was written and nothing put in place."""
    filled("export", "out", "--format", "csv")
    before = content(filled.folder / "out")
    code = (
        "import os, signal; from ingest.research.export import place;"
        "place._put = lambda *_: os.kill(os.getpid(), signal.SIGKILL);"
        "from ingest.cli import main; main(['export', 'out', '--format', 'jsonl'])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=filled.folder, check=False)
    assert done.returncode == -signal.SIGKILL
    assert content(filled.folder / "out") == before
    assert len(beside(filled.folder)) == 2
    assert filled("export", "out", "--format", "jsonl").code == 0
    assert beside(filled.folder) == ["out"]
    assert len(read(filled.folder / "out", "jsonl")) == 6


def test_where_names_cannot_change_places(filled: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two renames do it; killed between them, the next call brings the old one back before anything else."""
    monkeypatch.setattr(place, "_exchange", lambda *_: False)
    for form in ("csv", "jsonl"):
        assert filled("export", "out", "--format", form).code == 0
    assert beside(filled.folder) == ["out"]
    (filled.folder / "out").rename(filled.folder / ".out.old-99999999")
    assert filled("export", "out", "--format", "csv", "--where", "nosuch").code == 2
    assert len(read(filled.folder / "out", "jsonl")) == 6
    assert beside(filled.folder) == ["out"]


def test_names_change_places_in_one_step(tmp_path: Path) -> None:
    """Where the system can, and here it can; what cannot is told."""
    for name in ("one", "other"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).touch()
    assert place._exchange(tmp_path / "one", tmp_path / "other")
    assert [path.name for path in (tmp_path / "one").iterdir()] == ["other"]
    assert not place._exchange(tmp_path / "one", tmp_path / "missing")


def test_without_pyarrow(filled: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    """What to install, in one line; nothing is made."""
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    done = filled("export", "out", "--format", "parquet")
    assert (done.code, "pip install 'blogcorpus[parquet]'" in done.err) == (2, True)
    assert beside(filled.folder) == []


def test_the_summary(filled: Prompt) -> None:
    """One object: how much, where, and the data's own name."""
    rows = filled("export", "out", "--format", "jsonl", "--json").rows
    assert len(rows) == 1
    assert {name: rows[0][name] for name in ("type", "posts", "format", "folder", "files", "exit_code")} == {
        "type": "summary", "posts": 6, "format": "jsonl", "folder": "out", "files": 5, "exit_code": 0,
    }  # fmt: skip
    assert rows[0]["sha256"] in (filled.folder / "out/CITATION.cff").read_text()
    assert rows[0]["bytes"] == sum(
        len(data) for name, data in content(filled.folder / "out").items() if name != "SHA256SUMS"
    )


def test_options_of_data_are_not_for_feeds(filled: Prompt) -> None:
    """They are refused and not passed over."""
    assert filled("export", "out", "--format", "atom", "--where", "1").code == 2
