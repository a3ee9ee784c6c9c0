"""The first half of the pass: tokens in, operations out; which rule takes which tag."""

from collections.abc import Iterable, Iterator
from functools import lru_cache

from ingest.text import controls, foreign, rules, sheet, tables
from ingest.text.boxes import Step
from ingest.text.ops import Op
from ingest.text.places import SHALLOW, Place, Places, Rule
from ingest.text.records import Drop
from ingest.text.stack import Stack
from ingest.text.steps import Vocabulary

__all__ = ["build", "flat", "known"]

_RULES: dict[str, Rule] = {
    **dict.fromkeys(sheet.BLOCK, rules.start_block),
    **{"/" + name: rules.end_block for name in sheet.BLOCK},
    **dict.fromkeys(sheet.HEADINGS, rules.start_heading),
    **{"/" + name: rules.end_heading for name in sheet.HEADINGS},
    **dict.fromkeys(("li", "dd", "dt"), rules.start_item),
    **dict.fromkeys(("/dd", "/dt", "/button", "/object", "/marquee", "/applet", "/template"), rules.end_block),
    "/li": rules.end_item,
    "p": rules.start_block,
    "/p": rules.end_p,
    "br": rules.line_break,
    "/br": rules.line_break,
    "wbr": rules.word_break,
    "hr": rules.rule_line,
    **dict.fromkeys(("img", "embed", "input"), rules.void),
    **dict.fromkeys(("iframe", "textarea", "xmp", "plaintext"), rules.raw),
    **dict.fromkeys(("script", "style", "title", "noscript", "noembed", "noframes"), rules.ignore),
    **dict.fromkeys(("html", "head", "body", "frameset", "frame", "/*"), rules.ignore),
    **dict.fromkeys(("link", "meta", "base", "basefont", "bgsound", "area", "param", "track"), rules.void),
    "form": rules.start_form,
    "/form": rules.end_form,
    "button": rules.start_button,
    **dict.fromkeys(("object", "marquee", "applet", "video", "audio", "canvas"), rules.start_embedded),
    "ruby": rules.start_inline,
    **dict.fromkeys(("rb", "rt", "rp", "rtc"), controls.start_ruby_text),
    "select": controls.start_select,
    "/select": controls.end_select,
    "option": controls.start_option,
    "optgroup": controls.start_optgroup,
    "details": controls.start_details,
    "summary": controls.start_summary,
    **dict.fromkeys(("/option", "/optgroup", "/ruby", "/rt", "/rp", "/rb", "/rtc"), rules.end_other),
    **dict.fromkeys(("/video", "/audio", "/canvas"), rules.end_other),
    "table": tables.start_table,
    "/table": tables.end_table,
    "caption": tables.start_caption,
    "/caption": tables.end_caption,
    **dict.fromkeys(("col", "colgroup"), tables.start_columns),
    **dict.fromkeys(("tbody", "thead", "tfoot"), tables.start_section),
    **dict.fromkeys(("/tbody", "/thead", "/tfoot"), tables.end_section),
    "tr": tables.start_row,
    "/tr": tables.end_row,
    **dict.fromkeys(("td", "th"), tables.start_cell),
    **dict.fromkeys(("/td", "/th"), tables.end_cell),
    "template": tables.start_template,
    **dict.fromkeys(("svg", "math"), foreign.start_foreign),
    **dict.fromkeys(("text", "foreignobject", *sheet.MATH_TOKENS), foreign.start_shown),
    **dict.fromkeys(sheet.MATH_HIDDEN, foreign.start_hidden),
    **{
        "/" + name: rules.end_other
        for name in ("svg", "math", "text", "foreignobject", *sheet.MATH_TOKENS, *sheet.MATH_HIDDEN)
    },
    "source": rules.source,
    "a": rules.start_link,
    "/a": rules.end_link,
    # only where an attribute or a drop rule makes something of them
    "inline": rules.start_inline,
}


def build(places: Places, portions: Iterable[Iterator[tuple[str, str]]], dropped: set[str]) -> Iterator[list[Op]]:
    """The operations of all tokens, in portions, so that a large document is never in memory as operations.

    The names of drop rules that left something out are added to `dropped`.
    """
    here: Place | None = places.at(())
    main: list[Op] = []
    page: Stack | None = None  # most documents never need one
    for portion in portions:
        done = False
        while not done:
            if here is None and page is not None:
                here, done = _walk(page, places, portion)
            elif here is not None:
                here, stopped = _glide(main, here, portion)
                done = stopped is None
                if stopped is not None:
                    page = page or Stack(places.steps, main, dropped, rich=places.rich)
                    page.unfold(here.open)
                    _take(page, places.steps[stopped])
                    here = None
        # what stands in a table may still be put before it, and what is hidden goes nowhere
        if page is None or (page.ops is main and not page.tables):
            yield flat(main) if page is not None and page.fostering else main
            main.clear()
    if here is not None and (here.open or page is not None):
        page = page or Stack(places.steps, main, dropped, rich=places.rich)
        page.unfold(here.open)
    while page is not None and page.stack:
        page.pop()
    yield flat(main) if page is not None and page.fostering else main


def _glide(ops: list[Op], here: Place, pairs: Iterator[tuple[str, str]]) -> tuple[Place, str | None]:
    """Take tokens by what is remembered of their tags, up to one that needs the stack; None after the last."""
    append = ops.append
    for text, markup in pairs:
        if text:
            append(text)
        move = here[markup]  # of no markup at the end, too, as of a tag that does nothing
        if move is None:
            return here, markup
        here, made = move
        if made:
            ops += made
    return here, None


def _walk(page: Stack, places: Places, pairs: Iterator[tuple[str, str]]) -> tuple[Place | None, bool]:
    """Take tokens by the rules, until nothing is open that needs them; whether that was all."""
    steps = page.steps
    for text, markup in pairs:
        if text:
            if page.quirk:
                page.text(text)
            else:
                page.ops.append(text)
        if markup:
            step = steps[markup]
            _take(page, step)
            if step.end and not page.quirk and len(page.stack) <= SHALLOW and page.is_plain():
                return places.at(page.stack), False
    return None, True


def _take(page: Stack, step: Step) -> None:
    if step.act:
        _RULES[step.act](page, step)
    elif page.quirk:
        rules.inline(page, step)


def known(drop: tuple[Drop, ...], *, rich: bool) -> Places:
    """What is known of tags under these drop rules, kept from call to call: this memory is what makes it quick."""
    global _last  # noqa: PLW0603  (the rules are the same from post to post, and to hash them takes 3 us)
    before, made = _last
    if before[0] is not drop or before[1] is not rich:
        made = _known(drop, rich=rich)
        _last = (drop, rich), made
    return made


@lru_cache(maxsize=32)
def _known(drop: tuple[Drop, ...], *, rich: bool) -> Places:
    return Places(Vocabulary({name: name for name in _RULES}, drop, rich=rich), _RULES, rich=rich)


_last: tuple[tuple[object, object], Places] = ((), False), _known((), rich=False)


def flat(ops: list[Op]) -> list[Op]:
    """Operations with the fostered ones put in their places; by a stack of iterators, not by recursion."""
    found: list[Op] = []
    iterators = [iter(ops)]
    while iterators:
        for op in iterators[-1]:
            if isinstance(op, list):
                iterators.append(iter(op))
                break
            found.append(op)
        else:
            iterators.pop()
    return found
