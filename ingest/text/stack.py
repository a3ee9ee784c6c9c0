"""The stack of open elements, and what each element emits as it is opened and closed.

No tree is built: where elements begin and end is all that the text depends on. What is fostered out of a table goes
to a list that stands before the table's own operations. Source: HTML Standard 13.2.4.2, 13.2.6.1.
"""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from ingest.text import sheet
from ingest.text.boxes import BARRIER, DIVERT, FLEX, FOREIGN, FORMAT, HOLD, QUIRK, STRUCTURE, Step
from ingest.text.ops import ATOM, Op, Trace
from ingest.text.steps import Vocabulary

__all__ = ["BLANK", "FARTHEST", "TABLEISH", "Stack", "Table"]

TABLEISH = frozenset(("table", "tbody", "thead", "tfoot", "tr"))
BLANK = " \t\n\f\r"
#: How far up the stack a rule looks for an element that it may not reach. Without a bound, n inline elements and n end
#: tags cost n * n (19 s for 1 MB); real posts have fewer than 30 elements open at all, and Blink builds trees 512 deep.
FARTHEST = 200
# The standard keeps three equal formatting elements (the "Noah's Ark clause"); the sum is bounded for the same reason.
_EQUAL, _PENDING = 3, 60


@dataclass(slots=True)
class Table:
    """A table that is open: where, how far it has got, and what has been fostered out of it."""

    base: int  # where it stands on the stack
    fostered: list[Op]
    rows: int = 0
    cells: int = 0


