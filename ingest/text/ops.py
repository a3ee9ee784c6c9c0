"""What the tree builder tells the writer, in order: texts (plain `str`), `int` codes, and the two records below.

1 and 2 are required line breaks, as the standard's "rendered text collection steps" count them.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

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


@dataclass(frozen=True, slots=True)
class Style:
    """Inherited properties that an element sets; `None` leaves what its parent has."""

    #: `normal`, `pre` or `pre-line`: how the spaces and line ends inside are treated.
    space: str | None = None
    visible: bool | None = None
    #: `uppercase`, `lowercase`, `capitalize` or `none`.
    transform: str | None = None


@dataclass(frozen=True, slots=True)
class Restyle:
    """The end of the innermost element that set a style: what held outside it holds again."""


_NO_ATTRIBUTES: Mapping[str, str] = MappingProxyType({})


class Trace:
    """Something to note beside the text: `what` (link, medium, heading …), and the name and attributes of its tag."""

    __slots__ = ("name", "named", "what")

    def __init__(self, what: str, name: str = "", named: Mapping[str, str] = _NO_ATTRIBUTES) -> None:
        self.what = what
        self.name = name
        self.named = named


Op = str | int | Style | Restyle | Trace | list["Op"]
