"""`cron`: the line for a crontab, or a systemd service and timer, that run `fetch` every hour."""

import getpass
import hashlib
import os
import shlex
import socket
import sys
import sysconfig
from collections.abc import Sequence
from pathlib import Path

import click

from ingest.cli.options import Settings, global_options
from ingest.cli.output import say

__all__ = ["COMMANDS", "crontab_line", "service", "timer"]

#: Ends before the next hour's run begins, page and verdicts included.
_DEADLINE = "50m"
#: Folders that PrivateTmp= hides.
_TEMPORARY = (Path("/tmp"), Path("/var/tmp"))  # noqa: S108


@click.command()
@click.option("--systemd", is_flag=True, help="A service and a timer instead.")
@click.option("--unit", type=click.Choice(["service", "timer"]), help="Only this one of the two.")
@click.option("--user", is_flag=True, help="Units for `systemctl --user`, which needs no root.")
@global_options(hidden=True)
@click.pass_obj
def cron(settings: Settings, systemd: bool, unit: str | None, user: bool) -> None:
    """Print the crontab line that runs `fetch` every hour: it mails once when a source breaks, once when it heals.

    Options given here (--db, --config, --delay, …) are put into the line, with absolute paths. Nothing is installed.
    """
    if (unit or user) and not systemd:
        raise click.UsageError("--unit and --user go with --systemd")
    words = _command(settings)
    if systemd:
        parts = {"service": service(words, _written(settings), user=user), "timer": timer(settings.db)}
        shown = [parts[unit]] if unit else [f"# {_place(name, user=user)}\n{text}" for name, text in parts.items()]
        click.echo("\n".join(shown), nl=False)
    else:
        click.echo(crontab_line(words, _minute(settings.db)))
    for note in _notes(settings, systemd=systemd):
        say(settings, note)


def crontab_line(words: Sequence[str], minute: int) -> str:
    """A command as a line of crontab(5): quoted for its shell, and then `%`, which cron would make a line end."""
    return f"{minute} * * * * " + shlex.join(words).replace("%", "\\%")


def service(words: Sequence[str], written: Sequence[Path], *, user: bool = False) -> str:
    """A oneshot service of a command that writes to the folders `written`; `user`: for a user's own systemd.

    3 is a source in trouble, 75 that another run is still at it, 143 the end that `systemctl stop` asked for: none is
    the service's failure (systemd.service(5)).
    Without root the sandbox would need user namespaces, which not every machine grants: there it is left out.
    """
    hidden = [one for one in written if any(one.is_relative_to(place) for place in _TEMPORARY)]
    sandbox = [
        "ProtectSystem=strict",
        "ProtectHome=read-only",
        "ReadWritePaths=" + " ".join(_quoted(str(one)) for one in dict.fromkeys(written)),
        *([] if hidden else ["PrivateTmp=true"]),
    ]
    return "\n".join([
        "[Unit]", "Description=blogcorpus: pull what is due",
        *([] if user else ["Wants=network-online.target", "After=network-online.target"]), "",
        "[Service]", "Type=oneshot", *([] if user else [f"User={getpass.getuser()}"]),
        "ExecStart=" + " ".join(_quoted(word, variables=True) for word in words),
        "SuccessExitStatus=3 75 143",
        # SIGTERM to the run alone: it ends in good order, and its workers with it.
        "KillMode=mixed", "TimeoutStopSec=2min", "Nice=10", "NoNewPrivileges=true", *([] if user else sandbox), "",
    ])  # fmt: skip


def timer(db: Path) -> str:
    """The timer of `service`: hourly, not at the same second everywhere, and made up for after a night switched off."""
    return "\n".join([
        "[Unit]", f"Description=blogcorpus: every hour, {_percent(str(_absolute(db)))}", "",
        "[Timer]", "OnCalendar=hourly", "RandomizedDelaySec=10m", "Persistent=true", "",
        "[Install]", "WantedBy=timers.target", "",
    ])  # fmt: skip


