"""`search`, `similar`: which posts there are."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import click

from ingest.cli.asking import MOST, Asking, as_csv, asked, filter_options
from ingest.cli.options import Settings, global_options
from ingest.cli.output import emit, marked, say, summary, table

if TYPE_CHECKING:
    from ingest.corpus.search import Hit

__all__ = ["COMMANDS"]

_COLUMNS = ("doc_id", "title", "url", "site", "published_at", "gone_at", "snippet")


@click.command(cls=Asking)
@click.argument("words", nargs=-1, metavar="QUERY")
@click.option("-n", "--limit", default=20, show_default=True, type=click.IntRange(1, MOST), help="Hits to show.")
@click.option("--offset", default=0, type=click.IntRange(0, MOST), help="Hits to pass over.")
@click.option("--sort", type=click.Choice(["rank", "date"]), default="rank", help="Best first, or newest first.")
@click.option("--csv", "to_csv", is_flag=True, help="The hits as CSV.")
@filter_options
@global_options(hidden=True)
@click.pass_obj
def search(
    settings: Settings, /, words: tuple[str, ...], limit: int, offset: int, sort: str, to_csv: bool, **filters: Any
) -> None:
    """Find posts: words, "phrases", prefix*, AND, OR, NOT, -word, title:word, (…). Best first.

    With filters alone it lists whatever passes them, the newest first.
    """
    from ingest.corpus.search import explained, find, total, unknown  # noqa: PLC0415

    query = asked(" ".join(words), filters, sort=sort)
    if not words and not query.narrowed:
        raise click.UsageError("what for? Give words, or a filter (`blogcorpus search --help`)")
    with settings.corpus() as corpus:
        hits = find(corpus, query, limit=limit, offset=offset)
        count = total(corpus, query)
        missing = unknown(corpus, query)
    if settings.verbose:
        say(settings, "\n".join(explained(query)))
    for line in missing:
        say(settings, line)
    _print(settings, hits, to_csv=to_csv)
    if settings.json:
        summary(settings, 0, hits=len(hits), total=count)
    elif not hits:
        say(settings, f"nothing found for {query.words or 'these filters'}", always=True)
    elif count > offset + len(hits):
        say(settings, f"{offset + 1:,} to {offset + len(hits):,} of {count:,}; --offset {offset + len(hits)} for more")


def _print(settings: Settings, hits: "Sequence[Hit]", *, to_csv: bool) -> None:
    plain = [{**hit, "snippet": _plain(hit["snippet"])} for hit in hits]
    if settings.json:
        for row in plain:
            emit({"type": "hit", **row})
    elif to_csv:
        click.echo(as_csv(plain, _COLUMNS), nl=False)
    elif hits:
        rows = [
            (hit["doc_id"][:16], (hit["published_at"] or "—")[:10], _short(hit["title"]), marked(hit["snippet"]))
            for hit in hits
        ]
        click.echo(table(rows))


def _plain(snippet: str) -> str:
    return snippet.replace("\x01", "[").replace("\x02", "]")


def _short(title: str, width: int = 60) -> str:
    title = title or "(no title)"
    return title if len(title) <= width else title[: width - 1] + "…"


@click.command()
@click.argument("post", metavar="POST")
@click.option("-n", "--limit", default=10, show_default=True, type=click.IntRange(1, MOST), help="Posts to show.")
@global_options(hidden=True)
@click.pass_obj
def similar(settings: Settings, post: str, limit: int) -> None:
    """Posts that have most of the words that make POST special; POST as `show` takes it."""
    from ingest.corpus import read  # noqa: PLC0415
    from ingest.research.similar import similar as find  # noqa: PLC0415

    with settings.corpus() as corpus:
        found = find(corpus, read.find_post(corpus, post), limit=limit)
    if settings.verbose:
        say(settings, f"by the words {', '.join(found.words) or '(none that any other post has)'}")
    for hit in found.hits if settings.json else ():
        emit({"type": "hit", **hit})
    if settings.json:
        summary(settings, 0, hits=len(found.hits))
        return
    rows = [
        (
            hit["doc_id"][:16],
            (hit["published_at"] or "—")[:10],
            f"{hit['shared']:.0%}",
            _short(hit["title"]),
            hit["url"],
        )
        for hit in found.hits
    ]
    click.echo(table([(*row[:4], row[4] or "") for row in rows]) if rows else "nothing like it", err=not rows)


COMMANDS = [search, similar]
