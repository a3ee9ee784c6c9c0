"""Writes what is made from the code itself: `make docs`. A test holds the two together.

docs/data-dictionary.md from the comments of the DDL, docs/rules.md from the cleaning rules.
"""

import re
from collections.abc import Iterator
from pathlib import Path

from ingest import schema
from ingest.normalise import RULES

HERE = Path(__file__).parent
SCHEMAS = HERE.parent / "schemas"

HEAD = """# Data dictionary

What every table, column and view of a corpus holds. Made from the comments in `schemas/` by `make docs`; do not edit
it by hand. Researchers want the view [`corpus`](#corpus). Times are UTC, `YYYY-MM-DDTHH:MM:SSZ`; NULL means unknown.
"""

_CREATE = re.compile(r"((?:^--[^\n]*\n)+)CREATE (TABLE|VIEW|VIRTUAL TABLE) (\w+)(.*)", re.MULTILINE | re.DOTALL)
_ADDED = re.compile(r"ALTER TABLE (\w+) ADD COLUMN (\w+) (\w+)[^/]*/\* (.+?) \*/")
_COLUMN = re.compile(r"^(?!--)(?P<code>[^\n]*?),?\s+-- (?P<words>[^\n]+)$", re.MULTILINE)


def entries(sql: str) -> Iterator[tuple[str, str, str, list[tuple[str, str, str]]]]:
    """(name, table or view, what a row is, [(column, type, what it holds)]) in the order of the DDL."""
    for statement in schema.statements(sql):
        found = _CREATE.search(statement)
        if found:
            comment, what, name, body = found.groups()
            words = " ".join(line.removeprefix("--").strip() for line in comment.splitlines())
            view = what == "VIEW"
            yield name, "view" if view else "table", words, [_column(m, view=view) for m in _COLUMN.finditer(body)]


def _column(match: re.Match[str], *, view: bool) -> tuple[str, str, str]:
    code = match["code"].strip()
    if view:
        return re.split(r"[\s.]", code)[-1], "", match["words"]
    name, _, rest = code.partition(" ")
    return name, rest.split()[0] if rest else "", match["words"]


def added(table: str) -> list[tuple[str, str, str]]:
    """The columns that later migrations gave a table."""
    texts = [file.read_text(encoding="utf-8") for file in sorted(SCHEMAS.glob("[0-9]*.sql"))]
    return [found[1:] for text in texts for found in _ADDED.findall(text) if found[0] == table]


def markdown() -> str:
    """The whole page."""
    parts = [HEAD]
    for file in sorted(SCHEMAS.glob("*.sql"), key=lambda p: (p.name != "views.sql", p.name)):
        for name, what, words, own in entries(file.read_text(encoding="utf-8")):
            columns = own + added(name)
            parts.append(f"## {name}\n\n{what.capitalize()}. {words}\n")
            if columns:
                rows = "\n".join(f"| `{c}` | {t} | {w} |" for c, t, w in columns)
                parts.append(f"| column | type | what it holds |\n|---|---|---|\n{rows}\n")
    return "\n".join(parts)


RULES_HEAD = """# Cleaning rules

What is cut because it is not the post, by name. Made from the rules themselves by `make docs`. The names of the rules
that changed a post stand in `posts.cleaned`. A rule that is not sure does nothing. `rules_off = ["NAME"]` under
`[defaults]` in `sources.toml` switches a rule off; `blogcorpus retext` then undoes it over the whole corpus, offline.

| rule | what it does |
|---|---|
"""


def rules() -> str:
    """The page of the rules."""
    return RULES_HEAD + "".join(f"| `{name}` | {words} |\n" for name, words in sorted(RULES.items()))


if __name__ == "__main__":
    (HERE / "data-dictionary.md").write_text(markdown(), encoding="utf-8")
    (HERE / "rules.md").write_text(rules(), encoding="utf-8")
