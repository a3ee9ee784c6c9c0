"""How sources fare, for the node exporter's textfile collector.

The text format is Prometheus's own (https://prometheus.io/docs/instrumenting/exposition_formats/, version 0.0.4); names
and units follow https://prometheus.io/docs/practices/naming/. Every series bears the corpus's path, so that the files
of several corpora lie in one folder without a clash. Times are Unix seconds; what is not known has no series.
"""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from ingest import __version__
from ingest.errors import ConfigError, DiskFull
from ingest.fetch import redact
from ingest.health import Look, Survey

__all__ = ["exposition", "write"]

_Value = Callable[[Look], float | str | None]

#: Per source that is polled: name, what it holds, and how it is read off; a time as `…Z` becomes seconds.
_SOURCE: tuple[tuple[str, str, _Value], ...] = (
    ("failures", "Failed runs in a row.", lambda look: look.row["failures"]),
    ("failing_since_timestamp_seconds", "When the present row of failures began.",
     lambda look: look.row["failing_since"]),
    ("last_ok_timestamp_seconds", "When it last answered as it should.", lambda look: look.row["last_ok_at"]),
    ("last_run_timestamp_seconds", "When it was last tried.", lambda look: look.row["last_run_at"]),
    ("next_due_timestamp_seconds", "When it is due again.", lambda look: look.row["next_due"]),
    ("last_post_timestamp_seconds", "When its site last published.", lambda look: look.row["last_post_at"]),
    ("posts", "Posts held and not gone.", lambda look: look.row["have"]),
    ("posts_announced", "Posts the site says it has.", lambda look: look.row["announced"]),
    ("posts_missing", "Posts announced and known not to be held.", lambda look: look.row["missing"]),
    ("rejects", "Items that could not be stored.", lambda look: look.row["rejects"]),
    ("silent", "1 when it answers, and its last post is older than ten times its usual gap.",
     lambda look: int("silent" in look.signs)),
)  # fmt: skip


def exposition(found: Survey, db: Path, unfound: int | None) -> str:
    """The whole file. `db`: the corpus, for the label `corpus`; `unfound`: addresses without a source, where known."""
    corpus = {"corpus": os.path.abspath(db)}  # noqa: PTH100  (links stay what they are called)
    return "".join(f"{line}\n" for line in (*_totals(found, corpus, unfound), *_sources(found, corpus)))


def _totals(found: Survey, corpus: Mapping[str, str], unfound: int | None) -> Iterator[str]:
    totals = found.totals
    yield from _metric("info", "The program.", [({"version": __version__}, 1)], corpus)
    yield from _metric(
        "sources", "Polled sources, by verdict.",
        [({"verdict": word}, totals.verdicts.get(word, 0)) for word in ("complete", "partial", "failing", "unknown")],
        corpus,
    )  # fmt: skip
    yield from _metric(
        "addresses_unfound", "Addresses of sources.toml at which nothing to follow was found.",
        [({}, unfound)], corpus,
    )  # fmt: skip
    yield from _metric("sources_due", "Polled sources that are due.", [({}, totals.due)], corpus)
    yield from _metric("posts", "Posts held, gone ones included.", [({}, totals.posts)], corpus)
    yield from _metric("posts_gone", "Posts that are gone from their sites.", [({}, totals.gone)], corpus)
    last = totals.last_run_at
    yield from _metric("last_run_timestamp_seconds", "When a source was last tried.", [({}, last)], corpus)


def _sources(found: Survey, corpus: Mapping[str, str]) -> Iterator[str]:
    polled = [look for look in found.sources if look.row["state"] == "active"]
    labels = {
        look.row["source"]: {"source": str(look.row["source"]), "url": redact(look.row["url"])} for look in polled
    }
    yield from _metric(
        "source_verdict", "1 for the verdict of its last run: complete, partial, failing, unknown.",
        [({**labels[look.row["source"]], "verdict": look.row["verdict"]}, 1) for look in polled], corpus,
    )  # fmt: skip
    for name, words, value in _SOURCE:
        samples = [(labels[look.row["source"]], value(look)) for look in polled]
        yield from _metric(f"source_{name}", words, samples, corpus)


def _metric(
    name: str, words: str, samples: list[tuple[dict[str, str], float | str | None]], corpus: Mapping[str, str]
) -> Iterator[str]:  # fmt: skip
    """The lines of a gauge; none when it has no value at all."""
    known = [(labels, value) for labels, value in samples if value is not None]
    if not known:
        return
    yield f"# HELP blogcorpus_{name} {words}"
    yield f"# TYPE blogcorpus_{name} gauge"
    for labels, value in known:
        told = ",".join(f'{key}="{_escaped(text)}"' for key, text in {**corpus, **labels}.items())
        yield f"blogcorpus_{name}{{{told}}} {_number(value)}"


def _number(value: float | str) -> str:
    seconds = datetime.fromisoformat(value).timestamp() if isinstance(value, str) else value
    return f"{seconds:.0f}"


def _escaped(text: str) -> str:
    """A label's value: backslash, quote and line feed are escaped, the file is UTF-8."""
    told = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return told.encode("utf-8", "replace").decode("utf-8")


def write(path: Path, text: str) -> None:
    """Put the file in its place at once, whole, readable for the exporter (0644) whatever the umask.

    Raises ConfigError for a place that cannot be written, DiskFull when there is no space.
    """
    made = path.with_name(f".{path.name}.new-{os.getpid()}")  # not *.prom: the exporter does not read it
    try:
        made.write_text(text, encoding="utf-8", newline="\n")
        made.chmod(0o644)
        made.replace(path)
    except OSError as error:
        with suppress(OSError):  # where the folder is the trouble, nothing was made
            made.unlink()
        if error.errno is not None and error.filename is None:  # a write, not an open: the disk
            raise DiskFull(f"{path}: cannot be written: {error.strerror}") from error
        raise ConfigError(f"{path}: cannot be written: {error.strerror}") from error
