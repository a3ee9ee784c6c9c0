"""Which characters of a text reach the corpus.

`text.plain` keeps what a browser shows, character for character. Here that becomes text to search and count in:
NFC, one kind of blank, nothing invisible that splits a word (a soft hyphen in `geheim` must not hide it), no
controls, no half characters. The payload keeps what was sent.
"""

import re
import unicodedata
from functools import cache

__all__ = ["folded", "is_unspaced", "measured", "one_line", "tidy"]

# C0 but \t and \n, DEL, C1; soft hyphen, ZWSP, word joiner, BOM, Mongolian vowel separator, interlinear
# annotation; bidi embeddings, overrides and isolates, which can make a text read otherwise than it is written.
# ZWJ, ZWNJ, LRM and RLM stay: emoji, Persian and mixed lines need them.
_DROPPED = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\xad\u180e\u200b\u2060\ufeff\ufff9-\ufffb\u202a-\u202e\u2066-\u2069]+"
)
_HALF = re.compile("[\ud800-\udfff]")
_BREAKS = re.compile("\r\n|[\r\x0b\x0c\x85\u2028\u2029]")
#: Whatever the three above look for: one look in place of three for nearly every text.
_UNTIDY = re.compile(f"[{_DROPPED.pattern[1:-2]}\ud800-\udfff\r\x0b\x0c\x85\u2028\u2029]")
#: What none of the rules is about. Over bytes, because `bytes.translate` looks at 1,000 of them in a microsecond, and a
#: regular expression at 250 characters: of most texts next to nothing is left to look at.
_USUAL = bytes((9, 10, *range(32, 127)))
#: A character that NFC may change or that may change another one; below U+0300 and in the middle of General
#: Punctuation there is none (UAX #15, NFC_Quick_Check; combining classes).
_COMPOSABLE = re.compile("[^\x00-\u02ff\u2010-\u205e\u20a0-\u20cf]")
#: All that `tidy` has nothing to do with, but for blanks before a line end: one look for most short texts.
_UNUSUAL = re.compile("[^\n -~\xa1-\xac\xae-\u02ff\u2010-\u2027\u2030-\u205e\u20a0-\u20cf]")
#: All white space of `str.split` that is not ASCII; ASCII's but the line end made a blank; all made 0, all else 1.
_ODD_SPACE = re.compile("[\x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]")
_BLANKED = bytes(32 if chr(n).isspace() and n < 128 and n != 10 else n for n in range(256))
_LETTERED = bytes(byte not in b" \n" for byte in _BLANKED)
_BLANKS = re.compile(b"  +")
#: As long a text is made NFC whatever stands in it; in a longer one runs of marks are looked for first.
_SHORT = 2000
#: In a shorter text, sorting out the usual characters takes longer than looking at them.
_BRIEF = 200

# Scripts written without blanks between words (UAX #14 classes SA and ID): Thai, Lao, Myanmar, Khmer, Tai, kana,
# bopomofo, Han.
_UNSPACED = (
    "[\u0e01-\u0e3a\u0e40-\u0e4f\u0e81-\u0edf\u1000-\u109f\u1780-\u17ff\u1950-\u19df\u1a20-\u1aad\ua9e0-\ua9ff\uaa60-\uaadf"
    "\u3005-\u3007\u3041-\u312f\u31a0-\u31bf\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U0001b000-\U0001b16f\U00020000-\U0003ffff]"
)
#: All bytes but the first ones of those characters in UTF-8.
_NO_LEAD = bytes(sorted({*range(256)} - {0xE0, 0xE1, *range(0xE3, 0xEB), 0xEF, 0xF0}))


def tidy(text: str) -> str:
    """Text as the corpus holds it. Total, and applying it again changes nothing."""
    if text.isascii() and text.isprintable():
        return text
    unusual = _unusual(text)
    if _UNUSUAL.search(unusual):
        if _UNTIDY.search(unusual):
            text = unusual = _DROPPED.sub("", _HALF.sub("\ufffd", _BREAKS.sub("\n", text)))
        text = text.replace("\xa0", " ").replace("\u202f", " ")
        if _COMPOSABLE.search(unusual):
            text = _composed(text)
    # a tab is looked for first: one character is found twenty times as fast as two
    if text[-1:] not in (" ", "\t") and " \n" not in text and ("\t" not in text or "\t\n" not in text):
        return text
    # Line by line from the end: a pattern `[ \t]+$` would look at every inner run of blanks again and again (15 s for
    # 80 kB of &nbsp;).
    return "\n".join([line.rstrip(" \t") for line in text.split("\n")])