class Stack:
    """Feeds on tokens; `ops` is what came of them. Never recurses; every rule looks at the stack, none at a tree."""

    def __init__(self, steps: Vocabulary, ops: list[Op], dropped: set[str], *, rich: bool) -> None:
        self.ops = ops
        self.dropped = dropped
        self.fostering = False
        self.main = self.ops
        self.steps = steps
        self.rich = rich
        self.stack: list[Step] = []
        self.open: dict[str, int] = {}  # how many of each name are open inside the innermost barrier
        self.quirk = 0  # > 0 while something is open that concerns texts and plain inline tags
        self.in_table = False  # the innermost barrier is a table: content other than its parts is fostered
        self.pending: list[Step] = []  # formatting elements to open again
        self.scopes: list[tuple[dict[str, int], int, bool, list[Step]]] = []
        self.tables: list[Table | None] = []
        self.diversions: list[tuple[int, list[Op], bool]] = []
        self.reveal: list[list[Op]] = []  # where options go that stand in a select
        self.form = False

    def unfold(self, stack: Iterable[Step]) -> None:
        """Stand where these elements are open, none of which has a flag."""
        self.stack = list(stack)
        self.open = Counter(step.name for step in self.stack)

    def is_plain(self) -> bool:
        """Whether nothing but what is open has a say in what the next tag comes to."""
        odd = self.quirk or self.scopes or self.diversions or self.pending or self.reveal or self.tables or self.form
        return not odd and self.ops is self.main and not any(step.flags for step in self.stack)

    def text(self, text: str) -> None:
        """A text, while something is open that concerns texts."""
        if self.in_table and self.stack[-1].name in TABLEISH:
            table = self.tables[-1]
            if table is not None and text.strip(BLANK):
                self.fostering = True
                table.fostered.append(text)
            return
        if self.pending:
            self.reopen()
        self.ops.append(text)

    def emit(self, *ops: Op) -> None:
        """What has no content of its own: a line break, an image, a trace."""
        if self.quirk:
            trace = bool(ops) and isinstance(ops[0], Trace)  # nothing that shows: a link may stand in svg
            if self.pending and not trace:
                self.reopen()
            if self.in_table and self.stack[-1].name in TABLEISH and self.tables[-1] is not None:
                self.fostering = True
                self.tables[-1].fostered += ops
                return
            if self.stack and self.stack[-1].flags & FOREIGN and not trace:
                self.leave_foreign()
            if self.stack and self.stack[-1].flags & FLEX:
                ops = tuple(1 if op == ATOM else op for op in ops)
        self.ops += ops

    def push(self, step: Step) -> None:
        """Open an element: note it, emit what it begins with, and hide what is in it if it is hidden."""
        if self.quirk:
            step = self.placed(step)
        flags = step.flags
        if flags & BARRIER:
            self.scopes.append((self.open, self.quirk, self.in_table, self.pending))
            self.open, self.quirk, self.in_table, self.pending = {}, 0, False, []
        self.stack.append(step)
        self.open[step.name] = self.open.get(step.name, 0) + 1
        if step.opening:
            self.ops += step.opening
        if flags:
            if flags & (QUIRK | FLEX):
                self.quirk += 1
            if flags & DIVERT:
                self.divert(step)

    def divert(self, step: Step) -> None:
        """From here to the end of the innermost element, operations go nowhere."""
        if step.drop:
            self.dropped.add(step.drop)
        self.diversions.append((len(self.stack), self.ops, False))
        self.ops = []

    def placed(self, step: Step) -> Step:
        """Foster a child of a table that is no part of it; make a block of a child of a flex container."""
        if self.stack and self.stack[-1].flags & FOREIGN and step.name in sheet.BREAKOUT:
            self.leave_foreign()
        if not self.stack:
            return step
        parent = self.stack[-1]
        if self.in_table and not step.flags & STRUCTURE and parent.name in TABLEISH:
            table = self.tables[-1]
            if table is not None:
                self.fostering = True
                self.diversions.append((len(self.stack) + 1, self.ops, True))
                self.ops = table.fostered
        elif parent.flags & FLEX and not step.flags & DIVERT:
            step = step.as_block()
        return step

    def pop(self, *, asked: bool = False) -> None:
        """Close the innermost element; `asked` says that its own end tag did it, so that it is not opened again."""
        depth = len(self.stack)
        step = self.stack.pop()
        diversions = self.diversions
        if step.flags:
            if step.flags & DIVERT and diversions and diversions[-1][0] == depth and not diversions[-1][2]:
                self.ops = diversions.pop()[1]
            self.left(step, asked=asked)
        else:
            self.open[step.name] -= 1
        if step.closing:
            self.ops += step.closing
        while diversions and diversions[-1][0] >= depth:
            self.ops = diversions.pop()[1]

    def left(self, step: Step, *, asked: bool) -> None:
        """Undo what the flags of an element that has been closed did."""
        if step.flags & BARRIER:
            if step.name in ("table", "template") and self.tables:
                self.tables.pop()
            self.open, self.quirk, self.in_table, self.pending = self.scopes.pop()
            return
        self.open[step.name] -= 1
        if step.flags & HOLD:
            self.reveal.pop()
        if step.flags & (QUIRK | FLEX):
            self.quirk -= 1
        if step.flags & FORMAT and not asked and self.pending.count(step) < _EQUAL and len(self.pending) < _PENDING:
            self.pending.append(step)
            self.quirk += 1

    def pop_to(self, depth: int) -> None:
        """Close elements until so many are open."""
        while len(self.stack) > depth:
            self.pop()

    def end_early(self, at: int) -> None:
        """End a formatting element under blocks that stay open (what the adoption agency algorithm amounts to here)."""
        step = self.stack[at]
        self.stack[at] = Step("", "", "")
        self.open[step.name] -= 1
        self.open[""] = self.open.get("", 0) + 1
        self.quirk -= 1
        if step.flags & DIVERT:
            self.undivert(at, step.closing)
        else:
            self.ops += step.closing

    def undivert(self, at: int, closing: tuple[Op, ...]) -> None:
        """Show from here on what stands in a hidden element that ends early; the blocks in it begin anew."""
        diversions = self.diversions
        n = len(diversions) - 1
        while n >= 0 and diversions[n][0] > at + 1:
            n -= 1
        if n < 0 or diversions[n][0] != at + 1 or diversions[n][2]:
            return
        shown = diversions.pop(n)[1]
        end = len(self.stack)
        if n == len(diversions):
            hidden, self.ops = self.ops, shown
        else:  # something else in it is hidden, or shows elsewhere
            depth, hidden, elsewhere = diversions[n]
            diversions[n] = (depth, shown, elsewhere)
            end = depth - elsewhere
        shown += closing
        self.reveal = [shown if place is hidden else place for place in self.reveal]
        for step in self.stack[at + 1 : end]:
            shown += step.opening

    def leave_foreign(self) -> None:
        """Close svg or math before an HTML tag that cannot stand in it."""
        while self.stack and self.stack[-1].flags & FOREIGN:
            self.pop()

    def reopen(self) -> None:
        """Open the formatting elements again that blocks have closed (13.2.4.3)."""
        pending, self.pending = self.pending, []
        for step in pending:
            self.quirk -= 1
            self.push(step)

    def find(self, name: str) -> int:
        """Where the innermost open element of this name stands; only to be asked when there is one."""
        at = len(self.stack) - 1
        while self.stack[at].name != name:
            at -= 1
        return at

    def close(self, name: str) -> None:
        """Close the innermost element of this name and what is open in it; there has to be one."""
        if self.stack[-1].name == name:
            self.pop(asked=True)
        else:
            self.pop_to(self.find(name))

    def close_p(self) -> None:
        """Close the open p, unless a button stands between (the p is then not in button scope)."""
        if not self.open.get("p"):
            return
        if self.stack[-1].name == "p":
            self.pop()
            return
        if not self.open.get("button"):
            self.pop_to(self.find("p"))
            return
        for at in range(len(self.stack) - 1, max(-1, len(self.stack) - FARTHEST), -1):
            name = self.stack[at].name
            if name == "p":
                self.pop_to(at)
            if name in ("p", "button"):
                return
