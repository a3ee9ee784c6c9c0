"""The tree construction rules for what stands in a body (HTML Standard 13.2.6.4.7), but tables, controls and svg."""

from collections.abc import Mapping

from ingest.text import sheet
from ingest.text.boxes import DIVERT, FLEX, FOREIGN, FORMAT, Step
from ingest.text.ops import BREAK, WBR, Op, Trace
from ingest.text.stack import FARTHEST, TABLEISH, Stack

__all__ = [
    "end_block",
    "end_form",
    "end_heading",
    "end_item",
    "end_link",
    "end_other",
    "end_p",
    "held",
    "ignore",
    "inline",
    "line_break",
    "raw",
    "rule_line",
    "source",
    "start_block",
    "start_button",
    "start_embedded",
    "start_form",
    "start_heading",
    "start_inline",
    "start_item",
    "start_link",
    "void",
    "word_break",
]

_UNREACHED = sheet.SPECIAL | sheet.FOREIGN_SPECIAL
_ITEMS = {"li": ("li", "li"), "dd": ("dd", "dt"), "dt": ("dd", "dt")}


def inline(page: Stack, step: Step) -> None:
    """A tag without any effect, while something is open that makes it matter."""
    if step.end:
        if page.open.get(step.name) or any(pending.name == step.name for pending in page.pending):
            end_other(page, step)
        elif step.name:
            _end_outside(page, step.name)
        return
    if not step.name or step.name in sheet.VOID:
        return
    stack = page.stack
    if step.name == "a" and page.open.get("a"):
        end_other(page, step)
    if page.in_table and stack[-1].name in TABLEISH:
        return
    if page.pending:
        page.reopen()
    if stack and (stack[-1].name not in sheet.SPECIAL or stack[-1].flags & FLEX):
        if page.open.get("svg") or page.open.get("math"):
            if step.name in sheet.BREAKOUT:
                page.leave_foreign()
            elif step.markup.endswith("/>"):
                return
        page.push(step)


def _end_outside(page: Stack, name: str) -> None:
    """An end tag of something that was opened before all that is kept track of: inline elements inside it end too.

    It may also be a stray that ends nothing; but then an element closed too early shows more of the post, not less.
    """
    html = name in {"a", "font"} or name in sheet.BREAKOUT  # others are of svg or MathML themselves
    while page.stack and page.stack[-1].name not in _UNREACHED and (html or not page.stack[-1].flags & FOREIGN):
        page.pop(asked=True)


def start_inline(page: Stack, step: Step) -> None:
    """An inline element that matters: it has a style, or is a drop rule's, or is shown by itself."""
    if step.name == "a" and page.open.get("a"):
        end_other(page, step)
    if page.pending:
        page.reopen()
    page.push(step)


def end_other(page: Stack, step: Step) -> None:
    """An end tag that has no rule of its own: closes what is open up to its element, but no block over it."""
    name = step.name
    for n in range(len(page.pending) - 1, -1, -1):
        if page.pending[n].name == name:
            del page.pending[n]
            page.quirk -= 1
            return
    if not page.open.get(name):
        return
    blocked = False
    for at in range(len(page.stack) - 1, max(-1, len(page.stack) - FARTHEST), -1):
        opened = page.stack[at]
        if opened.name == name and blocked:
            if opened.flags & FORMAT:
                page.end_early(at)
            return
        if opened.name == name:
            page.pop_to(at + 1)
            page.pop(asked=True)
            return
        blocked = blocked or opened.name in sheet.SPECIAL


def start_block(page: Stack, step: Step) -> None:
    """A block: it ends an open p."""
    if page.open.get("p"):
        page.close_p()
    page.push(step)


def end_block(page: Stack, step: Step) -> None:
    """The end tag of a block: what is open in it ends too; a stray one does nothing."""
    if page.open.get(step.name):
        page.close(step.name)


def end_p(page: Stack, _step: Step) -> None:
    """`</p>`: a stray one makes an empty paragraph."""
    if not page.open.get("p"):
        page.emit(2)
    elif page.stack[-1].name == "p":
        page.pop()
    else:
        depth = len(page.stack)
        page.close_p()
        if len(page.stack) == depth:
            page.emit(2)


def start_heading(page: Stack, step: Step) -> None:
    """`<h1>` to `<h6>`: one does not stand in another."""
    page.close_p()
    if page.stack and page.stack[-1].name in sheet.HEADINGS:
        page.pop()
    page.push(step)


def end_heading(page: Stack, _step: Step) -> None:
    """`</h1>` to `</h6>`: any of them ends any of them."""
    if page.stack and page.stack[-1].name in sheet.HEADINGS:
        page.pop()
    elif any(page.open.get(name) for name in sheet.HEADINGS):
        at = len(page.stack) - 1
        while page.stack[at].name not in sheet.HEADINGS:
            at -= 1
        page.pop_to(at)


