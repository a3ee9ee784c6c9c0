"""The SQLite corpus: opening it, writing a page whole, reading, searching."""

from ingest.corpus.runs import RunWriter, Tally
from ingest.corpus.search import Query, search
from ingest.corpus.store import Corpus
from ingest.corpus.verify import Finding, inspect

__all__ = ["Corpus", "Finding", "Query", "RunWriter", "Tally", "inspect", "search"]
