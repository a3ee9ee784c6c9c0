"""`cron`: what it prints is taken by cron's shell and by systemd as it stands."""

import os
import re
import shlex
import shutil
import subprocess
import sysconfig
from pathlib import Path

import pytest

from tests.prompt import Prompt

PROGRAM = Path(sysconfig.get_path("scripts")) / "blogcorpus"


def as_cron_reads(line: str) -> tuple[list[str], str]:
    """The five fields and the command of a crontab line, as vixie cron takes it to its shell."""
    *fields, command = line.split(" ", 5)
    told, escaped = "", False
    for letter in command:
        if escaped:
            told = told[:-1] + letter if letter == "%" else told + letter
            escaped = False
            continue
        assert letter != "%", "cron would end the command here"
        escaped = letter == "\\"
        told += letter
    return fields, told


@pytest.mark.parametrize("folder", [".", "a b", "100% 'mine'", 'do$llar "x"', "ü"])
def test_the_line_runs_as_cron_runs_it(prompt: Prompt, folder: str) -> None:
    """By /bin/sh, from another folder, with next to no environment: whatever the path of the corpus holds."""
    place = prompt.folder / folder
    place.mkdir(exist_ok=True)
    db = place / "corpus.db"
    opml = prompt.file("list.opml", "<opml version='2.0'><body/></opml>")
    assert prompt("--db", db, "sources", "import", opml).code == 0
    done = prompt("--db", db, "cron")
    assert (done.code, done.err, done.out.count("\n")) == (0, "", 1)
    fields, command = as_cron_reads(done.out.rstrip("\n"))
    assert fields[1:] == ["*"] * 4
    assert 1 <= int(fields[0]) <= 58
    words = shlex.split(command)
    assert words == [
        str(PROGRAM), "--db", str(db), "-q", "fetch", "--fail-on", "new", "--deadline-run", "50m", "--log-file",
        str(place / "corpus.jsonl"),
    ]  # fmt: skip
    ran = subprocess.run(
        ["/bin/sh", "-c", command], cwd="/", env={"HOME": str(prompt.folder), "PATH": "/usr/bin:/bin"}, check=False,
        capture_output=True, text=True,
    )  # fmt: skip
    assert (ran.returncode, ran.stdout, ran.stderr) == (0, "", "")


def test_the_minute_is_the_corpus_s_own(prompt: Prompt) -> None:
    """The same every time, another one for another corpus."""
    minutes = {n: {prompt("--db", f"c{n}.db", "cron", "-q").out.split()[0] for _ in range(2)} for n in range(12)}
    assert all(len(found) == 1 for found in minutes.values())
    assert len(set.union(*minutes.values())) > 3


def test_options_go_into_the_line(prompt: Prompt) -> None:
    """Those of this call, from the command line or the environment; the configuration wherever it was found."""
    toml = prompt.file("sources.toml", "[[source]]\nurl = 'https://a.example'\nuser = 'me'\npassword_env = 'WP_PASS'\n")
    done = prompt(
        "cron", "--config", "sources.toml", "--delay", "2.5", "--deadline", "30", "--allow-private", "10.0.0.0/8"
    )
    words = shlex.split(as_cron_reads(done.out)[1])
    assert words[3:11] == ["--config", str(toml), "--allow-private", "10.0.0.0/8", "--delay", "2.5", "--deadline", "30"]
    assert "WP_PASS: sources.toml takes secrets from there: set them, lines NAME=… above it in the crontab" in done.err
    assert "EnvironmentFile=" in prompt("cron", "--config", "sources.toml", "--systemd").err


