"""The formats of an export: what writes each, what its files are, and how they are opened."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from ingest.research.export import csvfile, jsonl, markdown, parquet, sqlitefile, txt
from ingest.research.export.columns import Row
from ingest.research.files import Tree

__all__ = ["KINDS", "Kind"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A format."""

    #: Writes the rows into the tree.
    write: Callable[[Tree, Iterable[Row]], None]
    #: Media type of its files.
    media: str
    #: The files with the rows, as a pattern within the export.
    files: str
    #: What they are, for people.
    meaning: str
    #: How they are opened: words before, and a line of code.
    opened: tuple[tuple[str, str], ...]
    #: Whether a program can take the rows out of `files` column by column (Croissant, `datasets`).
    columnar: bool = True
    #: Whether lists are lists there, and not JSON.
    lists: bool = False


KINDS: Mapping[str, Kind] = {
    "parquet": Kind(
        parquet.write, "application/vnd.apache.parquet", "posts/*/*.parquet",
        "the posts, a folder a year; undated ones under `year=unknown`",
        (
            ("pandas", 'pd.read_parquet("posts")'),
            ("DuckDB", "SELECT * FROM read_parquet('posts/*/*.parquet', hive_types_autocast = false)"),
            ("R", 'arrow::open_dataset("posts")'),
        ),
        lists=True,
    ),
    "jsonl": Kind(
        jsonl.write, "application/jsonl", jsonl.FILE, "the posts, one JSON object a line",
        (("pandas", 'pd.read_json("posts.jsonl", lines=True, dtype=False)'),
         ("DuckDB", "SELECT * FROM read_json('posts.jsonl')")),
        lists=True,
    ),
    "csv": Kind(
        csvfile.write, "text/csv", csvfile.FILE,
        "the posts, a record each; a `'` stands before what a spreadsheet would run; lists are JSON, NULL is empty",
        (("pandas", 'pd.read_csv("posts.csv")'), ("R", 'read.csv("posts.csv", encoding = "UTF-8", na.strings = "")')),
    ),
    "txt": Kind(
        txt.write, "text/csv", txt.METADATA,
        "what is known of each text, with the name of its file in the column `file`; the texts are the `.txt` files",
        (("AntConc, Voyant", "open the .txt files"), ("R", 'readtext::readtext("*.txt")')),
    ),
    "markdown": Kind(
        markdown.write, "text/markdown", "posts/*.md", "the posts, a file each: facts as YAML, then the text",
        (("Obsidian, Pandoc, Hugo", "open the folder posts"),), columnar=False, lists=True,
    ),
    "sqlite": Kind(
        sqlitefile.write, "application/vnd.sqlite3", sqlitefile.FILE, "the table `posts`, nothing else; lists are JSON",
        (("sqlite3", 'sqlite3 posts.sqlite "SELECT title FROM posts"'),), columnar=False,
    ),
}  # fmt: skip
