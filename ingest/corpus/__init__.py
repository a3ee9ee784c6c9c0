"""The SQLite corpus: opening it, writing a page whole, reading, searching.

What is named here is loaded when it is asked for: who only reads needs nothing of the writing, and a run no search.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from ingest.corpus.store import Corpus

if TYPE_CHECKING:
    from ingest.corpus.runs import Outcome, RunWriter, Tally
    from ingest.corpus.search import Query
    from ingest.corpus.verify import Finding, inspect

__all__ = ["Corpus", "Finding", "Outcome", "Query", "RunWriter", "Tally", "inspect"]

_LATER = {
    "Finding": "verify",
    "Outcome": "runs",
    "Query": "search",
    "RunWriter": "runs",
    "Tally": "runs",
    "inspect": "verify",
}


def __getattr__(name: str) -> Any:
    if name not in _LATER:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    found = globals()[name] = getattr(import_module(f"{__name__}.{_LATER[name]}"), name)
    return found
