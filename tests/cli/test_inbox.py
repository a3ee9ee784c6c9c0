"""A folder of texts as a source: what is new, changed and gone in it, poll by poll."""

import json
import os
import shutil
import threading
import time
from pathlib import Path

import pytest

from ingest.inbox import answering
from ingest.records import Request
from tests.prompt import Prompt


def age(path: Path, seconds: int = 100) -> Path:
    """As if the file had been written a while ago, so that nobody has to wait for it to rest."""
    before = time.time_ns() - seconds * 10**9
    os.utime(path, ns=(before, before))
    return path


def texts(prompt: Prompt) -> list[tuple[str, str, str | None]]:
    """What is known of the inbox's files."""
    return prompt.ask("SELECT remote_id, title, gone_kind FROM posts ORDER BY remote_id")  # type: ignore[return-value]


@pytest.fixture
def inbox(prompt: Prompt) -> Prompt:
    """An inbox of two texts, added and read."""
    age(prompt.file("notes/a.txt", "First\n\nBody.\n"))
    age(
        prompt.file(
            "notes/below/b.md",
            "---\ntitle: Second\ndate: 2026-01-05\ntags: [x]\nurl: https://b.example/second\n---\nBody.\n",
        )
    )
    done = prompt("add", "notes")
    assert done.code == 0, done.err
    assert prompt("fetch").code == 0
    return prompt


def test_an_inbox_is_read_once(inbox: Prompt) -> None:
    """Known by the path within it; front matter heeded; nothing is read twice."""
    assert texts(inbox) == [("a.txt", "First", None), ("below/b.md", "Second", None)]
    assert inbox.ask("SELECT site, url, substr(published_at, 1, 10), type FROM corpus WHERE title = 'Second'") == [
        ("inbox:notes", "https://b.example/second", "2026-01-05", "text")
    ]
    done = inbox("--json", "fetch", "notes")
    assert (done.rows[0]["new"], done.rows[0]["same"], done.rows[0]["verdict"]) == (0, 0, "complete")


def test_what_changed_is_a_revision_and_what_is_new_is_new(inbox: Prompt) -> None:
    """A touched file with the same words is neither."""
    age(inbox.file("notes/a.txt", "First\n\nBody, again.\n"), 50)
    age(inbox.file("notes/c", "Third\n\nBody.\n"))
    age(inbox.folder / "notes/below/b.md", 20)
    done = inbox("--json", "fetch", "notes")
    assert [done.rows[0][k] for k in ("new", "changed", "gone", "rejected")] == [1, 1, 0, 0]
    assert inbox.ask("SELECT count(*) FROM revisions") == [(1,)]


def test_a_deleted_file_is_gone_and_comes_back(inbox: Prompt) -> None:
    """By evidence; the words stay; the same file in its old place is there again."""
    shutil.move(inbox.folder / "notes/a.txt", inbox.folder / "kept")
    done = inbox("--json", "fetch", "notes")
    assert (done.rows[0]["gone"], done.rows[0]["verdict"]) == (1, "complete")
    assert texts(inbox)[0] == ("a.txt", "First", "erased")
    assert inbox.ask("SELECT text, gone_evidence FROM posts WHERE gone_at IS NOT NULL") == [
        ("Body.", "the folder was read whole, and the file is not in it")
    ]
    shutil.move(inbox.folder / "kept", inbox.folder / "notes/a.txt")
    inbox("fetch", "notes")
    assert texts(inbox)[0] == ("a.txt", "First", None)


def test_a_folder_that_is_away_erases_nothing(inbox: Prompt) -> None:
    """It fails, like a site that does not answer."""
    shutil.move(inbox.folder / "notes", inbox.folder / "away")
    done = inbox("--json", "fetch", str(inbox.ask("SELECT id FROM sources")[0][0]))
    assert (done.code, done.rows[0]["verdict"]) == (4, "failing")
    assert "there is no folder" in done.rows[0]["error"]
    assert {gone for _, _, gone in texts(inbox)} == {None}


def test_so_many_do_not_vanish_at_once(prompt: Prompt) -> None:
    """An operator has to say that it is true."""
    for n in range(30):
        age(prompt.file(f"notes/{n}.txt", f"Text {n}\n\nBody.\n"))
    prompt("fetch", "notes")
    shutil.rmtree(prompt.folder / "notes")
    (prompt.folder / "notes").mkdir()
    done = prompt("--json", "fetch", "notes")
    assert (done.code, done.rows[0]["verdict"], done.rows[0]["reason"], done.rows[0]["gone"]) == (
        3,
        "partial",
        "mass_disappearance",
        0,
    )
    assert prompt("--json", "fetch", "--accept-gone", "notes").rows[0]["gone"] == 30


