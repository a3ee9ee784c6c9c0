"""Shortcodes that no plugin rendered, and editor marks that came through as text: the tags go, the words inside stay.

Evidence: where a page builder or plugin was switched off, REST and feeds carry its tags as text
(`[et_pb_section fb_built="1"]`, thousands in the given payloads; `[vc_row]`, `[caption id="…"]`). The same payloads
carry brackets that are words, code or addresses (`[localhost]`, `[a-z0-9-]`, `[data]`), so a tag counts only where it
cannot be anything else. Source of the grammar: wp-includes/shortcodes.php, get_shortcode_regex().
"""

import re

__all__ = ["without_marks", "without_shortcodes"]

# Families that are nothing but shortcodes: Divi, WPBakery, Avada, Enfold, Beaver, Thrive, Themify, Cornerstone, X.
_FAMILY = r"(?:et_pb|vc|fusion|av|fl|tcb|themify|cs|x|dica_divi|mk|nectar|tatsu|oxy)_[a-z][a-z0-9_]*+"
# WordPress's own; these have attributes or embrace something.
_CORE = r"(?:caption|wp_caption|gallery|playlist|embed|audio|video)"
_QUOTE = "[\"'\u201c\u201d\u2033\u2018\u2019\u00ab\u00bb]"
# ` name="value"` at least once; wptexturize may have made the quotes typographic.
_ATTRIBUTES = rf"(?:\s+[a-zA-Z_][\w-]*+\s*+=\s*+{_QUOTE}[^\[\]\n]{{0,20000}}?{_QUOTE}?)"
_SURE = re.compile(
    rf"\[/?{_FAMILY}(?:\s[^\[\]]{{0,20000}}+)?\]|\[/{_CORE}\]|\[{_CORE}\s+[a-z_]+=[^\[\]]{{0,20000}}+\]|\[(?:embed|gallery)\]"
)
# Any other name counts with quoted attributes only, and only on a line of its own.
_OWN_LINE = re.compile(rf"^[ \t]*\[([a-z][a-z0-9_-]{{2,40}}){_ATTRIBUTES}\s*/?\][ \t]*$", re.MULTILINE)
_MARK = re.compile(
    r"^[ \t]*<!--(?:more(?: [^<>\n]{0,200})?|nextpage|noteaser| ?/?wp:[a-z][^<>\n]{0,2000})-->[ \t]*$", re.MULTILINE
)
_BLANK_LINES = re.compile(r"\n[ \t]*\n[ \t\n]*\n")


def without_shortcodes(text: str) -> str:
    """The text without tags that are surely shortcodes; the same object when there are none."""
    if "[" not in text:
        return text
    shorter = _OWN_LINE.sub("", _SURE.sub("", text))
    return text if shorter == text else _BLANK_LINES.sub("\n\n", shorter).strip()


def without_marks(text: str) -> str:
    """The text without `<!--more-->`, `<!--nextpage-->` and block marks that stand on lines of their own."""
    if "<!--" not in text:
        return text
    shorter = _MARK.sub("", text)
    return text if shorter == text else _BLANK_LINES.sub("\n\n", shorter).strip()
