"""From a tag as written to what the tree builder does about it, worked out once per spelling.

Most tags of a blog recur to the letter (`</p>`, `<p class="wp-block-paragraph">`), so a bounded dictionary from the
tag's text to its `Step` spares nearly all parsing of attributes: that is half of the speed.
"""

import re
from collections.abc import Sequence
from functools import lru_cache

from ingest.text import sheet
from ingest.text.ops import ATOM, BOX, BOX_END, CELL, CELL_END, Op, Restyle, Style, Trace
from ingest.text.records import Drop
from ingest.text.tokens import attributes

__all__ = [
    "BARRIER",
    "DIVERT",
    "FLEX",
    "FOREIGN",
    "FORMAT",
    "HOLD",
    "QUIRK",
    "STRUCTURE",
    "Step",
    "Vocabulary",
    "vocabulary",
]

BARRIER = 1  #: end tags inside it do not reach what was opened outside it
QUIRK = 2  #: while it is open, plain inline tags have to be kept track of
DIVERT = 4  #: what is in it is not shown
FLEX = 8  #: its children are blocks, whatever they are by themselves
FORMAT = 16  #: opened again after a block that was closed over it
STRUCTURE = 32  #: part of a table's skeleton
FOREIGN = 64  #: of svg or math: some HTML tags end it
HOLD = 128  #: shows chosen children only, as select shows its options

_NAME = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
_TELLING = re.compile(
    r"[\s/\"'](?:style|hidden|align|open|type|controls|display|mathvariant|class|id)(?=[\s=/>])", re.IGNORECASE
)
_FORMATTING = frozenset(
    ("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u")
)
_BARRIERS = frozenset(("applet", "caption", "html", "table", "td", "th", "marquee", "object", "template"))
_ALWAYS = frozenset(("dialog", "audio", "input", "details"))  # what they are depends on an attribute
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
    """One tag: its name, the rule for it (`act`, a name of `tree.RULES`; empty for plain inline tags), what it emits."""

    __slots__ = ("act", "closing", "drop", "end", "flags", "markup", "name", "opening")

    def __init__(self, act: str, name: str, markup: str, *, end: bool = False) -> None:
        self.act = act
        self.name = name
        self.markup = markup
        self.end = end
        self.opening: tuple[Op, ...] = ()
        self.closing: tuple[Op, ...] = ()
        self.flags = 0
        self.drop = ""

    def as_block(self) -> "Step":
        """The same element as a child of a flex or grid container."""
        twin = Step(self.act, self.name, self.markup)
        twin.flags, twin.drop = self.flags, self.drop
        blocky = any(op in (1, 2) for op in self.opening)
        twin.opening = self.opening if blocky else (1, *(op for op in self.opening if op not in (BOX, ATOM)))
        twin.closing = self.closing if blocky else (*(op for op in self.closing if op != BOX_END), 1)
        return twin


class Vocabulary(dict[str, Step]):
    """Tag as written -> `Step`. `rich` notes links, media and headings; `drop` leaves elements out."""

    def __init__(self, acts: dict[str, str], drop: Sequence[Drop], *, rich: bool) -> None:
        super().__init__()
        self._acts = acts
        self._rich = rich
        self._exact: dict[tuple[str, str], str] = {}
        self._prefixes: list[tuple[str, str, str]] = []
        for rule in drop:
            for what, names in (("class", rule.classes), ("id", rule.ids), ("tag", rule.tags)):
                for name in sorted(names):
                    if name.endswith("*"):
                        self._prefixes.append((what, name[:-1].lower(), rule.name))
                    else:
                        self._exact.setdefault((what, name.lower()), rule.name)

    def __missing__(self, markup: str) -> Step:
        step = self._step(markup)
        # a flood of different tags must not fill the memory: short ones only, and start anew when full
        if len(markup) < 120:
            if len(self) > 8000:
                self.clear()
            self[markup] = step
        return step

    def _step(self, markup: str) -> Step:
        tag = _NAME.match(markup)
        if tag is None:
            return Step("", "", "")
        name = tag[2].lower() if tag[2] != "image" else "img"
        if tag[1]:
            if name == "a" and not self._rich:
                return Step("", name, "", end=True)
            return Step(self._acts.get("/" + name, "/*" if name in sheet.SPECIAL else ""), name, "", end=True)
        step = Step(self._acts.get(name, ""), name, markup)
        telling = name in _ALWAYS or _TELLING.search(markup, tag.end()) is not None
        named = attributes(markup) if telling else {}
        self._laid_out(step, named)
        if (named or self._exact) and (rule := self._dropped_by(name, named)):
            step.opening, step.closing, step.flags, step.drop = (), (), (step.flags | DIVERT) & ~HOLD, rule
        elif self._rich:
            self._noted(step, named)
        if name == "a" and not self._rich:
            step.act = ""
        if step.act in ("", "a") and (step.opening or step.closing or step.flags):
            step.act = step.act or "inline"
            step.flags |= QUIRK | (FORMAT if name in _FORMATTING else 0)
        return step

    def _laid_out(self, step: Step, named: dict[str, str]) -> None:
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
            opening, closing = self._foreign(step, named, opening)
        elif look.skipped:
            step.flags |= DIVERT
        if look.style is not None:
            opening, closing = (look.style, *opening), (*closing, Restyle())
        step.opening, step.closing = opening, closing

    def _foreign(
        self, step: Step, named: dict[str, str], opening: tuple[Op, ...]
    ) -> tuple[tuple[Op, ...], tuple[Op, ...]]:
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

    def _dropped_by(self, name: str, named: dict[str, str]) -> str:
        keys = [("tag", name), ("id", named.get("id", "").strip().lower())]
        keys += [("class", token) for token in named.get("class", "").lower().split()]
        for key in keys:
            if key in self._exact:
                return self._exact[key]
            for what, prefix, rule in self._prefixes:
                if key[0] == what and key[1].startswith(prefix):
                    return rule
        return ""

    def _noted(self, step: Step, named: dict[str, str]) -> None:
        """Add the traces by which links, headings, figures and media are found again in the text."""
        name = step.name
        classes = named.get("class", "").split()
        if name in sheet.HEADINGS:
            step.opening, step.closing = (*step.opening, Trace("heading", name[1])), (Trace("/heading"), *step.closing)
        elif name == "figure" or "wp-caption" in classes:
            step.opening, step.closing = (*step.opening, Trace("figure")), (Trace("/figure"), *step.closing)
        elif name == "figcaption" or "wp-caption-text" in classes:
            step.opening, step.closing = (*step.opening, Trace("caption")), (Trace("/caption"), *step.closing)


@lru_cache(maxsize=32)
def vocabulary(acts: tuple[tuple[str, str], ...], drop: tuple[Drop, ...], *, rich: bool) -> Vocabulary:
    """The vocabulary for these drop rules, kept from call to call: its memory is what makes it quick."""
    return Vocabulary(dict(acts), drop, rich=rich)
