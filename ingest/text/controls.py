"""Elements that show only some of their children: select, closed details, ruby."""

from ingest.text import sheet
from ingest.text.boxes import DIVERT, HOLD, Step
from ingest.text.rules import start_block, start_inline
from ingest.text.stack import Stack

__all__ = [
    "end_select",
    "hold",
    "show",
    "start_details",
    "start_optgroup",
    "start_option",
    "start_ruby_text",
    "start_select",
    "start_summary",
]


def hold(page: Stack, step: Step) -> None:
    """Push an element that hides its content, and remember where its chosen children may show."""
    if not step.flags & HOLD:
        page.push(step)
        return
    inside = step.name == "optgroup" and page.open.get("select") and page.reveal
    shown = page.reveal[-1] if inside else None
    page.push(step)
    page.reveal.append(page.diversions[-1][1] if shown is None else shown)


def show(page: Stack, step: Step) -> None:
    """Push an element whose operations go where its hiding parent stands."""
    page.diversions.append((len(page.stack) + 1, page.ops, True))
    page.ops = page.reveal[-1]
    page.push(step)


def start_select(page: Stack, step: Step) -> None:
    """`<select>`: only its options show; inside another it ends that one."""
    if page.open.get("select"):
        page.close("select")
        return
    if page.pending:
        page.reopen()
    hold(page, step)


def end_select(page: Stack, _step: Step) -> None:
    """`</select>`."""
    if page.open.get("select"):
        page.close("select")


def start_optgroup(page: Stack, step: Step) -> None:
    """`<optgroup>`: a block that shows its options and nothing else."""
    while page.stack and page.stack[-1].name in ("option", "optgroup"):
        page.pop()
    if page.open.get("select") and page.reveal:
        page.reveal[-1].append(1)
    hold(page, step)


def start_option(page: Stack, step: Step) -> None:
    """`<option>`: ends the one before it; a block."""
    if page.stack and page.stack[-1].name == "option":
        page.pop()
    if page.reveal and (page.open.get("select") or page.open.get("optgroup")) and not step.flags & DIVERT:
        show(page, step)
    else:
        start_inline(page, step)


def start_details(page: Stack, step: Step) -> None:
    """`<details>`: closed, it shows its summary only."""
    page.close_p()
    hold(page, step)


def start_summary(page: Stack, step: Step) -> None:
    """`<summary>`: of closed details, the part that shows."""
    page.close_p()
    parent = page.stack[-1] if page.stack else None
    if parent is not None and parent.name == "details" and parent.flags & HOLD:
        show(page, step)
    else:
        start_block(page, step)


def start_ruby_text(page: Stack, step: Step) -> None:
    """`<rt>`, `<rp>` and their like: each ends the one before it."""
    if page.open.get("ruby"):
        while page.stack and page.stack[-1].name in sheet.IMPLIED_END:
            page.pop()
    page.push(step)
