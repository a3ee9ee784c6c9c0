"""Strangers' words in papers of ours: as a YAML value, in a Markdown table, and nothing else than words."""

import json
import re
from typing import Any

__all__ = ["words", "yaml_value"]

#: What YAML does not allow, or takes for a line end, as it stands (YAML 1.1 §5.1).
_UNPRINTABLE = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
#: Line ends, other controls and marks of direction.
_UNSEEN = re.compile("[\\s\x00-\x1f\x7f-\x9f\u200e\u200f\u2028-\u202e\u2066-\u2069]+")
#: What Markdown, with tables, gives a meaning to inside a line.
_MEANING = re.compile(r"([\\`*_{}\[\]<>|#~!&])")


def yaml_value(value: Any) -> str:
    """A value as JSON, on one line, which YAML 1.1 and 1.2 read alike: no title becomes a date, a number or a tag."""
    return _UNPRINTABLE.sub(_escaped, json.dumps(value, ensure_ascii=False))


def words(text: str) -> str:
    """A text as words within a line of Markdown."""
    return _MEANING.sub(r"\\\1", _UNSEEN.sub(" ", text).strip())


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found.group()):04x}"
