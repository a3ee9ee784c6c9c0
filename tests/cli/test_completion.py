"""`completion`: the scripts, run by the shells themselves; what TAB offers, and how fast."""

import os
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

from tests.prompt import Prompt

LIST = """
[[source]]
url = "https://blog.example.org/"
name = "clinic"
group = ["clinics", "north/labs"]
kind = "wordpress"

[[source]]
url = "https://blogs.example.net:8080/feed/"
name = "Two words"
kind = "feed"

[[source]]
url = "https://gone.example/feed/"
kind = "feed"
"""


@pytest.fixture
def known(prompt: Prompt, monkeypatch: pytest.MonkeyPatch) -> Prompt:
    """A prompt over a corpus of three sources, one of them removed; the program on the PATH."""
    assert prompt("sources", "import", prompt.file("list.toml", LIST)).code == 0
    assert prompt("sources", "remove", "gone.example/feed").code == 0
    monkeypatch.setenv("PATH", sysconfig.get_path("scripts"), prepend=os.pathsep)
    return prompt


def bash(prompt: Prompt, *words: str) -> list[str]:
    """What bash offers at TAB after these words: the script sourced, its function called as readline calls it."""
    script = (
        'eval "$(blogcorpus completion bash)"; complete -p blogcorpus >/dev/null || exit 9;'
        ' COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1)); _blogcorpus_completion blogcorpus; printf "%s\\n" "${COMPREPLY[@]}"'
    )
    done = subprocess.run(
        ["bash", "--norc", "-c", script, "bash", "blogcorpus", *words], cwd=prompt.folder, check=True, text=True,
        capture_output=True,
    )  # fmt: skip
    assert done.stderr == ""
    return [line for line in done.stdout.split("\n") if line]


