"""What the commands print: data on stdout, messages on stderr, a progress line on a terminal only."""

import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import click

from ingest.cli.options import Settings

__all__ = ["SECRETS", "Progress", "emit", "exit_code", "failed", "marked", "say", "short", "summary", "table"]

#: Where secrets belong.
SECRETS = "sources.toml takes them, as user and password_env (README)"
#: Columns of the progress line: no terminal that people use is narrower.
_WIDTH = 78


def emit(row: Mapping[str, Any]) -> None:
    """One JSON object on its own line."""
    click.echo(json.dumps(row, ensure_ascii=False))


def say(settings: Settings, words: str, *, always: bool = False) -> None:
    """A message for people."""
    if always or not settings.quiet:
        click.echo(words, err=True)


def short(line: str, width: int = 400) -> str:
    """One line, whatever a title or a file's name holds."""
    line = " ".join(line.split()) if "\n" in line or "\r" in line else line
    line = "".join(c if c.isprintable() else "?" for c in line)
    return line if len(line) <= width else line[: width - 1] + "…"


def summary(settings: Settings, code: int, **figures: Any) -> None:
    """The last line of `--json`."""
    if settings.json:
        emit({"type": "summary", **figures, "exit_code": code})


def failed(error: str, code: int, words: Sequence[str] | None) -> int:
    """The summary of a call that ended before it could write one of its own."""
    if "--json" in (sys.argv[1:] if words is None else words):
        emit({"type": "summary", "error": error, "exit_code": code})
    return code


def exit_code(verdicts: Sequence[str]) -> int:
    """3 when some of these failed or are partial, 4 when all failed, else 0 (design §8)."""
    failures = sum(word == "failing" for word in verdicts)
    if verdicts and failures == len(verdicts):
        return 4
    return 3 if failures or "partial" in verdicts else 0


def table(rows: Iterable[Sequence[str]], *, indent: str = "") -> str:
    """Columns as wide as their widest cell; the last one runs free."""
    cells = [list(row) for row in rows]
    if not cells:
        return ""
    widths = [max(len(row[n]) for row in cells) for n in range(len(cells[0]))]
    lines = ("  ".join([*(c.ljust(w) for c, w in zip(row[:-1], widths, strict=False)), row[-1]]) for row in cells)
    return "\n".join(indent + line.rstrip() for line in lines)


def marked(snippet: str) -> str:
    """A snippet with its hits in bold on a terminal, in brackets elsewhere."""
    begin, end = (click.style("", bold=True, reset=False), click.style("", reset=True)) if _terminal() else ("[", "]")
    return " ".join(snippet.split()).replace("\x01", begin).replace("\x02", end)


def _terminal() -> bool:
    return sys.stdout.isatty()


class Progress:
    """One line on stderr that is written over; nothing where stderr is no terminal."""

    def __init__(self, settings: Settings) -> None:
        self._on = sys.stderr.isatty() and not (settings.quiet or settings.json)

    def show(self, words: str) -> None:
        """Write over the line."""
        if self._on:
            click.echo(f"\r{words[:_WIDTH]:<{_WIDTH}}", err=True, nl=False)

    def clear(self) -> None:
        """Take the line away."""
        if self._on:
            click.echo("\r" + " " * _WIDTH + "\r", err=True, nl=False)
