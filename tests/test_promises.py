"""docs/promises.md names, for each promise, tests that are really there."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PAGE = (ROOT / "docs" / "promises.md").read_text(encoding="utf-8")
ROWS = re.findall(r"^\| (R\d+) \| (.*?) \| (.*?) ?\|$", PAGE, re.MULTILINE)


def named(words: str) -> list[tuple[str, str]]:
    """(file, test) of every test that a text names; `::test` alone is of the file before."""
    found, file = [], ""
    for path, test in re.findall(r"`([\w/.]*)::(\w+)`", words):
        file = path or file
        found.append((file, test))
    return found


def test_every_promise_has_its_row() -> None:
    """R1 to R25, in order, and none without tests."""
    assert [row[0] for row in ROWS] == [f"R{n}" for n in range(1, 26)]
    assert [number for number, words, kept in ROWS if not named(kept)] == []


@pytest.mark.parametrize(("file", "test"), named(PAGE))
def test_a_named_test_is_there(file: str, test: str) -> None:
    """Under its name, with something to say and something to assert or to raise."""
    tree = ast.parse((ROOT / file).read_text(encoding="utf-8"))
    found = [node for node in tree.body if isinstance(node, ast.FunctionDef) and node.name == test]
    assert len(found) == 1, f"{file} has no {test}"
    assert ast.get_docstring(found[0])
