"""`completion`: the script for a shell; and what it asks for at TAB: sources and groups of the corpus at hand.

A shell waits for this at every TAB: the corpus is read by plain SQL (the program's own modules take longer to import
than the answer to find), and whatever is wrong with it is for another command to say.
"""

import os
from collections.abc import Sequence
from typing import Any

import click
from click.shell_completion import CompletionItem, get_completion_class

from ingest.cli.options import Settings, global_options

__all__ = ["COMMANDS", "a_group", "a_source"]

_SHELLS = ("bash", "zsh", "fish")
#: More than these a shell would only ask whether to show at all; bash takes a second for every 10,000.
_MOST = 1000
#: What needs quotes at a prompt, which bash's completion does not give; a blank gets its backslash from us.
_SPECIAL = frozenset("\t\n\"'\\`$&|;<>(){}[]*?!#~,=")


@click.command()
@click.argument("shell", type=click.Choice(_SHELLS), required=False)
@global_options(hidden=True)
@click.pass_context
def completion(ctx: click.Context, shell: str | None) -> None:
    """Print the completion script for a shell (the one of $SHELL): commands, options, sources and groups.

    For bash, in ~/.bashrc: eval "$(blogcorpus completion bash)"
    """
    named = shell or os.path.basename(os.environ.get("SHELL", ""))  # noqa: PTH119
    found = get_completion_class(named) if named in _SHELLS else None
    if found is None:
        raise click.UsageError(f"name the shell: {', '.join(_SHELLS)}", ctx)
    click.echo(found(ctx.find_root().command, {}, "blogcorpus", "_BLOGCORPUS_COMPLETE").source(), nl=False)


def a_source(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """The sources that a word may become: names, and addresses without their scheme unless that is typed."""
    rows = _rows(ctx, "SELECT url, name, kind FROM sources WHERE state <> 'removed' AND url NOT LIKE 'load:%'")
    found: dict[str, str] = {}
    for url, name, kind in rows:
        bare, about = url.split("://", 1)[-1].rstrip("/"), f"{kind} {name or ''}".strip()
        if incomplete.startswith("http"):
            found[url] = about
        elif incomplete.startswith("//"):  # bash begins a word anew after a colon
            found[url.partition(":")[2]] = about
        found[bare] = about
        if name:
            found.setdefault(name, f"{kind} {bare}")
    return _beginning(found, incomplete)


def a_group(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:  # noqa: ARG001
    """The groups that a word may become."""
    rows = _rows(
        ctx,
        "SELECT g.value, count(*) FROM sources o, json_each(o.groups) g WHERE o.state <> 'removed' GROUP BY g.value",
    )
    return _beginning({name: f"{count} sources" for name, count in rows}, incomplete)


def _beginning(words: dict[str, str], incomplete: str) -> list[CompletionItem]:
    found = sorted(w for w in words if w.startswith(incomplete) and not _SPECIAL & set(w) and w.isprintable())
    return [CompletionItem(_typed(word), help=" ".join(words[word].split())) for word in found[:_MOST]]


def _typed(word: str) -> str:
    """A word as the shell's script takes it. zsh and fish quote a blank themselves; in bash's `read` it needs two."""
    if not os.environ.get("_BLOGCORPUS_COMPLETE", "").startswith("bash"):
        return word
    quoted = {"'", '"'} & set(os.environ.get("COMP_WORDS", "").rpartition("\n")[2])
    return word if quoted else word.replace(" ", "\\\\ ")


def _rows(ctx: click.Context, sql: str) -> Sequence[tuple[Any, ...]]:
    """The rows of a query on the corpus of this command line; none when there is no corpus, or it is no corpus."""
    import sqlite3  # noqa: PLC0415  (--help must not pay for it)

    settings = ctx.find_object(Settings) or Settings()
    # A corpus in a folder that cannot be written is only to be had without its log (`immutable`).
    for how in ("mode=ro", "mode=ro&immutable=1"):
        try:
            conn = sqlite3.connect(f"{settings.db.absolute().as_uri()}?{how}", uri=True, timeout=0.1)
        except sqlite3.Error:
            return ()
        try:
            return conn.execute(sql).fetchall()
        except sqlite3.Error:
            continue
        finally:
            conn.close()
    return ()


COMMANDS = [completion]
