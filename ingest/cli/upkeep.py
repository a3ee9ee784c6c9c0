"""`retext`: keeping a corpus in shape."""

import click

from ingest.cli.options import Settings, global_options
from ingest.cli.output import emit, say, summary

__all__ = ["COMMANDS"]

#: How many changes --dry-run shows to people.
_SHOWN = 5


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say how many posts would change, and show some.")
@global_options(hidden=True)
@click.pass_obj
def retext(settings: Settings, dry_run: bool) -> None:
    """Make text, links and index anew from what the sites sent, by the rules of this version and configuration.

    Offline, in batches, and it goes on where it was stopped. No revision comes of it.
    """
    from ingest import lock, run  # noqa: PLC0415  (--help must not pay for it)
    from ingest import retext as again  # noqa: PLC0415

    looked = changed = failed = 0
    off = settings.rules_off()
    with settings.corpus(write=True) as corpus, lock.held(corpus.path, "retext", run.clock()):
        for one in again.retext(corpus, off, dry_run=dry_run):
            looked, changed, failed = looked + 1, changed + one.changed, failed + (one.error is not None)
            if settings.json and (one.changed or one.error):
                emit(
                    {
                        "type": "post",
                        "doc_id": one.doc_id,
                        "title": one.title,
                        "changed": one.changed,
                        "error": one.error,
                    }
                )
            elif one.error:
                say(settings, f"{one.doc_id}: {one.title}: left as it was: {one.error}", always=True)
            elif one.changed and dry_run and changed <= _SHOWN:
                click.echo(f"{one.doc_id}  {one.title}\n" + "\n".join(_difference(one.before, one.after)))
    what = "would change" if dry_run else "changed"
    say(settings, f"{looked:,} posts by other rules: {changed:,} {what}, {failed:,} could not be made again")
    code = 3 if failed else 0
    summary(settings, code, looked=looked, changed=changed, failed=failed)
    raise click.exceptions.Exit(code)


def _difference(before: str, after: str) -> list[str]:
    import difflib  # noqa: PLC0415

    lines = difflib.unified_diff(before.splitlines(), after.splitlines(), lineterm="", n=0)
    return [f"    {line[:100]}" for line in lines if not line.startswith(("---", "+++", "@@"))][:10]


COMMANDS = [retext]
