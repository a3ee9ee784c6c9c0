"""Figures as a picture, by matplotlib (extra `plot`): PNG, SVG or PDF, as the file's name ends."""

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from ingest.errors import ConfigError
from ingest.research.stats import Figure

__all__ = ["FORMATS", "plot"]

#: How the name of a picture may end.
FORMATS = (".png", ".svg", ".pdf")

#: Bars that can still be told apart.
_BARS = 40


def plot(figures: Sequence[Figure], path: Path, *, by: str, search: Sequence[str] = ()) -> None:
    """Write a picture: posts, or of each search its count above its share. Time is a line, everything else bars.

    Raises ConfigError without matplotlib, or for a name that ends in no format; OSError.
    """
    if path.suffix.lower() not in FORMATS:
        raise ConfigError(f"{path}: a picture ends in {', '.join(FORMATS)}")
    try:
        import matplotlib as mpl  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415
        from matplotlib import figure  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError("a picture needs matplotlib: pip install 'blogcorpus[plot]'") from error
    shown = [one for one in figures if one.key is not None]
    if by not in {"month", "year"}:
        shown = shown[:_BARS]
    series = _series(shown, search)
    # A fixed salt and no date: the same figures are the same bytes.
    with mpl.rc_context({"svg.hashsalt": "blogcorpus", "font.size": 9}):
        sheet = figure.Figure(figsize=(9, 3.2 * len(series)), layout="constrained")
        for axes, (title, lines) in zip(sheet.subplots(len(series), squeeze=False)[:, 0], series, strict=True):
            _draw(axes, [one.key or "" for one in shown], lines, time=by in {"month", "year"})
            axes.set_ylabel(title)
        sheet.savefig(path, metadata={"Date": None} if path.suffix.lower() == ".svg" else None)


def _series(shown: Sequence[Figure], search: Sequence[str]) -> list[tuple[str, dict[str, list[float]]]]:
    """Title of each part of the picture, and its lines by name."""
    if not search:
        return [("posts", {"posts": [one.posts for one in shown]})]
    counts = {words: [float(one.counts[n]) for one in shown] for n, words in enumerate(search)}
    shares = {words: [_percent(one.shares[n]) for one in shown] for n, words in enumerate(search)}
    return [("posts", counts), ("share of all posts, %", shares)]


def _percent(share: float | None) -> float:
    """A month without a post has no share at all: a gap in the line, and not a zero."""
    return math.nan if share is None else 100 * share


def _draw(axes: Any, keys: list[str], lines: dict[str, list[float]], *, time: bool) -> None:
    places = range(len(keys))
    width = 0.8 / len(lines)
    for n, (name, values) in enumerate(lines.items()):
        if time:
            axes.plot(places, values, label=name, linewidth=1.2, marker=".", markersize=4)
        else:
            axes.bar([place + (n - (len(lines) - 1) / 2) * width for place in places], values, width, label=name)
    step = max(1, len(keys) // 12) if time else 1
    axes.set_xticks(places[::step], keys[::step], rotation=45, ha="right")
    axes.set_ylim(bottom=0)
    if len(lines) > 1:
        axes.legend(frameon=False)
