"""The second half of the pass: operations in, text out, by the standard's "rendered text collection steps".

White space collapses as CSS Text says, across inline elements and within one line: a space waits (`_space`) until
a letter follows it on the same line. Source: HTML Standard 3.2.9 (innerText), CSS Text 3 section 4.
"""

import re
from collections.abc import Iterable

from ingest.text.ops import ATOM, BOX, BOX_END, BREAK, CELL, CELL_END, NEWLINE, TAB, WBR, Op, Restyle, Style, Trace
from ingest.text.trace import Notes

__all__ = ["Writer", "collapsed"]

_PIECES = 100_000
_SPACES = re.compile("  +")
_ROUND_LINE_END = re.compile(r"[ \t]*\n[ \t]*")
_BLANK, _ZWSP = " \t\n", "\u200b"
#: What mostly stands between two blocks: nothing but white space.
_GAPS = frozenset(("\n", "\n\n", "\n\n\n", "\n\n\n\n", "\n\t", "\n\t\t", "\n "))
_WORD = re.compile(r"(?<![\w'\u2019])\w")


def collapsed(text: str) -> str:
    """A text with its white space collapsed to single blanks; a CR comes of a reference, or it were a line end."""
    if text in _GAPS:
        return " "
    text = text.replace("\r", " ")
    text = _unbroken(text) if _ZWSP in text else text
    text = text.replace("\n", " ").replace("\t", " ")
    return _SPACES.sub(" ", text) if "  " in text else text


