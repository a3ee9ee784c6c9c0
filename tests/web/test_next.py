"""The current pre-release of Datasette 1.0: the same pages."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

VERSION = "1.0a41"
#: Kept between runs: it takes five seconds to install.
FOLDER = Path(__file__).parent.parent.parent / ".cache" / f"datasette-{VERSION}"

ASKING = """
import asyncio, json, sys
import datasette
from datasette.app import Datasette

async def main():
    found = {"version": datasette.__version__}
    for wishes in ({}, {"config": {"databases": {"garden": {"allow": False}}}}):
        served = Datasette([sys.argv[1]], **wishes)
        await served.invoke_startup()
        for address in sys.argv[2:]:
            answer = await served.client.get(address)
            policy = answer.headers.get("content-security-policy", "")
            found[f"{len(wishes)} {address}"] = [answer.status_code, policy[:18], "<mark>" in answer.text]
    print(json.dumps(found))

asyncio.run(main())
"""


@pytest.fixture(scope="module")
def next_datasette(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the pre-release; skipped where it cannot be had."""
    if not (FOLDER / "datasette").is_dir():
        made = FOLDER.with_name(f"{FOLDER.name}.{os.getpid()}")
        command = [sys.executable, "-m", "pip", "install", "-q", "--target", str(made), f"datasette=={VERSION}"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=120, check=False)
        if done.returncode:
            pytest.skip(f"datasette {VERSION} cannot be installed here: {done.stderr[-200:]}")
        made.replace(FOLDER)
    return FOLDER


def test_the_pages_are_there(next_datasette: Path, planted: Path) -> None:
    """Search, reading, changes, health, downloads and Datasette's own pages; private where Datasette says so."""
    pages = ["/", "/garden/-/search?q=hive", "/garden/-/health", "/garden/-/saved", "/garden/-/site?site=bees.example",
             "/garden/-/result.csv?q=hive", "/garden/-/post/1", "/garden/-/post/1/changes", "/garden/-/post/1/similar",
             "/garden", "/garden/posts?_size=1"]  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-c", ASKING, str(planted), *pages],
        env={**os.environ, "PYTHONPATH": str(next_datasette)}, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert found.pop("version") == VERSION
    for page in pages:
        status, policy, marked = found[f"0 {page}"]
        assert status == 200, page
        assert policy == ("default-src 'self';" if page in pages[-2:] else "default-src 'none';")[:18]
        assert marked == (page == pages[1])
    assert {found[f"1 {page}"][0] for page in pages} == {403}
