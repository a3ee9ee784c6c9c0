"""Where options come from: the command line, the environment, sources.toml and its place by XDG."""

from pathlib import Path
from typing import Any

import click
import pytest

from ingest import config
from ingest.cli import cli
from ingest.cli.options import Settings
from tests.prompt import Prompt

#: Every global option: its variable, what stands there, what it comes to, and what would be wrong there.
VARIABLES: dict[str, tuple[str, Any, str | None]] = {
    "db": ("/srv/x.db", Path("/srv/x.db"), None),
    "config": ("/etc/s.toml", Path("/etc/s.toml"), None),
    "quiet": ("1", True, "perhaps"),
    "verbose": ("true", True, "perhaps"),
    "json": ("yes", True, "perhaps"),
    "allow_private": ("10.0.0.0/8,nas.example", "10.0.0.0/8,nas.example", None),
    "delay": ("2.5", 2.5, "soon"),
    "deadline": ("90", 90.0, "0"),
    "no_backup": ("on", True, "perhaps"),
}


def settings(*words: str) -> Settings:
    """What a command line comes to."""
    with cli.make_context("blogcorpus", [*words, "status"]) as ctx:
        found = ctx.find_object(Settings)
        assert found
        return found


def test_every_global_option_is_in_the_table() -> None:
    """A new one gets its variable, and a row here."""
    options = {p.name for p in cli.params if isinstance(p, click.Option)} - {"help", "version"}
    assert options == set(VARIABLES)
    assert {p.envvar for p in cli.params if p.name in options} == {
        f"BLOGCORPUS_{name.upper()}" for name in options if name
    }


@pytest.mark.parametrize("name", VARIABLES)
def test_every_global_option_comes_from_the_environment(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """`BLOGCORPUS_` and its name in capitals; an empty variable is none."""
    text, value, _ = VARIABLES[name]
    assert getattr(settings(), name) != value
    monkeypatch.setenv(f"BLOGCORPUS_{name.upper()}", text)
    assert getattr(settings(), name) == value
    monkeypatch.setenv(f"BLOGCORPUS_{name.upper()}", "")
    assert getattr(settings(), name) == getattr(Settings(), name)


@pytest.mark.parametrize("name", [name for name, (*_, wrong) in VARIABLES.items() if wrong])
def test_a_wrong_variable_is_named(prompt: Prompt, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads the message of last night's cron knows where to look."""
    monkeypatch.setenv(f"BLOGCORPUS_{name.upper()}", VARIABLES[name][2] or "")
    done = prompt("status")
    assert done.code == 2
    assert f"BLOGCORPUS_{name.upper()}" in done.err or f"--{name.replace('_', '-')}" in done.err


def test_the_command_line_wins_over_the_environment(prompt: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before the command and after it."""
    prompt("sources", "import", prompt.file("list.opml", "<opml version='2.0'><body/></opml>"))
    monkeypatch.setenv("BLOGCORPUS_DB", "other.db")
    assert prompt("status").code == 5
    assert prompt("--db", "corpus.db", "status").code == prompt("status", "--db", "corpus.db").code == 0
    monkeypatch.setenv("BLOGCORPUS_DELAY", "3")
    assert settings("--delay", "4").policy().delay == 4
    assert settings().policy().delay == 3


def test_options_win_over_sources_toml(tmp_path: Path) -> None:
    """What the file says of the network holds until the command line says otherwise."""
    path = tmp_path / "s.toml"
    path.write_text("[fetch]\ndelay = 7\ndeadline = 20\n")
    policy = settings("--config", str(path), "--deadline", "5").policy()
    assert (policy.delay, policy.deadline) == (7, 5)


def test_the_configuration_has_its_place_by_xdg(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """$XDG_CONFIG_HOME, else ~/.config; a relative one is none, by the specification; --config names another."""
    own, home = tmp_path / "xdg" / "blogcorpus", tmp_path / "home" / ".config" / "blogcorpus"
    for n, folder in enumerate((own, home)):
        folder.mkdir(parents=True)
        (folder / "sources.toml").write_text(f"[fetch]\ndelay = {n + 1}\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    for said, found in ((str(tmp_path / "xdg"), own), ("", home), ("xdg", home), (str(tmp_path / "none"), None)):
        monkeypatch.setenv("XDG_CONFIG_HOME", said)
        assert config.find() == (found / "sources.toml" if found else None)
    monkeypatch.delenv("XDG_CONFIG_HOME")
    assert settings().told().fetch == {"delay": 2}
    assert settings("--config", str(own / "sources.toml")).told().fetch == {"delay": 1}
    monkeypatch.setenv("BLOGCORPUS_CONFIG", str(own / "sources.toml"))
    assert settings().told().fetch == {"delay": 1}
