"""What a tag comes to where certain elements are open, worked out once by the rules and remembered.

A blog's posts are the same few elements in each other over and over: a tag that was met before, at a place that was
seen before, needs no rule to run. That is how an automaton works, and this one is built as it is used. It knows only
what follows from the names of the open elements; what has a say beyond that (tables, hidden or flexible boxes, ended
formatting, forms) is left to the rules. Before, the rules took half the time of a post.
"""

from collections.abc import Callable, Iterable, Mapping

from ingest.text import rules, sheet
from ingest.text.boxes import Step
from ingest.text.ops import Op, Trace
from ingest.text.stack import Stack
from ingest.text.steps import Vocabulary
from ingest.text.tokens import attributes

__all__ = ["SHALLOW", "Move", "Place", "Places", "Rule"]

#: With more elements open there is no place: to remember n elements in each other costs n * n. And with how many or
#: fewer one is looked for again, lest a document at the border goes to and fro.
_DEEPEST, SHALLOW = 64, 32
#: Then all is forgotten and begun anew: about 5 MB.
_MOST = 10_000
_LONGEST = 120

Rule = Callable[[Stack, Step], None]
#: Rules whose work depends on the open elements and, of the tag, on what `_kind` tells.
_BLOCKY = frozenset(
    (
        *sheet.BLOCK, *sheet.HEADINGS, "p", "li", "dd", "dt", "hr", "button", "ruby", "inline",
    )
)  # fmt: skip
_MEMORABLE = _BLOCKY | {"/" + name for name in _BLOCKY}
#: Rules that do nothing but emit what `rules.held` says, wherever the tag stands.
_HELD = frozenset((rules.line_break, rules.void, rules.end_link))


class Place(dict[str, "Move | None"]):
    """Certain elements are open. Tag as written -> what it comes to; None where that is for the rules to say."""

    __slots__ = ("_places", "after", "open")

    def __init__(self, places: "Places", stack: tuple[Step, ...]) -> None:
        super().__init__()
        self._places = places
        self.open = stack
        self.after: dict[Step, Move | None] = {}

    def __missing__(self, markup: str) -> "Move | None":
        if self._places.rich and markup.startswith(("<a ", "<img ")):
            return self._places.own(self, markup)
        return self._places.move(self, markup)


#: Where one is after a tag, and the operations that it comes to.
Move = tuple[Place, tuple[Op, ...]]
_Frame = tuple[tuple[Op, ...], Trace, tuple[Op, ...]]


class Places:
    """The places under one set of drop rules, and the vocabulary by which their tags are read."""

    def __init__(self, steps: Vocabulary, taking: Mapping[str, Rule], *, rich: bool) -> None:
        self.steps = steps
        self._rules = taking
        self.rich = rich
        self._held: dict[tuple[Step, ...], Place] = {}
        self._alike: dict[tuple[object, ...], Step] = {}
        self._frames: dict[str, _Frame | None] = {}
        self._count = 0

    def at(self, stack: Iterable[Step]) -> Place:
        """The place where these elements are open."""
        key = tuple(map(self._same, stack))
        if key not in self._held:
            self._held[key] = Place(self, key)
        return self._held[key]

    def move(self, here: Place, markup: str) -> Move | None:
        """What this tag comes to at this place; remembered, if it may well come again."""
        step = self.steps[markup]
        held = self._held_ops(step, step.named)
        if held is not None:
            move: Move | None = here, held
        elif step.act not in _MEMORABLE:
            return None
        else:
            same = self._same(step)
            if same not in here.after:
                here.after[same] = self._moved(here, same)
            move = here.after[same]
        if not step.named and len(markup) < _LONGEST:
            self._count_one()
            here[markup] = move
        return move

    def own(self, here: Place, markup: str) -> Move | None:
        """Of links and images each has an address of its own; but for that, nearly all are alike."""
        named = attributes(markup)
        frame = self._frame(markup[1]) if self.steps.is_common(named) else None
        if frame is not None:
            before, trace, after = frame
            return here, (*before, Trace(trace.what, trace.name, named), *after)
        held = self._held_ops(self.steps[markup], named)
        return None if held is None else (here, held)

    def _frame(self, letter: str) -> "_Frame | None":
        """What a link or an image emits, in which only the attributes differ."""
        if letter not in self._frames:
            held = self._held_ops(self.steps["<a>" if letter == "a" else "<img>"], {}) or ()
            found = [(held[:n], op, held[n + 1 :]) for n, op in enumerate(held) if type(op) is Trace]
            self._frames[letter] = found[0] if found else None
        return self._frames[letter]

    def _held_ops(self, step: Step, named: Mapping[str, str]) -> tuple[Op, ...] | None:
        """What a tag comes to wherever it stands, None where that depends."""
        rule = self._rules[step.act] if step.act else rules.ignore
        if step.drop:
            return None
        if rule is rules.ignore:
            return ()
        plain_link = rule is rules.start_link and not (step.opening or step.closing or step.flags)
        return rules.held(step, named, rich=self.rich) if plain_link or rule in _HELD or step.act == "iframe" else None

    def _moved(self, here: Place, step: Step) -> Move | None:
        """What the rule for this tag does here, tried on a stack of its own."""
        page = Stack(self.steps, [], set(), rich=self.rich)
        page.unfold(here.open)
        self._rules[step.act](page, step)
        known = page.is_plain() and not page.dropped and len(page.stack) <= _DEEPEST
        return (self.at(page.stack), _merged(page.ops)) if known else None

    def _same(self, step: Step) -> Step:
        """One and the same of all steps that are alike but in how they are written."""
        return self._alike.setdefault(
            (step.act, step.name, step.end, step.flags, step.drop, step.opening, step.closing), step
        )

    def _count_one(self) -> None:
        self._count += 1
        if self._count > _MOST:
            for place in list(self._held.values()):
                place.clear()
                place.after.clear()
            self._held.clear()
            self._alike.clear()
            self._count = 0


def _merged(ops: Iterable[Op]) -> tuple[Op, ...]:
    """Operations with required line breaks side by side made one, the larger: that is what they amount to.

    Traces between them are no matter to the breaks, nor the breaks to them.
    """
    found: list[Op] = []
    at = -1  # where a break stands that the next one is merged with
    for op in ops:
        if type(op) is int and op <= 2:
            before = found[at] if at >= 0 else 0
            if at < 0:
                at = len(found)
                found.append(op)
            elif type(before) is int:
                found[at] = max(op, before)
        else:
            at = at if type(op) is Trace else -1
            found.append(op)
    return tuple(found)
