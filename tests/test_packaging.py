"""What is shipped: the wheel, what importing costs, and that nothing names where it was made."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

#: 40 to 250 ms each: `--help` and a cron run that has nothing to do must not pay for them.
HEAVY = (
    "requests",
    "urllib3",
    "bs4",
    "lxml",
    "feedparser",
    "sqlite_utils",
    "protego",
    "w3lib",
    "sqlite3",
    "trafilatura",
)


def test_the_wheel_holds_the_schemas_and_nothing_of_the_tests(tmp_path: Path) -> None:
    """`schemas/` ships inside the package, so that an installed program finds its own DDL."""
    build = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(tmp_path), str(ROOT)]
    done = subprocess.run(build, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    names = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    for schema in (ROOT / "schemas").iterdir():
        assert f"ingest/schemas/{schema.name}" in names
    for module in (ROOT / "ingest").rglob("*.py"):
        assert str(module.relative_to(ROOT)) in names
    assert "ingest/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "benchmarks/", "samples/"))]


@pytest.mark.parametrize(
    "words", [["--help"], ["--version"], ["load", "--help"], ["fetch", "--help"], ["search", "--help"]]
)
def test_help_imports_nothing_heavy(words: list[str]) -> None:
    """`--help` is quick because of what it does not import."""
    code = f"""
import sys
from ingest.cli import main
try:
    main({words!r})
except SystemExit:
    pass
print([name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout
    assert done.stderr.strip() == "[]"


def test_nothing_names_a_machine_or_a_registry() -> None:
    """The project speaks of itself alone: no path of a machine, no host of a package registry, no pinned address."""
    told = "|".join(
        ["/wo" + "rk/", "py" + r"pi\.org", "pythonho" + "sted", "npm" + r"js\.", r"deb\.deb" + "ian", "/ro" + "ot/"]
    )
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.is_file() and path.suffix not in {".png", ".gz"}:
            found = re.search(told, path.read_text(encoding="utf-8", errors="replace"))
            assert not found, f"{name} names {found and found.group()}"


def test_every_dependency_is_pinned_by_version_alone() -> None:
    """constraints.txt pins `name==version`, never where it comes from."""
    for line in (ROOT / "constraints.txt").read_text().splitlines():
        assert re.fullmatch(r"[A-Za-z0-9._-]+==[A-Za-z0-9.+!]+", line), line
