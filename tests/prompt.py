"""The command, typed as a user types it."""

import json
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from ingest.cli import main


@dataclass(frozen=True)
class Done:
    """What a call came to."""

    code: int
    out: str
    err: str

    @property
    def rows(self) -> list[dict[str, Any]]:
        """Stdout of a call with --json: every line is an object."""
        return [json.loads(line) for line in self.out.splitlines()]


@dataclass(frozen=True)
class Prompt:
    """A prompt in a folder of its own, with a corpus.db there."""

    folder: Path
    call: Callable[..., Done]

    def __call__(self, *words: object) -> Done:
        """Type a command."""
        return self.call(*words)

    @property
    def db(self) -> Path:
        """The corpus."""
        return self.folder / "corpus.db"

    def ask(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        """A question in plain SQL, read-only, as a researcher asks it."""
        conn = sqlite3.connect(f"file:{self.db}?mode=ro", uri=True)
        try:
            return conn.execute(sql, values).fetchall()
        finally:
            conn.close()

    def file(self, name: str, content: str | bytes) -> Path:
        """Write a file and name it."""
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path


@pytest.fixture
def prompt(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Prompt:
    """A user in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def call(*words: object) -> Done:
        capfd.readouterr()
        with pytest.raises(SystemExit) as ended:
            main([str(word) for word in words])
        out, err = capfd.readouterr()
        assert "Traceback" not in err
        return Done(int(ended.value.code or 0), out, err)

    return Prompt(tmp_path, call)
