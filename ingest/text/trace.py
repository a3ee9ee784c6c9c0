"""Links, media and headings, noted while the text is written: what stands where is known only there."""

from collections.abc import Iterable, Mapping

from ingest.text.ops import Trace
from ingest.text.records import Heading, Link, Medium

__all__ = ["Notes"]

# Where lazy loaders keep the address while `src` holds a placeholder.
_LAZY = ("data-src", "data-lazy-src", "data-original", "data-orig-file")
_KINDS = {"img": "image", "video": "video", "audio": "audio", "iframe": "embed", "embed": "embed", "object": "embed"}


class Notes:
    """Collects `Trace`s; positions are indexes into the writer's list of pieces until the end."""

    def __init__(self) -> None:
        self.any = False  # whether there was anything to note
        self._links: list[tuple[Mapping[str, str], int, int]] = []
        self._link: tuple[Mapping[str, str], int] | None = None
        self._headings: list[tuple[int, int, int]] = []
        self._heading: tuple[int, int] | None = None
        self._media: list[tuple[str, str, str, int]] = []  # url, alt, kind, figure (or -1)
        self._captions: dict[int, tuple[int, int]] = {}
        self._around: list[int] = []  # of each figure, the one that it stands in (or -1)
        self._figure = -1
        self._caption: int | None = None
        self._player: str | None = None  # a video or audio whose address comes in its first <source>

    def take(self, traces: Iterable[tuple[Trace, int]]) -> None:
        """Note these, in order, each with the number of pieces that had been written before it."""
        self.any = True
        for trace, here in traces:
            what = trace.what
            if what == "link":
                self._close_link(here)
                self._link = (trace.named, here)
            elif what == "/link":
                self._close_link(here)
            elif what == "medium":
                self._medium(trace.name, trace.named)
            else:
                self._part(what, trace.name, here)

    def _part(self, what: str, name: str, here: int) -> None:
        """Where a heading, a figure or its caption begins or ends."""
        if what == "figure":
            self._around.append(self._figure)
            self._figure = len(self._around) - 1
        elif what == "/figure":
            self._figure = self._around[self._figure] if self._figure >= 0 else -1
        elif what == "caption":
            self._caption = here
        elif what == "/caption" and self._caption is not None:
            self._captions.setdefault(self._figure, (self._caption, here))
            self._caption = None
        elif what == "heading":
            self._heading = (int(name), here)
        elif what == "/heading" and self._heading is not None:
            self._headings.append((*self._heading, here))
            self._heading = None

    def _close_link(self, here: int) -> None:
        if self._link is not None:
            self._links.append((*self._link, here))
            self._link = None

    def _medium(self, tag: str, named: Mapping[str, str]) -> None:
        url = named.get("data" if tag == "object" else "src", "")
        if tag == "source":
            if self._player and url:
                self._media.append((url, "", self._player, self._figure))
                self._player = None
            return
        if not url or url.startswith(("data:", "about:")):
            url = next((named[name] for name in _LAZY if named.get(name)), url)
        kind = _KINDS[tag]
        self._player = kind if kind in ("video", "audio") and not url else None
        if url:
            self._media.append((url, named.get("alt") or named.get("title", ""), kind, self._figure))

    def links(self, out: list[str]) -> tuple[Link, ...]:
        """The links, in order; an `<a>` without `href` is none."""
        self._close_link(len(out))
        return tuple(
            [
                Link(href, _line(out, start, end), named.get("rel", ""))
                for named, start, end in self._links
                if (href := named.get("href", "").strip())
            ]
        )

    def media(self, out: list[str]) -> tuple[Medium, ...]:
        """The media, in order, each with the caption of the figure it stands in, or of the gallery round that."""
        captions = [""]  # by number from 1 on; of what stands in no figure there is none
        for figure, around in enumerate(self._around):  # what is around comes first
            own = _line(out, *self._captions[figure]) if figure in self._captions else ""
            captions.append(own or captions[around + 1])
        return tuple(
            [
                Medium(url.strip(), " ".join(alt.split()), captions[figure + 1], kind)
                for url, alt, kind, figure in self._media
            ]
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


def _line(out: list[str], start: int, end: int) -> str:
    return " ".join("".join(out[start:end]).split())
