"""The SQLite corpus: opening it, writing a page whole, reading, searching.

What is named here is loaded when it is asked for: who only reads needs nothing of the writing, and a run no search.
"""

from typing import TYPE_CHECKING

from ingest.corpus.store import Corpus
from ingest.later import later

if TYPE_CHECKING:
    from ingest.corpus.runs import Outcome, RunWriter, Tally
    from ingest.corpus.search import Query
    from ingest.corpus.verify import Finding, inspect

__all__ = ["Corpus", "Finding", "Outcome", "Query", "RunWriter", "Tally", "inspect"]

__getattr__ = later(
    __name__,
    {
        "Finding": "verify",
        "Outcome": "runs",
        "Query": "search",
        "RunWriter": "runs",
        "Tally": "runs",
        "inspect": "verify",
    },
)
