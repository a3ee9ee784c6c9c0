"""The rules for tables (HTML Standard 13.2.6.4.9 to 15): what ends what, tabs between cells, lines between rows.

The parts of a table stand at fixed places above it on the stack: table, section (or caption), row, cell.
"""

from ingest.text.boxes import BARRIER, DIVERT, STRUCTURE, Step
from ingest.text.ops import NEWLINE, TAB
from ingest.text.stack import Stack, Table

__all__ = [
    "end_caption",
    "end_cell",
    "end_row",
    "end_section",
    "end_table",
    "start_caption",
    "start_cell",
    "start_columns",
    "start_row",
    "start_section",
    "start_table",
    "start_template",
]


def _implied(name: str) -> Step:
    step = Step("", name, "")
    step.flags = STRUCTURE
    return step


# Tables in tables deeper than this are laid out as plain blocks: 20 MB of nothing but `<table><td>` took 1.2 GB.
_DEEPEST = 500
_BOX = Step("", "div", "")
_BOX.opening = _BOX.closing = (1,)
_HIDDEN = Step("", "template", "")
_HIDDEN.flags = DIVERT
_TBODY, _TR = _implied("tbody"), _implied("tr")


def _table(page: Stack) -> Table | None:
    return page.tables[-1] if page.tables else None


def _part(page: Stack, at: int) -> str:
    return page.stack[at].name if at < len(page.stack) else ""


def start_table(page: Stack, step: Step) -> None:
    """`<table>`: closes an open p, and the table that it would stand in without a cell."""
    if page.in_table:
        end_table(page, step)
    page.leave_foreign()
    if len(page.tables) >= _DEEPEST:
        page.close_p()
        page.push(_BOX)
        return
    page.close_p()
    if page.pending:
        page.reopen()
    fostered: list[object] = []
    page.ops.append(fostered)  # type: ignore[arg-type]
    page.push(step)
    page.tables.append(Table(len(page.stack) - 1, fostered))  # type: ignore[arg-type]
    page.in_table, page.quirk = True, page.quirk + 1


def end_table(page: Stack, _step: Step) -> None:
    """`</table>`: with everything that is open in it."""
    table = _table(page)
    if table is not None:
        page.pop_to(table.base)


def start_caption(page: Stack, step: Step) -> None:
    """`<caption>`."""
    if (table := _table(page)) is not None:
        page.pop_to(table.base + 1)
        _enter_cell(page, step)


def start_columns(page: Stack, _step: Step) -> None:
    """`<colgroup>` and `<col>`: nothing to show, but they end what is open in the table."""
    if (table := _table(page)) is not None:
        page.pop_to(table.base + 1)


def start_section(page: Stack, step: Step) -> None:
    """`<tbody>`, `<thead>`, `<tfoot>`."""
    if (table := _table(page)) is not None:
        page.pop_to(table.base + 1)
        page.push(step)


def start_row(page: Stack, step: Step) -> None:
    """`<tr>`: in a section, which is there whether written or not; a line of its own after another row."""
    table = _table(page)
    if table is None:
        return
    if _part(page, table.base + 1) in ("tbody", "thead", "tfoot"):
        page.pop_to(table.base + 2)
    else:
        page.pop_to(table.base + 1)
        page.push(_TBODY)
    if not step.flags & DIVERT:
        if table.rows:
            page.ops.append(NEWLINE)
        table.rows += 1
    table.cells = 0
    page.push(step)


def start_cell(page: Stack, step: Step) -> None:
    """`<td>` and `<th>`: in a row, which is there whether written or not; a tab after another cell."""
    table = _table(page)
    if table is None:
        return
    if _part(page, table.base + 2) == "tr":
        page.pop_to(table.base + 3)
    else:
        start_row(page, _TR)
    if not step.flags & DIVERT and step.flags & STRUCTURE:
        if table.cells:
            page.ops.append(TAB)
        table.cells += 1
    _enter_cell(page, step)


def _enter_cell(page: Stack, step: Step) -> None:
    page.push(step)
    if not step.flags & BARRIER:  # a cell is always a barrier; said here for a reader of this module
        page.in_table = False


def end_cell(page: Stack, step: Step) -> None:
    """`</td>` and `</th>`: each only its own kind."""
    table = _table(page)
    if table is not None and _part(page, table.base + 3) == step.name:
        page.pop_to(table.base + 3)


def end_row(page: Stack, _step: Step) -> None:
    """`</tr>`."""
    table = _table(page)
    if table is not None and _part(page, table.base + 2) == "tr":
        page.pop_to(table.base + 2)


def end_section(page: Stack, step: Step) -> None:
    """`</tbody>`, `</thead>`, `</tfoot>`: each only its own kind."""
    table = _table(page)
    if table is not None and _part(page, table.base + 1) == step.name:
        page.pop_to(table.base + 1)


def end_caption(page: Stack, _step: Step) -> None:
    """`</caption>`."""
    table = _table(page)
    if table is not None and _part(page, table.base + 1) == "caption":
        page.pop_to(table.base + 1)


def start_template(page: Stack, step: Step) -> None:
    """`<template>`: never shown; no table outside it is reached from inside."""
    if len(page.tables) >= _DEEPEST:  # hidden like the ones around it, without a scope of its own
        page.push(_HIDDEN)
        return
    page.push(step)
    page.tables.append(None)
