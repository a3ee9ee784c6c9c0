"""What a person's words ask for: a tree of terms, whatever was typed. Pure; nothing here ever raises.

    ketamine sleep              both            "vagus nerve"     these words in this order
    ketamine OR "vagus nerve"   either          sleep*            words that begin so
    sleep NOT apnea, -apnea     without         title:sleep       in the title (or text:)
    (a OR b) c                  in this order: NOT, then AND (also unsaid), then OR

AND, OR and NOT are operators in capitals alone. What cannot be read so is a word, or is passed over with a note.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from ingest.normalise import characters

__all__ = ["Either", "Every", "Node", "Reading", "Term", "Without", "positive", "read", "said", "shortened"]

#: More characters, terms, or parentheses in parentheses, than anyone means; a common word costs 15 ms at 100,000 posts.
MAX_LENGTH = 2_000
MAX_TERMS = 100
MAX_DEPTH = 20


@dataclass(frozen=True, slots=True)
class Term:
    """A word or phrase."""

    text: str
    #: `title` or `text`; None for both.
    column: str | None = None
    #: Whether it is the beginning of a word.
    prefix: bool = False

    @property
    def unspaced(self) -> bool:
        """Whether it is of a script without blanks between words: then it is found as a part of the text."""
        return characters.is_unspaced(self.text)


@dataclass(frozen=True, slots=True)
class Every:
    """All of these."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Either:
    """At least one of these."""

    parts: "tuple[Node, ...]"


@dataclass(frozen=True, slots=True)
class Without:
    """Everything but this."""

    part: "Node"


Node = Term | Every | Either | Without


@dataclass(frozen=True, slots=True)
class Reading:
    """How a query was read."""

    #: What it asks for; None when there is no word in it.
    tree: Node | None
    #: What was passed over, for whoever wants to know.
    notes: tuple[str, ...] = ()


def read(words: str) -> Reading:
    """The tree that words ask for. Total: any text at all gives a reading."""
    notes: list[str] = []
    asked = shortened(words)
    if asked != words:
        notes.append(f"only the first {MAX_LENGTH:,} of {len(words):,} characters are looked at")
    tokens = _sound(_tokens(characters.tidy(asked), notes), notes)
    parser = _Parser(tokens)
    return Reading(parser.either(), tuple(dict.fromkeys(notes)))


def shortened(words: str) -> str:
    """The beginning of words that is looked at: `MAX_LENGTH` characters, up to a blank where there is one."""
    if len(words) <= MAX_LENGTH:
        return words
    start = words[: MAX_LENGTH + 1]
    return start[: max(start.rfind(" "), start.rfind("\n"))] if " " in start or "\n" in start else start[:MAX_LENGTH]


def said(node: Node | None) -> str:
    """A tree in words again, every operator and parenthesis written out."""
    match node:
        case None:
            return "(no word)"
        case Term():
            column = f"{node.column}:" if node.column else ""
            return f'{column}"{node.text}"{"*" if node.prefix else ""}'
        case Without():
            return f"NOT {said(node.part)}"
        case Every():
            return f"({' AND '.join(map(said, node.parts))})"
        case Either():
            return f"({' OR '.join(map(said, node.parts))})"


def positive(node: Node | None) -> Iterator[Term]:
    """The terms that a hit may contain: those that are not excluded."""
    match node:
        case Term():
            yield node
        case Every() | Either():
            for part in node.parts:
                yield from positive(part)


@dataclass(frozen=True, slots=True)
class _Token:
    #: `term`, `(`, `)`, `AND`, `OR`, `NOT`.
    what: str
    term: Term | None = None
    #: The column a parenthesis stands behind.
    column: str | None = None


_TOKEN = re.compile(
    r"(?P<close>\))"
    r"|(?P<minus>(?<![^\s(])-(?=[^\s-]))?(?:(?P<column>title|text):(?=[^\s)]))?"
    r'(?:(?P<open>\()|"(?P<phrase>[^"]*)"(?P<star>\*?)|(?P<word>[^\s()"]+)|")',
)
#: What the index takes for a part of a word (letters and digits, as `unicode61` has them), about.
_LETTER = re.compile(r"[^\W_]")
_OPERATORS = {"AND", "OR", "NOT"}