def test_what_is_no_text_is_named(inbox: Prompt) -> None:
    """Binary, empty and foreign things are rejects, once; the others go on. Hidden and unfinished files are passed over."""
    age(inbox.file("notes/pic", b"\x89PNG\r\n\x1a\n\0\0"))
    age(inbox.file("notes/empty", ""))
    age(inbox.file("notes/.hidden", "Hidden"))
    age(inbox.file("notes/draft.txt~", "Backup"))
    age(inbox.file("outside", "Outside\n\nBody.\n"))
    (inbox.folder / "notes/link").symlink_to(inbox.folder / "outside")
    (inbox.folder / "notes/up").symlink_to(inbox.folder)
    os.mkfifo(inbox.folder / "notes/pipe")
    done = inbox("--json", "fetch", "notes")
    assert [done.rows[0][k] for k in ("new", "rejected", "gone")] == [0, 4, 0]
    reasons = dict(inbox.ask("SELECT remote_id, reason FROM rejects WHERE resolved_at IS NULL"))
    assert set(reasons) == {"pic", "empty", "link", "up"}
    assert "blogcorpus load" in reasons["pic"]
    assert "leads out" in reasons["link"]
    age(inbox.file("notes/empty", "Now it holds words\n"), 50)
    inbox("fetch", "notes")
    assert inbox.ask("SELECT count(*) FROM rejects WHERE remote_id = 'empty' AND resolved_at IS NOT NULL") == [(1,)]


def test_a_file_and_a_folder_that_cannot_be_read_are_named(inbox: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the verdict's reason, as people read it, and among the missing and the rejects; nothing is called gone."""
    age(inbox.file("notes/closed.txt", "Closed\n\nBody.\n"))
    inbox.file("notes/shut/c.txt", "Shut\n\nBody.\n")
    really, scan = os.open, os.scandir

    def opening(path: str, *words: int) -> int:
        if str(path).endswith("closed.txt"):
            raise PermissionError(13, "Permission denied", path)
        return really(path, *words)

    monkeypatch.setattr("ingest.files.os.open", opening)
    done = inbox("--json", "fetch", "notes")
    assert (done.code, done.rows[0]["verdict"], done.rows[0]["reason"], done.rows[0]["missing_ids"]) == (
        3, "partial", "closed.txt cannot be read: Permission denied", ["text/closed.txt"],
    )  # fmt: skip
    monkeypatch.setattr("ingest.files.os.open", really)

    def scanning(path: Path) -> object:
        if path.name == "shut":
            raise PermissionError(13, "Permission denied", str(path))
        return scan(path)

    monkeypatch.setattr("ingest.files.os.scandir", scanning)
    done = inbox("fetch", "notes")
    assert "shut cannot be read: Permission denied" in done.err
    assert {gone for _, _, gone in texts(inbox)} == {None}


def test_what_is_being_written_is_left_for_the_next_time(tmp_path: Path) -> None:
    """A file whose size moves between two looks is not read."""
    slow, done = tmp_path / "slow", age_of(tmp_path / "done")
    slow.write_text("half")
    get = answering(tmp_path.as_uri() + "/", pause=lambda _: slow.write_text("half and more") and None)
    told = json.loads(get(Request(tmp_path.as_uri() + "/", "folder")).body)
    assert [one["path"] for one in told["files"]] == [done.name]
    assert [one["path"] for one in told["left"]] == ["slow"]


def age_of(path: Path) -> Path:
    """A file that rests."""
    path.write_text("words")
    return age(path)


def test_nothing_outside_is_ever_read(tmp_path: Path) -> None:
    """Not by a request for it, not by a link that took a file's place, not a pipe."""
    (tmp_path / "in").mkdir()
    (tmp_path / "secret").write_text("secret")
    (tmp_path / "in/link").symlink_to(tmp_path / "secret")
    os.mkfifo(tmp_path / "in/pipe")
    get = answering((tmp_path / "in").as_uri() + "/")
    for path in ("secret", "in/../secret", "in/link", "in/pipe"):
        answers: list[object] = []

        def ask(path: str = path, answers: list[object] = answers) -> None:
            answers.append(get(Request(f"{tmp_path.as_uri()}/{path}", "file")))

        waiting = threading.Thread(target=ask)
        waiting.start()
        waiting.join(20)
        assert getattr(answers[0], "status", 0) == 403, path


def test_names_that_are_no_utf8_and_two_inboxes_of_one_name(prompt: Prompt) -> None:
    """Every file has a name of its own; two folders called alike are two sites."""
    for folder in ("one/notes", "two/notes"):
        age(prompt.file(f"{folder}/a b #1.txt", f"In {folder}\n\nBody.\n"))
    raw = os.fsencode(prompt.folder / "one/notes") + b"/caf\xe9.txt"
    with open(raw, "wb") as stream:  # noqa: PTH123
        stream.write(b"Latin\n\nBody.\n")
    os.utime(raw, (1, 1))
    assert prompt("add", "one/notes", "two/notes").code == 0
    assert prompt("fetch").code == 0
    assert prompt.ask("SELECT site, remote_id, c.title FROM corpus c JOIN posts USING (doc_id) ORDER BY 1, 2") == [
        ("inbox:notes", "a b #1.txt", "In one/notes"), ("inbox:notes", "caf%E9.txt", "Latin"), ("inbox:notes-2", "a b #1.txt", "In two/notes"),
    ]  # fmt: skip
