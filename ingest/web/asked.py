"""What the address of a page asks for: words, filters, a page number; and addresses that ask for something else.

Total: any query string at all is a question. What cannot be read is passed over, and said.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import unquote_plus, urlencode

from ingest.corpus import Query, asof
from ingest.corpus.search import plan
from ingest.corpus.search.words import shortened
from ingest.errors import ConfigError

__all__ = ["FILTERS", "LAST_PAGE", "Asked", "address", "ask", "pairs"]

#: Name in an address -> field of `Query`, in the order the form has them. All but the dates may be said several times.
FILTERS = {
    "site": "site", "author": "author", "category": "category", "tag": "tag", "type": "type", "lang": "language",
    "source": "source", "from": "since", "to": "until", "as-of": "as_of",
}  # fmt: skip
_DATES = ("from", "to", "as-of")

#: Nobody types more; SQLite's own limits lie above.
_PAIRS = 100
_VALUE = 500
#: The last page that is shown: turning pages costs more with each, and nobody reads 500.
LAST_PAGE = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as an address puts it."""

    query: Query
    page: int
    #: The question's own part of the address: name and value, without the page.
    said: tuple[tuple[str, str], ...]
    #: What was passed over, a sentence each.
    notes: tuple[str, ...] = field(default=())

    @property
    def empty(self) -> bool:
        """Whether nothing is asked for."""
        return not self.query.words.strip() and not self.query.narrowed

    def chosen(self) -> list[tuple[str, str]]:
        """The filters that are set."""
        return [(name, value) for name, value in self.said if name in FILTERS or name == "gone"]

    def address(self, *, page: int = 1, **changes: str | None) -> str:
        """The query string of this question; `changes` replace a value, None takes it out. `since` is `from`."""
        new = {"from" if name == "since" else name: value for name, value in changes.items()}
        told = [(name, value) for name, value in self.said if name not in new]
        told += [(name, value) for name, value in new.items() if value]
        return urlencode([*told, ("page", str(page))] if page > 1 else told)

    def also(self, name: str, value: str) -> str:
        """The query string with one filter more."""
        return urlencode([*(pair for pair in self.said if pair != (name, value)), (name, value)])

    def without(self, name: str, value: str) -> str:
        """The query string with one filter less."""
        return urlencode([pair for pair in self.said if pair != (name, value)])


def address(query: Query) -> str:
    """The query string that asks a question again; `ask` reads it."""
    told: list[tuple[str, str]] = [("q", query.words)] if query.words else []
    for name, column in FILTERS.items():
        values = getattr(query, column) or ()
        told += [(name, value) for value in ((values,) if isinstance(values, str) else values)]
    if query.gone is not None:
        told.append(("gone", "yes" if query.gone else "no"))
    return urlencode(told)


def pairs(query_string: str) -> list[tuple[str, str]]:
    """Names and values of a query string, decoded; at most 100, whatever they are."""
    found = []
    for part in query_string.split("&", _PAIRS)[:_PAIRS]:
        name, _, value = part.partition("=")
        found.append((_decoded(name), _decoded(value)))
    return found


def _decoded(part: str) -> str:
    # Undecodable bytes become U+FFFD: a lone surrogate could not go to SQLite.
    return unquote_plus(part, errors="replace").encode("utf-8", "replace").decode("utf-8", "replace")


def ask(query_string: str) -> Asked:
    """The question that a query string puts."""
    told: dict[str, list[str]] = {}
    for name, value in pairs(query_string):
        if value.strip():
            told.setdefault(name, []).append(value if name == "q" else value.strip()[:_VALUE])
    notes: list[str] = []
    filters: dict[str, Any] = {}
    for name, column in FILTERS.items():
        values = told.get(name, [])
        if name in _DATES:
            filters[column] = _day(column, values, notes)
            told[name] = [filters[column]] if filters[column] else []
        else:
            filters[column] = tuple(dict.fromkeys(values))
    gone = {"yes": True, "no": False}.get(_last(told, "gone"))
    told["gone"] = [] if gone is None else ["yes" if gone else "no"]
    sort: Literal["rank", "date"] = "date" if _last(told, "sort") == "date" else "rank"
    told["sort"] = ["date"] if sort == "date" else []
    words = " ".join(told.get("q", []))
    notes += Query(words=words).reading.notes
    words = shortened(words)  # it is in every address of the page
    query = Query(words=words, gone=gone, sort=sort, **filters)
    known = [("q", words)] if words else []
    known += [(name, one) for name in (*FILTERS, "gone", "sort") for one in dict.fromkeys(told.get(name, []))]
    return Asked(query, _page(told, notes), tuple(known), tuple(notes))


def _last(told: dict[str, list[str]], name: str) -> str:
    return (told.get(name) or [""])[-1]


def _day(column: str, values: Iterable[str], notes: list[str]) -> str | None:
    """The last value that is a date."""
    found = None
    for value in values:
        filters: dict[str, Any] = {column: value}
        try:
            plan(Query(**filters)) if column != "as_of" else asof.end_of(value)
        except ConfigError as error:
            notes.append(f"{error}: passed over")
        else:
            found = value
    return found


def _page(told: dict[str, list[str]], notes: list[str]) -> int:
    word = _last(told, "page")
    number = int(word) if word.isascii() and word.isdecimal() and len(word) < 10 else 1
    if number > LAST_PAGE:
        notes.append(f"only the first {LAST_PAGE} pages are shown: narrow the search, or download all of it")
    return max(1, min(number, LAST_PAGE))
