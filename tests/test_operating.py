"""docs/operating.md: an operator who types it, block by block, has a running cron at the end."""

import http.server
import os
import re
import shlex
import shutil
import stat
import subprocess
import sys
import sysconfig
import threading
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from ingest import health, prometheus
from ingest.cli import cli
from ingest.corpus import Corpus
from tests.health_corpus import NOW, lived_in

PAGE = (Path(__file__).parent.parent / "docs" / "operating.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"^```sh\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
REAL = Path(sysconfig.get_path("scripts")) / "blogcorpus"

#: What needs root, a registry or a running systemd: recorded, and done by nobody.
STUB = '#!/bin/sh\necho "$(basename "$0") $*" >> "$HOME/stubs.log"\n'
CRONTAB = '#!/bin/sh\nif [ "$1" = -l ]; then cat "$HOME/crontab"; else cat > "$HOME/crontab"; fi\n'
WORDS = "<p>The tide went out further than anybody had seen it go, and what it left was counted twice.</p>" * 5
HOME_PAGE = '<!doctype html><title>Tides</title><link rel="alternate" type="application/rss+xml" href="/rss"><p>Hi</p>'
RSS = (
    '<?xml version="1.0"?><rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>'
    "<title>Tides</title><link>/</link>"
    + "".join(
        f"<item><title>Tide {n}</title><link>/tide-{n}</link><guid>g{n}</guid><content:encoded><![CDATA[{WORDS}]]>"
        "</content:encoded></item>"
        for n in (1, 2)
    )
    + "</channel></rss>"
)


class Blog(http.server.BaseHTTPRequestHandler):
    """A home page that advertises a feed of two posts."""

    def do_GET(self) -> None:
        """One of two pages, or none."""
        text = {"/": HOME_PAGE, "/rss": RSS}.get(self.path)
        body = (text or "no").encode()
        self.send_response(404 if text is None else 200)
        self.send_header("Content-Type", "text/html" if text is HOME_PAGE else "application/rss+xml")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def blog() -> Iterator[str]:
    """The address of a blog that answers."""
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Blog) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()
        thread.join()


def script(path: Path, text: str) -> None:
    """A program at `path`."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    path.chmod(path.stat().st_mode | stat.S_IXUSR)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory, blog: str) -> tuple[Path, list[str]]:
    """A fresh home in which every block was typed, and what each printed."""
    home = tmp_path_factory.mktemp("operator")
    own = home / ".local" / "share" / "blogcorpus" / "bin"
    for name in ("python3", "systemctl", "loginctl"):
        script(home / "stubs" / name, STUB)
    script(home / "stubs" / "crontab", CRONTAB)
    script(own / "pip", STUB)
    script(own / "python", f'#!/bin/sh\nexec {shlex.quote(sys.executable)} "$@"\n')
    (own / "blogcorpus").symlink_to(REAL)
    env = {
        "HOME": str(home), "PATH": f"{home}/stubs:{home}/.local/bin:/usr/bin:/bin", "BLOGCORPUS_DELAY": "0",
        "BLOGCORPUS_ALLOW_PRIVATE": "127.0.0.1", "PYTHONPATH": str(Path(__file__).parent.parent),
    }  # fmt: skip
    said = []
    for block in BLOCKS:
        done = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", block.replace("https://blog.example.org", blog)], cwd=home, env=env,
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert done.returncode == 0, f"{block}\n{done.stdout}\n{done.stderr}"
        said.append(done.stdout + done.stderr)
    return home, said


def block(words: str) -> int:
    """The number of the block that holds these words."""
    (found,) = (n for n, text in enumerate(BLOCKS) if words in text)
    return found


def test_every_block_runs_and_shows_what_it_should(home: tuple[Path, list[str]], blog: str) -> None:
    """From an empty home to posts that are found, a snapshot that is sound, a log with its end."""
    folder, said = home
    first = said[block("blogcorpus search")]
    assert "1 source: " in first
    assert "2 new" in first
    assert "Tide 1" in first
    assert "2 posts (0 gone) of 1 source in corpus.db" in said[block("--stale")]
    assert f"{blog}" in said[block("--stale")]
    assert '"event": "end"' in said[block("tail -n 1")]
    assert len(list((folder / "blogs").glob("blogs-*.db"))) == 1
    assert (folder / "textfile" / "blogs.prom").read_text().startswith("# HELP blogcorpus_")
    assert (folder / ".config" / "blogcorpus" / "sources.schema.json").read_text().startswith("{")
    assert (folder / ".bashrc").read_text().count("completion bash") == 1
    assert "pip install --quiet ." in (folder / "stubs.log").read_text()


def test_the_crontab_runs_as_it_was_installed(home: tuple[Path, list[str]]) -> None:
    """With cron's own poor environment, and without a word, for nothing has broken."""
    (line,) = (home[0] / "crontab").read_text().splitlines()
    command = line.split(" ", 5)[5].replace("\\%", "%")
    done = subprocess.run(
        ["/bin/sh", "-c", command], cwd="/", env={"HOME": str(home[0]), "PATH": "/usr/bin:/bin"}, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    assert '"event": "end"' in (home[0] / "blogs" / "corpus.jsonl").read_text().splitlines()[-1]


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here (macOS, plain containers)")
def test_the_units_are_what_systemd_takes(home: tuple[Path, list[str]]) -> None:
    """As they were written by the page's own commands."""
    units = [str(home[0] / ".config" / "systemd" / "user" / f"blogcorpus.{kind}") for kind in ("service", "timer")]
    done = subprocess.run(
        ["systemd-analyze", "verify", "--user", "--man=no", *units], capture_output=True, text=True, check=False,
        env={**os.environ, "XDG_RUNTIME_DIR": str(home[0])},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "blogcorpus" not in done.stderr


def test_a_snapshot_is_a_corpus_to_go_on_with(home: tuple[Path, list[str]], tmp_path: Path) -> None:
    """Copied to a corpus's name, it is fetched into like the one it was made of."""
    (made,) = (home[0] / "blogs").glob("blogs-*.db")
    shutil.copy(made, tmp_path / "corpus.db")
    done = subprocess.run(
        [str(REAL), "--db", str(tmp_path / "corpus.db"), "--allow-private", "127.0.0.1", "--delay", "0", "fetch", "--all"],
        capture_output=True, text=True, check=False, env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "0 new" in done.stderr


@pytest.mark.parametrize(
    "words", sorted(set(re.findall(r"`(blogcorpus [^`]+)`", re.sub(r"```.*?```", "", PAGE, flags=re.DOTALL))))
)
def test_every_command_in_the_text_is_one(words: str) -> None:
    """Its sub-commands and options are there, under these names."""
    told = shlex.split(words.replace("…", ""))[1:]
    command: click.Command = cli
    for word in told:
        if word.startswith("-"):
            options = {name for one in (cli, command) for p in one.params for name in p.opts}
            assert word in options, words
        elif isinstance(command, click.Group):
            assert word in command.commands, words
            command = command.commands[word]


def test_the_alarms_name_metrics_that_there_are(tmp_path: Path) -> None:
    """Each in the rules on the page is written by `status --prometheus`."""
    with lived_in(tmp_path / "corpus.db") as corpus:
        text = prometheus.exposition(health.survey(corpus, NOW), tmp_path / "corpus.db", 0)
    named = set(re.findall(r"\bblogcorpus_\w+", PAGE))
    assert named
    assert all(f"# TYPE {name} gauge" in text for name in named)


@pytest.mark.skipif(shutil.which("logrotate") is None, reason="no logrotate here")
def test_the_rotation_is_what_logrotate_takes(tmp_path: Path) -> None:
    """The log is moved, and the next run begins a new one."""
    (snippet,) = re.findall(r"^```logrotate\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL)
    path = tmp_path / "rotate.conf"
    path.write_text(snippet.replace("/home/me/blogs", str(tmp_path)).replace("    su me me\n", ""))
    path.chmod(0o644)
    (tmp_path / "corpus.jsonl").write_text("{}\n")
    subprocess.run(["logrotate", "--force", "--state", str(tmp_path / "state"), str(path)], check=True)
    assert (tmp_path / "corpus.jsonl.1").exists()


def test_the_complaint_query_answers(tmp_path: Path) -> None:
    """Every SQL statement on the page runs on a corpus as it is."""
    with Corpus(tmp_path / "corpus.db", write=True, create=True) as corpus:
        for sql in re.findall(r"^```sql\n(.*?)^```$", PAGE, re.MULTILINE | re.DOTALL):
            assert corpus.rows(sql) == []
