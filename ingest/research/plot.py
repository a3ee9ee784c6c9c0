"""Figures as a picture, by matplotlib (extra `plot`): PNG, SVG or PDF, as the file's name ends."""

import io
import math
import warnings
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from ingest.errors import ConfigError, DiskFull
from ingest.research.stats import Figure

__all__ = ["FORMATS", "plot"]

#: How the name of a picture may end.
FORMATS = (".png", ".svg", ".pdf")

#: Bars that can still be told apart.
_BARS = 40
#: The font that comes with matplotlib, and whatever else a letter asks for stands behind.
_FONT = "DejaVu Sans"
#: The same figures are the same bytes: no date.
_UNDATED = {".svg": {"Date": None}, ".pdf": {"CreationDate": None}, ".png": None}


def plot(figures: Sequence[Figure], path: Path, *, by: str, search: Sequence[str] = ()) -> str:
    """Write a picture: posts, or of each search its count above its share. Time is a line, everything else bars.

    Returns the letters that no font of this machine has (boxes stand for them), mostly none.
    Raises ConfigError without matplotlib, for a name that ends in no format and for a folder that is not there;
    DiskFull where the file cannot be written.
    """
    if path.suffix.lower() not in FORMATS:
        raise ConfigError(f"{path}: a picture ends in {', '.join(FORMATS)}")
    if not path.parent.is_dir():
        raise ConfigError(f"{path}: there is no folder {path.parent}")
    shown = [one for one in figures if one.key is not None]
    if by not in {"month", "year"}:
        shown = shown[:_BARS]
    picture, missing = _drawn(shown, path.suffix.lower(), by=by, search=search)
    try:
        path.write_bytes(picture)
    except OSError as error:
        raise DiskFull(f"{path}: cannot be written: {error.strerror or error}") from error
    return missing


def _drawn(shown: Sequence[Figure], form: str, *, by: str, search: Sequence[str]) -> tuple[bytes, str]:
    """The bytes of a picture, and the letters that it could not show."""
    try:
        import matplotlib as mpl  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415
        from matplotlib import figure  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError("a picture needs matplotlib: pip install 'blogcorpus[plot]'") from error
    series, out = _series(shown, search), io.BytesIO()
    fonts, missing = _fonts({letter for text in (*search, *(one.key or "" for one in shown)) for letter in text})
    # A fixed salt: the same figures are the same bytes. A `$` in a search is money, and no formula.
    wishes: dict[Any, Any] = {"svg.hashsalt": "blogcorpus", "font.size": 9, "font.family": fonts}
    wishes["text.parse_math"] = False
    with mpl.rc_context(wishes), warnings.catch_warnings():
        # What a picture lacks is returned; Python's own words about it are nobody's.
        warnings.simplefilter("ignore", UserWarning)
        sheet = figure.Figure(figsize=(9, 3.2 * len(series)), layout="constrained")
        for axes, (title, lines) in zip(sheet.subplots(len(series), squeeze=False)[:, 0], series, strict=True):
            _draw(axes, [one.key or "" for one in shown], lines, time=by in {"month", "year"})
            axes.set_ylabel(title)
        sheet.savefig(out, format=form[1:], metadata=_UNDATED[form])
    return out.getvalue(), missing


def _fonts(letters: Iterable[str]) -> tuple[list[str], str]:
    """Families that together have these letters, the usual one first; and the letters that none here has."""
    from matplotlib import font_manager  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415

    wanted = {ord(letter) for letter in letters if letter.isprintable() and not letter.isspace()}
    found = [_FONT]
    wanted -= _letters(font_manager.findfont(_FONT))
    plain = {one.name: one.fname for one in font_manager.fontManager.ttflist if one.style == "normal"}
    # Noto first: made to go together. A font of last resort has a box for everything, which is what we have already.
    for name in sorted(plain, key=lambda name: (not name.startswith("Noto"), name)):
        if not wanted:
            break
        if not name.startswith("Last Resort") and (more := wanted & _letters(plain[name])):
            found.append(name)
            wanted -= more
    return found, "".join(map(chr, sorted(wanted)))


def _letters(file: str) -> set[int]:
    """The code points a font has a glyph for; none where it cannot be read."""
    from matplotlib import font_manager  # type: ignore[import-not-found,import-untyped,unused-ignore]  # noqa: PLC0415

    try:
        return set(font_manager.get_font(file).get_charmap())
    except (OSError, RuntimeError):  # taken away since the list was made; a format that FreeType does not know
        return set()


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
