"""The SQLite corpus: opening it, writing a page whole, reading, searching."""

from ingest.corpus.runs import RunWriter, Tally
from ingest.corpus.search import search
from ingest.corpus.store import Corpus

__all__ = ["Corpus", "RunWriter", "Tally", "search"]
