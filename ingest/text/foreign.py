"""SVG and MathML: another grammar inside HTML, in which only some elements hold text that shows (13.2.6.5).

What Chromium shows: each `<text>` of an svg, and each token element of a formula, on a line of its own.
"""

from ingest.text.boxes import Step
from ingest.text.controls import hold, show
from ingest.text.stack import Stack

__all__ = ["start_foreign", "start_hidden", "start_shown"]

_ROOT = {"text": "svg", "foreignobject": "svg"}  # the others are of MathML


def start_foreign(page: Stack, step: Step) -> None:
    """`<svg>` and `<math>`: take room on the line; nothing in them shows but what `start_shown` lets through."""
    if step.markup.endswith("/>"):
        page.emit(*step.opening, *step.closing)
        return
    if page.pending:
        page.reopen()
    hold(page, step)


def start_shown(page: Stack, step: Step) -> None:
    """An element of svg or math that holds text; outside of them it is an unknown inline element."""
    if page.open.get(_ROOT.get(step.name, "math")) and page.reveal and not step.markup.endswith("/>"):
        show(page, step)


def start_hidden(page: Stack, step: Step) -> None:
    """An annotation of a formula: nothing in it shows, tokens included."""
    if page.open.get("math") and not step.markup.endswith("/>"):
        page.push(step)
        page.reveal.append(page.ops)
