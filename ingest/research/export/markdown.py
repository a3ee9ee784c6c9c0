"""A Markdown file a post: what is known of it as front matter, then its text.

Every value of the front matter is quoted. The text is as it is, but for what CommonMark would take for HTML and run.
"""

import re
from collections.abc import Iterable, Iterator

from ingest.research.export.columns import Row, as_values
from ingest.research.export.names import stem
from ingest.research.export.quoting import yaml_value
from ingest.research.files import Tree

__all__ = ["FOLDER", "document", "write"]

#: The folder of the posts: a README of its own lies beside it.
FOLDER = "posts"

#: CommonMark §6.5, §6.6: so begins an address, a tag, a comment. A backslash before it may be one already.
_HTML = re.compile(r"(\\*)<(?=[A-Za-z/!?])")


def document(row: Row) -> bytes:
    """The content of a post's file, UTF-8."""
    return "".join(_lines(row)).encode("utf-8", "replace")


def _lines(row: Row) -> Iterator[str]:
    yield "---\n"
    for name, value in as_values(row).items():
        if name != "text":
            yield f"{name}: {yaml_value(value)}\n"
    yield f"---\n\n{_HTML.sub(_as_words, row['text'])}\n"


def _as_words(found: re.Match[str]) -> str:
    """An even number of backslashes are backslashes; an odd one already makes the sign behind them a sign."""
    return found.group() if len(found[1]) % 2 else f"{found[1]}\\<"


def write(tree: Tree, rows: Iterable[Row]) -> None:
    """A file for each row."""
    for row in rows:
        tree.write(f"{FOLDER}/{stem(row)}.md", (document(row),), many=True)
