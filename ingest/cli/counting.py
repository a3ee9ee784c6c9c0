"""`stats`: how much there is of what, as a table, JSON, CSV or a picture."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.asking import Asking, as_csv, asked, filter_options
from ingest.cli.options import Settings, global_options
from ingest.cli.output import emit, say, summary, table

if TYPE_CHECKING:
    from ingest.research.stats import Coverage, Figure

__all__ = ["COMMANDS"]

#: The keys of `ingest.research.stats.BY`; named here because `--help` must not pay for importing it.
_BY = ("site", "month", "year", "language", "author", "type", "category", "tag")
#: As many letters that no font has are named.
_LETTERS = 20
_COVERED = ("first", "last", "undated", "gap_days", "gap_from", "gap_to", "verdict")


@click.command(cls=Asking)
@click.option("--by", type=click.Choice(_BY), default="site", show_default=True, help="What to count by.")
@click.option("--search", multiple=True, metavar="QUERY", help="Count, and share of all posts; may be repeated.")
@click.option("--csv", "to_csv", is_flag=True, help="CSV, a row a key and search.")
@click.option(
    "--plot", "picture", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE",
    help="Draw a picture: .png, .svg or .pdf (needs matplotlib).",
)  # fmt: skip
@filter_options
@global_options(hidden=True)
@click.pass_obj
def stats(
    settings: Settings, /, by: str, search: tuple[str, ...], to_csv: bool, picture: Path | None, **filters: Any
) -> None:
    """Posts and words by site, month, language, …; by site also first and last post, gaps and the verdict."""
    from ingest.corpus.search import unknown  # noqa: PLC0415
    from ingest.research import stats as counted  # noqa: PLC0415

    within = asked("", filters)
    with settings.corpus() as corpus:
        figures = counted.stats(corpus, by, search=search, within=within)
        covered = counted.coverage(corpus, within) if by == "site" else {}
        missing = unknown(corpus, within)
    for line in missing:
        say(settings, line)
    if picture:
        from ingest.research.plot import plot  # noqa: PLC0415

        lacking = plot(figures, picture, by=by, search=search)
        say(settings, f"drawn: {picture}")
        if lacking:
            shown = lacking if len(lacking) <= _LETTERS else f"{lacking[:_LETTERS]}…"
            say(settings, f"no font here has {shown}: boxes stand for that; install one that does (Noto Sans CJK, …)")
    rows = list(_long(by, figures, search, covered))
    if settings.json:
        for row in rows:
            emit({"type": "figure", "by": by, **row})
        summary(settings, 0, rows=len(rows))
    elif to_csv:
        click.echo(as_csv(rows, _columns(search, by)), nl=False)
    elif figures:
        click.echo(table([_head(by, search), *(_line(one, covered.get(one.key)) for one in figures)]))
    else:
        say(settings, "no posts", always=True)


def _columns(search: Sequence[str], by: str) -> list[str]:
    asked = ("query", "count", "share") if search else ()
    return ["key", "posts", "words", *asked, *(_COVERED if by == "site" else ())]


def _long(
    by: str, figures: "Sequence[Figure]", search: Sequence[str], covered: "dict[str | None, Coverage]"
) -> Iterator[dict[str, Any]]:
    """A row a key, with searches a row a key and search: what R and pandas want."""
    for one in figures:
        row: dict[str, Any] = {"key": one.key, "posts": one.posts, "words": one.words}
        more = {name: getattr(covered[one.key], name) for name in _COVERED} if by == "site" else {}
        for words, count, share in zip(search, one.counts, one.shares, strict=True):
            yield row | {"query": words, "count": count, "share": None if share is None else round(share, 6)} | more
        if not search:
            yield row | more


def _head(by: str, search: Sequence[str]) -> tuple[str, ...]:
    asked = [column for words in search for column in (words, "share")]
    return (by, "posts", "words", *asked, *(("first", "last", "longest gap", "verdict") if by == "site" else ()))


def _line(one: "Figure", covered: "Coverage | None") -> tuple[str, ...]:
    cells = [one.key or "—", f"{one.posts:,}", f"{one.words:,}"]
    for count, share in zip(one.counts, one.shares, strict=True):
        cells += [f"{count:,}", "—" if share is None else f"{share:.2%}"]
    if covered is not None:
        gap = "—" if covered.gap_days is None else f"{covered.gap_days:,.0f} d from {(covered.gap_from or '')[:10]}"
        cells += [(covered.first or "—")[:10], (covered.last or "—")[:10], gap, covered.verdict]
    return tuple(cells)


COMMANDS = [stats]