def _unusual(text: str) -> str:
    """The characters of a text that are neither visible ASCII nor blank, tab and line end; of a short one, all."""
    return text if len(text) < _BRIEF else _unusual_of(text.encode("utf-8", "surrogatepass"))


def _unusual_of(data: bytes) -> str:
    return data.translate(None, _USUAL).decode("utf-8", "surrogatepass")


def _composed(text: str) -> str:
    """NFC; but runs of over 30 marks on one letter, which no script writes (UAX #15 §13), stay as they are.

    Putting the marks in order costs the square of their number: 22 s for 320 kB.
    """
    if text.isascii():
        return text
    if len(text) <= _SHORT:
        return unicodedata.normalize("NFC", text)
    stack, stacked = _stacks()
    if stack.search(text) is None:  # splitting took more time than all other rules together: 0.6 ms for 4,000 letters
        return unicodedata.normalize("NFC", text)
    parts = stacked.split(text)
    return "".join(part if n % 2 else unicodedata.normalize("NFC", part) for n, part in enumerate(parts))


@cache
def _stacks() -> tuple[re.Pattern[str], re.Pattern[str]]:
    """What may be more than 30 marks (characters of a combining class, UAX #44); and those, with the letter below.

    The first takes anything above U+FFFF for one: of a set within the BMP and one range beside it `re` is fast.
    """
    marks = "".join(chr(n) for n in range(0x300, 0x1F000) if unicodedata.combining(chr(n)))
    likely = "".join(mark for mark in marks if mark < "\U00010000") + "\U00010000-\U0010ffff"
    return re.compile(f"[{likely}][{likely}]{{30}}"), re.compile(f"([^{marks}]?[{marks}]{{31,}})")


def one_line(text: str) -> str:
    """A title: tidy, and all white space folded into single blanks."""
    if not text.isascii():
        text = tidy(text)
    # of white space, only the blank is printable: most lines need not be taken apart
    if "  " not in text and text.isprintable():
        return text.strip(" ")
    return " ".join(tidy(text).split())


def is_unspaced(*texts: str) -> bool:
    """Whether a text has characters of a script that puts no blanks between words."""
    return any(not text.isascii() and _is_unspaced(text) for text in texts)


def _is_unspaced(text: str) -> bool:
    if not text.encode("utf-8", "surrogatepass").translate(None, _NO_LEAD):
        return False
    return re.search(_UNSPACED, text) is not None  # compiled when it is needed: 1.6 ms, 2 % of a reader's start


def measured(text: str) -> tuple[int, bool]:
    """`len(text.split())` and `is_unspaced(text)`: words counted where they end, without a list of them."""
    data = text.encode("utf-8", "surrogatepass")
    unusual = "" if text.isascii() else _unusual_of(data)
    if unusual and _ODD_SPACE.search(unusual):
        return len(text.split()), is_unspaced(text)
    # A word begins and ends where a byte differs from the one before it, which one number tells of all: 6 us for 3,400
    # bytes, where counting the ends one by one took 11.
    lettered = int.from_bytes(data.translate(_LETTERED), "big")
    return (lettered ^ lettered << 8).bit_count() // 2, bool(unusual) and _is_unspaced(unusual)


def folded(text: str) -> bytes:
    """`" ".join(text.split())` in UTF-8: all white space folded into single blanks, none at the ends."""
    data = text.encode("utf-8", "surrogatepass")
    for odd in set() if text.isascii() else set(_ODD_SPACE.findall(_unusual_of(data))):
        data = data.replace(odd.encode(), b" ")
    # Line by line: nearly all blanks that stand together are at a line end, and the pattern takes three times as long.
    lines = data.translate(_BLANKED).split(b"\n")
    line = b" ".join([words for line in lines if (words := line.strip(b" "))])
    return _BLANKS.sub(b" ", line) if b"  " in line else line
