"""blogcorpus: blogs in, one SQLite corpus of clean, dated, identified posts out.

`ingest.open("corpus.db")` is the corpus from Python (`ingest.library`).
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from ingest.library import open_corpus as open  # noqa: A004

__all__ = ["__version__", "open"]

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """`open`, once it is asked for: importing the package must stay cheap, because every command does."""
    if name == "open":
        from ingest.library import open_corpus  # noqa: PLC0415

        return open_corpus
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
