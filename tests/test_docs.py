"""The papers tell the truth: every command, option, kind, exit status, table and column is documented."""

import importlib.util
import re
import sqlite3
from pathlib import Path

import click
import pytest

from ingest import schema
from ingest.cli import cli

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


def commands(group: click.Group = cli, prefix: str = "") -> list[tuple[str, click.Command]]:
    """Every command with its words."""
    found: list[tuple[str, click.Command]] = []
    for name, command in group.commands.items():
        found += (
            commands(command, f"{prefix}{name} ") if isinstance(command, click.Group) else [(prefix + name, command)]
        )
    return found


@pytest.mark.parametrize(("words", "command"), commands(), ids=lambda v: v if isinstance(v, str) else "")
def test_every_command_is_in_the_readme_and_helps(words: str, command: click.Command) -> None:
    """A command without a word in the README, or an option without help, does not ship."""
    assert f"blogcorpus {words}" in README
    assert command.help
    for param in command.params:
        if isinstance(param, click.Option):
            assert param.help, f"{words} {param.opts} has no help"


def test_global_options_are_in_the_readme() -> None:
    """Each global option is named where a user looks first."""
    for param in cli.params:
        if isinstance(param, click.Option) and param.name not in {"help", "version"}:
            assert param.opts[0] in README


def test_the_made_papers_are_made_today() -> None:
    """docs/data-dictionary.md and docs/rules.md are what `make docs` writes."""
    spec = importlib.util.spec_from_file_location("dictionary", ROOT / "docs" / "dictionary.py")
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8") == module.markdown(), "run `make docs`"
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == module.rules(), "run `make docs`"


def test_every_table_and_column_is_documented() -> None:
    """The dictionary is held against the database itself, not against the text it was made from."""
    page = (ROOT / "docs" / "data-dictionary.md").read_text(encoding="utf-8")
    sections = dict(re.findall(r"^## (\w+)\n(.*?)(?=^## |\Z)", page, re.MULTILINE | re.DOTALL))
    conn = sqlite3.connect(":memory:")
    for name in (*schema._migrations(), "views.sql"):
        for statement in schema.statements(schema.read(name)):
            conn.execute(statement)
    listed = conn.execute("SELECT name, type FROM sqlite_master WHERE type IN ('table', 'view')").fetchall()
    for table, _ in listed:
        if re.search(r"posts_(fts|trigram)_", table):
            continue
        assert table in sections, f"{table} is not in the data dictionary"
        if table in {"posts_fts", "posts_trigram", "posts_now"}:
            continue
        for column in (row[1] for row in conn.execute(f"PRAGMA table_info({table})")):
            assert f"| `{column}` |" in sections[table], f"{table}.{column} is not in the data dictionary"
    conn.close()


def test_exit_codes_are_in_the_readme() -> None:
    """The table of exit statuses names every one the errors carry."""
    from ingest import errors

    codes = {getattr(errors, name).exit_code for name in errors.__all__ if isinstance(getattr(errors, name), type)}
    for code in codes:
        assert re.search(rf"^\| .*\b{code}\b", README, re.MULTILINE), code
