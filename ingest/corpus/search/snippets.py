"""Snippets that are made here: of long texts, and where scripts with and without blanks are asked for together.

The words of a question are found as the index finds them: whole, whatever their case and their accents. FTS5's own
snippets take the square of how often the words stand in a text (16,000 times: 1.2 s; a post of 5 MB made for it:
hours), and nothing can break it off. So a long text is cut into pieces, and FTS5 is asked for the best of these.
"""

import re
import sqlite3
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from itertools import chain, islice, takewhile

from ingest.corpus.search.words import Term
from ingest.normalise import characters

__all__ = ["MARKS", "WORDS", "of_long", "of_mixed"]

#: Put round the words found in a snippet; control characters, so that whoever shows them can escape the rest first.
MARKS = ("\x01", "\x02")
#: Words that a snippet has about.
WORDS = 16

#: Characters of a piece of a long text, and how many of them the next one has too: a phrase may lie across the cut.
_PIECE = 5_000
_SHARED = 500
#: Pieces that are indexed at a time.
_AT_ONCE = 40
#: Characters of a title that are looked at.
_TITLE = 1_000
#: Characters before the first word, and in all, where FTS5 cannot make the snippet.
_BEFORE = 20
_ALL = 80

_TABLE = "CREATE VIRTUAL TABLE pieces USING fts5 (title, text, tokenize = 'unicode61')"
_BEST = (
    f"SELECT rowid, snippet(pieces, 1, char(1), char(2), '…', {WORDS}),"
    f" snippet(pieces, 0, char(1), char(2), '…', {WORDS}) FROM pieces WHERE pieces MATCH ? ORDER BY rank LIMIT 1"
)


def of_long(text: str, title: str, match: str | None, loose: str) -> str:
    """A snippet of a text of any length. `match` and `loose`: the whole question, and any of its words, for FTS5.

    The best of the first pieces that answer the whole question; else of those with any of its words; else the title,
    where the words stand there; else the beginning.
    """
    asked = [*([match] if match else []), f"text : ({loose})"]
    found: dict[str, str] = {}
    with closing(sqlite3.connect(":memory:", isolation_level=None)) as conn:
        for some in _batches(text):
            _index(conn, title, [(start, text[start:end]) for start, end in some])
            for question in asked:
                best = None if question in found else conn.execute(_BEST, [question]).fetchone()
                if best is not None and MARKS[0] in best[1]:
                    end = next(end for start, end in some if start == best[0])
                    found[question] = _dotted(best[1], before=best[0] > 0, after=end < len(text))
            if asked[0] in found:
                break
        if not found:
            _index(conn, title, [(0, "")])
            best = conn.execute(_BEST, [loose]).fetchone()
            found[loose] = best[2] if best is not None else _beginning(text)
    return next(found[question] for question in (*asked, loose) if question in found)


def _index(conn: sqlite3.Connection, title: str, pieces: Sequence[tuple[int, str]]) -> None:
    conn.execute("BEGIN")
    conn.execute("DROP TABLE IF EXISTS pieces")
    conn.execute(_TABLE)
    conn.executemany(
        "INSERT INTO pieces (rowid, title, text) VALUES (?, ?, ?)",
        [(number, title[:_TITLE], piece) for number, piece in pieces],
    )
    conn.execute("COMMIT")


def _batches(text: str) -> Iterator[list[tuple[int, int]]]:
    """Beginnings and ends of the pieces, some at a time; few at first, because these mostly do."""
    pieces = _pieces(text)
    some = list(islice(pieces, 4))
    while some:
        yield some
        some = list(islice(pieces, _AT_ONCE))


def _pieces(text: str) -> Iterator[tuple[int, int]]:
    """Beginnings and ends of overlapping pieces, cut between words where there are borders."""
    start = 0
    while start + _PIECE < len(text):
        end = start + _PIECE
        end = next((at for at in range(end, end - _SHARED, -1) if not text[at].isalnum()), end)
        yield start, end
        start = next((at for at in range(end - _SHARED, end) if not text[at].isalnum()), end)
    yield start, len(text)


def _dotted(snippet: str, *, before: bool, after: bool) -> str:
    """A piece's snippet, with … also where the piece was cut from the text."""
    head = "…" if before and not snippet.startswith("…") else ""
    return f"{head}{snippet}{'…' if after and not snippet.endswith('…') else ''}"


def _beginning(text: str) -> str:
    return f"{text[:_ALL]}{'…' if len(text) > _ALL else ''}"


def of_mixed(text: str, title: str, terms: Sequence[Term]) -> str:
    """A piece round the first of these terms, each marked; the title where they stand there alone; else the beginning.

    Terms of scripts without blanks are parts of the text; the others are whole words, for which a character of such a
    script is a border too (使用AI技術).
    """
    places = _places(text, [term for term in terms if term.column != "title"])
    first = next(places, None)
    if first is not None:
        return _marked(text, first, places, max(0, first[0] - _BEFORE))
    places = _places(title, [term for term in terms if term.column != "text"])
    first = next(places, None)
    return _beginning(text) if first is None else _marked(title, first, places, 0)


def _marked(text: str, first: tuple[int, int], others: Iterable[tuple[int, int]], start: int) -> str:
    end = max(first[1], start + _ALL)
    told, at = "…" if start else "", start
    for begin, stop in chain([first], takewhile(lambda place: place[1] <= end, others)):
        told += f"{text[at:begin]}{MARKS[0]}{text[begin:stop]}{MARKS[1]}"
        at = stop
    return f"{told}{text[at:end]}{'…' if end < len(text) else ''}"


def _places(text: str, terms: Sequence[Term]) -> Iterator[tuple[int, int]]:
    """Beginnings and ends of the terms in a text, in order."""
    if terms:
        folded = _folded(text)
        letters = "".join(sign for sign in set(folded) if sign.isalnum() and not characters.is_unspaced(sign))
        letter = f"[{re.escape(letters)}]" if letters else "(?!)"
        pattern = "|".join(_pattern(term, letter) for term in terms)
        yield from (place.span() for place in re.finditer(pattern, folded))


def _pattern(term: Term, letter: str) -> str:
    text = _folded(term.text)
    if term.unspaced:
        return r"\s+".join(map(re.escape, text.split()))
    words = r"[\W_]+".join(map(re.escape, re.findall(r"[^\W_]+", text)))
    return f"(?<!{letter}){words}{f'{letter}*' if term.prefix else f'(?!{letter})'}"


def _folded(text: str) -> str:
    """A text as `unicode61` compares it, letter for letter at the same places."""
    return text.translate({ord(sign): _fold(sign) for sign in set(text)})


def _fold(sign: str) -> str:
    # What `remove_diacritics = 1` takes away: the one mark of a letter of ASCII. か and が stay two letters.
    parts = unicodedata.normalize("NFD", sign)
    if len(parts) == 2 and parts[0].isascii() and unicodedata.combining(parts[1]):
        sign = parts[0]
    return next((one for one in (sign.casefold(), sign.lower()) if len(one) == 1), sign)
