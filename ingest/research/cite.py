r"""*Cite this*: a post, or the whole corpus, as BibTeX and as CSL-JSON.

BibTeX is that of biblatex (`@online`, `@dataset`; https://ctan.org/pkg/biblatex §2): Unicode stays as it is, what LaTeX
would run is escaped, and braces inside a field always balance, because BibTeX counts escaped ones too. CSL-JSON is
the input of citeproc (https://docs.citationstyles.org), which Zotero and Pandoc read.

A name is given as the blog shows it (`literal`, braces): which part of "Dr. Ana García, MD" is the family name is not
for a program to guess.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from ingest.corpus import Corpus

__all__ = ["Whole", "bibtex", "bibtex_of_corpus", "cited", "csl", "csl_of_corpus", "latex", "whole"]

Row = Mapping[str, Any]

_LATEX = {
    "\\": r"\textbackslash{}", "{": r"\textbraceleft{}", "}": r"\textbraceright{}", "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}", "<": r"\textless{}", ">": r"\textgreater{}", "|": r"\textbar{}",
    **{sign: f"\\{sign}" for sign in "&%$#_"},
}  # fmt: skip
_TO = "\N{EN DASH}"
_SPECIAL = re.compile("|".join(map(re.escape, _LATEX)))
#: Line ends, other controls and marks of direction: they have no place in a line of a bibliography.
_UNSEEN = re.compile("[\\s\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")


@dataclass(frozen=True, slots=True)
class Whole:
    """What a citation of a whole corpus, or of what was taken out of it, is made from."""

    posts: int
    #: The sites, sorted.
    sites: tuple[str, ...]
    #: Day of the first and of the last dated post; None when none is dated.
    first: str | None
    last: str | None
    #: When the corpus was last brought up to date, UTC; None for an empty one.
    state_at: str | None
    #: Who compiled it, as they said.
    by: tuple[str, ...] = ()
    #: SHA-256 over the data, hex; None where nothing was written.
    digest: str | None = None

    @property
    def title(self) -> str:
        """What it is, in a line: so many posts of these blogs, from when to when."""
        posts = f"{self.posts:,} post{'s'[: self.posts != 1]}"
        blogs = self.sites[0] if len(self.sites) == 1 else f"{len(self.sites):,} blogs" if self.sites else "no blog"
        years = list(dict.fromkeys(day[:4] for day in (self.first, self.last) if day))
        return _line(f"{posts} of {blogs}" + (f", {_TO.join(years)}" if years else ""))

    @property
    def authors(self) -> tuple[str, ...]:
        """Those who compiled it; where nobody said so, those who wrote it."""
        return self.by or (f"Authors of {self.sites[0] if len(self.sites) == 1 else 'the blogs collected'}",)


def cited(corpus: Corpus, number: int) -> dict[str, Any]:
    """What a citation of the post with this row number is made from: its row of `corpus`, without text.

    Beside the columns of the view: `site_name`, `last_seen_at`, `date_precision`.
    """
    return corpus.rows(
        "SELECT c.doc_id, c.title, c.url, c.site, c.authors, c.published_at, c.language, c.gone_at, c.gone_kind,"
        " p.last_seen_at, p.date_precision, s.name AS site_name"
        " FROM posts p JOIN corpus c ON c.doc_id = p.doc_id JOIN sites s ON s.id = p.site_id WHERE p.id = ?",
        [number],
    )[0]


def whole(corpus: Corpus) -> Whole:
    """What a citation of the corpus as it is now is made from."""
    row = corpus.rows(
        "SELECT count(*) AS posts, min(published_at) AS first, max(published_at) AS last, max(last_seen_at) AS seen,"
        " (SELECT max(ended_at) FROM runs) AS ended FROM posts"
    )[0]
    sites = corpus.rows(
        "SELECT site FROM sites s WHERE site <> '' AND EXISTS (SELECT 1 FROM posts p WHERE p.site_id = s.id) ORDER BY 1"
    )
    state_at = max(filter(None, (row["seen"], row["ended"])), default=None)
    return Whole(row["posts"], tuple(one["site"] for one in sites), row["first"], row["last"], state_at)


def bibtex(row: Row) -> str:
    """A post as an entry for biblatex, with a line end behind it. `row`: from `cited`, or one of the view `corpus`."""
    fields = {
        "author": _people(_names(row)),
        "title": _braced(row["title"]),
        "date": _day(row.get("published_at"), row.get("date_precision")),
        "organization": latex(row.get("site_name") or row.get("site") or ""),
        "url": _address(row.get("url")),
        "urldate": _day(row.get("last_seen_at")),
        "note": latex("; ".join(_note(row))),
    }
    return _entry("online", _key(row), fields)


def csl(row: Row) -> dict[str, Any]:
    """A post as one item of CSL-JSON; a file is a list of items."""
    return _item(
        id=_key(row), type="post-weblog", title=_line(row["title"]),
        author=[{"literal": name} for name in _names(row)],
        issued=_parts(_day(row.get("published_at"), row.get("date_precision"))),
        URL=row.get("url"), accessed=_parts(_day(row.get("last_seen_at"))), language=row.get("language"),
        note="; ".join(_note(row)), **{"container-title": _line(row.get("site_name") or row.get("site") or "")},
    )  # fmt: skip


def bibtex_of_corpus(told: Whole) -> str:
    """A corpus as an entry for biblatex, with a line end behind it."""
    fields = {
        "author": _people(told.authors),
        "title": _braced(told.title),
        "date": _day(told.state_at),
        "version": _day(told.state_at),
        "note": latex(_kept(told)),
    }
    return _entry("dataset", _key_of_corpus(told), fields)


def csl_of_corpus(told: Whole) -> dict[str, Any]:
    """A corpus as one item of CSL-JSON."""
    return _item(
        id=_key_of_corpus(told), type="dataset", title=told.title,
        author=[{"literal": name} for name in told.authors],
        issued=_parts(_day(told.state_at)), version=_day(told.state_at), note=_kept(told),
    )  # fmt: skip


def latex(text: str) -> str:
    """Text on one line in which LaTeX finds nothing to run, and BibTeX no brace without its other half."""
    return _SPECIAL.sub(lambda found: _LATEX[found.group()], _line(text))


def _line(text: str) -> str:
    return _UNSEEN.sub(" ", text).strip()


def _names(row: Row) -> list[str]:
    """The authors, whether the row has them as a list or as the view's JSON."""
    told = row.get("authors") or []
    names: Sequence[str] = json.loads(told) if isinstance(told, str) else told
    return [line for name in names if (line := _line(name))]


