"""Addresses of sources.toml that could not be made a source: `status` shows them, and they are told of once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.fetch.hostile import Server
from tests.prompt import Done, Prompt
from tests.test_run import FEED, serves

PAGE = b'<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head><body>A blog</body></html>'


@pytest.fixture
def server() -> Iterator[Server]:
    """A host with a feed, and nothing else."""
    with Server({"/robots.txt": serves(b""), "/feed": serves(FEED)}) as running:
        yield running


def configured(prompt: Prompt, *urls: str) -> Path:
    """A sources.toml that names these."""
    sources = "".join(f'[[source]]\nurl = "{url}"\n' for url in urls)
    return prompt.file("sources.toml", f'[fetch]\nallow_private = ["127.0.0.1"]\ndelay = 0\n{sources}')


def cron(prompt: Prompt, file: Path, *words: str) -> Done:
    """A run as cron makes it."""
    return prompt("--config", file, "-q", "fetch", "--fail-on", "new", *words)


def test_status_shows_what_could_not_be_made_a_source(prompt: Prompt, server: Server) -> None:
    """With why and since when, also under --failing and as JSON; the figures of sources are not touched by it."""
    lost = server.url("/lost/")
    file = configured(prompt, server.url("/feed"), lost)
    assert prompt("--config", file, "fetch").code == 3
    done = prompt("--config", file, "status")
    (line,) = [line for line in done.out.splitlines() if "/lost" in line]
    assert line.split()[:4] == ["—", lost.partition("://")[2].rstrip("/"), "—", "failing"]
    assert "in 24 h" in line
    assert "nothing to follow was found there: not_found · " in line
    assert "1 address of sources.toml is no source yet" in done.out
    assert "1 well" in done.out
    assert " of 1 source in " in done.out
    assert len(prompt("--config", file, "status", "--failing").out.splitlines()) == 2
    assert prompt("--config", file, "status", "--stale").out == "none of them\n"
    known, unfound, last = prompt("--config", file, "--json", "status").rows
    assert (known["source"], last["sources"], last["failing"], last["unfound"]) == (1, 1, 0, 1)
    told = {name: unfound[name] for name in ("type", "source", "url", "verdict", "reason", "signs", "missing_ids")}
    assert told == {
        "type": "source", "source": None, "url": lost, "verdict": "failing", "reason": "no source",
        "signs": ["failing"], "missing_ids": [],
    }  # fmt: skip
    assert max(unfound["failing_since"], unfound["last_run_at"]) < unfound["next_due"]
    metric = prompt.folder / "blogs.prom"
    assert prompt("--config", file, "status", "--prometheus", metric).code == 0
    (sample,) = [line for line in metric.read_text().splitlines() if line.startswith("blogcorpus_addresses_unfound{")]
    assert sample.endswith("} 1")


def test_what_was_not_looked_at_yet_or_is_not_named_is_not_shown(prompt: Prompt, server: Server) -> None:
    """Nobody knows of the one yet, and nobody asks for the other any more."""
    file = configured(prompt, server.url("/feed"), server.url("/lost/"))
    prompt("--config", file, "fetch")
    file = configured(prompt, server.url("/feed"), server.url("/later/"))
    done = prompt("--config", file, "status")
    assert (done.code, "why" in done.out, "no source" in done.out) == (0, False, False)


def test_a_configuration_that_cannot_be_read_keeps_nobody_from_the_status(prompt: Prompt, server: Server) -> None:
    """It is said, and the rest is shown; what is not known is no number."""
    file = configured(prompt, server.url("/feed"))
    prompt("--config", file, "fetch")
    prompt.file("sources.toml", "[[source]]\nurrl = 1\n")
    done = prompt("--config", file, "status")
    assert (done.code, "1 well" in done.out, "'urrl' is no key" in done.err) == (0, True, True)
    metric = prompt.folder / "blogs.prom"
    assert prompt("--config", file, "status", "--prometheus", metric).code == 0
    assert "addresses_unfound" not in metric.read_text()


def test_it_is_told_once_and_healed_once(prompt: Prompt, server: Server) -> None:
    """Also where the address of the source that is found there is another one, or the address bears a user."""
    blog = server.url("/blog/")
    file = configured(prompt, blog.replace("://", "://me:pw@"))
    broke = cron(prompt, file)
    assert (broke.code, f"{blog}: failing" in broke.err, "pw" in broke.err) == (4, True, False)
    assert (cron(prompt, file).code, cron(prompt, file).err) == (0, "")
    server.scripts["/blog/"] = serves(PAGE, content_type="text/html")
    healed = cron(prompt, file, blog.replace("://", "://me:pw@"))
    assert (healed.code, "well again: " in healed.err) == (0, True)
    assert prompt.ask("SELECT * FROM told") == []
    assert "no source" not in prompt("--config", file, "status").out
    assert b"me:pw" not in prompt.db.read_bytes()
    assert cron(prompt, file).code == 0
    assert prompt.ask("SELECT state, config_url FROM sources") == [("active", blog)]
