"""`show`: looking into a corpus."""

import sys
from typing import Any

import click

from ingest.cli import citing, history
from ingest.cli.options import Settings, global_options
from ingest.cli.output import emit, summary, table

__all__ = ["COMMANDS"]


@click.command()
@click.argument("post", metavar="[POST]", required=False)
@click.option("--raw", is_flag=True, help="The exact bytes the site sent, instead.")
@click.option("--revisions", is_flag=True, help="Its versions, the oldest first, instead.")
@click.option(
    "--diff", type=(int, int), metavar="N M", help="What differs between two versions, word by word, instead."
)
@click.option("--cite", type=click.Choice(citing.FORMS), help="How to cite it, instead; without POST the corpus.")
@global_options(hidden=True)
@click.pass_obj
def show(
    settings: Settings, post: str | None, raw: bool, revisions: bool, diff: tuple[int, int] | None, cite: str | None
) -> None:  # fmt: skip
    """Show one post: POST is an id, a doc_id (its first digits will do) or an address."""
    if cite:
        citing.show(settings, post, cite)
        return
    if post is None:
        raise click.UsageError("which post? (`blogcorpus search` shows them)")
    _show(settings, post, raw=raw, revisions=revisions, diff=diff)


def _show(settings: Settings, post: str, *, raw: bool, revisions: bool, diff: tuple[int, int] | None) -> None:
    from ingest.corpus import read  # noqa: PLC0415

    with settings.corpus() as corpus:
        number = read.find_post(corpus, post)
        if raw:
            sys.stdout.buffer.write(read.payload(corpus, number)[1])
            sys.stdout.flush()
            return
        if revisions or diff:
            history.show(settings, corpus, number, diff)
            return
        row = read.post(corpus, number)
    if settings.json:
        emit({"type": "post", **row})
        summary(settings, 0)
        return
    click.echo(click.style(row["title"] or "(no title)", bold=True))
    click.echo(table(_facts(row)) + "\n\n" + row["text"])
    if row["outline"]:
        click.echo("\n" + "\n".join(["outline", *("  " * level + heading for level, heading in row["outline"])]))
    if row["links"] or row["media"]:
        click.echo("\n" + table(_beside(row)))


def _facts(row: dict[str, Any]) -> list[tuple[str, str]]:
    people = ", ".join(row["authors"]) or ", ".join(f"#{i} (name not known)" for i in row["author_ids"])
    facts = [
        ("doc_id", row["doc_id"]),
        ("site", row["site"]),
        ("url", row["url"]),
        (
            "type",
            f"{row['type']} {row['remote_id'] or ''}".strip()
            + ("" if row["status"] == "publish" else f", {row['status']}"),
        ),
        ("by", people),
        ("published", row["published_at"] or (row["published_raw"] and f"{row['published_raw']} (as written)")),
        ("modified", row["modified_at"]),
        ("in", ", ".join([*row["categories"], *(f"#{tag}" for tag in row["tags"])])),
        ("language", row["language"]),
        ("words", f"{row['word_count']:,}"),
        ("revisions", str(row["revisions"] or "")),
        ("gone", row["gone_at"] and f"{row['gone_at']} ({row['gone_kind']}: {row['gone_evidence']})"),
        ("cleaned", ", ".join(row["cleaned"])),
        ("seen by", ", ".join(f"{s['source']} {s['kind']} {s['url']}" for s in row["sources"])),
    ]
    return [(name, value) for name, value in facts if value]


def _beside(row: dict[str, Any]) -> list[tuple[str, str, str]]:
    links = [("link" if link["internal"] else "link out", link["url"], link["anchor"]) for link in row["links"]]
    return links + [(m["kind"], m["url"], m["caption"] or m["alt"]) for m in row["media"]]


COMMANDS = [show]
