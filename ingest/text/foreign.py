"""SVG and MathML: another grammar inside HTML, in which only some elements hold text that shows (13.2.6.5)."""

from ingest.text import sheet
from ingest.text.stack import Stack
from ingest.text.steps import Step

__all__ = ["start_math", "start_svg"]


def start_svg(page: Stack, step: Step) -> None:
    """`<svg>`: taken whole, to its end tag or to a start tag that cannot stand in it."""
    if step.markup.endswith("/>"):
        return
    depth = 1
    for _, markup in page.pairs:
        inner = page.steps[markup] if markup else None
        if inner is None or not inner.name:
            continue
        if inner.name == "svg":
            depth += -1 if inner.end else not inner.markup.endswith("/>")
            if not depth:
                return
        elif not inner.end and inner.name in sheet.BREAKOUT:
            return


def start_math(page: Stack, step: Step) -> None:
    """`<math>`: its words show on the line; annotations do not."""