def _command(settings: Settings) -> list[str]:
    """`fetch` as cron runs it. Raises ConfigError for a path that no crontab can hold."""
    from ingest import config  # noqa: PLC0415  (--help must not pay for it)

    db, told = _absolute(settings.db), settings.config or config.find()
    words = [*_program(), "--db", str(db)]
    words += ["--config", str(_absolute(told))] if told else []
    words += ["--allow-private", settings.allow_private] if settings.allow_private else []
    words += ["--delay", f"{settings.delay:g}"] if settings.delay is not None else []
    words += ["--deadline", f"{settings.deadline:g}"] if settings.deadline is not None else []
    words += ["--no-backup"] if settings.no_backup else []
    words += ["-q", "fetch", "--fail-on", "new", "--deadline-run", _DEADLINE, "--log-file", str(_log(settings.db))]
    wrong = next((word for word in words if not word.isprintable()), None)
    if wrong is not None:
        from ingest.errors import ConfigError  # noqa: PLC0415

        raise ConfigError(f"{wrong!r} cannot stand in a crontab: it holds a letter that cannot be printed")
    return words


def _program() -> list[str]:
    """How this program is called from anywhere. A link to it stays a link: it outlives an upgrade."""
    called = _absolute(Path(sys.argv[0]))
    for one in (called, Path(sysconfig.get_path("scripts")) / "blogcorpus"):
        if one.name == "blogcorpus" and one.is_file() and os.access(one, os.X_OK):
            return [str(one)]
    return [sys.executable, "-m", "ingest.cli"]


def _absolute(path: Path) -> Path:
    return Path(os.path.abspath(path.expanduser()))  # noqa: PTH100  (`resolve` would follow links)


def _log(db: Path) -> Path:
    return _absolute(db).with_suffix(".jsonl")


def _written(settings: Settings) -> list[Path]:
    """The folders a run writes to: the corpus, its log and its lock; through a link where they really are."""
    db = _absolute(settings.db)
    return [db.parent, db.resolve().parent]


def _minute(db: Path) -> int:
    """A minute from 1 to 58, the same for ever on this machine and another one elsewhere: sites are not hit as one."""
    digest = hashlib.sha256(f"{socket.gethostname()}\0{_absolute(db)}".encode("utf-8", "surrogateescape")).digest()
    return 1 + int.from_bytes(digest[:4], "big") % 58


def _quoted(word: str, *, variables: bool = False) -> str:
    """A word of a unit file: `%` is a specifier there; `variables`: and `$` begins one, as in ExecStart= alone."""
    told = _percent(word.replace("\\", "\\\\").replace('"', '\\"'))
    told = told.replace("$", "$$") if variables else told
    return told if all(c.isalnum() or c in "-_./:=%+,@$" for c in told) else f'"{told}"'


def _percent(word: str) -> str:
    return word.replace("%", "%%")


def _place(name: str, *, user: bool) -> str:
    return f"{'~/.config/systemd/user' if user else '/etc/systemd/system'}/blogcorpus.{name}"


def _notes(settings: Settings, *, systemd: bool) -> list[str]:
    """What the operator has to see to, beside the line."""
    told = settings.told()
    secrets = sorted({one.credential[1] for one in told.sources if one.credential})
    where = "a file that EnvironmentFile= of the service names" if systemd else "lines NAME=… above it in the crontab"
    notes = [f"{', '.join(secrets)}: sources.toml takes secrets from there: set them, {where}"] if secrets else []
    if not settings.db.exists() and not told.sources:
        notes.append(f"{_absolute(settings.db)} is not there yet: `blogcorpus add` your blogs first")
    own = Path(os.environ.get("XDG_CONFIG_HOME", "")) / "blogcorpus"
    elsewhere = own.is_absolute() and own.is_dir() and own != _absolute(Path("~/.config/blogcorpus"))
    if elsewhere and told.path is None:
        notes.append(f"XDG_CONFIG_HOME is not set for cron: once there is a {own}/sources.toml, ask again")
    return notes


COMMANDS = [cron]
