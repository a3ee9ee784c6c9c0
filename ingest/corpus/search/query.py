"""A question to the corpus, and the SQL it becomes: one engine for the prompt, the page and the library. Pure.

The words of a question are of two sorts. Those of scripts with blanks are looked for in the full-text index, which also
ranks; those of scripts without are looked for as parts of the few texts that have such a script. A part of the
question that the index can answer alone is handed to it whole.
"""

from dataclasses import dataclass, field
from itertools import count
from typing import Any, Literal

from ingest.corpus import asof
from ingest.corpus.search import filters
from ingest.corpus.search.words import Either, Every, Node, Reading, Term, Without, positive, read

__all__ = ["Plan", "Query", "plan"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Query:
    """What is asked for. Filters of one kind mean either of their values, filters of several kinds all of them."""

    #: Words, "phrases", prefix*, AND, OR, NOT, -word, title:word, parentheses. Empty: whatever passes the filters.
    words: str = ""
    #: Addresses of sites.
    site: tuple[str, ...] = ()
    #: Names or slugs, in either case of ASCII letters; `*` stands for anything.
    author: tuple[str, ...] = ()
    category: tuple[str, ...] = ()
    tag: tuple[str, ...] = ()
    #: `post`, `page`, `text`, …
    type: tuple[str, ...] = ()
    #: First and last day, month or year of publication: `2024`, `2024-05`, `2024-05-01`.
    since: str | None = None
    until: str | None = None
    #: BCP 47; `en` is also `en-GB`, `und` is a post whose language is not known.
    language: tuple[str, ...] = ()
    #: Number, name or address of a source.
    source: tuple[str, ...] = ()
    #: Only posts that are gone, only posts that are there; None: both.
    gone: bool | None = None
    #: The corpus as it was held at the end of this day (`2026-05-01`), month or year, or at a time; None: as it is.
    as_of: str | None = None
    #: Best first, or newest first.
    sort: Literal["rank", "date"] = "rank"

    @property
    def reading(self) -> Reading:
        """How the words were read."""
        return read(self.words)

    @property
    def narrowed(self) -> bool:
        """Whether there is a filter at all."""
        return self.gone is not None or self.as_of is not None or any(getattr(self, name) for name in filters.NAMES)


@dataclass(frozen=True, slots=True)
class Plan:
    """A question as SQL over `posts p`; with `as_of` it may be asked within `asof.prepared`."""

    #: What the full-text index is asked, and ranks by; None when it cannot answer.
    match: str | None
    #: The rest: a condition on `p`; `1` when there is none.
    where: str
    values: dict[str, Any] = field(default_factory=dict)
    #: Score of a hit where the index does not rank; higher is better.
    score: str = "0"
    #: The terms to mark in a snippet where the index does not make it.
    terms: tuple[Term, ...] = ()
    #: As of when; None: as it is.
    as_of: str | None = None
    #: Any of the terms, for the full-text index; None where some are looked for as parts of the text.
    loose: str | None = None

    @property
    def posts(self) -> str:
        """What stands for `posts` in a FROM."""
        return asof.posts(self.as_of)

    @property
    def source(self) -> str:
        """`FROM … WHERE …` of the hits; `p` is there only where a condition needs it."""
        if self.match is None:
            return f"FROM {self.posts} p WHERE {self.where}"
        if self.as_of is not None:
            found = asof.matching(self.as_of, ":match")
            return f"FROM ({found}) f CROSS JOIN {self.posts} p ON p.id = f.rowid WHERE {self.where}"
        if self.where == "1":
            return "FROM posts_fts WHERE posts_fts MATCH :match"
        # CROSS JOIN: the index first, whatever the planner thinks of the filters.
        return (
            f"FROM posts_fts CROSS JOIN posts p ON p.id = posts_fts.rowid WHERE posts_fts MATCH :match AND {self.where}"
        )

    @property
    def id(self) -> str:
        """The column of the hit's row number."""
        return "posts_fts.rowid" if self.match is not None and self.as_of is None else "p.id"


def plan(query: Query) -> Plan:
    """The SQL of a question. Raises ConfigError for a filter that cannot be read; words are never an error."""
    where, values = filters.conditions(query)
    tree = query.reading.tree
    terms = tuple(dict.fromkeys(positive(tree)))
    if tree is None:
        # Nothing asked at all is not everything.
        return Plan(None, " AND ".join(where) or "1" if query.narrowed else "0", values, as_of=query.as_of)
    tree = _gathered(tree)
    maker = _Sql(values, query.as_of, mixed=any(term.unspaced for term in _all(tree)))
    match = None if maker.mixed else _fulltext(tree)
    if match is None and not maker.mixed:
        parts = tree.parts if isinstance(tree, Every) else (tree,)
        asked = [part for part in parts if _fulltext(part) is not None]
        match = _fulltext(Every(tuple(asked))) if asked else None
        where += [maker.condition(part) for part in parts if _fulltext(part) is None]
    elif maker.mixed:
        where.append(maker.condition(tree))
    if match is not None:
        values["match"] = match
    score = " + ".join(maker.score(term) for term in terms) if match is None and terms else "0"
    loose = None if maker.mixed or not terms else _fulltext(Either(terms))
    return Plan(match, " AND ".join(where) or "1", values, score, terms, query.as_of, loose)


def _gathered(node: Node) -> Node:
    """The same question with exclusions side by side made one: each alone would walk through all posts."""
    match node:
        case Term():
            return node
        case Without():
            return Without(_gathered(node.part))
    parts = [_gathered(part) for part in node.parts]
    unwanted = tuple(part.part for part in parts if isinstance(part, Without))
    if len(unwanted) > 1:  # De Morgan: not a and not b is not (a or b)
        one = Without(Either(unwanted) if isinstance(node, Every) else Every(unwanted))
        parts = [*(part for part in parts if not isinstance(part, Without)), one]
    return type(node)(tuple(parts)) if len(parts) > 1 else parts[0]


def _all(node: Node) -> list[Term]:
    match node:
        case Term():
            return [node]
        case Without():
            return _all(node.part)
        case _:
            return [term for part in node.parts for term in _all(part)]


def _fulltext(node: Node) -> str | None:
    """A tree as an FTS5 query; None where FTS5 cannot say it: it knows `a NOT b`, but no NOT of its own."""
    match node:
        case Term():
            column = f"{node.column} : " if node.column else ""
            return f'{column}"{node.text.replace(chr(34), " ")}"{" *" if node.prefix else ""}'
        case Without():
            return None
        case Either():
            parts = [_fulltext(part) for part in node.parts]
            return None if None in parts else f"({' OR '.join(filter(None, parts))})"
        case Every():
            wanted = [_fulltext(part) for part in node.parts if not isinstance(part, Without)]
            unwanted = [_fulltext(part.part) for part in node.parts if isinstance(part, Without)]
            if not wanted or None in wanted or None in unwanted:
                return None
            asked = f"({' AND '.join(filter(None, wanted))})"
            return f"({asked} NOT ({' OR '.join(filter(None, unwanted))}))" if unwanted else asked


class _Sql:
    """Writes conditions, and the values they name."""

    def __init__(self, values: dict[str, Any], as_of: str | None, *, mixed: bool) -> None:
        self._values, self._as_of = values, as_of
        self._number = count()
        #: Whether a word of a script without blanks is asked for: then the other words are also parts of such texts,
        #: because there 使用AI技術 is one word to the index.
        self.mixed = mixed

    def _name(self, value: str) -> str:
        name = f"w{next(self._number)}"
        self._values[name] = value
        return f":{name}"

    def condition(self, node: Node) -> str:
        """A tree as a condition on `p`."""
        asked = None if self.mixed else _fulltext(node)
        if asked is not None:
            return f"p.id IN ({asof.matching(self._as_of, self._name(asked))})"
        match node:
            case Term():
                return self._term(node)
            case Without():
                return f"NOT {self.condition(node.part)}"
            case Every():
                return f"({' AND '.join(self.condition(part) for part in node.parts)})"
            case Either():
                return f"({' OR '.join(self.condition(part) for part in node.parts)})"

    def _term(self, term: Term) -> str:
        word = self._name(term.text)
        columns = [term.column] if term.column else ["title", "text"]
        within = " OR ".join(f"instr(lower(u.{column}), lower({word}))" for column in columns)
        # The partial index knows the posts of such scripts. A trigram needs three characters, and many words have two.
        known = ""
        if len(term.text) >= 3:
            known = f"SELECT rowid FROM posts_trigram WHERE posts_trigram MATCH {self._name(_quoted(term))}"
            if self._as_of is not None:  # it does not know the words of then: those few texts are all looked at
                known += f" UNION ALL SELECT id FROM {asof.words(self._as_of)}"
            known = f" AND u.id IN ({known})"
        part = f"SELECT u.id FROM {asof.posts(self._as_of)} u WHERE u.unspaced = 1{known} AND ({within})"
        if not term.unspaced:
            part += f" UNION {asof.matching(self._as_of, self._name(_fulltext(term) or ''))}"
        return f"p.id IN ({part})"

    def score(self, term: Term) -> str:
        """How much a hit has of a term: a title counts eight times, as it does in the index."""
        word = self._name(term.text)
        often = f"(length(p.text) - length(replace(lower(p.text), lower({word}), ''))) / length({word})"
        return f"8 * (instr(lower(p.title), lower({word})) > 0) + {often}"


def _quoted(term: Term) -> str:
    return f'"{term.text.replace(chr(34), " ")}"'
