"""Lists of sources as files: OPML, as every feed reader writes it, and sources.toml. Read, and written.

OPML 2.0 (http://opml.org/spec2.opml): a folder is a group, folders within folders are one group with slashes
(`News/Local`); `category` holds the tags. What OPML has no word for stands in attributes of a namespace of our own,
which other programs pass over.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import quote, unquote
from xml.parsers import expat
from xml.sax.saxutils import quoteattr

from ingest import config, urls
from ingest.charset import decode
from ingest.errors import ConfigError

__all__ = ["Listed", "Listing", "opml", "read", "toml"]

#: A list is no longer than this: 10,000 entries take 2 MB.
LONGEST = 50 * 2**20
#: Folders within folders that make a group's name.
DEEPEST = 10

_OWN = "urn:blogcorpus"
#: Everything a tag may hold unquoted in the comma-separated `category`.
_PLAIN = "".join(chr(c) for c in range(32, 127) if chr(c) not in "%,")


@dataclass(frozen=True, slots=True)
class Listed:
    """A source as a list names it."""

    url: str
    #: `auto` where the list does not tell: it is found out when the source is first due.
    kind: str = "auto"
    name: str | None = None
    groups: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Listing:
    """What a file lists."""

    format: str
    sources: tuple[Listed, ...]
    #: What could not be taken, and why: a sentence each.
    skipped: tuple[str, ...] = ()
    #: How often a source was named that had been named before; its groups are joined.
    repeated: int = 0
    #: Addresses that bore a user or a password, which is not kept.
    secrets: int = 0


def read(path: Path) -> Listing:
    """Read a list, by its content. Raises ConfigError that names the file and, where there is one, the line."""
    try:
        with path.open("rb") as stream:
            raw = stream.read(LONGEST + 1)
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read: {error.strerror}") from error
    if len(raw) > LONGEST:
        raise ConfigError(f"{path}: too big for a list of sources: over 50 MiB")
    text = decode(raw, kind="xml").text.lstrip("\ufeff \t\r\n")
    if not text:
        raise ConfigError(f"{path}: empty: neither OPML nor TOML")
    return _read_opml(path, text) if text.startswith("<") else _read_toml(path)


# ---- TOML -------------------------------------------------------------------------------------------------


def _read_toml(path: Path) -> Listing:
    told = config.read(path)
    skipped = [f"[{name}]: heeded only by --config" for name in ("defaults", "fetch") if getattr(told, name)]
    skipped += [
        f"{urls.redact(e.url)}: its secret is not kept: name the file with --config"
        for e in told.sources
        if e.credential
    ]
    found = tuple(
        Listed(_with_scheme(e.url), e.kind or "auto", e.name, e.group or (), e.tags or (), e.options)
        for e in told.sources
    )
    return Listing("toml", found, tuple(skipped), secrets=sum(urls.bears_user(e.url) for e in told.sources))


def _with_scheme(url: str) -> str:
    return url if "://" in url else f"https://{url}"


def toml(sources: Iterable[Listed]) -> str:
    """The sources as `sources.toml`."""
    return "\n".join(_entry(one) for one in sources)


def _entry(one: Listed) -> str:
    said: dict[str, Any] = {"url": one.url}
    said |= {} if one.kind == "auto" else {"kind": one.kind}
    said |= {"name": one.name} if one.name else {}
    said |= {"group": one.groups[0] if len(one.groups) == 1 else one.groups} if one.groups else {}
    said |= {"tags": one.tags} if one.tags else {}
    # An interval of 0 is "auto": the source's own rhythm, whatever [defaults] says.
    said |= {key: "auto" if key == "interval" and not value else value for key, value in sorted(one.options.items())}
    return "[[source]]\n" + "".join(f"{key} = {_value(value)}\n" for key, value in said.items())


def _value(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, int | float):
        return str(value)
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(_value, value))}]"
    text = str(value).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() else f"\\U{ord(c):08X}" for c in text) + '"'


# ---- OPML -------------------------------------------------------------------------------------------------


class _Outlines:
    """The outlines of a document as expat comes by them."""

    def __init__(self) -> None:
        self.sources: dict[tuple[str, str], Listed] = {}
        self.skipped: list[str] = []
        self.repeated = self.secrets = 0
        self.root = ""
        self._open: list[tuple[str, bool]] = []

    def started(self, name: str, attributes: dict[str, str]) -> None:
        local, said = name.rpartition(":")[2].lower(), {key.lower(): value for key, value in attributes.items()}
        self.root = self.root or local
        label = " ".join((said.get("text") or said.get("title") or "").split())
        is_source = local == "outline" and bool(said.keys() & {"xmlurl", "bc:url"} or said.get("type", "") == "rss")
        if is_source:
            self._source(said, label)
        elif local == "outline" and (said.get("htmlurl") or said.get("url")):
            self.skipped.append(f"{label or said.get('htmlurl') or said['url']}: no xmlUrl")
        self._open.append((label, local == "outline" and not is_source))

    def ended(self, _: str) -> None:
        self._open.pop()

    def _source(self, said: Mapping[str, str], label: str) -> None:
        named = said.get("bc:url") or said.get("xmlurl", "")
        own = "bc:url" in said and named.startswith("file:")
        url = named if own else urls.absolute(_with_scheme(named.strip())) if named.strip() else None
        if url is None:
            why = f"{named!r} is no http(s) address" if named.strip() else "no xmlUrl"
            self.skipped.append(f"{label or said.get('htmlurl') or 'an outline without a name'}: {why}")
            return
        self.secrets += not own and urls.bears_user(named)
        kind = said.get("bc:kind", "feed")
        groups = "/".join(label for label, folder in self._open[: DEEPEST + 2] if folder and label)
        tags = tuple(t for t in (unquote(c).strip().lstrip("/") for c in said.get("category", "").split(",")) if t)
        held = self.sources.get((kind, url))
        self.repeated += held is not None
        before = held.groups if held else ()
        merged = (*before, *((groups,) if groups and groups not in before else ()))
        self.sources[kind, url] = Listed(
            url, kind, label if label not in {"", named} else None, merged, held.tags if held else tags
        )


def _read_opml(path: Path, text: str) -> Listing:
    found, parser = _Outlines(), expat.ParserCreate("utf-8")
    parser.StartElementHandler, parser.EndElementHandler = found.started, found.ended

    def refuse(*_: object) -> None:
        raise ConfigError(f"{path}:{parser.CurrentLineNumber}: it declares entities, which no list of sources needs")

    parser.EntityDeclHandler = refuse
    try:
        parser.Parse(_tidied(text).encode(), True)
    except expat.ExpatError as error:
        raise ConfigError(f"{path}:{error.lineno}: not OPML: {expat.errors.messages[error.code]}") from error
    if found.root != "opml":
        raise ConfigError(f"{path}: not OPML but <{found.root}>; `blogcorpus load` takes saved documents")
    return Listing("opml", tuple(found.sources.values()), tuple(found.skipped), found.repeated, found.secrets)


def _tidied(text: str) -> str:
    """With the bare `&` in addresses that many programs write forgiven."""
    from ingest.sources.xmltree import with_ampersands  # noqa: PLC0415

    return with_ampersands(text)


def opml(sources: Iterable[Listed], title: str = "blogcorpus") -> str:
    """The sources as OPML 2.0: in the folders of their groups, those of several groups in each."""
    tree: dict[str, Any] = {}
    for one in sources:
        for group in one.groups or ("",):
            folder = tree
            for name in filter(None, group.split("/")):
                folder = folder.setdefault(name, {})
            folder.setdefault("", []).append(one)
    return "\n".join([
        '<?xml version="1.0" encoding="UTF-8"?>', f'<opml version="2.0" xmlns:bc="{_OWN}">',
        f"<head><title>{title}</title></head>", "<body>", *_folder(tree, 1), "</body>", "</opml>", "",
    ])  # fmt: skip


def _folder(tree: Mapping[str, Any], level: int) -> Iterator[str]:
    pad = "  " * level
    yield from (f"{pad}{_outline(one)}" for one in tree.get("", ()))
    for name, below in tree.items():
        if name:
            yield f"{pad}<outline text={_attribute(name)}>"
            yield from _folder(below, level + 1)
            yield f"{pad}</outline>"


def _outline(one: Listed) -> str:
    said = {"type": "rss", "text": one.name or one.url, "xmlUrl": one.url}
    if one.kind == "wordpress":
        home = one.url.rstrip("/")
        said |= {"xmlUrl": str(one.options.get("feed") or f"{home}/feed/"), "htmlUrl": one.url}
    elif one.kind != "feed":
        said = {"type": "link", "text": one.name or one.url, "url": one.url}
    if one.kind != "feed":
        said |= {"bc:kind": one.kind, "bc:url": one.url}
    if one.tags:
        said["category"] = ",".join(quote(tag, safe=_PLAIN) if "," in tag or "%" in tag else tag for tag in one.tags)
    return f"<outline {' '.join(f'{key}={_attribute(value)}' for key, value in said.items())}/>"


def _attribute(text: str) -> str:
    """Quoted, without what XML 1.0 cannot hold."""
    return quoteattr("".join(c for c in text if c >= " " and c not in "\ufffe\uffff"))
