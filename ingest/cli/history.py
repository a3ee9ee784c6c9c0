"""`show --revisions` and `show --diff`: the history of a post."""

import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING

import click

from ingest.cli.options import Settings
from ingest.cli.output import emit, summary, table

if TYPE_CHECKING:
    from ingest.corpus import Corpus
    from ingest.corpus.history import Piece, Version

__all__ = ["show"]

#: How the words of one version alone look on a terminal, and, as git writes a word diff, elsewhere.
_COLOUR = {"old": "red", "new": "green"}
_PLAIN = {"old": ("[-", "-]"), "new": ("{+", "+}")}


def show(settings: Settings, corpus: "Corpus", number: int, diff: tuple[int, int] | None) -> None:
    """Print the versions of a post, or with `diff` what differs between two. Raises ConfigError for no such version."""
    from ingest.corpus import history  # noqa: PLC0415

    found = history.versions(corpus, number)
    if diff is None:
        _list(settings, found)
        return
    old, new = (_numbered(found, n) for n in diff)
    title, text = (list(history.changes(a, b)) for a, b in ((old.title, new.title), (old.text, new.text)))
    if settings.json:
        for where, pieces in (("title", title), ("text", text)):
            for piece in pieces:
                emit({"type": "piece", "in": where, "what": piece.what, "words": piece.words})
        summary(settings, 0, old=old.n, new=new.n)
        return
    click.echo(f"{_shown(title)}\n\n{_shown(text)}")


def _numbered(found: "list[Version]", n: int) -> "Version":
    from ingest.errors import ConfigError  # noqa: PLC0415

    if not 1 <= n <= len(found):
        raise ConfigError(f"no version {n}: the post has {len(found)}, and 1 is the oldest (`show --revisions`)")
    return found[n - 1]


def _list(settings: Settings, found: "list[Version]") -> None:
    if settings.json:
        for one in found:
            emit({"type": "version", "n": one.n, "title": one.title, "text": one.text, "modified_at": one.modified_at,
                  "seen_at": one.seen_at, "now": one is found[-1]})  # fmt: skip
        summary(settings, 0, versions=len(found))
        return
    head = ("version", "modified", "held since", "words", "title")
    rows = [
        (f"{one.n}{' (now)' if one is found[-1] else ''}", one.modified_at or "—", one.seen_at,
         f"{len(one.text.split()):,}", one.title)
        for one in found
    ]  # fmt: skip
    click.echo(table([head, *rows]))


def _shown(pieces: "Iterable[Piece]") -> str:
    colour = sys.stdout.isatty()
    return "".join(piece.words if piece.what == "same" else _marked(piece, colour=colour) for piece in pieces)


def _marked(piece: "Piece", *, colour: bool) -> str:
    if colour:
        return click.style(piece.words, fg=_COLOUR[piece.what], strikethrough=piece.what == "old" or None)
    begin, end = _PLAIN[piece.what]
    return f"{begin}{piece.words}{end}"
