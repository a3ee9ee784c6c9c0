"""Links, media and headings, noted while the text is written: what stands where is known only there."""

from collections.abc import Callable, Mapping

from ingest.text.ops import Trace
from ingest.text.records import Heading, Link, Medium
from ingest.text.tokens import attributes

__all__ = ["Notes"]

# Where lazy loaders keep the address while `src` holds a placeholder.
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-orig-file")
_KINDS = {"img": "image", "video": "video", "audio": "audio", "iframe": "embed", "embed": "embed", "object": "embed"}


class Notes:
    """Collects `Trace`s; positions are indexes into the writer's list of pieces until the end."""

    def __init__(self) -> None:
        self._links: list[tuple[Mapping[str, str], int, int]] = []
        self._link: tuple[Mapping[str, str], int] | None = None
        self._headings: list[tuple[int, int, int]] = []
        self._heading: tuple[int, int] | None = None
        self._media: list[tuple[str, str, str, int]] = []  # url, alt, kind, figure (or -1)
        self._captions: dict[int, tuple[int, int]] = {}
        self._figures: list[int] = []
        self._figure = -1
        self._caption: int | None = None
        self._player: str | None = None  # a video or audio whose address comes in its first <source>

    def note(self, trace: Trace, out: list[str]) -> None:
        """Note one trace; `out` is what has been written before it."""
        here = len(out)
        _NOTED[trace.what](self, trace.markup, here)

    def _open_link(self, markup: str, here: int) -> None:
        self._close_link("", here)
        self._link = (attributes(markup), here)

    def _close_link(self, _markup: str, here: int) -> None:
        if self._link is not None:
            self._links.append((*self._link, here))
            self._link = None

    def _open_heading(self, level: str, here: int) -> None:
        self._heading = (int(level), here)

    def _close_heading(self, _markup: str, here: int) -> None:
        if self._heading is not None:
            self._headings.append((*self._heading, here))
            self._heading = None

    def _open_figure(self, _markup: str, here: int) -> None:
        self._figures.append(self._figure)
        self._figure = here if here not in self._captions else -here - 2

    def _close_figure(self, _markup: str, _here: int) -> None:
        if self._figures:
            self._figure = self._figures.pop()

    def _open_caption(self, _markup: str, here: int) -> None:
        self._caption = here

    def _close_caption(self, _markup: str, here: int) -> None:
        if self._caption is not None:
            self._captions.setdefault(self._figure, (self._caption, here))
            self._caption = None

    def _medium(self, markup: str, _here: int) -> None:
        named = attributes(markup)
        tag = markup[1:].split(None, 1)[0].rstrip("/>").lower()
        url = named.get("data" if tag == "object" else "src", "")
        if tag == "source":
            if self._player and url:
                self._media.append((url, "", self._player, self._figure))
                self._player = None
            return
        if not url or url.startswith(("data:", "about:")):
            url = next((named[name] for name in _LAZY if named.get(name)), url)
        kind = _KINDS.get(tag, "image")
        self._player = kind if kind in ("video", "audio") and not url else None
        if url:
            self._media.append((url, named.get("alt") or named.get("title", ""), kind, self._figure))

    def links(self, out: list[str]) -> tuple[Link, ...]:
        """The links, in order; an `<a>` without `href` is none."""
        self._close_link("", len(out))
        return tuple(
            Link(named["href"].strip(), _line(out, start, end), named.get("rel", ""))
            for named, start, end in self._links
            if named.get("href", "").strip()
        )

    def media(self, out: list[str]) -> tuple[Medium, ...]:
        """The media, in order, each with the caption of the figure it stands in."""
        captions = {figure: _line(out, *span) for figure, span in self._captions.items() if figure != -1}
        return tuple(
            Medium(url.strip(), " ".join(alt.split()), captions.get(figure, ""), kind)
            for url, alt, kind, figure in self._media
        )

    def outline(self, out: list[str]) -> tuple[Heading, ...]:
        """The headings that have words, in order."""
        found = []
        piece = offset = 0  # headings begin one after another
        for level, start, end in self._headings:
            raw = "".join(out[start:end])
            offset += sum(map(len, out[piece:start]))
            piece = start
            if words := " ".join(raw.split()):
                found.append(Heading(level, words, offset + len(raw) - len(raw.lstrip())))
        return tuple(found)


#: What to do at each `Trace.what`, with its markup and the place.
_NOTED: Mapping[str, Callable[[Notes, str, int], None]] = {
    "link": Notes._open_link, "/link": Notes._close_link,  # noqa: SLF001  (a table of its own methods)
    "heading": Notes._open_heading, "/heading": Notes._close_heading,  # noqa: SLF001
    "figure": Notes._open_figure, "/figure": Notes._close_figure,  # noqa: SLF001
    "caption": Notes._open_caption, "/caption": Notes._close_caption,  # noqa: SLF001
    "medium": Notes._medium,  # noqa: SLF001
}  # fmt: skip


def _line(out: list[str], start: int, end: int) -> str:
    return " ".join("".join(out[start:end]).split())
