"""What the user-agent style sheet and inline styles make of an element: data about names.

Source: HTML Standard 15.3 (the rendering section's style sheet), CSS Display 3 for `display`, CSS 2.2 9.7 for floats.
"""

import re
from collections.abc import Mapping

from ingest.text.ops import Style

__all__ = [
    "BLOCK",
    "BREAKOUT",
    "FOREIGN_SPECIAL",
    "HEADINGS",
    "HIDDEN",
    "IMPLIED_END",
    "MATH_HIDDEN",
    "MATH_TOKENS",
    "REPLACED",
    "SPECIAL",
    "TABLE_PARTS",
    "VOID",
    "Look",
    "display_of",
    "look",
    "may_declare",
]

_words = str.split

HEADINGS = frozenset(_words("h1 h2 h3 h4 h5 h6"))
#: Elements that the parser treats alike (a start closes an open p) and the style sheet makes blocks.
BLOCK = frozenset(
    _words(
        "address article aside blockquote center details dialog dir div dl fieldset figcaption figure footer header "
        "hgroup main menu nav ol search section summary ul pre listing"
    )
)
#: Never shown, with all that is in them.
HIDDEN = frozenset(
    _words(
        "area base basefont datalist head link meta noembed noframes param rp script style template title source track"
    )
)
#: Shown as something that is not text; what stands inside is for browsers that do not know them.
REPLACED = frozenset(_words("img iframe video audio canvas object embed input textarea meter progress"))
VOID = frozenset(
    _words("area base basefont bgsound br col embed hr img input keygen link meta param source track wbr image")
)
TABLE_PARTS = frozenset(_words("caption col colgroup tbody td tfoot th thead tr"))
IMPLIED_END = frozenset(_words("dd dt li optgroup option p rb rp rt rtc"))
#: The standard's "special" category: an end tag of an ordinary element looks no further than these.
SPECIAL = (
    (BLOCK - {"dialog"})
    | HEADINGS
    | TABLE_PARTS
    | frozenset(
        _words(
            "applet area base basefont bgsound body br button dd dt embed form frame frameset head hr html iframe img "
            "input keygen li link marquee meta noembed noframes noscript object p param plaintext script select source "
            "style table template textarea title track wbr xmp"
        )
    )
)
#: Start tags that end foreign content (svg, math) however deep it is.
BREAKOUT = frozenset(
    _words(
        "b big blockquote body br center code dd div dl dt em embed h1 h2 h3 h4 h5 h6 head hr i img li listing menu "
        "meta nobr ol p pre ruby s small span strong strike sub sup table tt u ul var"
    )
)

#: Elements of MathML whose text shows, and those that show nothing at all.
MATH_TOKENS = frozenset(_words("mi mn mo ms mtext mtd"))
MATH_HIDDEN = frozenset(_words("annotation annotation-xml mphantom"))
#: The "special" ones of svg and MathML: no end tag inside reaches past them.
FOREIGN_SPECIAL = frozenset(_words("foreignobject mi mn mo ms mtext annotation-xml"))
_DISPLAY = dict.fromkeys(
    BLOCK | HEADINGS | frozenset(_words("body html p li dd dt form hr legend optgroup option plaintext xmp")), "block"
) | {
    "table": "table",
    "caption": "table-caption",
    "tr": "table-row",
    "td": "table-cell",
    "th": "table-cell",
    "button": "inline-block",
    "marquee": "inline-block",
    "select": "inline-block",
    **dict.fromkeys(_words("tbody thead tfoot"), "table-row-group"),
    **dict.fromkeys(_words("col colgroup"), "table-column"),
    **dict.fromkeys(HIDDEN, "none"),
}
_DECLARATION = re.compile(
    r"(?:^|;)\s*(display|visibility|float|position|white-space|text-transform|content-visibility)\s*:([^;]*)"
)
#: One of those names has to stand in a style for it to matter, or a comment that may hide how it is written.
_MENTION = re.compile(r"display|visibility|float|position|white-space|text-transform|/\*", re.IGNORECASE)
_COMMENT = re.compile(r"/\*.*?(?:\*/|\Z)", re.DOTALL)
_SPACE = {
    "pre": "pre",
    "pre-wrap": "pre",
    "break-spaces": "pre",
    "pre-line": "pre-line",
    "normal": "normal",
    "nowrap": "normal",
}
_VALUES = frozenset(
    _words(
        "none block inline inline-block flex inline-flex grid inline-grid table inline-table table-row table-cell "
        "table-caption table-row-group table-header-group table-footer-group table-column table-column-group "
        "list-item contents flow-root -webkit-box -webkit-inline-box -webkit-flex -webkit-inline-flex "
        "ruby ruby-text run-in"
    )
)