def start_item(page: Stack, step: Step) -> None:
    """`<li>`, `<dd>`, `<dt>`: each ends the one before it in the same list."""
    names = _ITEMS[step.name]
    if page.open.get(names[0]) or page.open.get(names[1]):
        for at in range(len(page.stack) - 1, max(-1, len(page.stack) - FARTHEST), -1):
            name = page.stack[at].name
            if name in names:
                page.pop_to(at)
                break
            if name in sheet.SPECIAL and name not in ("address", "div", "p"):
                break
    start_block(page, step)


def end_item(page: Stack, _step: Step) -> None:
    """`</li>`: not out of an inner list."""
    if not page.open.get("li"):
        return
    for at in range(len(page.stack) - 1, max(-1, len(page.stack) - FARTHEST), -1):
        name = page.stack[at].name
        if name == "li":
            page.pop_to(at)
            return
        if name in ("ul", "ol"):
            return


def start_form(page: Stack, step: Step) -> None:
    """`<form>`: none inside another."""
    if page.form:
        return
    if page.in_table:  # an element without content there
        if page.stack[-1].name not in TABLEISH:
            page.emit(1)
        return
    page.form = True
    start_block(page, step)


def end_form(page: Stack, _step: Step) -> None:
    """`</form>`."""
    if not page.form:
        return
    page.form = False
    while page.stack and page.stack[-1].name in sheet.IMPLIED_END:
        page.pop()
    # A form that is not the innermost element leaves the stack, but its content goes on inside what is open.
    if page.stack and page.stack[-1].name == "form":
        page.pop()


def start_button(page: Stack, step: Step) -> None:
    """`<button>`: ends the one before it."""
    if page.open.get("button"):
        page.close("button")
    start_inline(page, step)


def held(step: Step, named: Mapping[str, str], *, rich: bool) -> tuple[Op, ...]:
    """What an element that holds no others emits, wherever it stands: void ones, links' tags, `br`, an iframe.

    `named` are its attributes, by which links and media are noted.
    """
    if step.act in ("br", "/br"):
        return () if step.flags & DIVERT else (*step.opening, BREAK, *step.closing)
    if step.act in ("a", "/a"):
        return (Trace("/link") if step.end else Trace("link", step.name, named),)
    if rich and step.name in ("img", "embed", "iframe"):
        return (*step.opening, Trace("medium", step.name, named), *step.closing)
    return (*step.opening, *step.closing)


def line_break(page: Stack, step: Step) -> None:
    """`<br>`, and `</br>`, which means the same."""
    if not step.flags & DIVERT:
        page.emit(*held(step, step.named, rich=page.rich))


def word_break(page: Stack, _step: Step) -> None:
    """`<wbr>`."""
    page.ops.append(WBR)


def rule_line(page: Stack, step: Step) -> None:
    """`<hr>`."""
    page.close_p()
    if not step.flags & DIVERT:
        page.emit(*step.opening, *step.closing)


def void(page: Stack, step: Step) -> None:
    """An element that never has content."""
    if step.name == "input" and page.open.get("select"):
        page.close("select")
    if step.drop:
        page.dropped.add(step.drop)
    elif ops := held(step, step.named, rich=page.rich):
        page.emit(*ops)


def raw(page: Stack, step: Step) -> None:
    """A token that holds its whole content: textarea and iframe take room, nothing of them is text."""
    if step.drop:
        page.dropped.add(step.drop)
    elif step.name in ("textarea", "iframe"):
        page.emit(*held(step, step.named, rich=page.rich))
    elif step.name in ("xmp", "plaintext") and not step.flags & DIVERT:
        page.close_p()
        page.emit(*step.opening, step.content, *step.closing)


def ignore(page: Stack, _step: Step) -> None:
    """A tag that means nothing here."""


def start_embedded(page: Stack, step: Step) -> None:
    """Video, audio, canvas, object: take room; what stands inside is for browsers that cannot show them."""
    if page.rich and not step.drop and step.name in ("video", "audio", "object"):
        page.emit(Trace("medium", step.name, step.named))
    start_inline(page, step)


def source(page: Stack, step: Step) -> None:
    """`<source>`: nothing to show; the address of the player that it stands in."""
    if page.rich and page.stack and page.stack[-1].name in ("video", "audio") and page.diversions:
        page.diversions[-1][1].append(Trace("medium", step.name, step.named))


def start_link(page: Stack, step: Step) -> None:
    """`<a>`, when links are noted: otherwise it is an inline element like others."""
    if not step.drop:
        page.emit(*held(step, step.named, rich=True))
    if step.opening or step.closing or step.flags:
        start_inline(page, step)
    elif page.quirk:
        inline(page, step)


def end_link(page: Stack, step: Step) -> None:
    """`</a>`, when links are noted."""
    if page.quirk:
        inline(page, step)
    page.emit(*held(step, step.named, rich=True))