def _tokens(words: str, notes: list[str]) -> list[_Token]:
    found: list[_Token] = []
    depth, terms = 0, set[Term]()
    for piece in _TOKEN.finditer(words):
        minus = [_Token("NOT")] if piece["minus"] else []
        if piece["close"]:
            if depth:
                found.append(_Token(")"))
                depth -= 1
        elif piece["open"]:
            if depth < MAX_DEPTH:
                found += [*minus, _Token("(", column=piece["column"])]
                depth += 1
        elif piece["word"] in _OPERATORS and not piece["column"] and not minus:
            found.append(_Token(piece["word"]))
        elif (term := _term(piece, notes)) is not None:
            if len(terms) < MAX_TERMS or term in terms:
                found += [*minus, _Token("term", term)]
            terms.add(term)
    if len(terms) > MAX_TERMS:
        notes.append(f"only the first {MAX_TERMS} of {len(terms):,} words are looked for")
    return found + [_Token(")")] * depth


def _term(piece: re.Match[str], notes: list[str]) -> Term | None:
    raw = piece["phrase"] if piece["word"] is None else piece["word"]
    if raw is None:
        notes.append("a quotation mark without a second one was passed over")
        return None
    prefix = piece["star"] == "*" or (piece["word"] is not None and raw.endswith("*"))
    text = characters.one_line(raw.rstrip("*") if piece["word"] is not None else raw)
    if not _LETTER.search(text):
        notes.append(f"no word in {raw!r}: passed over")
        return None
    return Term(text, piece["column"], prefix and not characters.is_unspaced(text))


def _sound(tokens: list[_Token], notes: list[str]) -> list[_Token]:
    """Without operators that have nothing to work on. A query of nothing but operators asks for these words."""
    if tokens and all(token.what in _OPERATORS for token in tokens):
        return [_Token("term", Term(token.what)) for token in tokens]
    kept: list[_Token] = []
    begins = {"term", "(", "NOT"}
    after = ""  # the token that follows, for the last one there is none
    for token in reversed(tokens):
        if token.what in _OPERATORS and after not in begins:
            notes.append(f"{token.what} has nothing behind it: passed over")
            continue
        kept.append(token)
        after = token.what
    kept.reverse()
    sound: list[_Token] = []
    for token in kept:
        if token.what in {"AND", "OR"} and (not sound or sound[-1].what not in {"term", ")"}):
            notes.append(f"{token.what} has nothing before it: passed over")
            continue
        sound.append(token)
    return sound


class _Parser:
    """Recursive descent over tokens that fit; at most `MAX_DEPTH` deep."""

    def __init__(self, tokens: list[_Token]) -> None:
        self._tokens = tokens
        self._at = 0

    def _next(self) -> str:
        return self._tokens[self._at].what if self._at < len(self._tokens) else ""

    def either(self) -> Node | None:
        parts = [self._every()]
        while self._next() == "OR":
            self._at += 1
            parts.append(self._every())
        found = tuple(dict.fromkeys(part for part in parts if part is not None))
        return Either(found) if len(found) > 1 else (found[0] if found else None)

    def _every(self) -> Node | None:
        found: list[Node] = []
        while self._next() not in {"", ")", "OR"}:
            if self._next() == "AND":
                self._at += 1
                continue
            part = self._one()
            if part is not None:
                found.append(part)
        told = tuple(dict.fromkeys(found))  # what is said again is asked once
        return Every(told) if len(told) > 1 else (told[0] if told else None)

    def _one(self) -> Node | None:
        excluded = False
        while self._next() == "NOT":
            self._at += 1
            excluded = not excluded
        if self._next() not in {"term", "("}:
            return None
        token = self._tokens[self._at]
        self._at += 1
        part: Node | None = token.term
        if token.what == "(":
            part = _within(self.either(), token.column)
            self._at += 1  # the closing one, which is always there
        return Without(part) if part is not None and excluded else part


def _within(node: Node | None, column: str | None) -> Node | None:
    """A group whose terms are looked for in a column, where they name none of their own."""
    match node:
        case Term() if column and not node.column:
            return replace(node, column=column)
        case Without():
            inner = _within(node.part, column)
            return Without(inner) if inner else None
        case Every() | Either():
            return type(node)(tuple(part for one in node.parts if (part := _within(one, column)) is not None))
    return node