def display_of(name: str) -> str:
    """The `display` that the user-agent style sheet gives an element of this name."""
    return _DISPLAY.get(name, "inline")


class Look:
    """How one start tag wants to be laid out: its `display` and what it hands down (`style`, or nothing)."""

    __slots__ = ("display", "skipped", "style")

    def __init__(self, display: str, style: Style | None, *, skipped: bool = False) -> None:
        self.display = display
        self.style = style
        #: The box is there, its content is not (`content-visibility: hidden`).
        self.skipped = skipped


def may_declare(css: str) -> bool:
    """Whether an inline style may have a say in layout; most are about colours and sizes."""
    return _MENTION.search(css) is not None


def _declared(css: str) -> dict[str, str]:
    if "/*" in css:
        css = _COMMENT.sub("", css)
    found: dict[str, str] = {}
    forced: set[str] = set()
    for name, value in _DECLARATION.findall(css.lower()):
        word = value.replace("!important", "").strip()
        important = "!important" in value
        if name == "display" and word not in _VALUES:
            continue
        if important or name not in forced:
            found[name] = word
        if important:
            forced.add(name)
    return found


def _placed(display: str, found: dict[str, str]) -> str:
    """A float, or what is taken out of the flow, is a block (CSS 2.2, 9.7)."""
    out_of_line = found.get("float") in ("left", "right", "inline-start", "inline-end")
    if (out_of_line or found.get("position") in ("absolute", "fixed")) and display not in ("none", "contents"):
        return {"inline-flex": "flex", "inline-grid": "grid", "inline-table": "table"}.get(
            display, display if display in ("flex", "grid", "table") else "block"
        )
    return display


def look(name: str, named: Mapping[str, str]) -> Look:
    """How an element of this name with these attributes is laid out, without any author style sheet."""
    found = _declared(named["style"]) if "style" in named else {}
    display = display_of(name)
    if "hidden" in named and named["hidden"].strip().lower() == "until-found":
        found.setdefault("content-visibility", "hidden")
    elif _is_off(name, named):
        display = "none"
    display = found.get("display", display)
    if name in REPLACED and named.get("align", "").lower() in ("left", "right"):
        found.setdefault("float", "left")
    space = _SPACE.get(found.get("white-space", ""))
    if space is None and name in ("pre", "listing", "xmp", "plaintext"):
        space = "pre"
    visible = {"visible": True, "hidden": False, "collapse": False}.get(found.get("visibility", ""))
    transform = found.get("text-transform", "none" if name in ("button", "select", "option", "optgroup") else None)
    if transform not in ("uppercase", "lowercase", "capitalize", "none"):
        transform = None
    if name == "table" and space == "pre":
        space = None
    style = None if (space, visible, transform) == (None, None, None) else Style(space, visible, transform)
    placed = _placed(display, found)
    return Look(placed, style, skipped=found.get("content-visibility") == "hidden" and placed != "inline")


def _is_off(name: str, named: Mapping[str, str]) -> bool:
    """Whether an attribute makes this element `display: none`."""
    if name == "dialog":
        return "open" not in named
    if name == "audio" and "controls" not in named:
        return True
    return "hidden" in named or (name == "input" and named.get("type", "").strip().lower() == "hidden")
