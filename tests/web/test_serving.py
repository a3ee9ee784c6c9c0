"""`serve` and `saved`, typed as a user types them."""

import json
import signal
import socket
import sqlite3
import sys
import urllib.error
import urllib.request
from pathlib import Path

import pytest

from ingest.corpus import Corpus
from tests.prompt import Prompt
from tests.web.conftest import ask_all, awaited, ended, serving
from tests.web.garden import AT, item, keep


@pytest.fixture
def small(tmp_path: Path) -> Path:
    """A corpus of one post."""
    with Corpus(tmp_path / "corpus.db", write=True, create=True) as corpus:
        keep(corpus, item(1, "https://one.example", "First", "<p>hello</p>"))
    return tmp_path / "corpus.db"


def got(address: str, **headers: str) -> tuple[int, str]:
    """Status and text of an answer."""
    try:
        with urllib.request.urlopen(urllib.request.Request(address, headers=headers), timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read().decode()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_it_stays_until_a_signal(small: Path, number: int, code: int) -> None:
    """It says where it is, answers, and ends in good order."""
    server, where = serving(small)
    assert where.startswith("http://127.0.0.1:")
    status, text = got(f"{where}/corpus/-/search?q=hello")
    assert status == 200
    assert "<mark>hello</mark>" in text
    exited, err = ended(server, number)
    assert exited == code
    assert err == ""


def test_it_reads_beside_a_run(small: Path) -> None:
    """What a run stores while the page is open is found at once, and the page keeps nobody from writing."""
    server, where = serving(small)
    with Corpus(small, write=True) as corpus:
        assert "0 posts" in got(f"{where}/corpus/-/search?q=later")[1]
        keep(corpus, item(2, "https://one.example", "Second", "<p>later</p>"))
        assert "1 post" in got(f"{where}/corpus/-/search?q=later")[1]
    assert ended(server)[0] == 143


def test_it_answers_to_its_own_machine(small: Path) -> None:
    """A page on the web whose name points at 127.0.0.1 is not answered: it would read the corpus."""
    server, where = serving(small)
    assert got(f"{where}/", Host="evil.example")[0] == 421
    assert got(f"{where}/", Host=f"localhost:{where.rsplit(':', 1)[1]}")[0] == 200
    assert ended(server)[0] == 143


def test_it_speaks_json(small: Path) -> None:
    """One object a line: where it is, and how it ended."""
    server, line = serving(small, "--json")
    assert json.loads(line)["url"].startswith("http://127.0.0.1:")
    server.send_signal(signal.SIGTERM)
    out, _ = server.communicate(timeout=30)
    assert json.loads(out.splitlines()[-1]) == {"type": "summary", "exit_code": 143}


def test_public_must_be_said_and_warns(small: Path) -> None:
    """With `--public` it listens for every machine, and says so."""
    server, where = serving(small, "--public")
    port = where.rsplit(":", 1)[1]
    assert got(f"http://127.0.0.1:{port}/", Host="anything.example")[0] == 200
    code, err = ended(server)
    assert code == 143
    assert "every machine" in err


def test_a_busy_port_is_said(prompt: Prompt, small: Path) -> None:
    """One line, exit 2."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        done = prompt("--db", small, "serve", "--port", taken.getsockname()[1])
    assert done.code == 2
    assert "another program listens there" in done.err


def test_what_is_no_corpus_is_refused(prompt: Prompt) -> None:
    """Missing or foreign: exit 5, before anything listens."""
    assert prompt("--db", "nope.db", "serve").code == 5
    conn = sqlite3.connect(prompt.folder / "other.db")
    conn.execute("CREATE TABLE t (a)")
    conn.close()
    assert prompt("--db", "other.db", "serve").code == 5


def test_without_the_extra_it_says_what_to_install(
    prompt: Prompt, small: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Datasette is an extra."""
    monkeypatch.setitem(sys.modules, "ingest.web.server", None)
    done = prompt("--db", small, "serve")
    assert done.code == 2
    assert "pip install 'blogcorpus[web]'" in done.err


def test_searches_are_saved_under_a_name(prompt: Prompt, small: Path) -> None:
    """Saved, listed, replaced, shown on the page, removed."""
    assert prompt("--db", small, "saved", "add", "Greetings", "hello", "OR", "-bye", "--site", "one.example").code == 0
    assert prompt("--db", small, "saved", "add", "Early", "--to", "2024").code == 0
    assert prompt("--db", small, "saved", "add", "Asked", "--address", "q=a+b&gone=no&from=never").code == 0
    rows = prompt("--db", small, "saved", "list", "--json").rows
    assert [(row["name"], row["asked"]) for row in rows[:-1]] == [
        ("Asked", "q=a+b&gone=no"), ("Early", "to=2024"), ("Greetings", "q=hello+OR++-bye&site=one.example"),
    ]  # fmt: skip
    assert ">Greetings</a>" in ask_all([small], "/corpus/-/saved")[0].text
    assert prompt("--db", small, "saved", "remove", "Early").code == 0
    assert prompt("--db", small, "saved", "remove", "Early").code == 2
    assert "Greetings" in prompt("--db", small, "saved", "list").out
    assert prompt("--db", small, "saved", "add", "Nothing").code == 2
    assert prompt("--db", small, "saved", "add", "Bad", "--from", "never").code == 2


def test_an_older_corpus_is_brought_up_to_date(prompt: Prompt) -> None:
    """`serve` on a corpus of schema 1 upgrades it first, with a copy kept."""
    import shutil

    shutil.copy(Path(__file__).parent.parent / "data" / "corpora" / "v1.db", prompt.db)
    server, where = serving(prompt.db)
    assert got(f"{where}/corpus/-/health")[0] == 200
    code, err = ended(server)
    assert code == 143
    assert "brought up to date" in err
    assert (prompt.folder / "corpus.db.schema-1").exists()


def test_its_pages_hide_the_bookkeeping(small: Path) -> None:
    """Datasette's page of the corpus lists what a researcher reads, and not what the program keeps for itself."""
    from ingest.web import server

    async def listed() -> str:
        datasette = server.made(small)
        await datasette.invoke_startup()
        answer = await datasette.client.get("/corpus.json")
        datasette.executor.shutdown()
        return str(answer.json())

    shown = awaited(listed())
    assert "'name': 'posts'" in shown
    assert AT