def asked(prompt: Prompt, *words: str) -> list[str]:
    """What the program itself answers a shell."""
    env = os.environ | {
        "_BLOGCORPUS_COMPLETE": "bash_complete", "COMP_WORDS": " ".join(("blogcorpus", *words)),
        "COMP_CWORD": str(len(words)),
    }  # fmt: skip
    done = subprocess.run(["blogcorpus"], cwd=prompt.folder, env=env, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    return [line.split(",", 1)[1] for line in done.stdout.splitlines() if line]


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_bash(known: Prompt) -> None:
    """Commands, sub-commands, options, and the sources of the corpus."""
    assert {"status", "sources", "stats", "snapshot"} <= set(bash(known, "s"))
    assert {"import", "pause", "set"} <= set(bash(known, "sources", ""))
    assert "--prometheus" in bash(known, "status", "--p")
    assert bash(known, "sources", "pause", "blog.") == ["blog.example.org"]
    assert bash(known, "sources", "pause", "") == [
        "Two\\ words", "blog.example.org", "blogs.example.net:8080/feed", "clinic",
    ]  # fmt: skip
    assert bash(known, "status", "cli") == ["clinic"]


def test_the_corpus_is_the_one_that_the_line_names(known: Prompt) -> None:
    """By --db, before or after the command, or by the environment."""
    known.db.rename(known.folder / "other.db")
    assert asked(known, "status", "cli") == []
    assert asked(known, "--db", "other.db", "status", "cli") == ["clinic"]
    assert asked(known, "sources", "pause", "--db", "other.db", "cli") == ["clinic"]
    os.environ["BLOGCORPUS_DB"] = "other.db"
    try:
        assert asked(known, "status", "cli") == ["clinic"]
    finally:
        del os.environ["BLOGCORPUS_DB"]


def test_addresses_keep_their_scheme_where_it_was_typed(known: Prompt) -> None:
    """And lose it where it was not; removed sources are not offered."""
    both = ["https://blog.example.org/", "https://blogs.example.net:8080/feed/"]
    assert asked(known, "status", "https://b") == asked(known, "status", "http") == both
    assert asked(known, "status", "gone") == []


@pytest.mark.skipif(shutil.which("bash") is None, reason="no bash here")
def test_bash_splits_words_at_colons(known: Prompt) -> None:
    """So what follows the colon is a word of its own, which is all that is replaced."""
    assert bash(known, "sources", "pause", "http") == [
        "https://blog.example.org/",
        "https://blogs.example.net:8080/feed/",
    ]
    assert bash(known, "sources", "pause", "https", ":", "//blog.") == ["//blog.example.org/"]


def test_a_name_with_a_blank(known: Prompt) -> None:
    """With a backslash in bash, bare between quotes; as it is for the shells that quote by themselves."""
    if shutil.which("bash"):
        assert bash(known, "status", "Tw") == bash(known, "status", "Two\\ w") == ["Two\\ words"]
        assert bash(known, "status", '"Two w') == ["Two words"]
    env = os.environ | {"_BLOGCORPUS_COMPLETE": "fish_complete", "COMP_WORDS": "blogcorpus status", "COMP_CWORD": "Tw"}
    done = subprocess.run(["blogcorpus"], cwd=known.folder, env=env, capture_output=True, text=True, check=True)
    assert "Two words" in done.stdout
    assert "\\" not in done.stdout


@pytest.mark.parametrize("content", [None, b"", b"no corpus at all", b"SQLite format 3\0" + bytes(84)])
def test_without_a_corpus_there_is_silence(
    prompt: Prompt, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    """No message in the middle of the operator's line, and no file made by a TAB."""
    monkeypatch.setenv("PATH", sysconfig.get_path("scripts"), prepend=os.pathsep)
    if content is not None:
        prompt.file("corpus.db", content)
    assert asked(prompt, "status", "") == []
    assert [one.name for one in prompt.folder.iterdir()] == ([] if content is None else ["corpus.db"])


def test_an_answer_imports_next_to_nothing(known: Prompt) -> None:
    """A shell waits at every TAB: what takes longer to import than the answer takes is not imported."""
    env = os.environ | {"_BLOGCORPUS_COMPLETE": "bash_complete", "COMP_WORDS": "blogcorpus status b", "COMP_CWORD": "2"}
    done = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "ingest.cli"], cwd=known.folder, env=env, check=True, text=True,
        capture_output=True,
    )  # fmt: skip
    assert "blog.example.org" in done.stdout
    imported = {line.rpartition("|")[2].strip() for line in done.stderr.splitlines()}
    assert "click" in imported
    assert not imported & {"ingest.corpus", "ingest.run", "requests", "sqlite_utils", "lxml", "feedparser"}


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_every_shell_has_its_script(prompt: Prompt, monkeypatch: pytest.MonkeyPatch, shell: str) -> None:
    """Named, or taken from $SHELL; and none for a shell that nobody knows."""
    named = prompt("completion", shell)
    assert (named.code, named.err) == (0, "")
    assert f"_BLOGCORPUS_COMPLETE={shell}_complete" in named.out
    monkeypatch.setenv("SHELL", f"/usr/local/bin/{shell}")
    assert prompt("completion").out == named.out
    monkeypatch.setenv("SHELL", "/bin/tcsh")
    assert prompt("completion").code == 2
    if shutil.which(shell):
        path = prompt.file(f"script.{shell}", named.out)
        subprocess.run([shell, "-n", str(path)], check=True)


@pytest.mark.skipif(shutil.which("fish") is None, reason="no fish here")
def test_fish(known: Prompt) -> None:
    """As fish itself completes a line."""
    script = 'blogcorpus completion fish | source; complete -C "blogcorpus status cli"'
    done = subprocess.run(["fish", "-c", script], cwd=known.folder, capture_output=True, text=True, check=True)
    assert done.stdout.split()[0] == "clinic"


@pytest.mark.skipif(shutil.which("zsh") is None, reason="no zsh here")
def test_zsh(known: Prompt) -> None:
    """The script is taken by zsh's completion system, and its function is there."""
    script = 'autoload -Uz compinit; compinit -u -d "$PWD/dump"; eval "$(blogcorpus completion zsh)"; echo $_comps[blogcorpus]'
    done = subprocess.run(["zsh", "-fc", script], cwd=known.folder, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "_blogcorpus_completion"
    assert Path(known.folder / "corpus.db").exists()
