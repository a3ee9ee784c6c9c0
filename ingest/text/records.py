"""What goes into a rendering beside the HTML, and what comes out of it: plain data.

What comes out are named tuples: a post has ten of them, and a frozen dataclass takes three times as long to make.
"""

from dataclasses import dataclass
from typing import NamedTuple

__all__ = ["Drop", "Heading", "Link", "Medium", "Rendered"]


@dataclass(frozen=True, slots=True)
class Drop:
    """A rule as data: an element that matches any one of these is left out, with all that is in it.

    Names of classes, ids and tags are compared without regard to ASCII case. A class or id that ends in `*`
    matches every class or id that begins with what stands before the star (`sd-social-*`).
    """

    name: str
    classes: frozenset[str] = frozenset()
    ids: frozenset[str] = frozenset()
    tags: frozenset[str] = frozenset()


class Link(NamedTuple):
    """An `<a href>` that is shown: its address as written (entities decoded), its text on one line, its `rel`."""

    href: str
    anchor: str
    rel: str = ""


class Medium(NamedTuple):
    """An image, video, audio or embedded document: its address as written, `alt`, and the figure's caption."""

    url: str
    alt: str
    caption: str
    #: `image`, `video`, `audio` or `embed`.
    kind: str


class Heading(NamedTuple):
    """A heading: its level (1 to 6), its text on one line, and where it begins in `Rendered.text`."""

    level: int
    text: str
    offset: int


class Rendered(NamedTuple):
    """What one pass over a fragment of HTML yields."""

    text: str
    links: tuple[Link, ...] = ()
    media: tuple[Medium, ...] = ()
    outline: tuple[Heading, ...] = ()
    #: The names of the drop rules that left something out, sorted.
    dropped: tuple[str, ...] = ()
