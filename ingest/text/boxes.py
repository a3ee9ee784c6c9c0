"""How an element is laid out, as operations: what is emitted as it opens and closes, and what it does to others."""

from collections.abc import Mapping
from functools import lru_cache

from ingest.text import sheet
from ingest.text.ops import ATOM, BOX, BOX_END, CELL, CELL_END, Op, Restyle, Style

__all__ = ["BARRIER", "DIVERT", "FLEX", "FOREIGN", "FORMAT", "HOLD", "QUIRK", "STRUCTURE", "TELLING", "Step", "lay_out"]

BARRIER = 1  #: end tags inside it do not reach what was opened outside it
QUIRK = 2  #: while it is open, plain inline tags have to be kept track of
DIVERT = 4  #: what is in it is not shown
FLEX = 8  #: its children are blocks, whatever they are by themselves
FORMAT = 16  #: opened again after a block that was closed over it
STRUCTURE = 32  #: part of a table's skeleton
FOREIGN = 64  #: of svg or math: some HTML tags end it
HOLD = 128  #: shows chosen children only, as select shows its options


_BARRIERS = frozenset(("applet", "caption", "html", "table", "td", "th", "marquee", "object", "template"))
_OPENING: dict[str, tuple[Op, ...]] = {
    **dict.fromkeys(("inline", "none", "contents", "ruby", "ruby-text", "table-column", "table-column-group"), ()),
    **dict.fromkeys(("inline-block", "inline-flex", "inline-grid", "inline-table"), (BOX,)),
    **dict.fromkeys(("-webkit-inline-box", "-webkit-inline-flex"), (BOX,)),
    "table-cell": (CELL,),
}
_ENDS: dict[tuple[Op, ...], tuple[Op, ...]] = {(BOX,): (BOX_END,), (CELL,): (CELL_END,)}
_FOREIGN = frozenset(("svg", "math", "text", "foreignobject")) | sheet.MATH_TOKENS | sheet.MATH_HIDDEN
_ITALIC = Style(transform="math")
_FLEX = frozenset(("flex", "grid", "inline-flex", "inline-grid", "-webkit-flex", "-webkit-inline-flex"))


class Step:
    """One tag: its name, the rule for it (`act`, a key in `tree`; empty for plain inline tags), what it emits."""

    __slots__ = ("act", "closing", "content", "drop", "end", "flags", "markup", "name", "named", "opening")

    def __init__(self, act: str, name: str, markup: str, *, end: bool = False) -> None:
        self.act = act
        self.name = name
        self.markup = markup
        self.end = end
        self.opening: tuple[Op, ...] = ()
        self.closing: tuple[Op, ...] = ()
        self.flags = 0
        self.drop = ""
        self.content = ""  # of the raw text elements, whose tokens hold it
        self.named: Mapping[str, str] = {}  # the attributes of links and media

    def as_block(self) -> "Step":
        """The same element as a child of a flex or grid container."""
        twin = Step(self.act, self.name, self.markup)
        twin.flags, twin.drop = self.flags, self.drop
        blocky = any(op in (1, 2) for op in self.opening)
        twin.opening = self.opening if blocky else (1, *(op for op in self.opening if op not in (BOX, ATOM)))
        twin.closing = self.closing if blocky else (*(op for op in self.closing if op != BOX_END), 1)
        return twin


#: The attributes that have a say in layout.
TELLING = frozenset(("style", "hidden", "align", "open", "controls", "type", "display", "mathvariant"))


def lay_out(step: Step, named: Mapping[str, str]) -> None:
    """Set what a start tag with these attributes emits, and its flags."""
    if len(step.name) > 40 or not TELLING.isdisjoint(named):
        _lay_out(step, named)
    else:  # tags of one name differ in addresses and classes, for the most part
        step.opening, step.closing, step.flags = _bare(step.name, step.flags)


@lru_cache(maxsize=512)
def _bare(name: str, flags: int) -> tuple[tuple[Op, ...], tuple[Op, ...], int]:
    step = Step("", name, "")
    step.flags = flags
    _lay_out(step, {})
    return step.opening, step.closing, step.flags


def _lay_out(step: Step, named: Mapping[str, str]) -> None:
    name = step.name
    look = sheet.look(name, named)
    display = look.display
    if name in _BARRIERS:
        step.flags |= BARRIER
    if name in sheet.TABLE_PARTS and display in (
        "table-row-group",
        "table-row",
        "table-cell",
        "table-caption",
        "none",
    ):
        step.flags |= STRUCTURE
    if display == "none":
        step.flags |= DIVERT
        return
    opening: tuple[Op, ...] = (
        () if step.flags & STRUCTURE and display != "table-caption" else _OPENING.get(display, (1,))
    )
    closing: tuple[Op, ...] = _ENDS.get(opening, opening)
    if display in _FLEX:
        step.flags |= FLEX | QUIRK
    if name == "p" and display != "contents":
        opening, closing = (2, *opening), (*closing, 2)
    if name in sheet.REPLACED:
        opening, closing = ((1,), (1,)) if opening == (1,) else ((ATOM,), ())
        step.flags |= 0 if name in sheet.VOID else DIVERT
    elif name in ("optgroup", "select") or (name == "details" and "open" not in named):
        step.flags |= DIVERT | HOLD
    elif name in _FOREIGN:
        opening, closing = _foreign(step, named, opening)
    elif look.skipped:
        step.flags |= DIVERT
    if look.style is not None:
        opening, closing = (look.style, *opening), (*closing, Restyle())
    step.opening, step.closing = opening, closing


def _foreign(step: Step, named: Mapping[str, str], opening: tuple[Op, ...]) -> tuple[tuple[Op, ...], tuple[Op, ...]]:
    """SVG and MathML: the outermost element takes room on its line, elements that hold text are blocks."""
    if step.name in ("svg", "math"):
        step.flags |= DIVERT | HOLD | FOREIGN | QUIRK
        block = opening == (1,) or (step.name == "math" and named.get("display", "").lower() == "block")
        return ((1,), (1,)) if block else ((ATOM,), ())
    if step.name in sheet.MATH_HIDDEN:
        step.flags |= DIVERT | HOLD | QUIRK
        return (), ()
    step.flags |= FOREIGN | QUIRK if step.name == "text" else QUIRK | FLEX if step.name == "mtext" else QUIRK
    if step.name == "mi" and named.get("mathvariant", "").lower() != "normal":
        return (_ITALIC, 1), (1, Restyle())
    return (1,), (1,)