def test_the_configuration_of_the_home_is_named(prompt: Prompt, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where cron starts it, there is no XDG_CONFIG_HOME: the file is named outright."""
    found = prompt.file("config/blogcorpus/sources.toml", "[defaults]\ncontact = 'me@uni.example'\n")
    monkeypatch.setenv("XDG_CONFIG_HOME", str(prompt.folder / "config"))
    done = prompt("cron")
    assert f"--config {found} " in done.out
    assert "XDG_CONFIG_HOME" not in done.err
    (prompt.folder / "later/blogcorpus").mkdir(parents=True)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(prompt.folder / "later"))
    assert f"once there is a {prompt.folder}/later/blogcorpus/sources.toml" in prompt("cron").err
    monkeypatch.delenv("XDG_CONFIG_HOME")
    monkeypatch.setenv("BLOGCORPUS_CONFIG", "config/blogcorpus/sources.toml")
    assert f"--config {found} " in prompt("cron", "--systemd").out


def test_a_path_that_no_crontab_can_hold(prompt: Prompt) -> None:
    """A line feed would end the line."""
    assert prompt("--db", "a\nb.db", "cron").code == 2


def test_a_corpus_that_is_not_there_yet(prompt: Prompt) -> None:
    """Is said on stderr: every hour would mail that there is none."""
    done = prompt("cron")
    assert done.out.startswith(str(int(done.out.split()[0])))
    assert f"{prompt.db} is not there yet" in done.err


def units(prompt: Prompt, *words: object, db: object = "corpus.db") -> dict[str, str]:
    """The service and the timer that a call prints."""
    return {unit: prompt("--db", db, "cron", "--systemd", "--unit", unit, *words).out for unit in ("service", "timer")}


def test_systemd_service_and_timer(prompt: Prompt) -> None:
    """What they say, and that both together name the places they go to."""
    told = units(prompt)
    service, timer = told["service"].splitlines(), told["timer"].splitlines()
    rest = f"-q fetch --fail-on new --deadline-run 50m --log-file {prompt.folder / 'corpus.jsonl'}"
    for line in (
        "Type=oneshot", "SuccessExitStatus=3 75 143", "NoNewPrivileges=true", "ProtectSystem=strict", "KillMode=mixed",
        f"ReadWritePaths={prompt.folder}", f"ExecStart={PROGRAM} --db {prompt.db} {rest}",
    ):  # fmt: skip
        assert line in service
    for line in ("OnCalendar=hourly", "RandomizedDelaySec=10m", "Persistent=true", "WantedBy=timers.target"):
        assert line in timer
    both = prompt("cron", "--systemd").out
    assert both == (
        f"# /etc/systemd/system/blogcorpus.service\n{told['service']}\n# /etc/systemd/system/blogcorpus.timer\n{told['timer']}"
    )
    assert "User=" in told["service"]
    own = units(prompt, "--user")["service"]
    assert "User=" not in own
    assert "ProtectSystem" not in own
    assert prompt("cron", "--unit", "timer").code == 2


def test_what_private_tmp_would_hide_is_not_hidden(prompt: Prompt) -> None:
    """A corpus below /tmp is not to be had in a service with a /tmp of its own."""
    assert "PrivateTmp=true" in units(prompt, db="/srv/blogs/corpus.db")["service"]
    assert "PrivateTmp" not in units(prompt, db="/tmp/blogs/corpus.db")["service"]  # noqa: S108


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="no systemd here (macOS, plain containers)")
@pytest.mark.parametrize("user", [(), ("--user",)])
@pytest.mark.parametrize("name", ["corpus.db", "a b/100% $HOME \"x\" 'y' \\ ü.db"])
def test_systemd_analyze_verify_is_clean(prompt: Prompt, name: str, user: tuple[str, ...]) -> None:
    """Not a word of complaint, whatever the path of the corpus holds."""
    db = prompt.folder / name
    db.parent.mkdir(exist_ok=True)
    files = []
    for unit, text in units(prompt, *user, db=db).items():
        files.append(prompt.file(f"blogcorpus.{unit}", text))
        assert text.endswith("\n")
    done = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(["--user"] if user else []), *map(str, files)], check=False,
        capture_output=True, text=True, env={**os.environ, "XDG_RUNTIME_DIR": str(prompt.folder)},
    )  # fmt: skip
    ours = [line for line in (done.stdout + done.stderr).splitlines() if re.search(r"blogcorpus", line)]
    assert (done.returncode, ours) == (0, []), done.stderr