def _people(names: Sequence[str]) -> str:
    return " and ".join(map(_braced, names))


def _braced(text: str) -> str:
    """Kept as it is: styles change the case of a title, and BibTeX takes names apart at commas and "and"."""
    escaped = latex(text)
    return f"{{{escaped}}}" if escaped else ""


def _day(time: str | None, precision: str | None = None) -> str:
    """The day of a time, or as much of it as is known; empty for none."""
    return (time or "")[: {"year": 4, "month": 7}.get(precision or "", 10)]


def _parts(day: str) -> dict[str, list[list[int]]] | None:
    return {"date-parts": [[int(part) for part in day.split("-")]]} if day else None


def _address(url: str | None) -> str:
    """Read verbatim by biblatex: only what would unbalance the field, or end it, is written as `%XX`."""
    return quote(url or "", safe="".join(chr(code) for code in range(33, 127) if chr(code) not in '{}\\^`|"<>'))


def _note(row: Row) -> Iterator[str]:
    yield f"doc_id {row['doc_id']}"
    if row.get("gone_at"):
        yield f"no longer online on {_day(row['gone_at'])}"


def _kept(told: Whole) -> str:
    return "collected with blogcorpus" + (f"; sha256 of the data {told.digest}" if told.digest else "")


def _key(row: Row) -> str:
    """Letters that every style takes; the second part of a `doc_id` tells the posts of a site apart."""
    site = re.sub(r"[^a-z0-9.-]+", "-", (row.get("site") or "text").lower()).strip("-.")
    return "-".join(part for part in (site, _day(row.get("published_at"))[:4], row["doc_id"][8:20]) if part)


def _key_of_corpus(told: Whole) -> str:
    return "-".join(part for part in ("blogcorpus", _day(told.state_at), (told.digest or "")[:8]) if part)


def _entry(kind: str, key: str, fields: Mapping[str, str]) -> str:
    return (
        f"@{kind}{{{key},\n" + "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items() if value) + "}\n"
    )


def _item(**fields: Any) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value}
