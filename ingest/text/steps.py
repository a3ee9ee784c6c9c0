"""From a tag as written to what the tree builder does about it, worked out once per spelling.

Most tags of a blog recur to the letter (`</p>`, `<p class="wp-block-paragraph">`), so a bounded dictionary from the
tag's text to its `Step` spares nearly all parsing of attributes; a tag without telling attributes shares the step of
its name. Before, a third of the time went into the six tags of a post that no other post has.
"""

import re
from collections.abc import Mapping, Sequence

from ingest.text import sheet
from ingest.text.boxes import DIVERT, FORMAT, HOLD, QUIRK, TELLING, Step, lay_out
from ingest.text.drops import Drops
from ingest.text.ops import Trace
from ingest.text.records import Drop
from ingest.text.tokens import RAW, attributes, start_tag

__all__ = ["Vocabulary"]

_NAME = re.compile(r"<(/?)([a-zA-Z][^\s/>]*)")
# What has to stand in a tag for its attributes to matter. Substring tests, because one regular expression over the
# thousand letters of an <img srcset> took 10 us, a fifth of all the time spent on such a post.
_TELLING: tuple[str, ...] = (
    "style=",
    "hidden",
    "align=",
    "type=",
    "controls",
    " open",
    "\nopen",
    "display=",
    "mathvariant=",
)
_TELLING += (" =", "\t=", "\n=")  # white space before the sign: rare enough to parse whatever is there
_FORMATTING = frozenset(
    ("a", "b", "big", "code", "em", "font", "i", "nobr", "s", "small", "strike", "strong", "tt", "u")
)
_OWN = frozenset(("a", "img", "iframe", "video", "audio", "object", "embed", "source"))  # noted with their addresses


class Vocabulary(dict[str, Step]):
    """Tag as written -> `Step`. `rich` notes links, media and headings; `drop` leaves elements out."""

    def __init__(self, acts: dict[str, str], drop: Sequence[Drop], *, rich: bool) -> None:
        super().__init__()
        self._acts = acts
        self._rich = rich
        self._drops = Drops(drop)
        self._telling = (*_TELLING, "class", "id=") if drop or rich else _TELLING
        self._bare: dict[str, Step] = {}

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
        name = tag[2].lower()
        if tag[1]:
            return self._end(name)
        if name in RAW:
            opened = start_tag(markup)
            step = self._start(name, opened, attributes(opened))
            step.content = markup[len(opened) :]
            return step
        if self._rich and name in _OWN:  # their attributes are wanted whatever they say
            return self._start(name, markup, attributes(markup))
        lowered = markup.lower()
        if any([word in lowered for word in self._telling]):  # noqa: C419  (a list is twice as quick as a generator)
            named = attributes(markup)
            if not self.is_common(named):
                return self._start(name, markup, named)
        if markup.endswith("/>") and name not in sheet.VOID:
            return self._start(name, markup, {})
        if name not in self._bare:
            if len(self._bare) > 2000:
                self._bare.clear()
            self._bare[name] = self._start(name, markup, {})
        return self._bare[name]

    def is_common(self, named: Mapping[str, str]) -> bool:
        """Whether a start tag with these attributes is laid out as one without any."""
        if not TELLING.isdisjoint(named) and (
            TELLING.intersection(named) != {"style"} or sheet.may_declare(named["style"])
        ):
            return False
        captioned = "class" in named and "wp-caption" in named["class"]
        return not captioned and not self._drops.may_name(named)

    def _end(self, name: str) -> Step:
        if name == "a" and not self._rich:
            return Step("", name, "", end=True)
        return Step(self._acts.get("/" + name, "/*" if name in sheet.SPECIAL else ""), name, "", end=True)

    def _start(self, name: str, markup: str, named: Mapping[str, str]) -> Step:
        name = "img" if name == "image" else name
        step = Step("" if name == "a" and not self._rich else self._acts.get(name, ""), name, markup)
        lay_out(step, named)
        if self._rich and name in _OWN:
            step.named = named
        if rule := self._drops.rule_for(name, named):
            step.opening, step.closing, step.flags, step.drop = (), (), (step.flags | DIVERT) & ~HOLD, rule
        elif self._rich:
            _note(step, named)
        if step.act in ("", "a") and (step.opening or step.closing or step.flags):
            step.act = step.act or "inline"
            step.flags |= QUIRK | (FORMAT if name in _FORMATTING else 0)
        elif step.flags & DIVERT and name not in sheet.SPECIAL:
            step.flags |= QUIRK  # the end tag of an inline element around it ends it too: `<a><video></a>`
        return step


_HEADINGS = {name: Trace("heading", name[1]) for name in sheet.HEADINGS}
_HEADING_END = Trace("/heading")
_FIGURE, _FIGURE_END = Trace("figure"), Trace("/figure")
_CAPTION, _CAPTION_END = Trace("caption"), Trace("/caption")


def _note(step: Step, named: Mapping[str, str]) -> None:
    """Add the traces by which headings and figures are found again in the text."""
    name, classes = step.name, named.get("class", "")
    old = classes.split() if "wp-caption" in classes else ()  # of the caption shortcode
    if name in sheet.HEADINGS:
        step.opening, step.closing = (*step.opening, _HEADINGS[name]), (_HEADING_END, *step.closing)
    elif name == "figure" or "wp-caption" in old:
        step.opening, step.closing = (*step.opening, _FIGURE), (_FIGURE_END, *step.closing)
    elif name == "figcaption" or "wp-caption-text" in old:
        step.opening, step.closing = (*step.opening, _CAPTION), (_CAPTION_END, *step.closing)
