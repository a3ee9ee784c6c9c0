"""What `search` and `stats` have in common: the filters, words that begin with a minus, and CSV."""

import csv
import io
import re
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from ingest.corpus import Query

__all__ = ["MOST", "Asking", "as_csv", "asked", "filter_options"]

#: The largest number that SQLite takes: that of rows to show, or to pass over.
MOST = 2**63 - 1

F = TypeVar("F", bound=Callable[..., Any])

_FILTERS = [
    click.option(
        "--site", multiple=True, metavar="URL", help="Only of this site. May be repeated, like the next ones."
    ),
    click.option("--author", multiple=True, metavar="NAME", help="Only by this author; `*` stands for anything."),
    click.option("--category", multiple=True, metavar="NAME", help="Only in this category (name or slug, `*`)."),
    click.option("--tag", multiple=True, metavar="NAME", help="Only with this tag (name or slug, `*`)."),
    click.option("--type", multiple=True, metavar="TYPE", help="Only of this type: post, page, text, …"),
    click.option("--from", "since", metavar="DATE", help="Published in or after: 2024, 2024-05, 2024-05-01."),
    click.option("--to", "until", metavar="DATE", help="Published in or before."),
    click.option("--lang", "language", multiple=True, metavar="LANG", help="Only in this language (und: not known)."),
    click.option("--source", multiple=True, metavar="SOURCE", help="Only what this source has shown."),
    click.option("--gone/--not-gone", default=None, help="Only posts that are gone, only posts that are there."),
    click.option("--as-of", metavar="DATE", help="The corpus as it was held at the end of this day, month or year."),
]

#: `-apnea`, `-"sleep apnea"`, `-(a b)`: words that are excluded, and no options. `-n5`, `-qv` are options.
_EXCLUDED = re.compile(r'-(?!n\d|[qv]{1,2}$)([^\W\d_][^=]|["(]|[^\x00-\x7f])', re.DOTALL)


class Asking(click.Command):
    """A command whose words may begin with a minus."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Hide the minus of an excluded word from click behind a blank, which no query minds."""
        return super().parse_args(ctx, [f" {word}" if _EXCLUDED.match(word) else word for word in args])


def filter_options(command: F) -> F:
    """Add the filters to a command; `asked` takes them."""
    for option in reversed(_FILTERS):
        option(command)
    return command


def asked(words: str, filters: Mapping[str, Any], *, sort: str = "rank") -> "Query":
    """The question that the options of a call make."""
    from ingest.corpus import Query  # noqa: PLC0415

    return Query(words=words, sort="date" if sort == "date" else "rank", **filters)


def as_csv(rows: Iterable[Mapping[str, Any]], columns: Iterable[str]) -> str:
    """Rows as CSV (RFC 4180, but with plain line ends) with a head; cells that a spreadsheet would run get a `'`."""
    from ingest.research.export.csvfile import defused  # noqa: PLC0415  (only CSV needs it)

    out = io.StringIO()
    head = list(columns)
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(head)
    writer.writerows([defused(row[name]) for name in head] for row in rows)
    return out.getvalue()
