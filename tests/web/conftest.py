"""A corpus to look at, a server as `serve` starts it, and a browser: Debian's Chromium, which never leaves this host."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Coroutine, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

import pytest

from ingest.corpus import Corpus
from ingest.research import annotate
from tests.web import garden, hostile

Result = TypeVar("Result")

pytest.importorskip("datasette")
pytest.importorskip("nh3")


@dataclass(frozen=True)
class Answer:
    """What Datasette answers."""

    status: int
    text: str
    headers: dict[str, str]


@pytest.fixture(scope="session")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The garden corpus, annotated: languages, near-duplicates, links."""
    path = garden.plant(tmp_path_factory.mktemp("garden") / "garden.db")
    with Corpus(path, write=True) as corpus:
        annotate.after_run(corpus)
    return path


@pytest.fixture(scope="session")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The corpus of a publisher who means harm."""
    return hostile.plant(tmp_path_factory.mktemp("hostile") / "hostile.db")


def awaited(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """What a coroutine comes to. In a thread of its own: Playwright keeps a loop of its own running in this one."""
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def ask_all(paths: list[Path], *addresses: str, **wishes: Any) -> list[Answer]:
    """What Datasette, as anyone starts it, answers to these addresses, through its own client."""
    from datasette.app import Datasette

    async def asking() -> list[Answer]:
        datasette = Datasette([str(path) for path in paths], **wishes)
        await datasette.invoke_startup()
        found = []
        for address in addresses:
            answer = await datasette.client.get(address)
            found.append(Answer(answer.status_code, answer.text, dict(answer.headers)))
        for database in datasette.databases.values():
            database.close()
        datasette.executor.shutdown()
        return found

    return awaited(asking())


Get = Callable[..., Answer]


@pytest.fixture
def get(planted: Path) -> Get:
    """One answer of the garden corpus."""
    return lambda address: ask_all([planted], address)[0]


def serving(path: Path, *words: str) -> tuple[subprocess.Popen[str], str]:
    """`blogcorpus serve` as a process of its own on a free port, and its address."""
    command = [sys.executable, "-m", "ingest.cli", "--db", str(path), "serve", "--port", "0", *words]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=dict(os.environ))
    assert server.stdout is not None
    return server, server.stdout.readline().strip().rstrip("/")


def ended(server: subprocess.Popen[str], number: int = signal.SIGTERM) -> tuple[int, str]:
    """Send a signal; how the server exits, and what it said on stderr."""
    server.send_signal(number)
    _, err = server.communicate(timeout=30)
    return server.returncode, err


@pytest.fixture(scope="session")
def address(planted: Path) -> Iterator[str]:
    """Where the garden corpus is served."""
    server, where = serving(planted)
    yield where
    code, err = ended(server)
    assert code == 143, err
    assert "Traceback" not in err


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, headless."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("no chromium here")
    playwright = pytest.importorskip("playwright.sync_api")
    with playwright.sync_playwright() as driver:
        made = driver.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        yield made
        made.close()
