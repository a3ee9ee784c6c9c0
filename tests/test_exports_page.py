"""docs/exports.md: every snippet runs, in the program it is for, and finds every post."""

import os
import re
import shlex
import shutil
import subprocess
import sys
from functools import cache
from pathlib import Path

import pytest

from ingest.cli import cli
from tests.research.exporting import make

PAGE = (Path(__file__).parent.parent / "docs" / "exports.md").read_text(encoding="utf-8")
SNIPPETS = re.findall(r"^```(\w+)\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
PYTHON = [code for language, code in SNIPPETS if language == "python"]
R = [code for language, code in SNIPPETS if language == "r"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the page's commands were typed."""
    made = tmp_path_factory.mktemp("exports")
    make(made / "corpus.db")
    (commands,) = [code for language, code in SNIPPETS if language == "sh"]
    for line in commands.splitlines():
        name, *words = shlex.split(line)
        assert name == "blogcorpus"
        subprocess.run([sys.executable, "-m", "ingest.cli", *words], cwd=made, check=True, capture_output=True)
    return made


def heading(code: str) -> str:
    """The heading that a snippet stands under."""
    return str(re.findall(r"^## (.+)$", PAGE[: PAGE.index(code)], re.MULTILINE)[-1])


def test_no_snippet_stands_outside() -> None:
    """Every language here is one that is run."""
    assert {language for language, _ in SNIPPETS} == {"sh", "python", "r"}
    assert (len(PYTHON), len(R)) == (7, 4)


@pytest.mark.parametrize("code", PYTHON, ids=heading)
def test_python(folder: Path, code: str, tmp_path: Path) -> None:
    """In a process of its own, off line; there are six posts, five of which have a date, one two authors."""
    offline = {
        "HF_HUB_OFFLINE": "1",
        "HF_DATASETS_OFFLINE": "1",
        "HF_HOME": str(tmp_path),
        "HF_HUB_DISABLE_TELEMETRY": "1",
    }
    asked = (
        "print(sum(row[-1] for row in months))"
        if "months =" in code
        else "print(len({str(one) for one in posts})) if isinstance(posts, list) else print(len(posts))"
    )
    done = subprocess.run(
        [sys.executable, "-c", f"{code}\n{asked}"],
        cwd=folder,
        env=os.environ | offline,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    wanted = 5 if "months =" in code else 2 if "unnest" in code else 6
    assert int(done.stdout.split()[-1]) == wanted


@cache
def has(package: str) -> bool:
    """Whether R is here, with a package."""
    if shutil.which("Rscript") is None:
        return False
    asked = f'quit(status = !requireNamespace("{package}", quietly = TRUE))'
    return subprocess.run(["Rscript", "-e", asked], check=False, capture_output=True).returncode == 0


@pytest.mark.parametrize("code", R, ids=heading)
def test_r(folder: Path, code: str) -> None:
    """Where R and the package are installed."""
    for package in re.findall(r"library\((\w+)\)", code) or ["base"]:
        if not has(package):
            pytest.skip(f"R has no {package} here")
    count = "length(posts)" if "quanteda" in code else "nrow(posts)"
    done = subprocess.run(
        ["Rscript", "-e", f"{code}\ncat({count})"], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-1] == "6"


def test_every_format_and_option_is_on_the_page() -> None:
    """As `export --help` has them."""
    for param in cli.commands["export"].params:
        if not getattr(param, "hidden", False) and param.name not in {"folder", "limit", "group"}:
            assert param.opts[0] in PAGE, param.opts
        for word in getattr(param.type, "choices", ()):
            assert f"`{word}`" in PAGE, word
