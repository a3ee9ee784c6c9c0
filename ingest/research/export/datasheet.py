"""DATASHEET.md beside an export: how the posts were collected, what is missing, what was done to them.

The questions of "Datasheets for Datasets" (Gebru et al., arXiv:1803.09010) that a corpus can answer from its own books,
with its true numbers. What only its compiler knows is not made up.
"""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence

from ingest.normalise import RULES_VERSION
from ingest.research.export.facts import Facts, SourceFacts
from ingest.research.export.quoting import words

__all__ = ["datasheet"]

_GONE = {
    "erased": "the site says it is no more", "unpublished": "withdrawn by its publisher",
    "protected": "behind a password now; the text is the last public one", "source_gone": "its whole site is gone",
    "forgotten": "erased here on request; only a tombstone is left",
}  # fmt: skip


def datasheet(facts: Facts) -> str:
    """The file's content."""
    parts = (_composition, _sites, _collection, _missing, _cleaning, _copies, _rights)
    lines = [f"# Datasheet: {words(facts.whole.title)}", ""]
    for part in parts:
        lines += [*part(facts), ""]
    return "\n".join(lines).rstrip("\n") + "\n"


def _composition(facts: Facts) -> Iterator[str]:
    tally = facts.tally
    yield "## What is in it"
    yield ""
    for option, value in facts.asked.items():
        yield f"- only a part of the corpus was asked for: `{option}` {words(value)}"
    yield f"- posts: {tally.all.posts:,}, of {_count(len(facts.whole.sites), 'site')}; words: {tally.all.words:,}"
    yield f"- published: {_between(tally.all.first, tally.all.last)}; without a date: {tally.undated:,}"
    yield f"- without a text (protected, forgotten, or nothing but pictures): {tally.empty:,}"
    yield f"- earlier versions, kept in the corpus and not here: {tally.revisions:,}"
    yield f"- first held by the corpus: {_between(*(tally.seen or (None, None)))}"
    yield f"- types: {_counted(tally.types)}"
    yield f"- status: {_counted(tally.statuses)}"
    yield f"- languages: {_counted(tally.languages)}"
    yield f"- language known from: {_counted(tally.language_from, unknown='nothing')}"
    yield f"- gone from their site, and included: {sum(tally.gone.values()):,}"
    yield from (f"  - `{kind}`, {_GONE.get(kind, 'gone')}: {count:,}" for kind, count in sorted(tally.gone.items()))


def _sites(facts: Facts) -> Iterator[str]:
    yield "## Sites"
    yield ""
    rows = sorted(facts.tally.sites.items(), key=lambda one: (one[0] is None, one[0] or ""))
    yield from _table(
        ("site", "posts", "words", "first", "last"),
        ((_words(site, "(none told)"), f"{span.posts:,}", f"{span.words:,}", _day(span.first), _day(span.last))
         for site, span in rows),
    )  # fmt: skip


def _collection(facts: Facts) -> Iterator[str]:
    runs = facts.runs
    yield "## How it was collected"
    yield ""
    yield f"By blogcorpus {words(runs['versions'] or '')}, {_between(runs['first'], runs['last'])}."
    if runs["robots"]:
        yield f"robots.txt: {words(runs['robots'])}. One request at a time to a host, under an honest name."
    yield "A source's verdict is that of its last run: `complete` (all it announces is held), `partial`, `failing`,"
    yield "`unknown` (it does not say what it has)."
    yield ""
    yield f"Verdicts: {_counted(Counter(one.verdict for one in facts.sources))}."
    if facts.others:
        yield f"{_count(facts.others, 'other source')} of the corpus: nothing of them is in this part."
    yield ""
    yield from _table(
        ("source", "kind", "site", "state", "verdict", "reason", "last answer", "missing", "not stored"),
        map(_source, facts.sources),
    )


def _source(one: SourceFacts) -> Sequence[str]:
    since = f" (since {_day(one.failing_since)})" if one.failing_since else ""
    return (
        words(one.url), words(one.kind), _words(one.site, ""), one.state, one.verdict, words(one.reason or "") + since,
        _day(one.last_ok_at), f"{one.missing:,}", f"{one.rejects:,}",
    )  # fmt: skip


def _missing(facts: Facts) -> Iterator[str]:
    failing = sum(one.verdict == "failing" for one in facts.sources)
    yield "## What is missing"
    yield ""
    missing = sum(one.missing for one in facts.sources)
    yield f"- announced by a site and not held: {missing:,} (of each source the first 1,000 are known)"
    yield f"- met and not stored, kept aside as they came: {sum(one.rejects for one in facts.sources):,}"
    yield f"- sources that fail: {failing:,}"
    yield "- never collected: what is not public, unless its owner loaded it"
    yield "- never exported: readers' comments, pictures, and what the sites sent as it came"


def _cleaning(facts: Facts) -> Iterator[str]:
    tally = facts.tally
    yield "## What was done to the texts"
    yield ""
    yield "A text is what a browser shows of the post (`innerText` of the HTML Standard), in NFC, without unseen signs;"
    yield "what is not the post was cut by named rules. What the site sent is kept in the corpus, not here."
    yield ""
    versions = ", ".join(map(str, sorted(tally.rules_versions))) or str(RULES_VERSION)
    yield f"- version of the rules: {versions}"
    yield "- posts that a rule changed:"
    yield from (f"  - `{name}`: {count:,}" for name, count in sorted(tally.rules.items()))
    if not tally.rules:
        yield "  - none"


def _copies(facts: Facts) -> Iterator[str]:
    yield "## Near-duplicates"
    yield ""
    if facts.copies is None:
        yield "Not looked for. Copies of a post on several sites are several posts here."
        return
    yield f"Posts here that have a near-duplicate in the corpus, all of them kept: {facts.tally.copied:,}."
    clusters, waiting = facts.copies["clusters"], facts.copies["not_compared"]
    yield f"In the whole corpus: clusters {clusters:,}, posts not compared yet {waiting:,}."


def _rights(facts: Facts) -> Iterator[str]:
    yield "## Rights and people"
    yield ""
    yield "The texts belong to their authors; being public gives no licence. Respect each site's terms, and honour"
    yield "wishes to be forgotten: rows with `gone_kind` `forgotten` are tombstones of such wishes. Authors are named"
    yield "as their blogs name them; texts may speak of people, their health and opinions."
    yield ""
    if not facts.licences:
        yield "Licences: no post here links to a Creative Commons licence."
        return
    yield "Posts here link to these licences. A link is a hint to look there, not a grant: it may speak of a picture."
    yield ""
    yield from _table(
        ("site", "licence", "posts"),
        ((_words(one.site, "(none told)"), words(one.url), f"{one.posts:,}") for one in facts.licences),
    )


# ---- words and tables -----------------------------------------------------------------------------------


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> Iterator[str]:
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    yield from (f"| {' | '.join(row)} |" for row in rows)


def _counted(counts: Counter[str] | Counter[str | None], unknown: str = "not known") -> str:
    rows = sorted(counts.items(), key=lambda one: (-one[1], one[0] is None, one[0] or ""))
    return ", ".join(f"{_words(name, unknown)} {count:,}" for name, count in rows) or "none"


def _words(text: str | None, unknown: str) -> str:
    return words(text) if text else unknown


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'s'[: number != 1]}"


def _day(time: str | None) -> str:
    return (time or "")[:10]


def _between(first: str | None, last: str | None) -> str:
    return f"{_day(first)} to {_day(last)}" if first and last else "not known"
