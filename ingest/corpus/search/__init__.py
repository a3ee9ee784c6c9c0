"""Search: one engine for the prompt, the page and the library. Any input is a search, never a syntax error.

`words` reads what a person typed, `filters` and `query` make SQL of it, `hits` asks. Raw FTS5 would raise for
`foo-bar`, `*`, `o'brien`, and knows no word of a script without blanks.
"""

from ingest.corpus.search.hits import MARKS, Hit, explained, find, numbers, search, total, unknown
from ingest.corpus.search.query import Plan, Query, plan

__all__ = ["MARKS", "Hit", "Plan", "Query", "explained", "find", "numbers", "plan", "search", "total", "unknown"]
