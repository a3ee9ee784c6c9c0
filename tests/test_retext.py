"""Text made again from the payloads: our own rules change, the publisher's history does not."""

from pathlib import Path

import pytest

from ingest import normalise
from ingest.normalise import posts
from tests.prompt import Prompt

SAMPLES = Path(__file__).parent.parent / "samples"
OFF = '[defaults]\nrules_off = ["pasted-byline", "pasted-pager"]\n'


@pytest.fixture
def loaded(prompt: Prompt) -> Prompt:
    """A prompt over the samples, with a configuration that switches rules off."""
    assert prompt("load", SAMPLES).code == 0
    prompt.file("off.toml", OFF)
    return prompt


def everything(prompt: Prompt) -> list[tuple[object, ...]]:
    """The rows as they are, and the index's answer."""
    rows = prompt.ask("SELECT * FROM posts ORDER BY id")
    return [*rows, *prompt.ask("SELECT rowid FROM posts_fts WHERE posts_fts MATCH 'hedge OR previous'")]


def test_rules_are_undone_and_redone(loaded: Prompt) -> None:
    """A rule switched off gives the furniture back; switched on again, the corpus is as it was, byte for byte."""
    before = everything(loaded)
    assert loaded("--config", "off.toml", "retext").code == 0
    ((text, cleaned, off),) = loaded.ask("SELECT text, cleaned, rules_off FROM posts WHERE type = 'text'")
    assert text.endswith("What the Hedge Is For")
    assert (cleaned, off) == ("[]", '["pasted-byline", "pasted-pager"]')
    assert [hit["title"] for hit in loaded("search", "hedge", "--json").rows[:-1]] == ["Keeping Bees in Town"]
    assert loaded("retext").code == 0
    assert everything(loaded) == before
    assert loaded.ask("SELECT count(*) FROM revisions") == [(0,)]


def test_a_dry_run_changes_nothing(loaded: Prompt) -> None:
    """It says how many would change, and shows some."""
    before = everything(loaded)
    done = loaded("--config", "off.toml", "retext", "--dry-run")
    assert "2 posts by other rules: 1 would change" in done.err
    assert "+Read more by Ines" in done.out
    assert everything(loaded) == before


def test_a_load_under_other_rules_makes_no_revision(loaded: Prompt) -> None:
    """The held payload is rendered anew first and compared under the same rules; the document stays one."""
    done = loaded("--config", "off.toml", "--json", "load", SAMPLES)
    assert [row["same"] for row in done.rows if row["type"] == "file"] == [1, 1]
    assert loaded.ask("SELECT count(*) FROM posts") == [(2,)]
    assert loaded.ask("SELECT count(*) FROM revisions") == [(0,)]
    assert loaded.ask("SELECT DISTINCT rules_off FROM posts") == [('["pasted-byline", "pasted-pager"]',)]


def test_a_new_version_of_the_rules_makes_no_history(loaded: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    """After an upgrade, `retext` looks at every post once, and revisions are made anew too."""
    newer = normalise.RULES_VERSION + 1
    monkeypatch.setattr(normalise, "RULES_VERSION", newer)
    monkeypatch.setattr(posts, "RULES_VERSION", newer)
    assert loaded("retext", "--json").rows[-1] == {
        "type": "summary", "looked": 2, "changed": 0, "failed": 0, "exit_code": 0
    }  # fmt: skip
    assert loaded("retext", "--json").rows[-1]["looked"] == 0
    assert loaded.ask("SELECT DISTINCT rules_version FROM posts") == [(newer,)]


def test_a_wrong_rule_is_named(loaded: Prompt) -> None:
    """With the rules there are."""
    loaded.file("wrong.toml", '[defaults]\nrules_off = ["sharedady"]\n')
    done = loaded("--config", "wrong.toml", "retext")
    assert done.code == 2
    assert "sharedady" in done.err
    assert "pasted-pager" in done.err
