"""The chart of `run.py`: how long everybody took, a panel a case."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")
import matplotlib.pyplot as plt

__all__ = ["draw"]

OURS, PEER, LIMIT = "#1b6ca8", "#c9c9c9", "#e8a33d"
#: Case -> title of its panel.
PANELS = {
    "feeds-100x20": "100 feeds x 20, first run", "feeds-1000x10": "1,000 feeds x 10, first run",
    "wordpress": "WordPress, 5,000 posts", "unchanged-0ms": "1,000 feeds, unchanged",
    "unchanged-50ms": "1,000 feeds, unchanged, 50 ms", "many": "1 % of the sources changed",
}  # fmt: skip


def draw(results: Mapping[str, Any], file: Path) -> None:
    """Draw the cases that were measured."""
    rows = results["figures"]
    panels = [name for name in PANELS if any(row["case"].startswith(name) for row in rows)]
    if not panels:
        return
    across = min(len(panels), 3)
    down = -(-len(panels) // across)
    figure, axes = plt.subplots(down, across, figsize=(4.6 * across, 2.6 * down), squeeze=False)
    for axis, name in zip(axes.flat, panels, strict=False):
        (_growth if name == "many" else _bars)(axis, name, rows)
        axis.set_title(PANELS[name], fontsize=10, loc="left")
    for axis in list(axes.flat)[len(panels) :]:
        axis.axis("off")
    figure.tight_layout()
    figure.savefig(file, dpi=110)


def _bars(axis: Any, case: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Seconds of everybody, ours first."""
    mine = [row for row in rows if row["case"] == case]
    names = [row["name"] for row in mine]
    limits = {"bare limit", "requests + feedparser"}
    colours = [OURS if n.startswith("blogcorpus") else LIMIT if n in limits else PEER for n in names]
    bars = axis.barh(names, [row["wall"] for row in mine], color=colours)
    axis.bar_label(bars, [f" {row['wall']:.2f} s" for row in mine], fontsize=8)
    axis.invert_yaxis()
    axis.margins(x=0.18)
    axis.tick_params(labelsize=8)
    axis.spines[["top", "right"]].set_visible(False)


def _growth(axis: Any, _: str, rows: Sequence[Mapping[str, Any]]) -> None:
    """Seconds over sources, with a straight line through the first."""
    found = {int(row["case"].split("-")[1]): row["wall"] for row in rows
             if row["case"].startswith("many-") and not row["case"].endswith("first")}  # fmt: skip
    counts = sorted(found)
    if not counts:
        return
    axis.plot(counts, [found[n] for n in counts], "o-", color=OURS, label="seconds")
    axis.plot([0, counts[-1]], [0, found[counts[0]] / counts[0] * counts[-1]], "--", color=PEER, label="linear")
    for n in counts:
        axis.annotate(
            f"{found[n]:.1f} s", (n, found[n]), textcoords="offset points", xytext=(-4, 6), ha="right", fontsize=8
        )
    axis.set(xlabel="sources", ylim=(0, None), xlim=(0, None))
    axis.legend(fontsize=8, frameon=False)
    axis.tick_params(labelsize=8)
    axis.spines[["top", "right"]].set_visible(False)
