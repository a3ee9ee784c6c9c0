"""What the tree builder tells the writer, in order: texts (plain `str`), `int` codes, and the two records below.

1 and 2 are required line breaks, as the standard's "rendered text collection steps" count them.
"""

from dataclasses import dataclass

__all__ = [
    "ATOM",
    "BOX",
    "BOX_END",
    "BREAK",
    "CELL",
    "CELL_END",
    "NEWLINE",
    "TAB",
    "WBR",
    "Op",
    "Restyle",
    "Style",
    "Trace",
]

BREAK = 3  #: `<br>`
ATOM = 4  #: something with a size and no text, such as an image: white space beside it does not collapse
TAB = 5  #: between two cells
NEWLINE = 6  #: between two rows
BOX = 7  #: an inline-block begins: its content is laid out on lines of its own, inside the line
BOX_END = 8
CELL = 9  #: a cell that only an inline style makes one; a tab goes before it if it follows another
CELL_END = 10
WBR = 11  #: `<wbr>`: like a zero-width space, it takes a line end after it away


@dataclass(frozen=True, slots=True, eq=False)
class Style:
    """Inherited properties that an element sets; `None` leaves what its parent has."""

    #: `normal`, `pre` or `pre-line`: how the spaces and line ends inside are treated.
    space: str | None = None
    visible: bool | None = None
    #: `uppercase`, `lowercase`, `capitalize` or `none`.
    transform: str | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Restyle:
    """The end of the innermost element that set a style: what held outside it holds again."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """Something to note beside the text: `what` (link, image, heading …) and the start tag that says it."""

    what: str
    markup: str = ""


Op = str | int | Style | Restyle | Trace | list["Op"]
