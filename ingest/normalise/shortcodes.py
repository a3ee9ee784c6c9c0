"""Shortcodes that no plugin rendered, and editor marks that came through as text: the tags go, the words inside stay.

Evidence: where a page builder or plugin was switched off, REST and feeds carry its tags as text
(`[et_pb_section fb_built="1"]`, thousands in the given payloads; `[vc_row]`, `[caption id="…"]`). The same payloads
carry brackets that are words, code, mathematics or addresses (`[localhost]`, `[a-z0-9-]`, `[x_min]`), so a tag counts
only with attributes, with its closing tag, or alone on a line, and never where the post shows it as code.
Source of the grammar: wp-includes/shortcodes.php, get_shortcode_regex().
"""

import html
import re

__all__ = ["shown_as_code", "without_marks", "without_shortcodes"]

# What only a text with brackets needs is compiled when one comes (by `re`, which holds it): 1 ms of every start.
# Families that are nothing but shortcodes: Divi, WPBakery, Avada, Thrive, Themify, Salient, Tatsu, Oxygen.
_FAMILY = r"(?:et_pb|vc|fusion|tcb|themify|dica_divi|nectar|tatsu|oxy)_[a-z][a-z0-9_]*+"
# Enfold, Beaver, Cornerstone, X, Mk: names that could be variables, too.
_SHORT = r"(?:av|fl|cs|x|mk)_[a-z][a-z0-9_]*+"
# WordPress's own.
_CORE = r"(?:caption|wp_caption|gallery|playlist|embed|audio|video)"
_TAG = re.compile(
    rf"\[(?P<close>/?)(?P<name>{_FAMILY}|(?P<short>{_SHORT})|{_CORE})(?P<rest>(?:\s[^\[\]]{{0,20000}}+)?)/?\]"
)
_QUOTE = "[\"'\u201c\u201d\u2033\u2018\u2019\u00ab\u00bb]"
_ATTRIBUTE = re.compile(r"\s[a-z_][\w-]*+=", re.IGNORECASE)
_QUOTED = re.compile(rf"\s[a-z_][\w-]*+={_QUOTE}", re.IGNORECASE)
# Without attributes or a partner: a line of nothing but builders' tags, or one of WordPress's two that need neither.
_ALONE = rf"(?m)^[ \t]*(?:(?:\[/?{_FAMILY}(?:\s[^\[\]\n]{{0,200}}+)?\][ \t]*)+|\[(?:embed|gallery)\][ \t]*)$"
# ` name="value"` at least once; wptexturize may have made the quotes typographic.
_ATTRIBUTES = rf"(?:\s+[a-zA-Z_][\w-]*+\s*+=\s*+{_QUOTE}[^\[\]\n]{{0,20000}}?{_QUOTE}?)"
# Any other name counts with quoted attributes only, and only on a line of its own.
_OWN_LINE = rf"(?m)^[ \t]*\[(?P<name>[a-z][a-z0-9_-]{{2,40}}){_ATTRIBUTES}\s*/?\][ \t]*$"
_NAMED_TAG = re.compile(r"\[[a-z][a-z0-9_-]{2,40}\s")
# `more` has no partner and could be what the author shows; a block's two marks around words are a mishap of pasting.
_MARK = r"(?m)^[ \t]*<!-- (?P<close>/?)wp:(?P<name>[a-z][a-z0-9/-]*+)[^<>\n]{0,2000}-->[ \t]*$"
_BLANK_LINES = r"\n[ \t]*\n[ \t\n]*\n"

_CODE = r"(?i)<(/?)(?:pre|code|kbd|samp|tt|xmp|textarea|listing)\b"
_NAMED = r"\[/?([a-z][a-z0-9_-]*+)|<!--\s*+/?(more|nextpage|noteaser|wp:)"


def shown_as_code(source: str) -> frozenset[str]:
    """The names of the tags and marks (`gallery`, `wp:`) that this HTML shows inside `pre`, `code` and their like.

    A code element that is never closed reaches to the end.
    """
    if "<" not in source:
        return frozenset()
    names: set[str] = set()
    depth = start = 0
    for found in re.finditer(_CODE, source):
        depth = max(0, depth - 1) if found[1] else depth + 1
        if depth == 1 and not found[1]:
            start = found.end()
        if depth == 0:
            names |= _names(source[start : found.start()])
            start = found.end()
    if depth:
        names |= _names(source[start:])
    return frozenset(names)


def _names(code: str) -> set[str]:
    return {name or mark for name, mark in re.findall(_NAMED, html.unescape(code))}


def without_shortcodes(text: str, source: str = "") -> str:
    """The text without tags that are surely shortcodes; the same object when there are none.

    Those that the post's HTML, `source`, shows as code stay.
    """
    if "[" not in text or not (_TAG.search(text) or (_NAMED_TAG.search(text) and re.search(_OWN_LINE, text))):
        return text  # few brackets are one of these, and only then the source is worth reading again
    code = shown_as_code(source)
    ends: tuple[set[str], set[str]] = (set(), set())
    for tag in _TAG.finditer(text):
        ends[bool(tag["close"])].add(tag["name"])
    paired = ends[0] & ends[1]

    def without(tag: re.Match[str]) -> str:
        attributed = (_QUOTED if tag["short"] else _ATTRIBUTE).match(tag["rest"])
        sure = tag["name"] not in code and (tag["name"] in paired or attributed)
        return "" if sure else tag[0]

    def alone(line: re.Match[str]) -> str:
        return line[0] if any(f["name"] in code for f in _TAG.finditer(line[0])) else ""

    shorter = re.sub(_ALONE, alone, _TAG.sub(without, text))
    shorter = re.sub(_OWN_LINE, lambda line: line[0] if line["name"] in code else "", shorter)
    return text if shorter == text else re.sub(_BLANK_LINES, "\n\n", shorter).strip()


def without_marks(text: str, source: str = "") -> str:
    """The text without the two marks of a block (`<!-- wp:paragraph -->`) where each stands on a line of its own.

    Such a line can only be seen where it was written with entities: by a slip of pasting, or by an author who shows
    it. So it goes only with its partner, and not where the post's HTML, `source`, shows block marks as code.
    """
    if "<" not in text or "<!-- " not in text or "wp:" in shown_as_code(source):
        return text
    ends: tuple[set[str], set[str]] = (set(), set())
    for mark in re.finditer(_MARK, text):
        ends[bool(mark["close"])].add(mark["name"])
    paired = ends[0] & ends[1]
    shorter = re.sub(_MARK, lambda mark: "" if mark["name"] in paired else mark[0], text)
    return text if shorter == text else re.sub(_BLANK_LINES, "\n\n", shorter).strip()
