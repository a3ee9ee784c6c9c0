"""Templates to HTML. Everything a corpus holds is text here: escaped by the template engine, controls taken out."""

import re
from functools import cache

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup, escape

from ingest import __version__
from ingest.corpus.search import MARKS
from ingest.web.shown import Here, Shown

__all__ = ["render", "stylesheet"]

#: What HTML has no place for (HTML Standard §13.2.3.5), and what turns the direction of a whole page.
_UNFIT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ufdd0-\ufdef\ufffe\uffff]")


def render(shown: Shown, here: Here) -> str:
    """The HTML of a page."""
    template = _environment().get_template(shown.template)
    return _UNFIT.sub("\ufffd", template.render(here=here, version=__version__, **shown.context))


@cache
def stylesheet() -> str:
    """The style sheet of all pages."""
    loader = PackageLoader("ingest.web")
    return loader.get_source(_environment(), "page.css")[0]


@cache
def _environment() -> Environment:
    made = Environment(
        loader=PackageLoader("ingest.web"), autoescape=True, undefined=StrictUndefined, trim_blocks=True,
        lstrip_blocks=True,
    )  # fmt: skip
    made.filters |= {"number": _number, "day": _day, "marked": _marked, "web": _web, "titled": _titled}
    return made


def _number(value: float | None) -> str:
    """1,204; a dash for what is not known."""
    return "—" if value is None else f"{value:,}"


def _day(value: str | None) -> str:
    return (value or "")[:10]


def _marked(snippet: str) -> Markup:
    """A snippet with its hits in `<mark>`. Escaped first: what the text itself has of angle brackets stays text."""
    begin, end = MARKS
    text = str(escape(" ".join(snippet.split(" "))))
    return Markup(text.replace(begin, "<mark>").replace(end, "</mark>"))  # noqa: S704  (escaped a line above)


def _web(address: str | None) -> str | None:
    """An address that a link may lead to; None for `javascript:` and whatever else is no web page."""
    return address if address and re.match(r"https?://[^\s]", address, re.IGNORECASE) else None


def _titled(title: str | None) -> str:
    return title if title and title.strip() else "(no title)"