class Writer:
    """Takes operations in any number of portions; `text()` gives what they amount to."""

    def __init__(self, notes: Notes | None = None) -> None:
        self.out: list[str] = []
        self._required = 0  # line breaks that are due before the next text
        self._space = False  # a collapsible space that waits for the next text of its line
        self._fresh = True  # nothing stands on this line yet, so that a space would be its first
        self._outer: list[tuple[str, bool, str]] = []  # what held outside each open element that set a style
        self._mode = "normal"
        self._visible = True
        self._transform = "none"
        self._cell_end: tuple[int, int] | None = None
        self._wbr = False  # right after a `<wbr>`
        self._notes = notes

    def text(self) -> str:
        """The text so far; line breaks that are only due at an end are left out."""
        return "".join(self.out)

    def write(self, ops: Iterable[Op]) -> None:
        """Lay out one portion of operations."""
        traces: list[tuple[Trace, int]] = []
        self._lay_out(ops, traces)
        if self._notes is not None:
            if traces:
                self._notes.take(traces)
        elif len(self.out) > _PIECES:  # a million small strings weigh ten times their letters
            self.out[:] = ["".join(self.out)]
            self._cell_end = None

    def _lay_out(self, ops: Iterable[Op], traces: list[tuple[Trace, int]]) -> None:
        """This loop is where the time goes, hence its local names, and the most common ops handled in place."""
        out, required, space, fresh = self.out, self._required, self._space, self._fresh
        plain, visible, append = self._is_plain(), self._visible, self.out.append
        for op in ops:
            if type(op) is str and plain:
                if op == "\n":  # what mostly stands between two blocks
                    space = not fresh
                    continue
                text = collapsed(op) if "\n" in op or "  " in op or "\t" in op or "\r" in op else op
                if text == " ":
                    space = not fresh
                    continue
                if required and out:
                    append("\n\n" if required == 2 else "\n")
                required = 0
                if text[0] == " ":
                    text = text[1:] if fresh else text
                elif space:
                    append(" ")
                fresh, space = False, text[-1] == " "
                append(text[:-1] if space else text)
                continue
            if type(op) is int and op <= 2:
                if op > required and visible:
                    required = op
                space, fresh = False, True
                continue
            if op == BREAK and plain:
                append("\n" * (required + 1) if out else "\n")
                required, space, fresh = 0, False, True
                continue
            if type(op) is Trace:
                traces.append((op, len(out)))
                continue
            self._required, self._space, self._fresh = required, space, fresh
            self._other(op)
            required, space, fresh = self._required, self._space, self._fresh
            plain, visible = self._is_plain(), self._visible
        self._required, self._space, self._fresh = required, space, fresh

    def _is_plain(self) -> bool:
        return self._visible and self._mode == "normal" and self._transform == "none" and not self._wbr

    def _flush(self) -> None:
        if self._required and self.out:
            self.out.append("\n" * self._required)
        self._required = 0

    def _mark(self, op: int) -> None:
        self._wbr = op == WBR
        if self._wbr:
            return
        if op in (BREAK, TAB, NEWLINE):
            if self._visible:
                self._flush()
                self.out.append("\t" if op == TAB else "\n")
            self._space, self._fresh = False, True
        elif op in (ATOM, BOX):
            if self._space and self._visible:
                self.out.append(" ")
            self._space, self._fresh = False, op == BOX
        elif op == BOX_END:
            self._space, self._fresh = False, False
        else:
            self._cell(op)

    def _cell(self, op: int) -> None:
        """An element that a style makes a table cell: a tab before it if nothing stands between it and another."""
        here = (len(self.out), self._required)
        if op == CELL and here == self._cell_end and self.out:
            self._flush()
            self.out.append("\t")
        self._cell_end = here if op == CELL_END else None
        self._space, self._fresh = False, op == CELL

    def _other(self, op: Op) -> None:
        if isinstance(op, str):
            self._styled(op)
        elif isinstance(op, int):
            self._mark(op)
        elif isinstance(op, Style):
            self._outer.append((self._mode, self._visible, self._transform))
            self._mode = op.space or self._mode
            self._visible = self._visible if op.visible is None else op.visible
            self._transform = op.transform or self._transform
        elif isinstance(op, Restyle):
            self._mode, self._visible, self._transform = self._outer.pop()

    def _styled(self, text: str) -> None:
        """A text that is not laid out the common way: preserved, invisible or in other letters."""
        after_wbr, self._wbr = self._wbr, False
        if self._transform != "none":
            text = _transformed(text, self._transform)
        if self._mode == "pre":
            self._put(text, keep=True)
            return
        text = text.replace("\r", " ")  # of a reference: written as such it is a line end
        if self._mode == "pre-line":
            text = _ROUND_LINE_END.sub("\n", text.replace("\t", " "))
        else:
            text = _unbroken(_ZWSP + text)[1:] if after_wbr else _unbroken(text) if _ZWSP in text else text
            text = text.replace("\n", " ").replace("\t", " ")
        for n, line in enumerate(_SPACES.sub(" ", text).split("\n")):
            if n:
                self._put("\n", keep=True)
            self._put(line, keep=False)

    def _put(self, text: str, *, keep: bool) -> None:
        if not keep:
            if text.startswith(" "):
                self._space, text = not self._fresh, text[1:]
            if not text:
                return
        if not text or not self._visible:
            return
        self._flush()
        if self._space and text != "\n":
            self.out.append(" ")
        self._space = not keep and text.endswith(" ")
        self.out.append(text[:-1] if self._space else text)
        self._fresh = keep and text.endswith("\n")


def _unbroken(text: str) -> str:
    """Without the line ends, and the spaces round them, that stand beside a zero-width space (CSS Text 3, 4.1.3)."""
    parts = text.split(_ZWSP)
    for n in range(1, len(parts)):
        before, after = parts[n - 1], parts[n]
        if "\n" in before[len(before.rstrip(_BLANK)) :]:
            parts[n - 1] = before.rstrip(_BLANK)
        if "\n" in after[: len(after) - len(after.lstrip(_BLANK))]:
            parts[n] = after.lstrip(_BLANK)
    return _ZWSP.join(parts)


def _transformed(text: str, transform: str) -> str:
    if transform == "uppercase":
        return text.upper()
    if transform == "lowercase":
        return text.lower()
    if transform == "math":
        return _italic(text)
    return _WORD.sub(lambda match: match.group().upper(), text) if transform == "capitalize" else text


def _italic(text: str) -> str:
    """A lone letter of an `<mi>` as the mathematical italic that is shown for it (MathML Core, 4.2)."""
    if len(text) != 1:
        return text
    letter = text
    if letter == "h":
        return "\u210e"
    for first, last, italic in (
        ("A", "Z", 0x1D434),
        ("a", "z", 0x1D44E),
        ("\u0391", "\u03a9", 0x1D6E2),
        ("\u03b1", "\u03c9", 0x1D6FC),
    ):
        if first <= letter <= last:
            return chr(italic + ord(letter) - ord(first))
    return text
