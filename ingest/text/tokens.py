r"""HTML as tokens: text and markup in turn, by one regular expression, in time linear in the input.

The grammar is the tokenizer of the HTML Standard (section 13.2.5) as far as a regular expression can follow it:
quotes count only after `=`, a comment ends at `-->` or `--!>`, an unfinished tag or comment swallows the rest, and
the content of script, style, iframe and the like is no markup. Every quantifier that could hand characters back is
possessive, so nothing is scanned twice: that is what keeps `<a <a <a` and `<!--<!--` linear.
"""

import re
from collections.abc import Iterator, Mapping
from itertools import chain, islice

from ingest.text.entities import decode, decode_attribute

__all__ = ["RAW", "attributes", "level", "portions", "start_tag", "tokens"]

# Before Python 3.11.4 a possessive group goes on behind a lookahead that failed in it, not before: `>` of `</script >`
# came through as text. An atomic group does not, and costs memory for every step that it took.
_SOUND = re.fullmatch("(?:a(?!b))*+ab", "ab") is not None


def _all_of(step: str) -> str:
    return f"(?:{step})*+" if _SOUND else f"(?>(?:{step})*)"


# After the name of a tag: anything up to `>`, with quoted values hopped over; or the end of the input.
_REST = r"""(?:[^>=]++|=\s*+(?:"[^"]*+(?:"|\Z)|'[^']*+(?:'|\Z)|[^\s>"'][^\s>]*+)?+)*+(?:>|\Z)"""
# Elements whose content is text to the tokenizer (scripting is on, so noscript is one of them).
_RAW = ("script", "style", "textarea", "title", "noscript", "iframe", "xmp", "noembed", "noframes", "plaintext")
RAW = frozenset(_RAW)


def _letters(name: str) -> str:
    # spelled out, because (?i:...) costs the engine its literal prefix
    return "".join(f"[{letter.upper()}{letter}]" for letter in name)


def _raw(name: str) -> str:
    here = _letters(name)
    return rf"{here}(?=[\s/>]){_REST}[^<]*+" + _all_of(rf"<(?!/{here}[\s/>])[^<]*+")


# Nine of ten tags have no `=`, or only such as `="…"`: for those shorter forms, which `_REST` comes to as well; first
# those whose names begin like none of the raw elements'.
_PLAIN = r"""[^>="']*+(?:>|(?:="[^"]*+"[^>="']*+)++>)"""
_SHORT = rf"/[a-zA-Z][^>=]*+>|[pP]>|[abcdefghjkmoqruvwyz]{_PLAIN}"
_TOKEN = re.compile(
    rf"(<(?:{_SHORT}|"
    + "|".join(_raw(name) for name in _RAW[:-1])
    + rf"|{_letters('plaintext')}(?=[\s/>]){_REST}.*+"
    + rf"|{_letters('pre')}(?=[\s/>]){_REST}\n?+"  # the line end that may follow is no content
    + rf"|{_letters('listing')}(?=[\s/>]){_REST}\n?+"
    + rf"|[a-zA-Z]{_PLAIN}|/?[a-zA-Z]{_REST}"
    + rf"|!--(?:-?>|[^-]*+{_all_of('-(?!-!?>)[^-]*+')}(?:--!?>|\Z))"
    + r"|[!?/][^>]*+(?:>|\Z)))",
    re.DOTALL,
)
_START_TAG = re.compile(rf"<[^\s/>]++{_REST}", re.DOTALL)
_ATTRIBUTE = re.compile(
    r"""[\s/]*+([^\s/>=][^\s/>=]*+)(?:\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>"'][^\s>]*+)))?+""",
)
_EMPTIED = re.compile(r"""<[a-zA-Z][a-zA-Z0-9]*+(?:[ \t\n\f]++[^\s/>="'<]++="")*+[ \t\n\f]*+/?>""")
_NAME = re.compile(r"</?[^\s/>]*+")

_PORTION = 50_000  # tokens; what they are in memory is a few megabytes


def level(html: str) -> str:
    """Line ends as LF and no NUL, as the standard's input preprocessing and tree construction leave them."""
    if "\r" in html:
        html = html.replace("\r\n", "\n").replace("\r", "\n")
    return html.replace("\0", "") if "\0" in html else html


def tokens(html: str) -> Iterator[tuple[str, str]]:
    """Pairs of a text (decoded, often empty) and the markup after it; the last pair's markup is empty.

    A small document, from `level`, is split at once and decoded at once, which is quickest; a large one is walked, so
    that memory stays bounded.
    """
    if len(html) < 1_000_000:
        parts = _TOKEN.split(html)
        if "&" in html:  # no reference reaches over a NUL, and there is no other
            parts[::2] = decode("\0".join(parts[::2])).split("\0")
        parts.append("")
        one_by_one = iter(parts)
        return zip(one_by_one, one_by_one, strict=True)
    return _walk(html)


def portions(html: str) -> Iterator[Iterator[tuple[str, str]]]:
    """The same pairs in portions, each to be taken to its end before the next: what is made of one stays small."""
    pairs = tokens(html)
    if len(html) < _PORTION:
        yield pairs
        return
    for pair in pairs:
        yield chain((pair,), islice(pairs, _PORTION))


def _walk(html: str) -> Iterator[tuple[str, str]]:
    end = 0
    for match in _TOKEN.finditer(html):
        yield decode(html[end : match.start()]), match.group()
        end = match.end()
    yield decode(html[end:]), ""


def attributes(markup: str) -> Mapping[str, str]:
    """The attributes of a start tag, names in lower case, values with their entities decoded; the first one wins."""
    pieces = markup.split('"')
    names = _NAMES['""'.join(pieces[::2])] if len(pieces) % 2 and len(pieces) < 50 else None
    if names is None:
        return _attributes(markup)
    values = pieces[1::2]
    return dict(zip(names, map(decode_attribute, values) if "&" in markup else values, strict=True))


def _attributes(markup: str) -> dict[str, str]:
    found: dict[str, str] = {}
    named = _NAME.match(markup)
    for name, quoted, single, bare in _ATTRIBUTE.findall(markup, named.end() if named else 0):
        key = name.lower()
        if key not in found:
            value = quoted or single or bare
            found[key] = decode_attribute(value) if "&" in value else value
    return found


class _Names(dict[str, tuple[str, ...] | None]):
    """A tag without what stands in its quotes -> the names of its attributes; None unless they are all `name=""`.

    The tags of a site have few such forms (`<a href="" rel="">`), and the names are found once for each.
    """

    def __missing__(self, emptied: str) -> tuple[str, ...] | None:
        found = _EMPTIED.fullmatch(emptied)
        names = tuple(_attributes(emptied)) if found else None
        if names is not None and len(names) != emptied.count("="):
            names = None  # one of them comes twice
        if len(emptied) < 500 and len(self) < 2000:
            self[emptied] = names
        return names


_NAMES = _Names()


def start_tag(markup: str) -> str:
    """The start tag alone, of a token of a raw text element, which holds the content as well."""
    opened = _START_TAG.match(markup)
    return opened.group() if opened else markup
